"""Trying a draft out: every step again in memory, refusals with all faults, runs that become scenarios."""

import json
from datetime import date

import pytest

from app.domain.calendar import BusinessCalendar
from app.engine.play import City, play_draft
from app.engine.play_sources import compile_draft
from app.engine.scenario_text import scenario_mapping, scenario_of
from app.engine.walk import walk
from tests.services.workshop import diagram, task

AT = "2026-03-02T09:00:00+08:00"
USUAL = BusinessCalendar()
FLOODED = BusinessCalendar(closures={date(2026, 3, 4): "Banjir"})

def end(name, reason):
    return (f'<bpmn:endEvent id="{name}"><bpmn:extensionElements><sop:end reason="{reason}"/>'
            "</bpmn:extensionElements></bpmn:endEvent>")


def flow(name, source, target):
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}"/>'


BODY = "".join([
    '<bpmn:startEvent id="mulai"/>', flow("a1", "mulai", "terima"),
    task("terima", "setuju:boolean,required=true", "alasan:text", deadline="hari_kerja(2)").replace(
        'label="Isian alasan"', 'label="Alasan" visibleWhen="setuju == False" '
        'requiredWhen="setuju == False" minLength="10"'),
    '<bpmn:boundaryEvent id="lewat" name="Lewat batas" attachedToRef="terima" cancelActivity="false">'
    "<bpmn:timerEventDefinition><bpmn:timeDuration>tenggat(100)</bpmn:timeDuration>"
    "</bpmn:timerEventDefinition></bpmn:boundaryEvent>", flow("l1", "lewat", "tegur"),
    task("tegur"), flow("l2", "tegur", "sisi"), end("sisi", "cabang"),
    flow("a2", "terima", "periksa"),
    task("periksa", "bukti_diterima:boolean,required=true", verifies="terima"),
    flow("a3", "periksa", "akhir"), end("akhir", "selesai"),
])
LANES = {"admin_kominfo": ["terima", "periksa"], "kepala_opd": ["tegur"]}
FILES = {"uji.bpmn": diagram(BODY, LANES, key="uji")}
LOOP = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>daftar</bpmn:loopDataInputRef>"
    '<bpmn:inputDataItem id="opd" name="opd"/></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>'
)
MANY = "".join([
    '<bpmn:startEvent id="mulai"/>', flow("a1", "mulai", "siap"),
    '<bpmn:scriptTask id="siap"><bpmn:script>daftar = [\'DPU\', \'DLH\']</bpmn:script></bpmn:scriptTask>',
    flow("a2", "siap", "jawab"), task("jawab", "isi:text").replace("</bpmn:userTask>", LOOP),
    flow("a3", "jawab", "akhir"), end("akhir", "selesai"),
])


def play(*steps, calendar=USUAL, keep=False, files=FILES, **given):
    city = City(calendar, USUAL, {"operator_opd": "opd"}, {"admin_kominfo": "KOMINFO"}, {})
    told = play_draft(files, "uji.bpmn", {"at": AT, "steps": list(steps), **given}, city, keep=keep)
    return json.loads(json.dumps(told, allow_nan=False))


def done(name, by="satu", **answers):
    return {"complete": name, "by": by, "answers": answers}


def test_the_picture_tells_what_is_open_for_whom_and_what_waits():
    told = play()
    [card] = told["open"]
    assert (card["task"], card["role"], card["unit"]) == ("terima", "admin_kominfo", "KOMINFO")
    assert card["due"].startswith("2026-03-04T08:00")
    assert card["arithmetic"]["hari_kerja"] == 2
    assert [one["element"] for one in told["timers"]] == ["lewat"]
    assert ["uji", "periksa"] in told["next"]
    assert told["trouble"] is None


def test_a_step_that_is_refused_names_every_fault_and_leaves_the_picture_before_it():
    told = play(done("terima", setuju=False, alasan="pendek"))
    assert told["accepted"] == 0
    assert told["trouble"]["name"] == "InvalidAnswers"
    assert set(told["trouble"]["faults"]) == {"alasan"}
    assert [one["task"] for one in told["open"]] == ["terima"]


def test_who_did_the_work_may_not_check_it_and_another_may():
    first = done("terima", setuju=True)
    refused = play(first, done("periksa", bukti_diterima=True))
    assert refused["trouble"]["name"] == "SamePerson"
    assert refused["open"][0]["barred"] == ["satu"]
    ended = play(first, done("periksa", by="dua", bukti_diterima=True))
    assert (ended["ended"], ended["end"]) == (True, "selesai")


