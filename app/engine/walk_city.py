"""The city as a walk takes it, without a database: what a report brings, and which unit a task goes to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.engine.step import Json, OpenTask, Position

UNIT_VARIABLES: Mapping[str, str] = {"operator_opd": "opd", "kepala_opd": "opd", "kelurahan": "kelurahan"}
"""Role -> variable that holds the unit its tasks go to, as every city has them."""
HOME_UNITS: Mapping[str, str] = {"verifikator": "KOMINFO", "admin_kominfo": "KOMINFO"}


def report_data(received: datetime, given: Mapping[str, Json]) -> dict[str, Json]:
    """What a report brings to its process (the contract's list), as an ordinary report would."""
    place = given.get("kelurahan")
    district = ".".join(place.split(".")[:3]) if isinstance(place, str) else None
    return {
        "nomor": f"LW-{received:%Y-%m}-000001",
        "jenis": "pengaduan",
        "kategori": "lainnya",
        "kelurahan": None,
        "kecamatan": district,
        "kanal": "web",
        "anonim": False,
        "rahasia": False,
        "jumlah_foto": 0,
        "diterima": received.isoformat(),
    }


def unit_of(task: OpenTask, position: Position, unit_variables: Mapping[str, str],
            home_units: Mapping[str, str]) -> str | None:
    """The unit a task's role acts for, by the item or variable that names it when the task opens."""
    variable = unit_variables.get(task.role)
    unit: Json = home_units.get(task.role)
    if variable is not None:
        unit = task.scope.get(variable, position.variables.get(variable))
    return str(unit) if unit else None
