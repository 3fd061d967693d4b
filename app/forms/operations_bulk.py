"""What is typed to do one thing to many reports, read into plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.words import told

MOST_DAYS = 60
_PERSON = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class TypedBulk:
    """`parameters` by kind. `alihkan`: whose tasks, `dari` = `{peran, unit}`; `kepada` = `{orang}` or
    `{unit}`. `batas`: `hari` working days, later or (negative) sooner. The others need nothing. `faults`: id
    of the input -> words; with any of them nothing is to be done."""

    kind: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


def read_bulk(typed: Mapping[str, str]) -> TypedBulk:
    """Read `operasi`, `dari`, `kepada`, `hari`."""
    kind = typed.get("operasi", "")
    parameters: dict[str, Any] = {}
    faults: dict[str, str] = {}
    if kind == "alihkan":
        parameters = {"dari": _holder(typed.get("dari", "")), "kepada": _receiver(typed.get("kepada", ""))}
        if parameters["dari"] is None:
            faults["alihkan-dari"] = told("Pilih tugas siapa yang dialihkan.")
        if parameters["kepada"] is None:
            faults["alihkan-kepada"] = told("Pilih kepada siapa tugasnya dialihkan.")
    elif kind == "batas":
        parameters = {"hari": _days(typed.get("hari", ""))}
        if parameters["hari"] is None:
            words = told("Tulis berapa hari kerja, 1 sampai %(n)s; dengan minus bila maju.", n=MOST_DAYS)
            faults["hari"] = words
    return TypedBulk(kind, parameters, faults)


def _holder(typed: str) -> dict[str, str | None] | None:
    """`peran@UNIT`, or `peran@` where tasks lie with a role of no unit."""
    role, at, unit = typed.partition("@")
    return {"peran": role, "unit": unit or None} if role and at else None


def _receiver(typed: str) -> dict[str, str] | None:
    sort, _colon, code = typed.partition(":")
    if sort == "unit" and code:
        return {"unit": code}
    return {"orang": code} if sort == "orang" and _PERSON.fullmatch(code) else None


def _days(typed: str) -> int | None:
    found = re.fullmatch(r"\s*(-?[0-9]{1,3})\s*", typed)
    days = int(found[1]) if found else 0
    return days if 0 < abs(days) <= MOST_DAYS else None