def test_steps_behind_one_that_no_longer_fits_are_not_taken():
    told = play(done("terima", setuju=True), done("hilang"), done("periksa", by="dua", bukti_diterima=True))
    assert (told["accepted"], told["trouble"]["step"]) == (1, 2)
    assert "periksa" in told["trouble"]["text"]


def test_the_clock_goes_over_a_closure_and_says_so():
    told = play({"advance": {"working_days": 2}}, calendar=FLOODED)
    assert told["now"].startswith("2026-03-05T16:00")
    assert told["log"][-1]["skipped"] == [["2026-03-04", "Banjir"]]
    assert [one["task"] for one in told["open"]] == ["terima", "tegur"]
    [fired] = [one for push in told["log"][-1]["pushes"] for one in push["fired"]]
    assert fired["element"] == "lewat"


@pytest.mark.parametrize("calendar", [USUAL, FLOODED])
def test_a_kept_run_is_a_scenario_that_agrees_wherever_it_is_walked(calendar):
    refused = {"refuse": {**done("terima", setuju=False), "because": "InvalidAnswers"}}
    told = play(refused, {"advance": {"working_days": 2}}, done("tegur", by="kepala"),
                done("terima", setuju=True, alasan="tidak ditanyakan sama sekali"),
                done("periksa", by="dua", bukti_diterima=True), calendar=calendar, keep=True)
    scenario = scenario_of(told["scenario"])
    walked = walk(compile_draft(FILES, "uji.bpmn", ()), scenario, USUAL)
    assert walked.difference is None
    assert walked.path == ("tegur", "terima", "periksa")
    assert "tidak ditanyakan" not in told["scenario"]
    assert bool(scenario.days) == (calendar is FLOODED)


def test_a_kept_run_notices_when_the_sop_changes():
    text = play(done("terima", setuju=True), keep=True)["scenario"]
    assert scenario_mapping(text)["steps"][0] == {
        "expect": {"open": ["terima"], "status": "diterima", "roles": {"terima": "admin_kominfo@KOMINFO"},
                   "due": {"terima": "2026-03-04"}}
    }
    longer = {"uji.bpmn": FILES["uji.bpmn"].replace("hari_kerja(2)", "hari_kerja(3)")}
    walked = walk(compile_draft(longer, "uji.bpmn", ()), scenario_of(text), USUAL)
    assert walked.step == 1
    assert "2026-03-04" in walked.difference


def test_a_scenario_can_be_played_on_without_its_expectations():
    text = play(done("terima", setuju=True), keep=True)["scenario"]
    told = play(text=text, steps=None)
    assert [step["complete"] for step in told["given"]["steps"]] == ["terima"]
    assert [one["task"] for one in told["open"]] == ["periksa"]


def test_children_of_several_units_are_told_apart():
    files = {"uji.bpmn": diagram(MANY, {"operator_opd": ["jawab"], "sistem": ["siap"]}, key="uji")}
    told = play(files=files)
    assert [(one["of"], one["unit"]) for one in told["open"]] == [("DPU", "DPU"), ("DLH", "DLH")]
    left = play({**done("jawab", isi="ya"), "of": "DLH"}, files=files)
    assert [one["item"] for one in left["open"]] == ["DPU"]


def test_a_fault_of_the_sop_names_its_element_and_keeps_what_was_before():
    script = '<bpmn:scriptTask id="hitung"><bpmn:script>x = tidak_ada + 1</bpmn:script></bpmn:scriptTask>'
    body = BODY.replace(flow("a2", "terima", "periksa"),
                        flow("a2", "terima", "hitung") + script + flow("a9", "hitung", "periksa"))
    broken = {"uji.bpmn": diagram(body, {**LANES, "sistem": ["hitung"]}, key="uji")}
    told = play(done("terima", setuju=True), files=broken)
    assert told["trouble"]["kind"] == "fault"
    assert told["trouble"]["element"] == "hitung"
    assert [one["task"] for one in told["open"]] == ["terima"]


@pytest.mark.parametrize("given", [
    {"steps": [{"complete": "terima", "salah": 1}]}, {"steps": [{"advance": {"days": -1}}]},
    {"at": "kemarin"}, {"text": "sop: [", "steps": None}, {"steps": [{"advance": {"hours": 1}}] * 500},
    {"calendar": {"x": 1}},
])
def test_steps_nobody_can_read_stop_with_a_sentence(given):
    told = play_draft(FILES, "uji.bpmn", {"at": AT, **given}, City(USUAL, USUAL, {}, {}, {}))
    assert told["stopped"]


def test_a_draft_that_needs_a_published_sop_says_so_first():
    body = f'{BODY}<bpmn:callActivity id="c" calledElement="lain"/>'
    assert play(files={"uji.bpmn": diagram(body, LANES, key="uji")}) == {"wanting": True}
