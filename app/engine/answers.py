"""Whether a form's answers fit its declaration: one truth for the walk, the engine and the browser's form.

Fields are looked at in their order. Conditions and defaults see the process variables, over them the answers
of this form: those already checked as typed values, later ones as they came. Only a `default` that names
its own field reads the process variable of that name. A field that is not visible becomes None whatever was
sent for it; an absent answer takes its `default`, an explicit null leaves it empty.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from app.engine.answer_types import WrongAnswer, ask, blank_value, is_blank, typed
from app.engine.declaration import Field
from app.engine.expressions import FUNCTIONS, EvaluationError, ExpressionError, evaluate, parse
from app.engine.limits import is_reserved
from app.engine.step import Answers, Json

Functions: TypeAlias = Mapping[str, Callable[..., Json]]

MAX_ANSWERS = 500


@dataclass(frozen=True, slots=True)
class Checked:
    """`values`: typed answers of every asking field, to be assigned whole. `faults`: field id -> sentence;
    with any fault the answers are refused as a whole."""

    values: dict[str, Json] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def is_usable(name: str) -> bool:
    """Whether a field may have this id: not reserved, no function's name, readable by an expression."""
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and name not in FUNCTIONS
        and name not in ("true", "false", "null", "nil")
        and not is_reserved(name)
    )


def check_answers(
    fields: Sequence[Field], answers: Answers, variables: Mapping[str, Json], functions: Functions
) -> Checked:
    """Check every answer; never raises for what a person sent. All faults are named at once."""
    asking = [one for one in fields if one.type != "info"]
    checked = Checked(faults=_strangers(asking, answers, functions))
    scope = _scope(asking, answers, variables)
    for one in asking:
        try:
            value = _answer(one, answers, scope, variables, checked.faults, functions)
        except WrongAnswer as wrong:
            checked.faults.setdefault(one.id, str(wrong))
            value = None
        checked.values[one.id] = value
        scope[one.id] = value
    return checked


def defaults(fields: Sequence[Field], variables: Mapping[str, Json], functions: Functions) -> dict[str, Json]:
    """Values a fresh form starts with: the `default` of each field that has one and can be computed now and
    fits its type; others start empty and are absent here."""
    found: dict[str, Json] = {}
    scope = _scope(fields, {}, variables)
    for one in fields:
        if one.default is None or one.type == "info":
            continue
        try:
            raw = _value(one.default, _before(one, scope, variables), functions)
            found[one.id] = scope[one.id] = blank_value(one) if is_blank(raw) else typed(one, raw)
        except (EvaluationError, ExpressionError, WrongAnswer):
            continue
    return found


def visible_fields(
    fields: Sequence[Field], answers: Answers, variables: Mapping[str, Json], functions: Functions
) -> frozenset[str]:
    """Ids of the fields a form shows with these answers, `info` fields included. Never raises: a condition
    that cannot be computed shows its field, and `check_answers` says what is wrong with it."""
    scope = _scope(fields, answers, variables)
    shown = set()
    for one in fields:
        if _seems(one.visible_when, scope, functions):
            shown.add(one.id)
        elif one.type != "info":
            scope[one.id] = None
    return frozenset(shown)


def required_fields(
    fields: Sequence[Field], answers: Answers, variables: Mapping[str, Json], functions: Functions
) -> frozenset[str]:
    """Ids of the fields that must be answered with these answers, for the mark beside their labels."""
    scope = _scope(fields, answers, variables)
    return frozenset(
        one.id
        for one in fields
        if one.required or (one.required_when is not None and _seems(one.required_when, scope, functions))
    )


def without_personal(fields: Sequence[Field], values: Mapping[str, Json]) -> dict[str, Json]:
    """What becomes process variables: of a field marked `personal` only whether it was answered (True, None),
    so that the words themselves stay in the private store."""
    hidden = {one.id for one in fields if one.personal}
    return {
        name: (None if is_blank(value) else True) if name in hidden else value
        for name, value in values.items()
    }


def _answer(
    one: Field,
    answers: Answers,
    scope: dict[str, Json],
    variables: Mapping[str, Json],
    faults: Mapping[str, str],
    functions: Functions,
) -> Json:
    if not _holds(one.visible_when, True, scope, faults, functions):
        return None
    raw = answers.get(one.id)
    if one.id not in answers and one.default is not None:
        raw = _default(one, _before(one, scope, variables), functions)
    if is_blank(raw):
        if one.required or _holds(one.required_when, False, scope, faults, functions):
            raise WrongAnswer(ask(one))
        return blank_value(one)
    return typed(one, raw)


def _strangers(asking: Sequence[Field], answers: Answers, functions: Functions) -> dict[str, str]:
    """Faults of names: reserved ones, and answers nobody asked for."""
    faults = {
        one.id: f"Nama isian “{one.id}” dipakai sistem; hubungi pengelola SOP."
        for one in asking
        if not is_usable(one.id) or one.id in functions
    }
    known = {one.id for one in asking}
    for key in list(answers)[:MAX_ANSWERS]:
        if key not in known:
            name = str(key)[:80]
            faults[name] = f"Isian “{name}” tidak ada pada formulir ini; kirim tanpa isian itu."
    return faults


def _scope(fields: Sequence[Field], answers: Answers, variables: Mapping[str, Json]) -> dict[str, Json]:
    """Names a condition may read. What this form asks is never read from an earlier round of a loop."""
    return {**variables, **{one.id: answers.get(one.id) for one in fields if one.type != "info"}}


def _before(one: Field, scope: Mapping[str, Json], variables: Mapping[str, Json]) -> Mapping[str, Json]:
    """What the field's own default may read: its name is the value from before this form."""
    return {**scope, one.id: variables[one.id]} if one.id in variables else scope


def _holds(
    text: str | None, absent: bool, scope: Mapping[str, Json], faults: Mapping[str, str], functions: Functions
) -> bool:
    """Whether a condition holds. One that cannot be computed because an answer it reads is empty or faulty
    does not hold; any other that cannot be computed is a fault of the SOP."""
    if text is None:
        return absent
    try:
        expression = parse(text)
        return bool(evaluate(expression, scope, functions))
    except ExpressionError as error:
        raise WrongAnswer(f"Syarat “{text}” salah tulis di SOP; hubungi pengelola SOP.") from error
    except EvaluationError as error:
        if any(name in faults or (name in scope and is_blank(scope[name])) for name in expression.names):
            return False
        raise WrongAnswer(f"Syarat “{text}” tidak dapat dihitung; hubungi pengelola SOP.") from error


def _seems(text: str | None, scope: Mapping[str, Json], functions: Functions) -> bool:
    try:
        return _holds(text, True, scope, {}, functions)
    except WrongAnswer:
        return True


def _default(one: Field, scope: Mapping[str, Json], functions: Functions) -> Json:
    try:
        return _value(one.default or "None", scope, functions)
    except (EvaluationError, ExpressionError):
        return None


def _value(text: str, scope: Mapping[str, Json], functions: Functions) -> Json:
    return evaluate(parse(text), scope, functions)
