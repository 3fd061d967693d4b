"""Trying out a draft in the browser's words: real forms, real calendar, and never a trace in the database."""

from pathlib import Path

import pytest
import yaml
from sqlalchemy import text

from app.adapters.city import DATA
from app.services import city
from app.services.city_setup import set_up_city
from tests.services.workshop import diagram, task
from tests.web.desks import Desks

BPMN = Path(__file__).parents[2] / "bpmn"
NAMES = ("pengaduan.bpmn", "rute_opd.dmn", "tenggat.dmn")
AT = "2026-03-17T10:05:00+08:00"
"""Tuesday; Nyepi and Idul Fitri keep offices closed until 25 March."""
VERIFIED = [["keputusan", "terima"], ["kategori", "sampah"], ["klasifikasi", "tidak_berkadar"],
            ["jangka", "pendek"], ["moderasi", "tidak"]]


@pytest.fixture
def desks(app, session, clock, still_clock):
    found = Desks(app, session, clock)
    set_up_city(session, DATA / "palu.json", now=clock(), message_files=[BPMN / "pesan.yaml"])
    session.commit()
    return found


@pytest.fixture
def files():
    return {name: (BPMN / name).read_text("utf-8") for name in NAMES}


@pytest.fixture
def play(desks, files):
    client = desks.officer("perencana")

    def ask(steps=(), **more):
        sent = {"files": files, "main": NAMES[0], "at": AT, "steps": list(steps),
                "data": {"jenis": "pengaduan", "kategori": "sampah", "kelurahan": "72.71.03.1001"}, **more}
        return client.post("/studio/coba.json", json=sent)

    return ask


def test_the_first_picture_shows_who_gets_the_task_and_until_when(play):
    told = play().get_json()
    assert told["stopped"] is None
    assert "Memverifikasi laporan" in told["html"]
    assert "Jumat, 27 Maret 2026" in told["html"]
    assert "Hari Suci Nyepi" in told["html"]
    assert 'name="keputusan"' in told["html"]
    assert ["pengaduan", "verifikasi"] not in told["marks"]["done"]["elements"]
    assert "verifikasi" in told["marks"]["tokens"]


def test_a_filled_form_becomes_a_step_and_the_table_says_why(play):
    told = play(act={"task": "verifikasi", "by": "Admin 1", "form": VERIFIED}).get_json()
    assert [step["complete"] for step in told["steps"]] == ["verifikasi"]
    assert told["steps"][0]["answers"]["jangka"] == "pendek"
    assert "Mendisposisikan laporan" in told["html"]
    assert "Baris 1 cocok" in told["html"]
    assert "Berkadar atau rahasia? Tidak → Jangka panjang? Tidak → Menentukan unit" in told["html"]
    assert "Yang paling dekat tetapi tidak cocok" in told["html"]
    assert "Pesan ke Pelapor: “Laporan LW-2026-03-000001 sudah kami periksa" in told["html"]
    assert "paling lambat Rabu, 25 Maret 2026 pukul 16.00 WITA" in told["html"]


def test_a_refused_form_names_every_fault_and_keeps_what_was_typed(play):
    typed = [["keputusan", "tolak"], ["alasan_tolak", "terlalu pendek"]]
    told = play(act={"task": "verifikasi", "by": "Admin 1", "form": typed}).get_json()
    assert told["steps"] == []
    assert told["trouble"]["name"] == "InvalidAnswers"
    assert set(told["trouble"]["faults"]) == {"alasan_tolak"}
    assert "terlalu pendek" in told["html"]
    assert told["refused"]["complete"] == "verifikasi"


def test_the_same_person_is_refused_as_in_the_citys_work(play):
    steps = walked("pengaduan_tuntas", until="tindak_lanjut")
    checked = [["bukti_diterima", "true"], ["jawaban_jelas", "true"]]
    refused = play(steps, act={"task": "periksa_bukti", "by": "operator", "form": checked}).get_json()
    assert refused["trouble"]["name"] == "SamePerson"
    done = play(steps, act={"task": "periksa_bukti", "by": "orang lain", "form": checked}).get_json()
    assert done["trouble"] is None
    assert "konfirmasi" in done["marks"]["tokens"]


