"""What a new city starts with: its places, agencies, roles and topics, read from files beside this module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
Rows = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class StartingCity:
    """The lists of a new city. Each row has its table's columns; a kelurahan's office is a unit under the
    kelurahan's code."""

    name: str
    bounds: Mapping[str, float]
    """`south`, `north`, `west`, `east` in degrees."""
    units: Rows
    kecamatan: Rows
    kelurahan: Rows
    roles: Rows
    categories: Rows


def read_starting_city(file: Path) -> StartingCity:
    """Read a city file such as `data/palu.json`. Raises OSError, ValueError or KeyError for any other."""
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    places = [
        {**entry, "kecamatan_code": district["code"]}
        for district in document["districts"]
        for entry in district["kelurahan"]
    ]
    offices = [
        {
            "code": place["code"],
            "name": f"Kelurahan {place['name']}",
            "short_name": place["name"],
            "kind": "kelurahan",
        }
        for place in places
    ]
    return StartingCity(
        name=document["name"],
        bounds=document["bounds"],
        units=(*document["units"], *offices),
        kecamatan=tuple({"code": one["code"], "name": one["name"]} for one in document["districts"]),
        kelurahan=tuple(places),
        roles=tuple(document["roles"]),
        categories=tuple({**one, "position": at} for at, one in enumerate(document["categories"], start=1)),
    )
