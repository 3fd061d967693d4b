"""What is typed to do one thing to many reports, read into plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.domain.errors import Invalid
from app.domain.words import told

MOST_DAYS = 60
_PERSON = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def read_bulk(typed: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """`(kind, parameters)`. Raises Invalid with what is missing.

    `alihkan`: `dari` = `{peran, unit}` whose tasks; `kepada` = `{orang}` or `{unit}`. `batas`: `hari` working
    days, later or (negative) sooner, and `dari`, None for everybody's tasks. The others need nothing.
    """
    kind = typed.get("operasi", "")
    if kind == "alihkan":
        holder = _holder(typed.get("dari", ""))
        if holder is None:
            raise Invalid(told("Pilih tugas siapa yang dialihkan."))
        return kind, {"dari": holder, "kepada": _receiver(typed.get("kepada", ""))}
    if kind == "batas":
        return kind, {"dari": _holder(typed.get("dari", "")), "hari": _days(typed.get("hari", ""))}
    return kind, {}


def _holder(typed: str) -> dict[str, str | None] | None:
    """`peran@UNIT`, or `peran@` where tasks lie with a role of no unit."""
    role, at, unit = typed.partition("@")
    return {"peran": role, "unit": unit or None} if role and at else None


def _receiver(typed: str) -> dict[str, str]:
    sort, _colon, code = typed.partition(":")
    if sort == "unit" and code:
        return {"unit": code}
    if sort == "orang" and _PERSON.fullmatch(code):
        return {"orang": code}
    raise Invalid(told("Pilih kepada siapa tugasnya dialihkan."))


def _days(typed: str) -> int:
    if not re.fullmatch(r"\s*-?[0-9]{1,3}\s*", typed) or not 0 < abs(int(typed)) <= MOST_DAYS:
        raise Invalid(told("Tulis berapa hari kerja, 1 sampai %(n)s; dengan minus bila maju.", n=MOST_DAYS))
    return int(typed)
