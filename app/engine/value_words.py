"""Values in the officer's words, for sentences about what does not fit."""

from __future__ import annotations

from app.engine.step import Json


def kind_of(value: Json) -> str:
    """Of what kind a value is."""
    match value:
        case None:
            return "data kosong"
        case bool():
            return "ya/tidak"
        case int() | float():
            return "angka"
        case str():
            return "teks"
        case list():
            return "daftar"
        case _:
            return "kumpulan data"


def shown(value: Json) -> str:
    """The value itself, cut short."""
    match value:
        case None:
            return "kosong"
        case bool():
            return "ya" if value else "tidak"
        case str():
            return f"'{value if len(value) <= 60 else value[:59] + '…'}'"
        case int() | float():
            return str(value)
        case list():
            return f"daftar berisi {len(value)}"
    return "kumpulan data"
