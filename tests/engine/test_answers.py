"""Answers that do not fit their form are refused with every fault named (SOP file contract, user task)."""

from __future__ import annotations

import json

import pytest

from app.engine.answer_types import declaration_faults
from app.engine.answers import check_answers, defaults, is_usable, visible_fields
from app.engine.declaration import Field, Option
from app.engine.patterns import PatternError, compile_pattern
from tests.effort import effort

YES_NO = (Option("selesai", "Selesai"), Option("bukan_wewenang", "Bukan wewenang kami"))
FUNCTIONS = {"len": len, "max": max, "hari_ini": lambda: "2026-03-17", "upper": str.upper}


def field(type_: str, id_: str = "isian", **more: object) -> Field:
    return Field(id=id_, type=type_, label=id_.capitalize(), **more)  # type: ignore[arg-type]


FOLLOW_UP = (
    field("choice", "hasil", required=True, options=YES_NO),
    field(
        "unit",
        "opd_usulan",
        required_when="hasil == 'bukan_wewenang'",
        visible_when="hasil == 'bukan_wewenang'",
    ),
    field("text", "uraian", required=True, min_length=20, max_length=100),
    field("photo", "foto_sesudah", min="1", max="5", required_when="hasil == 'selesai'"),
    field("info", "catatan"),
)
DONE = {"hasil": "selesai", "uraian": "Lubang di jalan sudah ditambal.", "foto_sesudah": ["a.jpg"]}


def one(type_: str, raw: object, **more: object) -> tuple[object, str | None]:
    checked = check_answers([field(type_, **more)], {"isian": raw}, {}, FUNCTIONS)
    return checked.values["isian"], checked.faults.get("isian")


def test_a_fitting_form_gives_every_asked_variable() -> None:
    checked = check_answers(FOLLOW_UP, DONE, {}, FUNCTIONS)
    assert checked.faults == {}
    assert checked.values == {**DONE, "opd_usulan": None}


def test_every_fault_is_named_at_once() -> None:
    checked = check_answers(
        FOLLOW_UP, {"hasil": "bukan_wewenang", "uraian": "Pendek", "asing": 1}, {}, FUNCTIONS
    )
    assert set(checked.faults) == {"opd_usulan", "uraian", "asing"}
    assert "20" in checked.faults["uraian"]


def test_a_required_photo_is_asked_for_only_when_its_condition_holds() -> None:
    answers = {**DONE, "foto_sesudah": []}
    assert "foto_sesudah" in check_answers(FOLLOW_UP, answers, {}, FUNCTIONS).faults
    other = {**answers, "hasil": "bukan_wewenang", "opd_usulan": "DPU"}
    assert check_answers(FOLLOW_UP, other, {}, FUNCTIONS).faults == {}


def test_an_invisible_field_becomes_none_whatever_was_sent_and_whatever_it_was_before() -> None:
    sent = {**DONE, "opd_usulan": "DPU"}
    checked = check_answers(FOLLOW_UP, sent, {"opd_usulan": "DLH"}, FUNCTIONS)
    assert checked.faults == {}
    assert checked.values["opd_usulan"] is None


def test_conditions_see_variables_and_never_this_forms_answers_of_an_earlier_round() -> None:
    fields = [
        field("string", "alasan", visible_when="jenis == 'aspirasi' and putaran > 1", required=True),
        field("string", "dulu", required_when="nanti == 'ya'"),
        field("string", "nanti"),
    ]
    variables = {"jenis": "aspirasi", "putaran": 2, "nanti": "ya"}
    assert set(check_answers(fields, {}, variables, FUNCTIONS).faults) == {"alasan"}
    assert set(check_answers(fields, {"nanti": "ya"}, {**variables, "putaran": 1}, FUNCTIONS).faults) == {
        "dulu"
    }


