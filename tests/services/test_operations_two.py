"""What cannot be undone wants two people; every operation leaves one event; nothing races past another."""

import json

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.db.models import Instance, Operation, OperationReport, Report
from app.domain.errors import Conflict, Invalid, NotPermitted
from app.services import operations, process, task_work
from app.services.operations_page import desk_of
from app.services.outcome import Faulted, Pushed, Refused
from tests.engine.diagrams import begin, end, flows
from tests.services.racing import Beside, nothing_broken
from tests.services.test_incidents import STORY as STOPS
from tests.services.test_incidents import WATCHING
from tests.services.test_operations import REASON, Desk
from tests.services.test_process import check_chain
from tests.services.workshop import WORKER, diagram, task

BESIDE = diagram(
    begin("mulai")
    + task("verifikasi", "catatan:text")
    + '<bpmn:serviceTask id="pantau" name="Memantau"><bpmn:extensionElements><sop:service name="mulai_sop">'
    '<sop:parameter name="kunci" value="\'pemantauan\'"/></sop:service></bpmn:extensionElements>'
    "</bpmn:serviceTask>"
    + task("lanjut", status="diproses")
    + task("akhir")
    + end("usai", "diarsipkan")
    + flows("mulai verifikasi", "verifikasi pantau", "pantau lanjut", "lanjut akhir", "akhir usai"),
    {"admin_kominfo": ["verifikasi", "lanjut", "akhir"]},
)


@pytest.fixture
def desk(session, clock):
    return Desk(session, clock)


def later(item):
    return (item.due_at + (item.due_at - item.opened_at)).isoformat()


