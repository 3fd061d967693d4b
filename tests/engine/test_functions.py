"""The functions of the language give moments in the city's zone and refuse what makes no sense in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.adapters.holidays import default_calendar
from app.engine.expressions import FUNCTIONS, EvaluationError, evaluate, parse
from app.engine.functions import standard_functions
from app.engine.step import Json, Tools

NOW = datetime(2026, 3, 17, 2, 5, tzinfo=UTC)
BOUND = standard_functions(Tools(now=NOW, calendar=default_calendar("Asia/Makassar")))


def value_of(text: str, **names: Json) -> Json:
    return evaluate(parse(text), names, BOUND)


def test_every_listed_function_is_there() -> None:
    assert set(BOUND) == set(FUNCTIONS) - {"tenggat"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sekarang()", "2026-03-17T10:05:00+08:00"),
        ("hari_ini()", "2026-03-17"),
        ("hari_kerja(3)", "2026-03-27T16:00:00+08:00"),
        ("hari_kerja(batas)", "2026-03-31T16:00:00+08:00"),
        ("hari_kerja(5.0)", "2026-03-31T16:00:00+08:00"),
        ("hari_kerja(0)", "2026-03-17T16:00:00+08:00"),
        ("jam_kerja(2)", "2026-03-17T12:05:00+08:00"),
        ("jam_kerja(6.5)", "2026-03-25T08:35:00+08:00"),
        ("hari(10)", "2026-03-27T10:05:00+08:00"),
        ("jam(36)", "2026-03-18T22:05:00+08:00"),
        ("menit(90)", "2026-03-17T11:35:00+08:00"),
        ("hari(-30) < sekarang()", True),
        ("min(hari_kerja(60), hari(60))", "2026-05-16T10:05:00+08:00"),
        ("max([1, 3, 2])", 3),
        ("min(2, 1.5)", 1.5),
        ("len([1, 2])", 2),
        ("len('Palu')", 4),
        ("round(2.6)", 3),
        ("round(2.345, 1)", 2.3),
        ("lower('PaLu') + upper('a')", "paluA"),
    ],
)
def test_functions_give(text: str, expected: Json) -> None:
    assert value_of(text, batas=5) == expected


@pytest.mark.parametrize(
    "text",
    [
        "hari_kerja('3')", "hari_kerja(None)", "hari_kerja(True)", "hari_kerja(-1)", "hari_kerja(2.5)",
        "hari_kerja(9007199254740991)", "jam_kerja(-1)", "jam_kerja(1e15)", "hari(1e15)", "jam('a')",
        "menit(-1e15)", "len(3)", "len(None)", "round('2')", "round(1.5, -1)", "round(1, 99)", "min([])",
        "min(1, 'a')", "max(None, 1)", "max(True, False)", "min([[1]])", "lower(3)", "upper(None)",
        "tenggat(50)",
    ],
)
def test_functions_refuse_in_words(text: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(text)
    assert caught.value.text
