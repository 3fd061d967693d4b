"""Limits of an SOP in words: the very expression the timer runs on, said as the officer says it.

`hari_kerja(3)` is "3 hari kerja". A variable is filled from rows of a decision table; where the rows differ
the words give the range. Nothing is typed twice: documents, walks and differences all ask here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.domain.spoken import day
from app.engine.evaluator import EvaluationError
from app.engine.expressions import Expression, ExpressionError, evaluate, parse
from app.engine.functions import PLAIN_FUNCTIONS
from app.engine.iso_time import day_of
from app.engine.step import Json

UNITS: Mapping[str, str] = {
    "hari_kerja": "hari kerja", "jam_kerja": "jam kerja", "hari": "hari", "jam": "jam", "menit": "menit",
    "tenggat": "% dari batas waktu",
}
"""Timer functions of the language and what one of their counts is called."""
_PERIODS = (("Y", "tahun"), ("M", "bulan"), ("W", "minggu"), ("D", "hari"))
_CLOCKS = (("H", "jam"), ("M", "menit"), ("S", "detik"))
_DURATION = re.compile(r"P(?P<date>[^T]*)(?:T(?P<time>.*))?")
_CYCLE = re.compile(r"R(?P<times>\d*)/(?:[^/P]*/)?(?P<every>P.+)")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: `3` and `hari kerja`. A count that is not known is the name of its variable."""

    count: float | str
    unit: str

    @property
    def words(self) -> str:
        return f"{number(self.count)} {self.unit}"


def number(count: float | str) -> str:
    """`3`, `2,5`, or the name of a variable."""
    return count if isinstance(count, str) else f"{count:g}".replace(".", ",")


def limit_words(text: str, rows: Iterable[Mapping[str, Json]] = ()) -> str:
    """A limit in words; over `rows` (values of variables, as a table's rows set them) the range of it.

    Texts that are no limit of the language come back as they were written.
    """
    told = limits(text, rows)
    return joined(told) if told else " ".join(text.split())


def limits(text: str, rows: Iterable[Mapping[str, Json]] = ()) -> tuple[Span | str, ...]:
    """Every different limit the expression may give over `rows`; empty when it cannot be said in words."""
    try:
        expression = parse(text)
    except ExpressionError:
        return ()
    found: list[Span | str] = []
    for row in [*rows, {}]:
        value = _value(expression, row)
        if value is not None and value not in found:
            found.append(value)
        if found and (not expression.names or not row):
            break
    return tuple(found) or _symbolic(expression)


def joined(told: Sequence[Span | str]) -> str:
    """`2–14 hari kerja atau 60 hari`: spans of one unit as a range, different ones beside each other."""
    parts: list[str] = []
    counts: dict[str, list[float]] = {}
    for one in told:
        if isinstance(one, Span) and not isinstance(one.count, str):
            counts.setdefault(one.unit, []).append(one.count)
        else:
            parts.append(one if isinstance(one, str) else one.words)
    spans = []
    for unit, values in counts.items():
        least, most = min(values), max(values)
        spans.append(f"{number(least)} {unit}" if least == most else f"{number(least)}–{number(most)} {unit}")
    return " atau ".join([*spans, *parts])


def change_words(before: Sequence[Span | str], after: Sequence[Span | str]) -> str | None:
    """`3 → 1 hari kerja` for two limits of one unit, else None."""
    if len(before) == len(after) == 1:
        was, now = before[0], after[0]
        if isinstance(was, Span) and isinstance(now, Span) and was.unit == now.unit and was != now:
            return f"{number(was.count)} → {now.words}"
    return None


def _value(expression: Expression, row: Mapping[str, Json]) -> Span | str | None:
    if not expression.names <= row.keys():
        return None
    spans: dict[str, Span] = {}

    def span(unit: str, count: Json) -> str:
        made = Span(count, unit) if isinstance(count, int | float) else Span(str(count), unit)
        spans[made.words] = made
        return made.words

    functions: dict[str, Callable[..., Json]] = {
        "sekarang": lambda: "segera", "hari_ini": lambda: "hari itu juga", **PLAIN_FUNCTIONS,
        **{name: partial(span, unit) for name, unit in UNITS.items()},
    }
    try:
        value = evaluate(expression, row, functions)
    except EvaluationError:
        return None
    if not isinstance(value, str):
        return None
    return spans.get(value) or _iso_words(value)


def _symbolic(expression: Expression) -> tuple[Span | str, ...]:
    """`hari_kerja(batas)` whose variable nobody gave: the variable's name stands for the count."""
    match expression.tree:
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=variable)]) if name in UNITS:
            return (Span(variable, UNITS[name]),)
    return ()


def _iso_words(text: str) -> str:
    """ISO 8601 durations, cycles and days in words; anything else as it is."""
    cycle = _CYCLE.fullmatch(text)
    if cycle is not None:
        times = f", {cycle['times']} kali" if cycle["times"] else ""
        return f"setiap {_iso_words(cycle['every'])}{times}"
    on = day_of(text)
    if on is not None:
        return day(on)
    duration = _DURATION.fullmatch(text)
    if duration is None:
        return text
    parts = _counts(duration["date"], _PERIODS) + _counts(duration["time"] or "", _CLOCKS)
    return " ".join(parts) or text


def _counts(text: str, letters: Iterable[tuple[str, str]]) -> list[str]:
    found = {letter: count for count, letter in re.findall(r"(\d+(?:[.,]\d+)?)([A-Z])", text)}
    return [f"{found[letter].replace('.', ',')} {word}" for letter, word in letters if letter in found]
