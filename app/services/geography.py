"""The city on the ground: its kelurahan, and what lies outside. All of it is data the city can change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import CitySetting, Kecamatan, Kelurahan
from app.domain.geo import Bounds, City, Place, Point, read_boundary

BOUNDARY, BOUNDS = "boundary", "bounds"
"""Keys of the city's settings: a GeoJSON document; `{south, north, west, east}` in degrees."""
MARGIN = 0.08
"""Degrees around the outermost centres, where a city has set neither bounds nor boundary."""


def geography(session: Session, *, name: str) -> City:
    """The city called `name` with its kelurahan, in the order of the code."""
    places = tuple(
        Place(code, kelurahan, kecamatan, Point(lat, lng))
        for code, kelurahan, kecamatan, lat, lng in session.execute(
            select(Kelurahan.code, Kelurahan.name, Kecamatan.name, Kelurahan.lat, Kelurahan.lng)
            .join(Kecamatan, Kecamatan.code == Kelurahan.kecamatan_code)
            .order_by(Kelurahan.code)
        )
    )
    settings = select(CitySetting.key, CitySetting.value).where(CitySetting.key.in_((BOUNDARY, BOUNDS)))
    found: dict[str, Any] = {row.key: row.value for row in session.execute(settings)}
    if found.get(BOUNDARY):
        boundary = read_boundary(found[BOUNDARY])
        return City(name, boundary.bounds(), places, boundary)
    return City(name, Bounds(**found[BOUNDS]) if BOUNDS in found else _around(places), places)


def _around(places: tuple[Place, ...]) -> Bounds:
    if not places:
        return Bounds(-90, 90, -180, 180)
    lats = [place.centre.lat for place in places]
    lngs = [place.centre.lng for place in places]
    return Bounds(min(lats) - MARGIN, max(lats) + MARGIN, min(lngs) - MARGIN, max(lngs) + MARGIN)
