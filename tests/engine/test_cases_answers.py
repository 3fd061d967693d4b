"""Answers given without a person fit their forms, whatever the forms ask."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.engine.answers import check_answers
from app.engine.cases_answers import plausible_answers
from app.engine.declaration import FIELD_TYPES, Field, Option, Task
from app.engine.functions import PLAIN_FUNCTIONS

OPTIONS = (Option("x", "Iks"), Option("y", "Ye"), Option("z", "Zet"))


def task(*fields: Field) -> Task:
    return Task("t", "sop", "Tugas", "operator_opd", fields=fields)


def field(kind: str, name: str = "isian", **rest: Any) -> Field:
    options = OPTIONS if kind in ("choice", "choices") else ()
    return Field(name, kind, "Isian", required=rest.pop("required", True), options=options, **rest)


def fits(one: Task, answers: dict[str, Any], variables: dict[str, Any] | None = None) -> bool:
    return not check_answers(one.fields, answers, variables or {}, PLAIN_FUNCTIONS).faults


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_every_type_of_field_gets_an_answer_that_fits(kind: str) -> None:
    one = task(field(kind))
    answers = plausible_answers(one, {})
    assert fits(one, answers)
    assert ("isian" in answers) == (kind != "info")


@pytest.mark.parametrize("limited", [
    field("text", min_length=200, max_length=220), field("string", max_length=5), field("integer", min="12"),
    field("integer", max="-3"), field("number", min="0.5", max="0.7"), field("rating", max="2"),
    field("date", min="2026-05-01", max="2026-05-03"), field("date", max="2020-01-01"),
    field("datetime", min="2027-01-01T00:00:00+08:00"), field("photo", min="3", max="4"),
    field("choices", min="2"), field("string", pattern="[0-9]{3}-[A-Z]{2}"),
    field("string", pattern=r"^LW-\d{4}$"), field("string", pattern="(ab|cd)+x?"),
])
def test_limits_are_kept(limited: Field) -> None:
    one = task(limited)
    assert fits(one, plausible_answers(one, {}, today=date(2026, 3, 17)))


def test_only_what_is_asked_is_answered() -> None:
    one = task(field("choice", "hasil"), field("text", "alasan", visible_when="hasil == 'y'"),
               field("text", "catatan", required=False), field("string", "nomor", default="'A'"))
    assert plausible_answers(one, {}) == {"hasil": "x"}
    chosen = plausible_answers(one, {}, {"hasil": "y"})
    assert set(chosen) == {"hasil", "alasan"}
    assert fits(one, chosen)


def test_a_default_that_is_empty_is_answered() -> None:
    one = task(field("unit", "opd_tujuan", default="opd_rute"))
    assert plausible_answers(one, {"opd_rute": "DLH"}) == {}
    assert plausible_answers(one, {"opd_rute": None}) == {"opd_tujuan": "DPU"}


def test_a_field_left_empty_on_purpose_stays_so() -> None:
    one = task(field("boolean", "setuju", required=False, default="True"))
    assert plausible_answers(one, {}, {"setuju": None}) == {"setuju": None}