def test_a_condition_over_an_empty_answer_does_not_hold_and_an_impossible_one_is_said() -> None:
    fields = [field("integer", "jumlah"), field("string", "alasan", required_when="jumlah > 5")]
    assert check_answers(fields, {}, {}, FUNCTIONS).faults == {}
    assert set(check_answers(fields, {"jumlah": 6}, {}, FUNCTIONS).faults) == {"alasan"}
    broken = [field("string", "alasan", required_when="tak_dikenal > 5")]
    assert "pengelola SOP" in check_answers(broken, {}, {}, FUNCTIONS).faults["alasan"]


@pytest.mark.parametrize(
    ("raw", "refused"), [(False, False), (True, False), (None, True), ("ya", True), (1, True)]
)
def test_false_answers_a_required_boolean(raw: object, refused: bool) -> None:
    assert (one("boolean", raw, required=True)[1] is not None) == refused


@pytest.mark.parametrize(
    ("type_", "raw", "more"),
    [
        ("integer", 5, {"min": "5", "max": "5"}),
        ("number", 0.5, {"min": "0"}),
        ("date", "2026-03-17", {"min": "2026-03-17"}),
        ("datetime", "2026-03-17T10:05:00+08:00", {}),
        ("choices", ["selesai", "bukan_wewenang"], {"options": YES_NO}),
        ("location", {"lat": -0.9, "lng": 119.87}, {}),
        ("rating", 5, {}),
        ("report", "LW-2026-11-000123", {}),
        ("string", "A-17", {"pattern": "[A-Z]-[0-9]{2}"}),
        ("kelurahan", "72.71.03.1003", {}),
    ],
)
def test_a_fitting_answer_keeps_its_value(type_: str, raw: object, more: dict[str, object]) -> None:
    assert one(type_, raw, **more) == (raw, None)


@pytest.mark.parametrize(
    ("type_", "raw", "more"),
    [
        ("integer", "5", {}),
        ("integer", 5.0, {}),
        ("integer", True, {}),
        ("integer", 10**400, {}),
        ("integer", 4, {"min": "5"}),
        ("number", float("nan"), {}),
        ("number", float("inf"), {}),
        ("number", 1.5, {"max": "1.25"}),
        ("date", "17-03-2026", {}),
        ("date", "2026-02-30", {}),
        ("date", "20260317", {}),
        ("date", 20260317, {}),
        ("date", "2026-03-16", {"min": "2026-03-17"}),
        ("datetime", "2026-03-17T10:05:00", {}),
        ("datetime", "2026-03-17", {}),
        ("datetime", 5, {}),
        ("choice", "lain", {"options": YES_NO}),
        ("choice", ["selesai"], {"options": YES_NO}),
        ("choice", {"a": 1}, {"options": YES_NO}),
        ("choices", "selesai", {"options": YES_NO}),
        ("choices", ["selesai", "selesai"], {"options": YES_NO}),
        ("choices", ["lain"], {"options": YES_NO}),
        ("choices", [1], {"options": YES_NO}),
        ("location", {"lat": 91, "lng": 0}, {}),
        ("location", {"lat": 1}, {}),
        ("location", {"lat": float("nan"), "lng": 0}, {}),
        ("location", {"lat": True, "lng": 0}, {}),
        ("location", [1, 2], {}),
        ("rating", 0, {}),
        ("rating", 6, {}),
        ("photo", "a.jpg", {}),
        ("photo", ["a"], {"min": "2"}),
        ("photo", ["a", "b"], {"max": "1"}),
        ("photo", [str(n) for n in range(50)], {}),
        ("photo", [""], {}),
        ("string", 5, {}),
        ("string", "a\nb", {}),
        ("string", "a\x00b", {}),
        ("text", "a\ud800", {}),
        ("text", "x" * 10_001, {}),
        ("string", "a-17", {"pattern": "[A-Z]-[0-9]+"}),
        ("unit", 5, {}),
        ("unit", "x" * 300, {}),
        ("asing", "x", {}),
    ],
)
def test_a_misfit_is_refused_in_words(type_: str, raw: object, more: dict[str, object]) -> None:
    value, fault = one(type_, raw, **more)
    assert value is None
    assert fault


