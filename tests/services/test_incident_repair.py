"""An incident is ended by a value put right or by a newer version, for that report only, and on record."""

import json
import uuid

import pytest
from sqlalchemy import select

from app.db.models import Event, EventSecret, Incident, Instance, SopVersion
from app.domain.errors import Conflict, Invalid
from app.engine.step import EngineFault
from app.services import sop_versions
from app.services.incident_page import incident_view, shown
from app.services.incident_repair import correct_values, parsed, take_new_version
from app.services.outcome import Faulted, Pushed
from app.services.way import drawn_way
from tests.engine.diagrams import begin, boundary, end, flows, script, timer
from tests.services.test_process import check_chain
from tests.services.workshop import Workshop, diagram, task

REASON = "Bendahara salah mengetik pembaginya."


def story(formula, *, name="verifikasi", more=""):
    """A task, a timer whose branch reckons, and a task behind it."""
    return diagram(
        begin("mulai")
        + task("isi", "pembagi:integer", "uraian:text", "hp:string,personal=true")
        + task(name, deadline="jam(1)")
        + boundary("lewat", name, timer("tenggat(100)", "timeDate"))
        + script("hitung", formula)
        + task("lanjut")
        + end("usai")
        + end("selesai")
        + more
        + flows("mulai isi", f"isi {name}", f"{name} selesai")
        + flows("lewat hitung", "hitung lanjut", "lanjut usai"),
        {"admin_kominfo": ["isi", name, "lanjut"]},
    )  # fmt: skip


EARLIER = (
    boundary("awal", "verifikasi", timer("tenggat(50)", "timeDate"), interrupting=False)
    + end("akhir", "cabang")
    + flows("awal akhir")
)


@pytest.fixture
def stuck(session, clock):
    """A city whose report failed at its timer, after the form was filled: (the workshop, the incident)."""

    def make(formula="hasil = 12 / pembagi", **answers):
        shop = Workshop(session, clock, story(formula))
        shop.report()
        given = {"pembagi": 0, "uraian": "Pak Lurah sudah tahu.", "hp": "081234567890", **answers}
        assert isinstance(shop.do("admin", "isi", **given), Pushed)
        clock.set(shop.value("SELECT next_wake FROM instances"))
        assert isinstance(shop.wake(shop.value("SELECT id FROM instances")), Faulted)
        return shop, shop.value("SELECT id FROM incidents")

    return make


def one(session, row):
    return session.scalars(select(row).execution_options(populate_existing=True)).one()


def events(session, kind):
    return session.scalars(select(Event).where(Event.type == kind).order_by(Event.seq)).all()


def correct(shop, incident, values, reason=REASON):
    outcome = correct_values(
        shop.session, incident, values, reason, actor=shop.who["admin"], now=shop.clock()
    )
    shop.session.commit()
    return outcome


def test_a_value_put_right_lets_the_report_go_on(stuck, session):
    shop, incident = stuck()
    assert isinstance(correct(shop, incident, {"pembagi": 4}), Pushed)
    instance = one(session, Instance)
    assert (instance.state["vars"]["pembagi"], instance.state["vars"]["hasil"]) == (4, 3)
    assert [row[0] for row in shop.open()] == ["lanjut"]
    assert one(session, Incident).resolved_at == shop.clock()
    (event,) = events(session, "IncidentValueCorrected")
    assert (event.data["nilai"], str(event.actor_id)) == ({"pembagi": [0, 4]}, shop.who["admin"].person_id)
    assert REASON not in json.dumps(event.data)
    secret = session.get(EventSecret, (event.stream_id, event.stream_seq, "alasan"))
    assert secret.value == REASON
    check_chain(session, instance.report_id)


