"""Where a point lies in the city. Degrees are WGS 84, distances metres, rings as in GeoJSON (lng, lat)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.words import told

EARTH_RADIUS = 6_371_008.8
REACH = 7_500.0
"""Without boundaries, a point farther than this from every kelurahan's centre is outside the city. The
largest kelurahan of Palu (in the eastern hills) reach about this far from their centres."""


@dataclass(frozen=True, slots=True)
class Point:
    lat: float
    lng: float

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lng <= 180):
            raise ValueError(f"bukan titik di bumi: {self.lat}, {self.lng}")


@dataclass(frozen=True, slots=True)
class Place:
    """One kelurahan: its code (e.g. `72.71.03.1003`), names, and centre."""

    code: str
    name: str
    district: str
    """Name of the kecamatan."""
    centre: Point


@dataclass(frozen=True, slots=True)
class Bounds:
    south: float
    north: float
    west: float
    east: float

    def covers(self, point: Point) -> bool:
        return self.south <= point.lat <= self.north and self.west <= point.lng <= self.east


@dataclass(frozen=True, slots=True)
class Boundary:
    """Outline of the city or of one kelurahan: polygons, each an outer ring followed by its holes."""

    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]

    def covers(self, point: Point) -> bool:
        return any(
            _in_ring(point, rings[0]) and not any(_in_ring(point, hole) for hole in rings[1:])
            for rings in self.polygons
        )

    def bounds(self) -> Bounds:
        """The box around it."""
        corners = [corner for rings in self.polygons for corner in rings[0]]
        lngs, lats = [lng for lng, _ in corners], [lat for _, lat in corners]
        return Bounds(min(lats), max(lats), min(lngs), max(lngs))


class BoundaryInvalid(ValueError):
    """The GeoJSON file holds no polygon that can be used; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class City:
    """All that is needed to tell inside from outside."""

    name: str
    bounds: Bounds
    places: tuple[Place, ...]
    boundary: Boundary | None = None


def distance(one: Point, other: Point) -> float:
    """Great-circle distance in metres (haversine)."""
    lat1, lat2 = math.radians(one.lat), math.radians(other.lat)
    half_lat = (lat2 - lat1) / 2
    half_lng = math.radians(other.lng - one.lng) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lng) ** 2
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(chord)))


def nearest(point: Point, places: Iterable[Place]) -> Place:
    """The kelurahan whose centre is closest. Raises ValueError when there is none at all."""
    return min(places, key=lambda place: (distance(point, place.centre), place.code))


def is_inside(point: Point, city: City) -> bool:
    """By the imported boundary where there is one; else inside the bounding box and near some kelurahan."""
    if city.boundary is not None:
        return city.boundary.covers(point)
    if not city.bounds.covers(point):
        return False
    return distance(point, nearest(point, city.places).centre) <= REACH


def refuse_outside(point: Point, city: City) -> str | None:
    """The sentence a reporter reads when the point is not the city's to handle; None when it is."""
    if is_inside(point, city):
        return None
    return told(
        "Titik yang Anda pilih berada di luar %(city)s. Geser titik ke dalam kota, "
        "atau pilih kelurahan dan tulis patokannya.",
        city=city.name,
    )


def read_boundary(document: Mapping[str, Any]) -> Boundary:
    """Polygons of a GeoJSON document (RFC 7946): a geometry, a feature or a collection.

    Raises BoundaryInvalid.
    """
    polygons: list[tuple[tuple[tuple[float, float], ...], ...]] = []
    for geometry in _geometries(document):
        kind, coordinates = geometry.get("type"), geometry.get("coordinates")
        if kind == "Polygon":
            polygons.append(_rings(coordinates))
        elif kind == "MultiPolygon" and isinstance(coordinates, Sequence):
            polygons.extend(_rings(part) for part in coordinates)
    if not polygons:
        raise BoundaryInvalid("Berkas ini tidak memuat batas wilayah (Polygon atau MultiPolygon).")
    return Boundary(tuple(polygons))


def _geometries(node: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    if not isinstance(node, Mapping):
        raise BoundaryInvalid("Berkas ini bukan GeoJSON.")
    kind = node.get("type")
    if kind == "FeatureCollection":
        for feature in node.get("features") or ():
            yield from _geometries(feature)
    elif kind == "Feature":
        yield from _geometries(node.get("geometry") or {})
    elif kind == "GeometryCollection":
        for geometry in node.get("geometries") or ():
            yield from _geometries(geometry)
    else:
        yield node


def _rings(coordinates: Any) -> tuple[tuple[tuple[float, float], ...], ...]:
    try:
        rings = tuple(tuple((float(pair[0]), float(pair[1])) for pair in ring) for ring in coordinates)
    except (TypeError, ValueError, IndexError) as fault:
        raise BoundaryInvalid("Koordinat batas wilayah tidak dapat dibaca.") from fault
    if not rings or any(len(ring) < 4 for ring in rings):
        raise BoundaryInvalid("Batas wilayah memerlukan sedikitnya empat titik per garis.")
    if any(not (-180 <= lng <= 180 and -90 <= lat <= 90) for ring in rings for lng, lat in ring):
        raise BoundaryInvalid("Koordinat batas wilayah harus bujur lalu lintang, dalam derajat.")
    return rings


def _in_ring(point: Point, ring: Sequence[tuple[float, float]]) -> bool:
    """Even–odd rule: a ray to the east crosses the ring an odd number of times."""
    inside = False
    (previous_lng, previous_lat) = ring[-1]
    for lng, lat in ring:
        if (lat > point.lat) != (previous_lat > point.lat):
            crossing = lng + (point.lat - lat) / (previous_lat - lat) * (previous_lng - lng)
            if point.lng < crossing:
                inside = not inside
        previous_lng, previous_lat = lng, lat
    return inside