KINDS = {
    "alihkan": lambda desk: {"tugas": str(desk.item("kerjakan").id), "unit": "DLH"},
    "batas": lambda desk: {"tugas": str(desk.item("kerjakan").id), "sampai": later(desk.item("kerjakan"))},
    "kembalikan": lambda desk: {"ke": "verifikasi"},
    "lewati": lambda desk: {"tugas": str(desk.item("kerjakan").id)},
    "pindahkan": lambda desk: {"dari": str(desk.item("kerjakan").id), "ke": "verifikasi"},
    "tangguhkan": lambda desk: {},
    "batalkan": lambda desk: {},
}
TWO = {"lewati", "pindahkan", "batalkan"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_leaves_exactly_one_event_with_both_pictures(desk, session, database, clock, kind):
    instance = desk.at_work()
    asked = desk.ask(instance, kind, **KINDS[kind](desk))
    if kind in TWO:
        assert asked.state == "menunggu"
        assert desk.events(instance) == []
        asked = desk.confirm(asked.operation_id)
    assert asked.note == ""
    [event] = desk.events(instance)
    assert event.data["tindakan"] == kind
    assert event.data["sebelum"]["di"] == ["kerjakan"]
    assert event.data["sebelum"] != event.data["sesudah"]
    assert ("disetujui" in event.data) == (kind in TWO)
    assert REASON not in json.dumps(event.data)
    row = session.get_one(OperationReport, (asked.operation_id, instance.id))
    assert (row.before, row.after, row.outcome) == (event.data["sebelum"], event.data["sesudah"], "selesai")
    check_chain(session, instance.stream_id)
    nothing_broken(database, clock())


def test_retrying_what_was_stopped_leaves_one_event_when_it_goes_on(session, database, clock):
    desk = Desk(session, clock, STOPS)
    desk.report()
    assert isinstance(desk.do("admin", "verifikasi", catatan="Sudah saya periksa."), Faulted)
    instance = session.scalars(select(Instance)).one()
    assert "gangguan" not in desk.plan(instance, "batalkan").refused
    assert desk.plan(instance, "ulangi").refused != ""
    clock.advance(days=2)
    assert desk.plan(instance, "ulangi").consequences["berakhir"] == "selesai"
    assert desk.ask(instance, "ulangi").note == ""
    [event] = desk.events(instance)
    assert (event.data["sebelum"]["di"], event.data["sesudah"]) == (["verifikasi"], {"berakhir": "selesai"})
    assert desk.value("SELECT count(*) FROM incidents WHERE resolved_at IS NULL") == 0
    nothing_broken(database, clock())


def test_a_cancelled_report_says_that_the_city_ended_it(desk, session):
    instance = desk.at_work()
    asked = desk.ask(instance, "batalkan")
    desk.confirm(asked.operation_id)
    report = session.get_one(Report, instance.report_id, populate_existing=True)
    assert (report.status, report.end_reason) == ("dibatalkan", "dibatalkan")
    [closed] = desk.events(instance, "ReportClosed")
    assert closed.data == {"alasan": "dibatalkan", "oleh": "kota"}
    assert desk.open() == []


def test_nobody_agrees_with_themselves(desk, session):
    instance = desk.at_work()
    asked = desk.ask(instance, "batalkan")
    with pytest.raises(Conflict, match="orang lain"):
        desk.confirm(asked.operation_id, by="admin")
    session.rollback()
    for who in ("operator", "pemeriksa"):
        with pytest.raises(NotPermitted):
            desk.confirm(asked.operation_id, by=who)
        session.rollback()
    assert desk.confirm(asked.operation_id, by="admin2").note == ""
    with pytest.raises(Conflict, match="sudah diputuskan"):
        desk.confirm(asked.operation_id)


def test_nobody_asks_twice_for_what_waits_already(desk, session):
    instance = desk.at_work()
    desk.ask(instance, "batalkan")
    with pytest.raises(Invalid, match="menunggu orang kedua"):
        desk.ask(instance, "batalkan", by="admin2")
    session.rollback()
    assert desk.ask(instance, "lewati", **KINDS["lewati"](desk)).state == "menunggu"


def test_nobody_agrees_to_what_somebody_asked_who_may_no_longer(desk, session):
    instance = desk.at_work()
    asked = desk.ask(instance, "batalkan", by="admin2")
    session.execute(text("UPDATE persons SET active = false WHERE username = 'admin2'"))
    session.commit()
    with pytest.raises(Conflict, match="tidak lagi berwenang"):
        desk.confirm(asked.operation_id)
    session.rollback()
    assert desk.row(instance).ended_at is None


def test_the_database_itself_wants_two_people(desk, session):
    asked = desk.ask(desk.at_work(), "lewati", **KINDS["lewati"](desk))
    for wrong in ("state = 'selesai'", "second_by = asked_by"):
        with pytest.raises(IntegrityError, match="ck_operations_"):
            session.execute(text(f"UPDATE operations SET {wrong} WHERE id = :id"), {"id": asked.operation_id})
        session.rollback()


def test_the_second_person_may_say_no_and_the_first_may_take_it_back(desk, session, clock):
    instance = desk.at_work()
    one = desk.ask(instance, "batalkan").operation_id
    operations.refuse(session, one, "Warga masih menunggu perbaikan.", actor=desk.who["sekda"], now=clock())
    session.commit()
    two = desk.ask(instance, "batalkan").operation_id
    with pytest.raises(NotPermitted):
        operations.withdraw(session, two, actor=desk.who["admin2"], now=clock())
    session.rollback()
    operations.withdraw(session, two, actor=desk.who["admin"], now=clock())
    session.commit()
    assert session.scalars(select(Operation.state).order_by(Operation.state)).all() == ["ditarik", "ditolak"]
    assert desk.events(instance) == []
    assert desk.row(instance).ended_at is None


def test_the_second_person_agrees_to_what_was_shown_or_to_nothing(desk, session):
    instance = desk.at_work()
    asked = desk.ask(instance, "lewati", **KINDS["lewati"](desk))
    assert isinstance(desk.do("operator", "kerjakan", uraian="Sudah dikerjakan."), Pushed)
    with pytest.raises(Conflict):
        desk.confirm(asked.operation_id)
    session.rollback()
    assert desk.open() == [("periksa", "verifikator", "KOMINFO")]
    cancel = desk.ask(instance, "batalkan")
    desk.do("pemeriksa", "periksa", diterima=False)
    with pytest.raises(Conflict, match="tidak lagi sama"):
        desk.confirm(cancel.operation_id)


def test_a_push_between_that_changes_nothing_of_it_is_no_matter(desk, session, clock):
    instance = desk.at_work()
    asked = desk.ask(instance, "batalkan")
    item = desk.item("kerjakan")
    task_work.claim(session, item.id, actor=desk.who["operator"], now=clock())
    session.commit()
    assert desk.confirm(asked.operation_id).note == ""


def test_an_operation_and_a_completion_at_once_are_one_after_the_other(desk, database, clock):
    instance = desk.at_work()
    item = desk.item("kerjakan").id
    asked = desk.ask(instance, "batalkan").operation_id
    who = desk.who
    first = Beside(
        database,
        lambda s: task_work.complete(s, item, {"uraian": "Selesai."}, actor=who["operator"], now=clock()),
        hold="UPDATE work_items",
    )
    second = Beside(database, lambda s: operations.confirm(s, asked, "", actor=who["sekda"], now=clock()))
    second.wait_for_its_lock(database)
    assert isinstance(first.answer(), Pushed)
    assert isinstance(second.answer(), Conflict)
    assert [one for one, *_ in desk.open()] == ["periksa"]
    nothing_broken(database, clock())


def test_a_completion_that_waited_for_a_suspension_keeps_its_words(desk, session, database, clock):
    instance = desk.at_work()
    item = desk.item("kerjakan").id
    mark = desk.plan(instance, "tangguhkan").mark
    who = desk.who
    first = Beside(
        database,
        lambda s: operations.ask(
            s, instance.id, "tangguhkan", {}, mark=mark, reason=REASON, actor=who["admin"], now=clock()
        ),
        hold="UPDATE instances",
    )
    second = Beside(
        database,
        lambda s: task_work.complete(s, item, {"uraian": "Selesai."}, actor=who["operator"], now=clock()),
    )
    second.wait_for_its_lock(database)
    assert first.answer().note == ""
    refused = second.answer()
    assert isinstance(refused, Refused)
    assert refused.name == "Suspended"
    assert session.execute(text("SELECT answers->>'uraian' FROM drafts")).scalar_one() == "Selesai."


def test_an_operation_that_waited_for_a_timer_is_done_to_what_is_there_then(desk, database, clock):
    instance = desk.at_work()
    asked = desk.ask(instance, "lewati", **KINDS["lewati"](desk)).operation_id
    clock.set(desk.row(instance).next_wake)
    who = desk.who
    first = Beside(
        database,
        lambda s: process.wake(s, instance.id, actor=WORKER, now=clock()),
        hold="INSERT INTO work_items",
    )
    second = Beside(database, lambda s: operations.confirm(s, asked, "", actor=who["sekda"], now=clock()))
    second.wait_for_its_lock(database)
    assert isinstance(first.answer(), Pushed)
    second.answer()
    nothing_broken(database, clock())


def test_an_sop_beside_the_main_one_is_operated_on_by_itself(session, database, clock):
    desk = Desk(session, clock, BESIDE)
    desk.publish(WATCHING, "pemantauan")
    report_id = desk.report()
    assert isinstance(desk.do("admin", "verifikasi", catatan="Sudah saya periksa."), Pushed)
    beside = session.scalars(select(Instance).where(Instance.report_id == report_id, ~Instance.main)).one()
    seen = desk_of(session, report_id, beside.id, actor=desk.who["admin"], now=clock())
    assert [one.name for one in seen.running] == ["SOP pengaduan", "SOP pemantauan"]
    assert desk.plan(beside, "batalkan").consequences["alur"] == "SOP pemantauan"
    assert [place.token.element for place in seen.places] == ["menunggu"]
    desk.ask(beside, "tangguhkan")
    assert desk.do("admin", "menunggu").name == "Suspended"
    assert isinstance(desk.do("admin", "lanjut"), Pushed)
    assert desk.confirm(desk.ask(beside, "batalkan").operation_id).note == ""
    report = session.get_one(Report, report_id, populate_existing=True)
    assert (report.status, report.closed_at) == ("diproses", None)
    assert desk.value("SELECT count(*) FROM outbox_messages WHERE template = 'dibatalkan_kota'") == 0
    nothing_broken(database, clock())