def test_the_clock_passes_over_holidays_by_name_and_rings_what_is_due(play):
    told = play([{"advance": {"working_days": 1}}]).get_json()
    assert told["now"].startswith("2026-03-25T16:00")
    assert "Melewati hari libur" in told["html"]
    assert "Idul Fitri" in told["html"]
    ring = told["timers"][0]
    assert "berbunyi" in play([{"advance": {"to": ring}}]).get_json()["html"]


def test_the_citys_own_closure_counts_and_the_kept_scenario_carries_it(play, session, monkeypatch):
    session.execute(text("SELECT set_config('tuntas.calendar_change', 'yes', true)"))
    session.execute(text(
        "INSERT INTO days_off (date, kind, name, status, decree, added_at) "
        "VALUES ('2026-03-25', 'penutupan', 'Banjir besar', 'ditetapkan', '', now())"
    ))
    session.execute(text("UPDATE calendar_state SET mark = gen_random_uuid()"))
    session.commit()
    monkeypatch.setattr(city, "PAGES_LOOK_AGAIN", -1.0)  # as if some seconds had passed
    told = play(keep="Saat banjir", act={"task": "verifikasi", "by": "Admin 1", "form": VERIFIED}).get_json()
    assert "Banjir besar" in told["html"]
    assert "2026-03-25" in told["scenario"]
    assert "due: {disposisi: '2026-03-26'}" in told["scenario"]


def test_a_report_another_kind_of_person_brings_is_asked_with_the_same_form(play):
    report = [["jenis", "pengaduan"], ["kategori", "jalan"], ["kelurahan", "72.71.03.1003"]]
    told = play(report=[*report, ["rahasia", "true"]]).get_json()
    assert told["data"]["rahasia"] is True
    assert told["data"]["kategori"] == "jalan"


def test_nothing_is_left_behind(play, session, tmp_path):
    def counted():
        session.rollback()
        tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        rows = {name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar() for name in tables}
        return rows, sorted(str(one) for one in tmp_path.rglob("*"))

    before = counted()
    assert {"reports", "events", "instances", "outbox_messages", "procrastinate_jobs"} <= set(before[0])
    steps = walked("pengaduan_tuntas", until="konfirmasi")
    told = play(steps, keep="Tuntas").get_json()
    assert told["ended"]
    assert "Pesan ke" in told["html"]
    play([{"advance": {"days": 40}}])
    assert counted() == before


def alone(role, *fields):
    """A draft with one task."""
    body = (
        '<bpmn:startEvent id="mulai"/><bpmn:sequenceFlow id="a" sourceRef="mulai" targetRef="urus"/>'
        + task("urus", *fields)
        + '<bpmn:sequenceFlow id="b" sourceRef="urus" targetRef="akhir"/><bpmn:endEvent id="akhir">'
        '<bpmn:extensionElements><sop:end reason="selesai"/></bpmn:extensionElements></bpmn:endEvent>'
    )
    return {"files": {"uji.bpmn": diagram(body, {role: ["urus"]}, key="uji")}, "main": "uji.bpmn"}


def test_a_task_without_its_unit_is_shown_to_fall_to_kominfo(desks):
    client = desks.officer("perencana")
    html = client.post("/studio/coba.json", json=alone("operator_opd")).get_json()["html"]
    assert "jatuh ke Admin Kominfo" in html
    given = {**alone("operator_opd"), "data": {"opd": "DPU"}}
    html = client.post("/studio/coba.json", json=given).get_json()["html"]
    assert "jatuh ke Admin Kominfo" not in html
    assert "Dinas Pekerjaan Umum" in html


