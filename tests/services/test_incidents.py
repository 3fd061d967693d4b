"""When an SOP cannot go on: nothing is half done, nothing is lost, and somebody can try again."""

import uuid

import pytest
from sqlalchemy import select, text

from app.db.models import Draft, Event, Incident, Instance, Report, WorkItem
from app.domain.errors import Conflict, NotFound
from app.services import upkeep
from app.services.incident_work import try_again
from app.services.outcome import Faulted, Pushed
from tests.engine.diagrams import begin, boundary, end, flows, script, timer
from tests.services.test_process import check_chain
from tests.services.workshop import Workshop, diagram, task

UNTIL_TOMORROW = "hasil = 1 / (0 if sekarang() &lt; '2026-03-18' else 1)"
"""Cannot be computed on 17 March 2026; can be from the day after."""
STORY = diagram(
    begin("mulai")
    + task("verifikasi", "catatan:text")
    + script("hitung", UNTIL_TOMORROW)
    + end("selesai")
    + flows("mulai verifikasi", "verifikasi hitung", "hitung selesai"),
    {"admin_kominfo": ["verifikasi"]},
)
LAUNCHING = diagram(
    begin("mulai")
    + task("verifikasi", "catatan:text")
    + '<bpmn:serviceTask id="pantau" name="Memantau"><bpmn:extensionElements><sop:service name="mulai_sop">'
    '<sop:parameter name="kunci" value="\'pemantauan\'"/></sop:service></bpmn:extensionElements>'
    "</bpmn:serviceTask>" + end("selesai") + flows("mulai verifikasi", "verifikasi pantau", "pantau selesai"),
    {"admin_kominfo": ["verifikasi"]},
)
WATCHING = diagram(
    begin("mulai")
    + task("menunggu", status="diproses")
    + task("melapor", status="koordinasi")
    + end("usai", "diarsipkan")
    + flows("mulai menunggu", "menunggu melapor", "melapor usai"),
    {"admin_kominfo": ["menunggu", "melapor"]},
    key="pemantauan",
)
AT_THE_START = diagram(
    begin("mulai")
    + script("hitung", UNTIL_TOMORROW)
    + task("verifikasi")
    + end("selesai")
    + flows("mulai hitung", "hitung verifikasi", "verifikasi selesai"),
    {"admin_kominfo": ["verifikasi"]},
)
BY_TIMER = diagram(
    begin("mulai")
    + task("verifikasi", deadline="jam(1)")
    + boundary("lewat", "verifikasi", timer("tenggat(100)", "timeDate"), interrupting=False)
    + script("hitung", UNTIL_TOMORROW)
    + end("usai", "cabang")
    + end("selesai")
    + flows("mulai verifikasi", "verifikasi selesai", "lewat hitung", "hitung usai"),
    {"admin_kominfo": ["verifikasi"]},
)

FORM_FAILS = diagram(
    begin("mulai")
    + task("verifikasi", "catatan:text", deadline="jam(1)")
    + boundary("lewat", "verifikasi", timer("tenggat(100)", "timeDate"), interrupting=False)
    + script("hitung", "hasil = 1 / 0")
    + end("usai", "cabang")
    + end("selesai")
    + flows("mulai verifikasi", "verifikasi hitung", "hitung selesai", "lewat usai"),
    {"admin_kominfo": ["verifikasi"]},
)


@pytest.fixture
def running(session, clock):
    """Make a city that runs this SOP."""
    return lambda sop: Workshop(session, clock, sop)


def only_incident(session):
    return session.scalars(select(Incident).execution_options(populate_existing=True)).one()


