"""Answers a person might give to a form: valid, plausible, and always the same.

Used where somebody has to fill in a task without a person: written scenarios, and walking a migrated report
to its end. What is chosen decides the way; the rest is filled in as far as it must be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from app.engine.answer_types import limit_number
from app.engine.answers import check_answers, defaults, required_fields, visible_fields
from app.engine.declaration import Field, Task
from app.engine.functions import PLAIN_FUNCTIONS
from app.engine.patterns import Pattern, PatternError, compile_pattern
from app.engine.step import Json

Functions: TypeAlias = Mapping[str, Callable[..., Json]]
ORDINARY: Mapping[str, Json] = {
    "unit": "DPU", "person": "petugas", "category": "lainnya", "kelurahan": "72.71.03.1003",
    "report": "LW-2026-01-000002", "location": {"lat": -0.8917, "lng": 119.8707}, "rating": 4,
    "boolean": True,
}
"""What to answer where nothing better is known, by type."""
DAY = date(2026, 3, 17)
_TRIES = ("Contoh", "A1", "1", "2026", "08123456789", "7271031003000001", "ABC-123", "contoh@kota.go.id")
_LETTERS = "abcxyzABCXYZ0123456789 -_/.,:+()@"


def plausible_answers(task: Task, variables: Mapping[str, Json], choice: Mapping[str, Json] | None = None, *,
                      functions: Functions = PLAIN_FUNCTIONS, today: date = DAY,
                      ordinary: Mapping[str, Json] = ORDINARY) -> dict[str, Json]:
    """Answers to the form of `task` that fit it, as `check_answers` judges.

    `choice`: answers that are wanted (field id -> value; None leaves a field empty), kept where they fit.
    Other fields are answered only where they must be and have no default. `variables`: the process's, as
    seen from the task. Where nothing fits (a pattern nobody can guess) the answer is missing: whoever
    completes the task with it is refused in words.
    """
    wanted = dict(choice or {})
    fields = [one for one in task.fields if one.type != "info"]
    offered = defaults(task.fields, variables, functions)
    answers: dict[str, Json] = {}
    for one in fields:
        given = {**offered, **wanted, **answers}
        if one.id not in visible_fields(fields, given, variables, functions):
            continue
        if one.id in wanted:
            answers[one.id] = wanted[one.id]
        elif one.id in required_fields(fields, given, variables, functions) and (
                one.default is None or _faulty(fields, one, answers, variables, functions)):
            answers[one.id] = _fitting(one, variables, ordinary, today)
    for _round in range(3):
        faults = check_answers(task.fields, answers, variables, functions).faults
        again = [one for one in fields if one.id in faults and one.id not in wanted]
        if not again:
            break
        for one in again:
            answers[one.id] = _fitting(one, variables, ordinary, today)
    return answers


def _faulty(fields: Sequence[Field], one: Field, answers: Mapping[str, Json], variables: Mapping[str, Json],
            functions: Functions) -> bool:
    """Whether leaving a field to its default is refused."""
    return one.id in check_answers(fields, answers, variables, functions).faults


def _fitting(field: Field, variables: Mapping[str, Json], ordinary: Mapping[str, Json], today: date) -> Json:
    match field.type:
        case "string" | "text":
            return _text(field)
        case "integer" | "number" | "rating":
            return _number(field)
        case "choice":
            return field.options[0].value if field.options else None
        case "choices":
            return [option.value for option in field.options[:_least(field)]]
        case "date" | "datetime":
            return _moment(field, today)
        case "photo" | "file":
            stem = "foto" if field.type == "photo" else "berkas"
            ending = "jpg" if field.type == "photo" else "pdf"
            return [f"{stem}_{number}.{ending}" for number in range(1, _least(field) + 1)]
    known = variables.get({"category": "kategori", "kelurahan": "kelurahan"}.get(field.type, ""))
    return known if isinstance(known, str) and known else ordinary.get(field.type, "contoh")


def _least(field: Field) -> int:
    return max(1, int(limit_number(field, field.min) or 1))


def _text(field: Field) -> str:
    longest = field.max_length or 500
    if field.pattern is not None:
        return _matching(field.pattern)
    words = f"Contoh isian untuk {field.label or field.id}".rstrip(".: ")
    words = f"{words}." if field.type == "text" else words
    while len(words) < (field.min_length or 0):
        words += " Contoh isian."
    return words[:longest].strip()


def _matching(pattern: str) -> str:
    """A shortest text that fits the pattern, or an ordinary one where none is found."""
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        return _TRIES[0]
    known = next((one for one in _TRIES if compiled.fits(one)), None)
    if known is not None:
        return known
    wanted: dict[frozenset[int], str] = {frozenset({0}): ""}
    ahead = [frozenset({0})]
    while ahead and len(wanted) < 400:
        states = ahead.pop(0)
        text = wanted[states]
        if text and compiled.fits(text):
            return text
        live = _closed(compiled, states, not text)
        for letter in dict.fromkeys(pattern + _LETTERS):
            moved = frozenset(state + 1 for state in live
                              if (test := compiled.tests[state]) is not None and test(letter))
            if moved and moved not in wanted:
                wanted[moved] = text + letter
                ahead.append(moved)
    return _TRIES[0]


def _closed(pattern: Pattern, states: frozenset[int], at_start: bool) -> set[int]:
    """The states reached from these without reading anything, as long as the text goes on."""
    seen, ahead = set(states), list(states)
    while ahead:
        for target, condition in pattern.steps[ahead.pop()]:
            if target not in seen and (not condition or (condition == "start" and at_start)):
                seen.add(target)
                ahead.append(target)
    return seen


def _number(field: Field) -> Json:
    low, high = limit_number(field, field.min), limit_number(field, field.max)
    if field.type == "rating":
        return int(min(max(4, low or 1), high or 5))
    value: float = 1 if low is None or low <= 1 else low
    if high is not None and value > high:
        value = high
    return int(value) if value == int(value) else value


def _moment(field: Field, today: date) -> str:
    first = _day(field.min) or today
    last = _day(field.max)
    day = first if last is None or first <= last else last
    day = max(day, today) if last is None or today <= last else day
    return day.isoformat() if field.type == "date" else f"{day.isoformat()}T10:00:00+08:00"


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else datetime.fromisoformat(text).date()
    except ValueError:
        return None


def as_plain(value: Any) -> Json:
    """A value of the exploration as an answer: tuples become lists."""
    return [as_plain(one) for one in value] if isinstance(value, tuple) else value