def test_a_default_that_names_its_own_field_offers_what_is_known_already() -> None:
    fields = [field("integer", "tahun", default="tahun", required=True)]
    assert check_answers(fields, {}, {"tahun": 2027}, FUNCTIONS).values == {"tahun": 2027}
    assert check_answers(fields, {"tahun": 2028}, {"tahun": 2027}, FUNCTIONS).values == {"tahun": 2028}
    assert defaults(fields, {"tahun": 2027}, FUNCTIONS) == {"tahun": 2027}
    assert "tahun" in check_answers(fields, {}, {}, FUNCTIONS).faults


def test_only_an_absent_answer_takes_the_default() -> None:
    fields = [
        field("string", "opd", default="opd_awal", required=True),
        field("date", "tanggal", default="hari_ini()"),
    ]
    variables = {"opd_awal": "DPU"}
    assert check_answers(fields, {}, variables, FUNCTIONS).values == {"opd": "DPU", "tanggal": "2026-03-17"}
    assert set(check_answers(fields, {"opd": None}, variables, FUNCTIONS).faults) == {"opd"}
    assert defaults(fields, variables, FUNCTIONS) == {"opd": "DPU", "tanggal": "2026-03-17"}
    assert defaults(fields, {}, FUNCTIONS) == {"tanggal": "2026-03-17"}


def test_an_empty_list_stays_a_list_and_an_empty_word_becomes_none() -> None:
    checked = check_answers([field("photo", "foto"), field("string", "nama")], {"nama": "  "}, {}, FUNCTIONS)
    assert checked.values == {"foto": [], "nama": None}


@pytest.mark.parametrize(
    "name", ["typename", "__proto", "hari_kerja", "len", "tenggat", "if", "a-b", "None", ""]
)
def test_reserved_names_are_never_assigned(name: str) -> None:
    assert not is_usable(name)
    assert name in check_answers([field("string", name)], {name: "x"}, {}, FUNCTIONS).faults
    assert name in check_answers([], {name: "x"}, {}, FUNCTIONS).faults


def test_values_can_always_be_stored_as_json() -> None:
    checked = check_answers(
        [field("number", "a"), field("location", "b")], {"a": 1.5, "b": {"lat": 1, "lng": 2}}, {}, FUNCTIONS
    )
    assert json.loads(json.dumps(checked.values, allow_nan=False)) == checked.values


def test_the_form_shows_what_the_answers_make_visible() -> None:
    fields = (*FOLLOW_UP, field("info", "petunjuk", visible_when="hasil == 'selesai'"))
    assert "petunjuk" in visible_fields(fields, DONE, {}, FUNCTIONS)
    assert {"petunjuk", "opd_usulan"}.isdisjoint(visible_fields(fields, {}, {}, FUNCTIONS))


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(.*){20}x", "(a?){50}a{50}", r"(\w+\s?)*$x"])
def test_no_pattern_can_stop_a_worker(pattern: str) -> None:
    assert effort(lambda: compile_pattern(pattern).fits("a" * 1_000), rounds=1) < 200


@pytest.mark.parametrize(
    "pattern", ["(?=a)", r"(a)\1", "a**", "(", "[z-a]", "((()" + "{999})" * 3, "(a{99}){99}"]
)
def test_a_pattern_that_is_not_understood_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)
    assert declaration_faults(field("string", pattern=pattern))


@pytest.mark.parametrize(
    "wrong",
    [
        field("integer", min="lima"),
        field("date", max="besok"),
        field("number", min="2", max="1"),
        field("choice"),
        field("choice", options=(Option("a", "A"), Option("a", "B"))),
        field("string", min_length=5, max_length=4),
        field("number", max="inf"),
    ],
)
def test_limits_that_cannot_be_kept_are_found_before_publishing(wrong: Field) -> None:
    assert declaration_faults(wrong)
