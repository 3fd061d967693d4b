"""Allowed answers for a form nobody fills: the n-th variant gives other choices than the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from app.engine.answer_types import limit_number
from app.engine.declaration import Field
from app.engine.step import Json

SENTENCE = "Diisi untuk pemeriksaan perubahan SOP. "
PHRASES = ("081234567890", "2026-001", "12345", "contoh@kota.example", "AB 123", "a")
"""Tried in turn where a pattern is asked for."""
CODES = {"unit": "opd", "category": "kategori", "kelurahan": "kelurahan", "report": "nomor"}
"""Where a reference field finds a code that this report uses anyway."""


def sample_answers(
    fields: Sequence[Field], variant: int, names: Mapping[str, Json], now: datetime, *, refusing: bool = False
) -> dict[str, Json]:
    """An answer for every field. The first variant takes first choices and says yes (`refusing`: last ones
    and no); later ones turn the choices like the wheels of a counter."""
    answers: dict[str, Json] = {}
    left = variant
    for field in fields:
        if field.type == "info":
            continue
        wheel = _wheel(field, refusing)
        if wheel:
            left, at = divmod(left, len(wheel))
            answers[field.id] = wheel[at]
        else:
            answers[field.id] = _plain(field, variant, names, now)
    return answers


def _wheel(field: Field, refusing: bool) -> list[Any]:
    """What may be chosen, the most willing first."""
    values: list[Any] = []
    if field.type == "boolean":
        values = [True, False]
    elif field.type == "choice":
        values = [option.value for option in field.options]
    return values[::-1] if refusing else values


def _plain(field: Field, variant: int, names: Mapping[str, Json], now: datetime) -> Json:
    low, high = limit_number(field, field.min), limit_number(field, field.max)
    match field.type:
        case "string" | "text":
            return _text(field, variant)
        case "integer" | "number" | "rating":
            least = low if low is not None else (1 if high is None or high >= 1 else high)
            most = high if high is not None else (5 if field.type == "rating" else max(least, 100))
            span = (least, most, (least + most) // 2)
            number = span[variant % 3]
            return number if field.type == "number" else int(number)
        case "choices":
            wanted = max(1, int(low or 1))
            return [option.value for option in field.options][:wanted]
        case "photo" | "file":
            return [f"contoh-{n}.jpg" for n in range(1, max(1, int(low or 1)) + 1)]
        case "date":
            return _day(field, now).isoformat()
        case "datetime":
            return (now + timedelta(days=1)).isoformat() if field.min is None else field.min
        case "location":
            return {"lat": 0.0, "lng": 0.0}
        case _:
            known = names.get(CODES.get(field.type, ""))
            return known if isinstance(known, str) and known else "CONTOH"


def _text(field: Field, variant: int) -> str:
    if field.pattern is not None:
        return PHRASES[variant % len(PHRASES)]
    least = field.min_length or 1
    words = SENTENCE * (least // len(SENTENCE) + 1)
    longest = field.max_length or 500
    return words.strip()[:longest] if len(words.strip()) >= least else words.replace(" ", "_")[:longest]


def _day(field: Field, now: datetime) -> date:
    if field.min is not None:
        return date.fromisoformat(field.min)
    if field.max is not None:
        return min(now.date(), date.fromisoformat(field.max))
    return now.date() + timedelta(days=1)
