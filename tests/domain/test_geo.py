"""Which points are the city's to handle."""

import pytest

from app.adapters.city import DATA, read_starting_city
from app.domain.geo import (
    BoundaryInvalid,
    Bounds,
    City,
    Place,
    Point,
    distance,
    is_inside,
    nearest,
    read_boundary,
    refuse_outside,
)


def as_it_starts() -> City:
    start = read_starting_city(DATA / "palu.json")
    districts = {one["code"]: one["name"] for one in start.kecamatan}
    places = (
        Place(one["code"], one["name"], districts[one["kecamatan_code"]], Point(one["lat"], one["lng"]))
        for one in start.kelurahan
    )
    return City(start.name, Bounds(**start.bounds), tuple(places))


PALU = as_it_starts()


def test_palu_has_eight_kecamatan_and_forty_six_kelurahan():
    assert len(PALU.places) == 46
    assert len({place.district for place in PALU.places}) == 8
    assert len({place.code for place in PALU.places}) == 46


@pytest.mark.parametrize(
    ("lat", "lng"),
    [
        (-0.91215, 119.88286), (-0.93500, 119.91000), (-0.90019, 119.85182), (-0.87200, 119.88500),
        (-0.90500, 119.93000), (-0.84000, 119.89000), (-0.88650, 119.84800), (-0.67526, 119.86824),
    ],
)  # fmt: skip
def test_points_in_palu_are_accepted(lat, lng):
    assert refuse_outside(Point(lat, lng), PALU) is None


@pytest.mark.parametrize(("lat", "lng"), [(-0.95, 119.75), (-6.98, 110.41), (0.0, 0.0), (-0.66, 120.04)])
def test_points_elsewhere_are_refused_in_words(lat, lng):
    assert "di luar Kota Palu" in refuse_outside(Point(lat, lng), PALU)


def test_a_point_is_given_to_the_nearest_kelurahan():
    assert nearest(Point(-0.9122, 119.8829), PALU.places).name == "Tatura Utara"
    assert nearest(Point(-0.8865, 119.8480), PALU.places).name == "Lere"


def test_distance_is_the_one_on_the_ground():
    assert distance(Point(0, 119), Point(1, 119)) == pytest.approx(111_195, rel=1e-4)
    assert distance(Point(-0.9, 119.88), Point(-0.9, 119.88)) == 0


SQUARE = [[119.80, -0.95], [119.95, -0.95], [119.95, -0.85], [119.80, -0.85], [119.80, -0.95]]
HOLE = [[119.87, -0.91], [119.89, -0.91], [119.89, -0.90], [119.87, -0.90], [119.87, -0.91]]


@pytest.mark.parametrize(
    "document",
    [
        {"type": "Polygon", "coordinates": [SQUARE, HOLE]},
        {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE]]}},
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [SQUARE, HOLE]}},
            ],
        },
    ],
)
def test_an_imported_boundary_decides_alone(document):
    city = City(PALU.name, PALU.bounds, PALU.places, read_boundary(document))
    assert city.boundary.bounds() == Bounds(-0.95, -0.85, 119.80, 119.95)
    assert is_inside(Point(-0.93, 119.85), city)
    assert not is_inside(Point(-0.905, 119.88), city)
    assert not is_inside(Point(-0.70142, 119.86038), city)


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": [[[1, 2]]]},
        {"type": "Polygon", "coordinates": [[[1, 2], ["x", 2], [3, 4], [1, 2]]]},
        {"type": "Polygon", "coordinates": [[[-0.9, 190], [1, 2], [3, 4], [1, 2]]]},
    ],
)
def test_a_file_without_boundary_is_refused(document):
    with pytest.raises(BoundaryInvalid):
        read_boundary(document)
