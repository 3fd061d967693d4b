"""What is typed to do one thing to one report, read into plain values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.words import told

NEEDS: Mapping[str, tuple[str, ...]] = {
    "alihkan": ("tugas", "kepada"),
    "batas": ("tugas", "tanggal", "jam"),
    "kembalikan": ("ke",),
    "lewati": ("tugas",),
    "pindahkan": ("tugas", "ke"),
    "ulangi": (),
    "tangguhkan": (),
    "lanjutkan": (),
    "batalkan": (),
}
"""Kind -> the fields it is asked with."""
LONGEST = 300


@dataclass(frozen=True, slots=True)
class TypedOperation:
    """`parameters`: as `services.operations` takes them; `complete`: nothing is missing; `fields`: what was
    typed, of the fields of this kind; `fault`: what is wrong with it, in words."""

    kind: str
    instance: uuid.UUID | None
    fields: Mapping[str, str]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""

    @property
    def complete(self) -> bool:
        return not self.fault and all(self.fields.get(name) for name in NEEDS[self.kind])


def read_operation(typed: Mapping[str, str], *, zone: str) -> TypedOperation | None:
    """None: no such kind of operation was chosen. `kepada` is `orang:<id>` or `unit:<code>`; `tanggal` and
    `jam` are of the city's zone."""
    kind = typed.get("tindakan", "")
    if kind not in NEEDS:
        return None
    fields = {name: typed.get(name, "").replace("\x00", "").strip()[:LONGEST] for name in NEEDS[kind]}
    chosen = TypedOperation(kind, _uuid(typed.get("alur", "")), fields)
    if not chosen.complete:
        return chosen
    parameters: dict[str, Any] = {}
    if kind == "pindahkan":
        parameters = {"dari": fields["tugas"], "ke": fields["ke"]}
    elif kind == "alihkan":
        sort, _colon, code = fields["kepada"].partition(":")
        if sort not in ("orang", "unit") or not code:
            return replace(chosen, fault=told("Pilih kepada siapa tugasnya dialihkan."))
        parameters = {"tugas": fields["tugas"], sort: code}
    elif kind == "batas":
        until = _moment(fields["tanggal"], fields["jam"], zone)
        if until is None:
            return replace(chosen, fault=told("Isi tanggal dan jam batas yang baru."))
        parameters = {"tugas": fields["tugas"], "sampai": until.isoformat()}
    else:
        parameters = dict(fields)
    return replace(chosen, parameters=parameters)


def _moment(day: str, hour: str, zone: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), ZoneInfo(zone))
    except ValueError:
        return None


def _uuid(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None