def test_a_text_put_right_enters_the_trace_as_a_commitment(stuck, session):
    shop, incident = stuck("hasil = 1 / (0 if uraian == 'Pak Lurah sudah tahu.' else 1)")
    assert isinstance(correct(shop, incident, {"uraian": "Bu Lurah sudah tahu."}), Pushed)
    (event,) = events(session, "IncidentValueCorrected")
    assert "Lurah" not in json.dumps(event.data)
    assert set(event.commitments) == {"alasan", "nilai"}
    kept = session.get(EventSecret, (event.stream_id, event.stream_seq, "nilai")).value
    assert json.loads(kept) == {"uraian": ["Pak Lurah sudah tahu.", "Bu Lurah sudah tahu."]}
    check_chain(session, event.stream_id)


def test_a_correction_that_does_not_help_leaves_the_incident_open_with_the_new_cause(stuck, session):
    shop, incident = stuck("hasil = 12 / (pembagi - 1)", pembagi=1)
    assert isinstance(correct(shop, incident, {"pembagi": 1}), Faulted)
    again = one(session, Incident)
    assert (again.id, again.resolved_at, again.attempts) == (incident, None, 2)
    assert isinstance(correct(shop, incident, {"pembagi": 3}), Pushed)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"pembagi": 4}, "salah"),
        ({}, REASON),
        ({"lain": 4}, REASON),
        ({"pembagi": float("inf")}, REASON),
        ({"pembagi": {"__class__": 1}}, REASON),
    ],
)
def test_a_correction_without_reason_or_sense_is_refused_and_changes_nothing(stuck, session, values, reason):
    shop, incident = stuck()
    before = one(session, Instance).state
    with pytest.raises(Invalid):
        correct(shop, incident, values, reason)
    session.rollback()
    assert one(session, Instance).state == before
    assert events(session, "IncidentValueCorrected") == []


def test_what_is_over_cannot_be_put_right(stuck, session):
    shop, incident = stuck()
    correct(shop, incident, {"pembagi": 4})
    with pytest.raises(Conflict):
        correct(shop, incident, {"pembagi": 5})


def test_a_start_that_failed_takes_the_corrected_value(session, clock):
    sop = diagram(
        begin("mulai") + script("hitung", "hasil = 12 / (jumlah_foto - 0)") + task("lanjut") + end("selesai")
        + flows("mulai hitung", "hitung lanjut", "lanjut selesai"),
        {"admin_kominfo": ["lanjut"]},
    )  # fmt: skip
    shop = Workshop(session, clock, sop)
    report_id = shop.report()
    incident = one(session, Incident)
    assert incident.names == ["jumlah_foto"]
    assert isinstance(correct(shop, incident.id, {"jumlah_foto": 2}), Pushed)
    assert [row[0] for row in shop.open()] == ["lanjut"]
    check_chain(session, report_id)


def test_answers_of_a_form_are_left_to_whoever_typed_them(session, clock):
    sop = diagram(
        begin("mulai") + task("isi", "pembagi:integer") + script("hitung", "hasil = 1 / pembagi")
        + end("selesai") + flows("mulai isi", "isi hitung", "hitung selesai"),
        {"admin_kominfo": ["isi"]},
    )  # fmt: skip
    shop = Workshop(session, clock, sop)
    shop.report()
    assert isinstance(shop.do("admin", "isi", pembagi=0), Faulted)
    incident = one(session, Incident).id
    with pytest.raises(Invalid):
        correct(shop, incident, {"pembagi": 1})
    (datum,) = incident_view(session, incident, now=clock()).data
    assert (datum.name, datum.shown, datum.from_form) == ("pembagi", "0", True)
    assert shop.do("admin", "isi", pembagi=1).ended
    assert one(session, Incident).resolved_at is not None


def move(shop, incident):
    outcome = take_new_version(shop.session, incident, actor=shop.who["admin"], now=shop.clock())
    shop.session.commit()
    return outcome


