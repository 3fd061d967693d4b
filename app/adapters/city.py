"""The geography a new city starts with, read from a file beside this module."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.geo import Boundary, Bounds, City, Place, Point, read_boundary

DATA = Path(__file__).parent / "data"


@cache
def load_city(key: str = "palu", boundary_file: str | None = None) -> City:
    """Read `data/<key>.json` (kecamatan and kelurahan with centres, bounding box).

    `boundary_file` names a GeoJSON file with the city's own outline, which then decides what lies inside;
    raises BoundaryInvalid when it holds none.
    """
    document: dict[str, Any] = json.loads((DATA / f"{key}.json").read_text("utf-8"))
    places = tuple(
        Place(entry["code"], entry["name"], district["name"], Point(entry["lat"], entry["lng"]))
        for district in document["districts"]
        for entry in district["kelurahan"]
    )
    return City(document["name"], Bounds(**document["bounds"]), places, _boundary(boundary_file))


def _boundary(file: str | None) -> Boundary | None:
    return read_boundary(json.loads(Path(file).read_text("utf-8"))) if file else None