def test_a_published_sop_that_the_draft_calls_is_walked_into(desks):
    body = (
        '<bpmn:startEvent id="mulai"/><bpmn:sequenceFlow id="a" sourceRef="mulai" targetRef="panggil"/>'
        '<bpmn:callActivity id="panggil" name="Tangani" calledElement="pengaduan"/>'
        '<bpmn:sequenceFlow id="b" sourceRef="panggil" targetRef="akhir"/><bpmn:endEvent id="akhir">'
        '<bpmn:extensionElements><sop:end reason="selesai"/></bpmn:extensionElements></bpmn:endEvent>'
    )
    drawn = diagram(body, {"admin_kominfo": ["panggil"]}, key="uji")
    draft = {"files": {"uji.bpmn": drawn}, "main": "uji.bpmn"}
    client = desks.officer("perencana")
    told = client.post("/studio/coba.json", json=draft).get_json()
    assert told["stopped"] is None
    assert 'data-task="pengaduan/verifikasi"' in told["html"]
    act = {"task": "pengaduan/verifikasi", "by": "Admin 1", "form": [["opd", "DPU"]]}
    done = client.post("/studio/coba.json", json={**draft, "act": act, "keep": "Ya"}).get_json()
    assert done["trouble"] is None, done["trouble"]
    kept = {"name": "x", "title": "x", "text": done["scenario"], "origin": "orang", "verdict": "benar"}
    judged = client.post("/studio/skenario.json", json={**draft, "scenarios": [kept]}).get_json()
    assert judged["results"][0]["agrees"], judged["results"][0]["difference"]
    assert judged["coverage"]["flows"]["all"] == 2, "what was published was proven then"


def test_a_role_that_nobody_holds_is_said_before_the_sop_is_in_force(desks):
    html = desks.officer("perencana").post("/studio/coba.json", json=alone("sekda")).get_json()["html"]
    assert "Belum ada petugas yang memegang peran ini" in html


def test_every_kind_of_field_can_be_filled_in_a_try(desks):
    kinds = ("string", "text", "integer", "number", "boolean", "date", "datetime", "unit", "person",
             "category", "kelurahan", "location", "photo", "file", "report", "rating", "info")
    draft = alone("admin_kominfo", *(f"i_{kind}:{kind}" for kind in kinds))
    form = [["i_string", "a"], ["i_text", "b"], ["i_integer", "1.500"], ["i_number", "2,5"],
            ["i_boolean", "false"], ["i_date", "2026-03-03"], ["i_datetime", "2026-03-03T10:00"],
            ["i_unit", "DPU"], ["i_person", "Siapa"], ["i_category", "jalan"],
            ["i_kelurahan", "72.71.03.1001"], ["i_location__lat", "-0,9"], ["i_location__lng", "119,8"],
            ["i_photo", "a.jpg, b.jpg"], ["i_file", "surat.pdf"], ["i_report", "LW-2026-01-000001"],
            ["i_rating", "4"]]
    act = {"task": "urus", "by": "Admin 1", "form": form}
    told = desks.officer("perencana").post("/studio/coba.json", json={**draft, "act": act}).get_json()
    assert told["trouble"] is None, told["trouble"]
    assert told["ended"]
    answers = told["steps"][0]["answers"]
    assert (answers["i_integer"], answers["i_number"], answers["i_boolean"]) == (1500, 2.5, False)
    assert answers["i_photo"] == ["a.jpg", "b.jpg"]
    assert answers["i_location"] == {"lat": -0.9, "lng": 119.8}


def test_what_people_wrote_is_shown_as_text_never_run(desks):
    evil = "<img src=x onerror=alert(1)>"
    draft = alone("admin_kominfo", "isi:text")
    draft["files"]["uji.bpmn"] = draft["files"]["uji.bpmn"].replace(
        'name="Tugas urus"', 'name="&lt;script&gt;alert(1)&lt;/script&gt;"')
    client = desks.officer("perencana")
    act = {"task": "urus", "by": evil, "form": [["isi", evil]]}
    told = client.post("/studio/coba.json", json={**draft, "act": act, "data": {"kategori": evil}}).get_json()
    assert "<script>" not in told["html"]
    assert "<img" not in told["html"]
    text = client.post("/studio/coba.json", json={**draft, "act": act, "keep": evil}).get_json()["scenario"]
    judged = client.post("/studio/skenario.json", json={
        **draft, "scenarios": [{"name": "x", "title": evil, "text": text, "origin": "orang"}]}).get_json()
    assert "<img" not in judged["html"]