def test_a_newer_version_carries_this_report_on_and_no_other(stuck, session):
    shop, incident = stuck()
    other = shop.report()
    shop.publish(story("hasil = 0"), "pengaduan")
    assert incident_view(session, incident, now=shop.clock()).newer.version == 2
    assert isinstance(move(shop, incident), Pushed)
    versions = {row.id: row.version for row in session.scalars(select(SopVersion))}
    ran = {row.report_id: versions[row.sop_version_id] for row in session.scalars(select(Instance))}
    assert ran.pop(other) == 1
    assert list(ran.values()) == [2]
    (event,) = events(session, "InstanceMoved")
    assert versions[uuid.UUID(event.data["dari"])] == 1
    check_chain(session, event.stream_id)
    assert "lanjut" in [row[0] for row in shop.open()]
    drawn_way(session, event.stream_id)


def test_a_version_that_does_not_help_is_not_taken(stuck, session):
    shop, incident = stuck()
    shop.publish(story("hasil = 1 / (pembagi * 2)"), "pengaduan")
    before = one(session, Instance)
    state, version = before.state, before.sop_version_id
    assert isinstance(move(shop, incident), Faulted)
    after = one(session, Instance)
    assert (after.state, after.sop_version_id) == (state, version)
    assert events(session, "InstanceMoved") == []
    assert one(session, Incident).resolved_at is None


@pytest.mark.parametrize(
    ("newer", "why"),
    [
        (story("hasil = 0", name="pemeriksaan"), "langkah"),
        (story("hasil = 0", more=EARLIER), "batas waktu"),
    ],
    ids=["another step", "another timer"],
)
def test_a_version_in_which_the_report_stands_nowhere_is_refused_in_words(stuck, session, newer, why):
    shop, incident = stuck()
    assert "versi" in incident_view(session, incident, now=shop.clock()).newer.refusal
    shop.publish(newer, "pengaduan")
    with pytest.raises(Conflict) as refused:
        move(shop, incident)
    assert why in refused.value.text
    assert incident_view(session, incident, now=shop.clock()).newer.refusal == refused.value.text


def test_the_page_shows_numbers_and_codes_but_no_free_words(stuck, session):
    shop, incident = stuck("hasil = len(uraian) / pembagi")
    view = incident_view(session, incident, now=shop.clock())
    told = {datum.name: datum.shown for datum in view.data}
    assert told == {"uraian": "", "pembagi": "0"}
    assert view.next_try is not None
    assert (view.tried, view.step) == ("wake", "hitung")


@pytest.mark.parametrize(
    ("value", "words"),
    [(12, "12"), (True, "true"), (None, "null"), ("tidak_berkadar", "tidak_berkadar"), ("DPU", "DPU"),
     ("2026-03-17", "2026-03-17"), (["DPU", "DLH"], "[DPU, DLH]"), ("Siti", ""), ("081234567890", ""),
     ("siti rahma", ""), (["DPU", "Siti Rahma"], ""), ({"nama": "x"}, ""), ("a@b.id", "")],
)
def test_only_what_tells_nothing_about_a_person_is_shown(value, words):
    assert shown(value) == words


def test_what_is_typed_becomes_a_value():
    assert parsed("12", as_text=True) == "12"
    assert parsed("[1, true, null]", as_text=False) == [1, True, None]
    for typed in ("DPU", "NaN", "-Infinity", "[" * 100_000):
        with pytest.raises(Invalid):
            parsed(typed, as_text=False)


def test_a_version_this_engine_no_longer_runs_is_said_so(stuck, session, monkeypatch):
    shop, incident = stuck()
    running = one(session, Instance).sop_version_id
    shop.publish(story("hasil = 0"), "pengaduan")
    ready = sop_versions.compiled

    def gone(session, version_id):
        if version_id == running:
            raise EngineFault("SOP pengaduan versi 1 tidak dapat dijalankan.")
        return ready(session, version_id)

    monkeypatch.setattr(sop_versions, "compiled", gone)
    assert "versi 1" in incident_view(session, incident, now=shop.clock()).newer.refusal