def test_a_fault_opens_an_incident_and_writes_nothing_of_the_push(running, session):
    shop = running(STORY)
    report_id = shop.report()
    state = session.scalars(select(Instance.state)).one()
    faulted = shop.do("admin", "verifikasi", catatan="Sudah saya periksa.")
    assert isinstance(faulted, Faulted)
    incident = only_incident(session)
    assert (incident.id, incident.element, incident.resolved_at) == (faulted.incident_id, "hitung", None)
    assert incident.report_id == report_id
    item = shop.item("verifikasi")
    assert item.closed_at is None
    instance = session.scalars(select(Instance).execution_options(populate_existing=True)).one()
    assert (instance.state, instance.revision) == (state, 1)
    draft = session.scalars(select(Draft)).one()
    assert (str(draft.person_id), draft.answers) == (
        shop.who["admin"].person_id,
        {"catatan": "Sudah saya periksa."},
    )
    last = session.scalars(
        select(Event).where(Event.stream_id == report_id).order_by(Event.stream_seq.desc()).limit(1)
    ).one()
    assert (last.type, last.data["langkah"]) == ("IncidentOpened", "hitung")
    check_chain(session, report_id)


def test_trying_again_completes_it_as_the_person_who_wanted_it(running, session):
    shop = running(STORY)
    report_id = shop.report()
    shop.do("admin", "verifikasi", catatan="Sudah saya periksa.")
    helper = shop.hire("penolong", ("admin_kominfo", "KOMINFO"))
    incident = only_incident(session)
    still = try_again(session, incident.id, actor=helper, now=shop.clock())
    session.commit()
    assert isinstance(still, Faulted)
    assert only_incident(session).attempts == 2
    shop.clock.advance(days=1)
    done = try_again(session, incident.id, actor=helper, now=shop.clock())
    session.commit()
    assert isinstance(done, Pushed)
    assert done.ended
    incident = only_incident(session)
    assert (incident.resolved_at, str(incident.resolved_by)) == (shop.clock(), helper.person_id)
    completed = session.scalars(select(Event).where(Event.type == "TaskCompleted")).one()
    assert str(completed.actor_id) == shop.who["admin"].person_id
    check_chain(session, report_id)
    with pytest.raises(Conflict):
        try_again(session, incident.id, actor=helper, now=shop.clock())
    with pytest.raises(NotFound):
        try_again(session, uuid.uuid4(), actor=helper, now=shop.clock())


def test_an_sop_to_be_started_that_nobody_published_is_an_incident_too(running, session):
    shop = running(LAUNCHING)
    shop.report()
    assert isinstance(shop.do("admin", "verifikasi"), Faulted)
    assert shop.open() == [("verifikasi", "admin_kominfo", "KOMINFO")]
    shop.publish(WATCHING, "pemantauan")
    done = try_again(session, only_incident(session).id, actor=shop.who["admin"], now=shop.clock())
    session.commit()
    assert isinstance(done, Pushed)
    assert shop.open() == [("menunggu", "admin_kominfo", "KOMINFO")]


def test_an_sop_beside_the_report_leaves_its_status_alone(running, session):
    shop = running(LAUNCHING)
    shop.publish(WATCHING, "pemantauan")
    report_id = shop.report()
    shop.do("admin", "verifikasi")
    shop.do("admin", "menunggu")
    assert shop.do("admin", "melapor").ended
    report = session.get(Report, report_id, populate_existing=True)
    assert (report.status, report.end_reason) == ("selesai", "selesai")
    events = session.scalars(
        select(Event).where(Event.stream_id == report_id).order_by(Event.stream_seq)
    ).all()
    beside = [event for event in events if event.data.get("langkah", "") in ("menunggu", "melapor")]
    assert len(beside) == 2
    assert not any({"status", "opd"} & set(event.data) for event in beside)
    check_chain(session, report_id)