def test_who_may_not_see_sops_tries_nothing(desks, files):
    sent = {"files": files, "main": NAMES[0]}
    assert desks.stranger().post("/studio/coba.json", json=sent).status_code in (302, 401)
    assert desks.stranger().post("/studio/skenario.json", json=sent).status_code in (302, 401)


def test_a_kept_run_agrees_with_the_draft(play, files, desks):
    told = play(walked("pengaduan_tuntas", until="konfirmasi"), keep="Tuntas").get_json()
    judged = desks.officer("perencana").post("/studio/skenario.json", json={
        "files": files, "main": NAMES[0], "scenarios": [
            {"name": "tuntas", "title": "Tuntas", "text": told["scenario"], "origin": "orang",
             "verdict": "benar"}]}).get_json()
    assert judged["results"][0]["difference"] is None
    assert judged["coverage"]["flows"]["done"] > 10


def test_the_machine_writes_what_is_missing_and_marked_right_it_is_proven(desks, files):
    client = desks.officer("perencana")

    def ask(scenarios, **more):
        sent = {"files": files, "main": NAMES[0], "scenarios": scenarios, **more}
        return client.post("/studio/skenario.json", json=sent).get_json()

    written = []
    assert ask([])["coverage"]["percent"] == 0
    for _round in range(8):  # a busy machine gets less done in its time; the button is pressed again
        told = ask(written, write=True)
        written += [
            {**one, "name": f"{len(written)}-{at}", "origin": "mesin", "verdict": "benar"}
            for at, one in enumerate(told["written"])
        ]
        if told["finished"] and not told["stopped"]:
            break
    judged = ask(written)
    assert [one["difference"] for one in judged["results"] if not one["agrees"]] == []
    left = {(one["kind"], one["id"], one["row"]) for one in judged["missing"]}
    assert left <= {(one["kind"], one["id"], one["row"]) for one in told["unreached"]}
    assert judged["coverage"]["percent"] > 90
    assert "Admin Kominfo" in judged["html"]


@pytest.mark.parametrize("sent", [
    [], {}, {"files": {}, "main": "x"}, {"files": {"a.bpmn": "<x/>"}, "main": "a.bpmn", "steps": "x"},
    {"files": {"a.bpmn": "<x/>"}, "main": "a.bpmn", "steps": [1]},
    {"files": {"a.bpmn": "<x/>"}, "main": "a.bpmn", "at": "kapan-kapan"},
    {"files": {"a.bpmn": "<x/>"}, "main": "a.bpmn", "act": {"task": 3}},
    {"files": {"a.bpmn": "<x/>"}, "main": "a.bpmn", "data": {"kategori": "\ud800"}},
    {"files": {"a.bpmn": "<x/>"}, "main": "a.bpmn", "act": {"task": "a", "by": "\udfff", "form": []}},
])
def test_what_is_no_try_is_refused_in_words(desks, sent):
    answer = desks.officer("perencana").post("/studio/coba.json", json=sent)
    assert answer.status_code == 422
    assert answer.get_json()["error"]


@pytest.mark.parametrize("scenarios", [3, "x", {"a": 1}, [3], [{"name": "a"}], [{"name": "a", "text": 3}]])
def test_what_is_no_list_of_scenarios_is_refused_in_words(desks, scenarios):
    sent = {"files": {"a.bpmn": "<x/>"}, "main": "a.bpmn", "scenarios": scenarios}
    answer = desks.officer("perencana").post("/studio/skenario.json", json=sent)
    assert answer.status_code == 422
    assert answer.get_json()["error"]


def test_a_draft_that_does_not_run_says_why(desks):
    sent = {"files": {"a.bpmn": "<bukan"}, "main": "a.bpmn"}
    told = desks.officer("perencana").post("/studio/coba.json", json=sent).get_json()
    assert "belum dapat dijalankan" in told["stopped"]


def walked(name, *, until):
    """The deeds of a golden walk up to and with the completion of `until`."""


    steps = yaml.safe_load((BPMN / "skenario" / f"{name}.yaml").read_text("utf-8"))["steps"]
    deeds = [step for step in steps if not {"expect", "refuse"} & set(step)]
    last = max(at for at, step in enumerate(deeds) if step.get("complete") == until)
    return deeds[: last + 1]
