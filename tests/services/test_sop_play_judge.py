"""What the scenarios of a draft prove, on the SOP the city starts with."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from app.domain.sop_draft import MOST_SCENARIOS
from app.engine.play import City, play_draft
from app.engine.play_judge import judge_draft
from app.engine.play_write import write_missing
from app.engine.walk_city import HOME_UNITS, UNIT_VARIABLES
from app.services.sop_judge import judge, scenario_calendar
from tests.effort import effort
from tests.services.workshop import diagram, task

BPMN = Path(__file__).parents[2] / "bpmn"


@pytest.fixture(scope="module")
def files():
    names = ("pengaduan.bpmn", "rute_opd.dmn", "tenggat.dmn")
    return {name: (BPMN / name).read_text("utf-8") for name in names}


@pytest.fixture(scope="module")
def golden():
    return [
        {"name": path.stem, "title": path.stem, "text": path.read_text("utf-8"), "origin": "orang",
         "verdict": "benar"}
        for path in sorted((BPMN / "skenario").glob("pengaduan_*.yaml"))
    ]


def test_the_golden_walks_agree_and_cover_what_they_walk(files, golden):
    judged = judge(files, "pengaduan.bpmn", golden)
    assert [one.name for one in judged.results if not one.agrees] == []
    assert judged.coverage["flows"]["done"] > 80
    assert judged.coverage["boundaries"]["done"] > 10
    assert judged.coverage["percent"] < 100
    assert not judged.complete
    named = {(one.kind, one.id, one.row) for one in judged.missing}
    assert len(named) == judged.coverage["all"] - judged.coverage["done"]


def test_only_what_a_person_marked_right_counts(files, golden):
    unmarked = [{**one, "verdict": None} for one in golden]
    judged = judge(files, "pengaduan.bpmn", unmarked)
    assert judged.coverage["done"] == 0
    assert judged.coverage["walked"] == judge(files, "pengaduan.bpmn", golden).coverage["percent"]
    assert any(one.walked for one in judged.missing)


def test_a_change_that_breaks_a_scenario_marked_right_is_told_and_no_longer_counts(files, golden):
    turned = files["pengaduan.bpmn"].replace(">keputusan == 'tolak'<", ">keputusan == 'terima'<")
    changed = {**files, "pengaduan.bpmn": turned}
    assert changed != files
    judged = judge(changed, "pengaduan.bpmn", golden)
    broken = next(one for one in judged.results if one.name == "pengaduan_tuntas")
    assert not broken.agrees
    assert broken.step in (2, 3)
    assert "Daftar tugas terbuka berbeda" in broken.difference or "tidak terbuka" in broken.difference
    assert any("tidak lagi berjalan begitu" in reason for reason in judged.reasons)
    assert judged.coverage["done"] < judge(files, "pengaduan.bpmn", golden).coverage["done"]


def test_what_was_marked_wrong_and_still_comes_about_holds_it_up(files, golden):
    wrong = [{**one, "verdict": "salah"} if one["name"] == "pengaduan_ditolak" else one for one in golden]
    reasons = judge(files, "pengaduan.bpmn", wrong).reasons
    assert any("ditandai salah masih terjadi" in reason for reason in reasons)


def test_steps_are_told_in_the_officers_words(files, golden):
    judged = judge(files, "pengaduan.bpmn", golden, labels={"DLH": "Dinas Lingkungan Hidup"})
    steps = next(one for one in judged.results if one.name == "pengaduan_tuntas").steps
    dispatched = next(one for one in steps if one["element"] == "disposisi")
    assert dispatched["kind"] == "complete"
    assert "oleh admin" in dispatched["text"]
    assert "Dinas Lingkungan Hidup" in [answer for _question, answer in dispatched["details"]]
    told = " ".join(step["text"] for step in steps)
    assert not any(code in told for code in ("periksa_bukti", "InvalidAnswers", "SamePerson", "{"))


@pytest.mark.parametrize("key", ["pengaduan", "aspirasi", "permintaan_informasi", "pemantauan_rencana"])
def test_every_sop_of_the_city_can_be_proven_whole(files, key):
    own = {name: files[name] for name in ("rute_opd.dmn", "tenggat.dmn")}
    own[f"{key}.bpmn"] = (BPMN / f"{key}.bpmn").read_text("utf-8")
    calendar = scenario_calendar("Asia/Makassar")
    marked = []
    for _more_time in range(8):
        told = write_missing(own, f"{key}.bpmn", marked, calendar)
        names = len(marked)
        marked += [{**one, "name": f"{names}-{one['name']}", "verdict": "benar"} for one in told["written"]]
        if told["finished"]:
            break
    judged = judge(own, f"{key}.bpmn", marked)
    assert judged.reasons == ()
    assert judged.complete
    assert judged.coverage["percent"] == 100
    if key == "permintaan_informasi":
        assert any("tidak pernah terjadi" in one["reason"] for one in judged.never)
    fewer = judge(own, f"{key}.bpmn", marked[1:])
    assert judged.coverage["done"] >= fewer.coverage["done"]


@pytest.mark.parametrize("text", ["", "- satu", "sop: [", "a: &a [*a]", "sop: lain\nsteps: []\n"])
def test_a_scenario_that_cannot_be_read_is_a_result_and_no_failure(files, text):
    judged = judge(files, "pengaduan.bpmn", [{"name": "x", "title": "x", "text": text, "verdict": "benar"}])
    assert not judged.results[0].agrees
    assert judged.results[0].difference


def test_a_draft_that_does_not_run_says_why(files):
    judged = judge({**files, "pengaduan.bpmn": "<bukan"}, "pengaduan.bpmn", [])
    assert judged.stopped
    assert not judged.complete


def test_forty_scenarios_are_judged_within_seconds(files, golden):
    many = [{**one, "name": f"{one['name']}-{n}"} for n in range(3) for one in golden][:40]
    calendar = scenario_calendar("Asia/Makassar")
    told: list[dict[str, Any]] = []
    took = effort(lambda: told.append(judge_draft(files, "pengaduan.bpmn", many, calendar)), rounds=1)
    assert all(one["agrees"] for one in told[0]["results"])
    assert took < 300


def test_as_many_scenarios_as_a_draft_holds_are_judged_like_few(files, golden):
    many = [{**one, "name": f"{one['name']}-{n}"} for n in range(20) for one in golden][:MOST_SCENARIOS]
    judged, few = (judge(files, "pengaduan.bpmn", each) for each in (many, golden))
    assert [one.name for one in judged.results] == [one["name"] for one in many]
    assert (judged.coverage, judged.missing) == (few.coverage, few.missing)


def test_one_scenario_that_never_ends_does_not_keep_the_others_from_being_judged(golden):
    body = "".join([
        '<bpmn:startEvent id="mulai"/><bpmn:sequenceFlow id="a" sourceRef="mulai" targetRef="urus"/>',
        task("urus"), '<bpmn:boundaryEvent id="detak" attachedToRef="urus" cancelActivity="false">'
        "<bpmn:timerEventDefinition><bpmn:timeCycle>'R/PT1M'</bpmn:timeCycle></bpmn:timerEventDefinition>"
        '<bpmn:extensionElements><sop:timer catchUp="replay"/></bpmn:extensionElements></bpmn:boundaryEvent>'
        '<bpmn:sequenceFlow id="b" sourceRef="detak" targetRef="sisi"/><bpmn:endEvent id="sisi">'
        '<bpmn:extensionElements><sop:end reason="cabang"/></bpmn:extensionElements></bpmn:endEvent>'
        '<bpmn:sequenceFlow id="c" sourceRef="urus" targetRef="akhir"/><bpmn:endEvent id="akhir">'
        '<bpmn:extensionElements><sop:end reason="selesai"/></bpmn:extensionElements></bpmn:endEvent>',
    ])
    files = {"uji.bpmn": diagram(body, {"admin_kominfo": ["urus"]}, key="uji")}
    texts = {"lama": "sop: uji\nsteps: [{advance: {days: 9000}}]\n",
             "cepat": "sop: uji\nsteps: [{complete: urus}]\nend: selesai\n"}
    given = [{"name": name, "title": name, "text": text, "verdict": None} for name, text in texts.items()]
    slow, quick = judge(files, "uji.bpmn", given).results
    assert "Terlalu banyak pengatur waktu" in slow.difference or "Lebih dari" in slow.difference
    assert quick.agrees, quick.difference


def test_a_step_of_a_try_is_answered_within_a_blink(files):
    text = (BPMN / "skenario" / "pengaduan_tuntas.yaml").read_text("utf-8")
    calendar = scenario_calendar("Asia/Makassar")
    city = City(calendar, calendar, UNIT_VARIABLES, HOME_UNITS, {})
    fresh = itertools.count()

    def play() -> None:
        changed = {**files, "pengaduan.bpmn": f"{files['pengaduan.bpmn']}<!-- {next(fresh)} -->"}
        assert play_draft(changed, "pengaduan.bpmn", {"text": text}, city)["ended"]

    assert effort(play) < 60
