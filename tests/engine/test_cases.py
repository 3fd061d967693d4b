"""The machine writes scenarios that pass everything an SOP can do, and that an officer can judge."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import pytest

from app.adapters.holidays import default_calendar
from app.engine.cases import Cases, covers, write_cases
from app.engine.cases_book import Book
from app.engine.compiler import CompiledSop, Source, compile_sop
from app.engine.coverage import Coverage
from app.engine.scenario_text import scenario_of, scenario_yaml
from app.engine.step import WorkingTime
from app.engine.walk import walk
from tests.effort import effort

from .diagrams import (
    OfficeHours,
    begin,
    boundary,
    bpmn,
    end,
    flows,
    gateway,
    loop,
    reminders,
    script,
    sop,
    sub,
    timer,
    user,
)
from .test_soundness import CODES, choose, long_form, throws

BPMN = Path(__file__).parents[2] / "bpmn"
CALENDAR = default_calendar()


def shipped(file: str) -> CompiledSop:
    return compile_sop([Source(path.name, path.read_bytes()) for path in (BPMN / file, *BPMN.glob("*.dmn"))])


@cache
def cases_of(file: str) -> Cases:
    return write_cases(shipped(file), CALENDAR, budget_seconds=60)


def written(body: str) -> tuple[CompiledSop, Cases]:
    compiled = sop(bpmn(body, extra=CODES))
    return compiled, write_cases(compiled, OfficeHours())


def walked(compiled: CompiledSop, cases: Cases, calendar: WorkingTime | None = None) -> Coverage:
    """Every case read back from its YAML and walked: it must agree, and pass what it says."""
    together = Coverage()
    for case in cases.cases:
        outcome = walk(compiled, scenario_of(scenario_yaml(case.scenario)), calendar or OfficeHours())
        assert outcome.agrees, f"{case.title}: step {outcome.step}: {outcome.difference}"
        assert covers(outcome.coverage) == case.covers
        together.merge(outcome.coverage)
    return together


@pytest.mark.parametrize("file", sorted(path.name for path in BPMN.glob("*.bpmn")))
def test_cases_of_the_shipped_sops_pass_everything_that_can_happen(file: str) -> None:
    compiled = shipped(file)
    written: list[Cases] = []
    took = effort(lambda: written.append(write_cases(compiled, CALENDAR, budget_seconds=60)), rounds=1)
    assert took < 400, "the editor waits for it"
    [cases] = written
    assert cases.finished
    assert [one for one in cases.uncovered if not one.impossible] == []
    assert all(one.kind == "row" for one in cases.uncovered), "only rows for other SOPs are left out"
    passed = walked(compiled, cases, CALENDAR)
    assert not passed.untouched_flows(compiled)
    assert not passed.untouched_boundaries(compiled)
    titles = [case.title for case in cases.cases]
    assert len({case.name for case in cases.cases}) == len(titles)
    assert all(title and title[0] == title[0].upper() for title in titles)


def test_every_row_of_the_complaints_tables_is_hit() -> None:
    compiled = shipped("pengaduan.bpmn")
    cases = cases_of("pengaduan.bpmn")
    assert cases.uncovered == ()
    for name, table in compiled.decisions.items():
        assert cases.coverage.rows[name] == {rule.number for rule in table.rules}


def test_the_same_sop_gives_the_same_cases() -> None:
    compiled = shipped("permintaan_informasi.bpmn")
    again = write_cases(compiled, CALENDAR, budget_seconds=60)
    assert again.told() == cases_of("permintaan_informasi.bpmn").told()


def test_a_case_says_after_each_step_what_is_open_whose_it_is_and_by_when() -> None:
    cases = cases_of("pengaduan.bpmn")
    case = next(one for one in cases.cases if one.scenario.get("end") == "selesai")
    steps = case.scenario["steps"]
    deeds = [place for place, step in enumerate(steps) if "complete" in step or "advance" in step]
    assert deeds
    assert all("expect" in steps[place + 1] for place in deeds)
    first = steps[0]["expect"]
    assert first["open"] == ["verifikasi"]
    assert first["roles"] == {"verifikasi": "admin_kominfo@KOMINFO"}
    assert set(first["due"]) == {"verifikasi"}


def test_what_the_machine_did_meanwhile_is_no_time_of_the_cases() -> None:
    compiled = shipped("aspirasi.bpmn")
    book = Book(compiled, CALENDAR, Coverage(), 1.0)
    time.sleep(1.1)
    assert book.has_time()


def test_refusals_are_shown_once_for_every_task() -> None:
    cases = cases_of("pengaduan.bpmn")
    refused = [(step["refuse"]["complete"], step["refuse"]["because"])
               for case in cases.cases for step in case.scenario["steps"] if "refuse" in step]
    assert ("periksa_bukti", "SamePerson") in refused
    assert ("periksa_keberatan", "SamePerson") in refused, "fresh eyes"
    assert ("verifikasi", "InvalidAnswers") in refused
    assert len(set(refused)) == len(refused)


def test_titles_say_what_a_person_would_say() -> None:
    cases = cases_of("pengaduan.bpmn")
    titles = [case.title for case in cases.cases]
    assert "Putusan: ditolak" in titles
    assert "Minta pelapor melengkapi, tidak dilengkapi, diarsipkan" in titles
    assert not [title for title in titles if "Diterima dan diteruskan" in title], "most cases are"
    assert any("lewat waktu (50 %, 80 %, 100 %, 120 %, 150 %)" in title for title in titles)
    assert any(title.endswith("kategori parkir → DISHUB") for title in titles)


def test_what_scenarios_pass_already_is_not_written_again() -> None:
    compiled = shipped("permintaan_informasi.bpmn")
    first = cases_of("permintaan_informasi.bpmn")
    assert write_cases(compiled, CALENDAR, budget_seconds=60, known=first.coverage).cases == ()


def test_with_too_little_time_another_call_goes_on() -> None:
    compiled = shipped("aspirasi.bpmn")
    cases = write_cases(compiled, CALENDAR, budget_seconds=0.05)
    known, calls = cases.coverage, 1
    assert not cases.finished
    assert "Waktu habis." in {one.reason for one in cases.uncovered}
    while not cases.finished and calls < 30:
        cases = write_cases(compiled, CALENDAR, budget_seconds=0.3, known=known)
        known, calls = cases.coverage, calls + 1
    assert cases.finished
    assert not known.untouched_flows(compiled)


@pytest.mark.parametrize("body", [
    pytest.param(reminders(50, 80, 120).partition("</bpmn:extensionElements>")[2]
                 .rpartition("</bpmn:process>")[0], id="reminders"),
    pytest.param(
        begin() + choose("a", "x", "y") + gateway("parallel", "f", "j") + user("b") + user("c") + end()
        + flows("s a", "a f", "f b", "f c", "b j", "c j", "j e"), id="parallel"),
    pytest.param(
        begin() + user("a", deadline="hari(2)") + boundary("t", "a", timer("tenggat(50)", "timeDate"),
                                                          interrupting=False)
        + choose("r", "x", "y", deadline="hari(1)") + gateway("exclusive", "g", default="g_z")
        + user("k") + end("z", "cabang") + end()
        + boundary("u", "r", timer("tenggat(50)", "timeDate"), interrupting=False) + end("v", "cabang")
        + flows("s a", "a e", "t r", "r g", "g k: k_r == 'x'", "g z", "k z", "u v"), id="side of a side"),
    pytest.param(
        begin() + sub("d", begin("sd") + choose("a", "x", "y") + gateway("exclusive", "g", default="g_ed")
                      + end("w", "cabang", throws("error", "E")) + end("ed", "cabang")
                      + flows("sd a", "a g", "g w: k_a == 'x'", "g ed"))
        + boundary("t", "d", throws("error", "E")) + end("z", "ditolak") + end()
        + flows("s d", "d e", "t z"), id="error"),
    pytest.param(
        begin() + sub("d", begin("sd") + user("a")
                      + '<bpmn:intermediateThrowEvent id="w">' + throws("escalation", "N")
                      + "</bpmn:intermediateThrowEvent>" + user("b") + end("ed", "cabang")
                      + flows("sd a", "a w", "w b", "b ed"))
        + boundary("t", "d", throws("escalation", "N"), interrupting=False) + user("k") + end("z", "cabang")
        + end() + flows("s d", "d e", "t k", "k z"), id="escalation"),
    pytest.param(
        begin() + '<bpmn:eventBasedGateway id="g"/>'
        + f'<bpmn:intermediateCatchEvent id="t">{timer("hari(2)", "timeDate")}</bpmn:intermediateCatchEvent>'
        + '<bpmn:intermediateCatchEvent id="m"><bpmn:messageEventDefinition messageRef="P"/>'
        + "</bpmn:intermediateCatchEvent>" + user("a") + end()
        + flows("s g", "g t", "g m", "t a", "m a", "a e"), id="event gateway"),
    pytest.param(
        begin() + user("a").replace("</bpmn:userTask>", loop("daftar", "isi") + "</bpmn:userTask>") + end()
        + flows("s a", "a e"), id="repeated"),
    pytest.param(
        begin() + script("z", "n = 0") + choose("a", "x", "y") + script("t", "n = n + 1")
        + gateway("exclusive", "g", default="g_a") + end()
        + flows("s z", "z a", "a t", "t g", "g e: n >= 3", "g a"), id="counter"),
    pytest.param(long_form(14), id="long form"),
    pytest.param(
        begin() + gateway("exclusive", "g", default="g_b") + user("a") + user("b") + end()
        + flows("s g", "g a: jumlah_foto > 2 and rahasia", "g b", "a e", "b e"), id="data of the report"),
])
def test_every_kind_of_element_is_passed(body: str) -> None:
    compiled, cases = written(body)
    assert cases.uncovered == ()
    passed = walked(compiled, cases)
    assert not passed.untouched_flows(compiled)
    assert not passed.untouched_boundaries(compiled)


def test_what_cannot_be_reached_is_told_with_the_reason() -> None:
    body = (begin() + choose("a", "x", "y") + gateway("exclusive", "g", default="g_e") + user("b") + end()
            + flows("s a", "a g", "g b: k_a == 'z'", "g e", "b e"))
    _compiled, cases = written(body)
    assert {(one.id, one.impossible) for one in cases.uncovered} == {("g_b", True), ("b_e", True)}
    later = (begin() + user("a") + boundary("t", "a", timer("'P1D'")) + boundary("u", "a", timer("'P9D'"))
             + end("z", "diarsipkan") + end("y", "ditolak") + end() + flows("s a", "a e", "t z", "u y"))
    _compiled, cases = written(later)
    assert {(one.id, one.impossible) for one in cases.uncovered} == {("u", False), ("u_y", False)}
    assert all("mendahuluinya" in one.reason for one in cases.uncovered)
