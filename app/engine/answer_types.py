"""What an answer of each field type looks like, and its limits. One function per family of types.

Values are JSON: text, whole numbers within ±(2^53 − 1), finite numbers, booleans, lists of text, and
`{"lat": …, "lng": …}`. Dates are `YYYY-MM-DD`, moments ISO 8601 with an offset. Types are strict: `"5"` is no
number and `1` no boolean.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime

from app.engine.declaration import Field
from app.engine.patterns import PatternError, compile_pattern
from app.engine.step import Json

MAX_STRING = 500
MAX_TEXT = 10_000
MAX_CODE = 200
MAX_FILES = 20
MAX_CHOICES = 200
LARGEST = 2**53 - 1

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

LISTS = frozenset({"choices", "photo", "file"})
WORDS = frozenset({"string", "text"})
REFERENCES = frozenset({"unit", "person", "category", "kelurahan", "report"})


class WrongAnswer(ValueError):
    """The answer does not fit its field; the text is Indonesian and says what to do."""


def is_blank(raw: Json) -> bool:
    """Whether nothing was answered. `False` and `0` are answers."""
    return raw is None or raw in ([], {}) or (isinstance(raw, str) and not raw.strip())


def blank_value(field: Field) -> Json:
    """What the variable becomes when a visible field stays empty: a list stays a list, so that `len(foto)`
    and `'a' in pilihan` can be asked of it; anything else is None."""
    return [] if field.type in LISTS else None


def ask(field: Field) -> str:
    """The sentence for a required field without an answer."""
    name = f"“{field.label or field.id}”"
    if field.type in ("choice", "unit", "person", "category", "kelurahan", "rating", "report"):
        return f"Pilih {name}."
    if field.type == "choices":
        return f"Pilih sedikitnya satu pada {name}."
    if field.type == "boolean":
        return f"Pilih Ya atau Tidak pada {name}."
    if field.type == "photo":
        return f"Lampirkan foto pada {name}."
    if field.type == "file":
        return f"Lampirkan berkas pada {name}."
    if field.type == "location":
        return f"Tentukan titik lokasi pada {name}."
    return f"Isi {name}."


def typed(field: Field, raw: Json) -> Json:
    """The typed value of an answer that is not blank. Raises WrongAnswer."""
    check = _CHECKS.get(field.type)
    if check is None:
        raise WrongAnswer(f"Jenis isian “{field.type}” tidak dikenal; hubungi pengelola SOP.")
    return check(field, raw)


def declaration_faults(field: Field) -> tuple[str, ...]:
    """What is wrong with the limits of a field as drawn (Indonesian), for the checks of a file."""
    faults = []
    for name, limit in (("min", field.min), ("max", field.max)):
        if limit is not None and _limit(field, limit) is None:
            faults.append(f'{name}="{limit}" tidak dapat dibaca untuk jenis “{field.type}”.')
    low, high = _limit(field, field.min), _limit(field, field.max)
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        faults.append(f"min ({field.min}) lebih besar dari max ({field.max}).")
    if field.min_length is not None and field.max_length is not None and field.min_length > field.max_length:
        faults.append(f"minLength ({field.min_length}) lebih besar dari maxLength ({field.max_length}).")
    if field.type in ("choice", "choices") and not field.options:
        faults.append("Tidak ada pilihan: tambahkan sop:option.")
    values = [option.value for option in field.options]
    if len(set(values)) < len(values):
        faults.append("Dua pilihan memakai nilai yang sama.")
    if field.pattern is not None:
        try:
            compile_pattern(field.pattern)
        except PatternError as error:
            faults.append(f"pattern: {error}")
    return tuple(faults)


def limit_number(field: Field, text: str | None) -> float | None:
    """`min` or `max` of a number, count or rating as a number; None when absent or unreadable."""
    limit = _limit(field, text)
    return limit if isinstance(limit, (int, float)) else None


def _limit(field: Field, text: str | None) -> float | date | datetime | None:
    if text is None:
        return None
    try:
        if field.type == "date":
            return _day(text)
        if field.type == "datetime":
            return _moment(text)
        if field.type == "number":
            number = float(text)
            return number if math.isfinite(number) else None
        return int(text)
    except ValueError:
        return None


def _text(field: Field, raw: Json) -> str:
    if not isinstance(raw, str):
        raise WrongAnswer(f"Isi “{field.label}” dengan teks.")
    value = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
        raise WrongAnswer(f"“{field.label}” berisi karakter yang tidak dapat disimpan; ketik ulang isiannya.")
    if field.type == "string" and "\n" in value:
        raise WrongAnswer(f"Tulis “{field.label}” dalam satu baris.")
    longest = field.max_length or (MAX_TEXT if field.type == "text" else MAX_STRING)
    if len(value) > longest:
        raise WrongAnswer(f"“{field.label}” terlalu panjang ({len(value)} karakter); batasnya {longest}.")
    if field.min_length and len(value) < field.min_length:
        raise WrongAnswer(
            f"“{field.label}” terlalu pendek ({len(value)} karakter); tulis sedikitnya {field.min_length}."
        )
    if field.pattern is not None:
        try:
            fits = compile_pattern(field.pattern).fits(value)
        except PatternError as error:
            raise WrongAnswer(f"Pola “{field.label}” salah di SOP; hubungi pengelola SOP.") from error
        if not fits:
            raise WrongAnswer(f"“{field.label}” tidak sesuai bentuk yang diminta. {field.help or ''}".strip())
    return value


def _number(field: Field, raw: Json) -> int | float:
    whole = field.type != "number"
    if isinstance(raw, bool) or not isinstance(raw, int if whole else (int, float)):
        raise WrongAnswer(f"Isi “{field.label}” dengan {'angka bulat' if whole else 'angka'}.")
    if (isinstance(raw, float) and not math.isfinite(raw)) or abs(raw) > LARGEST:
        raise WrongAnswer(f"Angka pada “{field.label}” terlalu besar.")
    low, high = limit_number(field, field.min), limit_number(field, field.max)
    if field.type == "rating":
        low, high = max(1, low or 1), min(5, high or 5)
    if low is not None and raw < low:
        raise WrongAnswer(f"Isi “{field.label}” dengan angka {_plain(low)} atau lebih.")
    if high is not None and raw > high:
        raise WrongAnswer(f"Isi “{field.label}” dengan angka {_plain(high)} atau kurang.")
    return raw


def _boolean(field: Field, raw: Json) -> bool:
    if not isinstance(raw, bool):
        raise WrongAnswer(f"Pilih Ya atau Tidak pada “{field.label}”.")
    return raw


def _date(field: Field, raw: Json) -> str:
    try:
        value = _day(raw)
    except (TypeError, ValueError):
        raise WrongAnswer(f"Isi “{field.label}” dengan tanggal, misalnya 2026-03-17.") from None
    _within(field, value)
    return value.isoformat()


def _datetime(field: Field, raw: Json) -> str:
    try:
        value = _moment(raw)
    except (TypeError, ValueError):
        raise WrongAnswer(
            f"Isi “{field.label}” dengan tanggal dan jam, misalnya 2026-03-17T10:05:00+08:00."
        ) from None
    _within(field, value)
    return value.isoformat()


def _within(field: Field, value: date) -> None:
    low, high = _limit(field, field.min), _limit(field, field.max)
    if isinstance(low, date) and value < low:
        raise WrongAnswer(f"Pilih tanggal {field.min} atau sesudahnya pada “{field.label}”.")
    if isinstance(high, date) and value > high:
        raise WrongAnswer(f"Pilih tanggal {field.max} atau sebelumnya pada “{field.label}”.")


def _choice(field: Field, raw: Json) -> str:
    if not isinstance(raw, str) or raw not in {option.value for option in field.options}:
        raise WrongAnswer(f"Pilih salah satu pilihan yang ada pada “{field.label}”.")
    return raw


def _choices(field: Field, raw: Json) -> list[str]:
    values = _texts(field, raw, "pilihan")
    if set(values) - {option.value for option in field.options}:
        raise WrongAnswer(f"Pilih hanya pilihan yang ada pada “{field.label}”.")
    _counted(field, len(values), "pilihan", MAX_CHOICES)
    return values


def _files(field: Field, raw: Json) -> list[str]:
    noun = "foto" if field.type == "photo" else "berkas"
    values = _texts(field, raw, noun)
    _counted(field, len(values), noun, MAX_FILES)
    return values


def _reference(field: Field, raw: Json) -> str:
    if not isinstance(raw, str):
        raise WrongAnswer(ask(field))
    value = raw.strip()
    if len(value) > MAX_CODE or not value.isprintable():
        raise WrongAnswer(f"Pilih “{field.label}” dari daftar.")
    return value


def _location(field: Field, raw: Json) -> dict[str, float]:
    if not isinstance(raw, dict) or set(raw) != {"lat", "lng"}:
        raise WrongAnswer(f"Tentukan titik lokasi “{field.label}” pada peta (lat dan lng).")
    point: dict[str, float] = {}
    for name, bound in (("lat", 90), ("lng", 180)):
        degrees = raw[name]
        measured = isinstance(degrees, (int, float)) and not isinstance(degrees, bool)
        if not measured or not -bound <= degrees <= bound:
            raise WrongAnswer(f"Titik lokasi “{field.label}” di luar peta; tentukan ulang titiknya.")
        point[name] = float(degrees)
    return point


def _texts(field: Field, raw: Json, noun: str) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(one, str) and one.strip() for one in raw):
        raise WrongAnswer(f"Isi “{field.label}” dengan daftar {noun}.")
    if any(len(one) > MAX_CODE or not one.isprintable() for one in raw):
        raise WrongAnswer(f"Ada {noun} yang namanya tidak dapat dipakai pada “{field.label}”.")
    if len(set(raw)) < len(raw):
        raise WrongAnswer(f"Ada {noun} yang sama dua kali pada “{field.label}”; hapus salah satunya.")
    return list(raw)


def _counted(field: Field, count: int, noun: str, most: int) -> None:
    low, high = limit_number(field, field.min), limit_number(field, field.max)
    if low is not None and count < low:
        raise WrongAnswer(f"“{field.label}” memerlukan sedikitnya {_plain(low)} {noun}; baru ada {count}.")
    high = most if high is None else min(high, most)
    if count > high:
        raise WrongAnswer(f"“{field.label}” menerima paling banyak {_plain(high)} {noun}; hapus sebagian.")


def _day(raw: str) -> date:
    if not _DAY.fullmatch(raw):
        raise ValueError(raw)
    return date.fromisoformat(raw)


def _moment(raw: str) -> datetime:
    value = datetime.fromisoformat(raw)
    if value.tzinfo is None or not _DAY.match(raw):
        raise ValueError(raw)
    return value


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number).replace(".", ",")


_CHECKS: dict[str, Callable[[Field, Json], Json]] = {
    **dict.fromkeys(WORDS, _text),
    **dict.fromkeys(("integer", "number", "rating"), _number),
    **dict.fromkeys(REFERENCES, _reference),
    **dict.fromkeys(("photo", "file"), _files),
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "choice": _choice,
    "choices": _choices,
    "location": _location,
}