def test_a_report_whose_start_fails_is_safe_and_starts_later(running, session):
    shop = running(AT_THE_START)
    report_id = shop.report()
    assert shop.value("SELECT count(*) FROM reports") == 1
    assert session.scalars(select(Instance)).all() == []
    incident = only_incident(session)
    assert (incident.report_id, incident.instance_id, incident.action["verb"]) == (report_id, None, "start")
    admin = shop.who["admin"]
    assert isinstance(try_again(session, incident.id, actor=admin, now=shop.clock()), Faulted)
    session.commit()
    assert only_incident(session).attempts == 2
    shop.clock.advance(days=1)
    assert isinstance(try_again(session, incident.id, actor=admin, now=shop.clock()), Pushed)
    session.commit()
    assert shop.open() == [("verifikasi", "admin_kominfo", "KOMINFO")]
    assert only_incident(session).resolved_at == shop.clock()
    check_chain(session, report_id)


def test_a_timer_that_fails_is_tried_again_later_and_later_and_blocks_nobody(running, session):
    shop = running(BY_TIMER)
    shop.report()
    instance = session.scalars(select(Instance)).one()
    shop.clock.set(instance.next_wake)
    waits = []
    for _ in range(4):
        assert isinstance(shop.wake(instance.id), Faulted)
        at = shop.value(
            "SELECT scheduled_at FROM procrastinate_jobs"
            " WHERE task_name = 'wake_instance' AND status = 'todo'"
        )
        waits.append((at - shop.clock()).total_seconds() / 60)
    assert waits == [1, 5, 25, 125]
    assert only_incident(session).attempts == 4
    shop.clock.advance(days=1)
    again = try_again(session, only_incident(session).id, actor=shop.who["admin"], now=shop.clock())
    session.commit()
    assert isinstance(again, Pushed)
    assert only_incident(session).resolved_at is not None


def test_what_settled_itself_needs_no_second_push(running, session):
    shop = running(BY_TIMER)
    shop.report()
    instance = session.scalars(select(Instance)).one()
    shop.clock.set(instance.next_wake)
    shop.wake(instance.id)
    shop.clock.advance(days=1)
    assert isinstance(shop.do("admin", "verifikasi"), Pushed)
    assert session.scalars(select(WorkItem.closed_at)).all() != [None]
    assert only_incident(session).resolved_at == shop.clock()
    resolved = session.scalars(select(Event).where(Event.type == "IncidentResolved")).all()
    assert len(resolved) == 1
    with pytest.raises(Conflict):
        try_again(session, only_incident(session).id, actor=shop.who["admin"], now=shop.clock())


def test_a_timer_that_succeeds_at_a_later_try_ends_its_incident(running, session):
    shop = running(BY_TIMER)
    report_id = shop.report()
    instance = session.scalars(select(Instance)).one()
    shop.clock.set(instance.next_wake)
    shop.wake(instance.id)
    shop.clock.advance(days=1)
    assert isinstance(shop.wake(instance.id), Pushed)
    assert only_incident(session).resolved_at == shop.clock()
    check_chain(session, report_id)


def test_what_fails_for_one_report_waits_alone(running, session):
    shop = running(BY_TIMER)
    shop.report()
    stuck = session.scalars(select(Instance)).one()
    shop.clock.set(stuck.next_wake)
    shop.wake(stuck.id)
    shop.report()
    shop.clock.advance(days=1)
    session.execute(text("DELETE FROM procrastinate_jobs"))
    assert upkeep.wake_what_is_due(session, now=shop.clock()) == 1
    asked = shop.value("SELECT args->>'instance_id' FROM procrastinate_jobs")
    assert uuid.UUID(asked) != stuck.id
    assert isinstance(shop.wake(uuid.UUID(asked)), Pushed)


def test_a_task_that_fails_holds_up_no_timer_of_its_report(running, session):
    shop = running(FORM_FAILS)
    shop.report()
    assert isinstance(shop.do("admin", "verifikasi", catatan="Sudah."), Faulted)
    session.execute(text("DELETE FROM procrastinate_jobs"))
    shop.clock.advance(hours=2)
    assert upkeep.wake_what_is_due(session, now=shop.clock()) == 1
    assert isinstance(shop.wake(session.scalars(select(Instance.id)).one()), Pushed)
    assert only_incident(session).resolved_at is None, "the answers still wait"
