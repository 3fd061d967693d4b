"""What waits for a second person ends by itself with the report it is about, and says so."""

import pytest
from sqlalchemy import select, text

from app.adapters.signing import Signer, is_signed
from app.db.models import Event, Operation, OperationReport
from app.db.session import make_sessions
from app.domain.errors import Conflict
from app.services import audit_verify, operations, operations_bulk, operations_lapse, task_work
from app.services.city import stream_of_city
from app.services.operations_lapse import GONE
from app.services.outcome import Pushed, Refused
from tests.conftest import let_worker_work
from tests.services.racing import Beside, nothing_broken
from tests.services.test_operations import REASON, Desk
from tests.services.workshop import counted

PUBLIC = Signer("42" * 32).public


@pytest.fixture
def desk(session, clock, database):
    desk = Desk(session, clock)
    yield desk
    session.rollback()
    nothing_broken(database, clock())
    with make_sessions(database.engine)() as fresh:
        assert list(audit_verify.verify(fresh, public=PUBLIC, is_signed=is_signed)) == []


def at_the_last_step(desk):
    """A report that ends when its work is accepted."""
    instance = desk.at_work()
    desk.do("operator", "kerjakan", uraian="Sudah dikerjakan.")
    return instance


def end(desk):
    assert desk.do("pemeriksa", "periksa", diterima=True).ended


def row_of(desk, operation_id):
    desk.session.expire_all()
    operation = desk.session.get_one(Operation, operation_id)
    rows = desk.session.scalars(
        select(OperationReport).where(OperationReport.operation_id == operation_id)
        .order_by(OperationReport.instance_id)
    ).all()  # fmt: skip
    return operation, rows


def lapsed(desk, stream):
    wanted = select(Event).where(Event.stream_id == stream, Event.type == "OperationLapsed")
    return desk.session.scalars(wanted).all()


def test_it_lapses_with_the_end_of_its_report_in_the_same_push(desk, clock):
    instance = at_the_last_step(desk)
    waits = desk.ask(instance, "batalkan").operation_id
    clock.advance(hours=1)
    end(desk)
    operation, [row] = row_of(desk, waits)
    assert (operation.state, operation.second_by, operation.ended_at) == ("ditarik", None, clock())
    assert (row.outcome, row.note, row.done_at) == ("dilewati", GONE, clock())
    [event] = lapsed(desk, instance.stream_id)
    assert event.data == {"operasi": str(waits), "tindakan": "batalkan"}
    assert event.at == clock()
    order = [each.type for each in desk.session.scalars(
        select(Event).where(Event.stream_id == instance.stream_id).order_by(Event.stream_seq))]  # fmt: skip
    assert order[-3:] == ["TaskCompleted", "OperationLapsed", "ReportClosed"]
    for late in (
        lambda: desk.confirm(waits),
        lambda: operations.refuse(desk.session, waits, REASON, actor=desk.who["sekda"], now=clock()),
        lambda: operations.withdraw(desk.session, waits, actor=desk.who["admin"], now=clock()),
    ):
        with pytest.raises(Conflict) as said:
            late()
        assert said.value.text == GONE
        desk.session.rollback()


def test_what_a_second_person_decided_already_is_left_as_it_is(desk, clock):
    instance = at_the_last_step(desk)
    refused = desk.ask(instance, "batalkan").operation_id
    operations.refuse(desk.session, refused, REASON, actor=desk.who["sekda"], now=clock())
    desk.session.commit()
    other = desk.at_work()
    waits = desk.ask(other, "batalkan").operation_id
    item = desk.item("periksa", instance.report_id)
    done = task_work.complete(
        desk.session, item.id, {"diterima": True}, actor=desk.who["pemeriksa"], now=clock()
    )
    desk.session.commit()
    assert done.ended
    assert row_of(desk, refused)[0].state == "ditolak"
    assert row_of(desk, waits)[0].state == "menunggu", "of another report"
    assert lapsed(desk, instance.stream_id) == []


def test_a_cancelled_report_takes_the_other_wishes_with_it_and_not_its_own(desk):
    instance = desk.at_work()
    skip = desk.ask(instance, "lewati", tugas=str(desk.item("kerjakan").id)).operation_id
    cancel = desk.ask(instance, "batalkan").operation_id
    assert desk.confirm(cancel).note == ""
    assert row_of(desk, cancel)[0].state == "selesai"
    assert row_of(desk, skip)[0].state == "ditarik"
    assert [event.data["operasi"] for event in lapsed(desk, instance.stream_id)] == [str(skip)]


def test_a_push_pays_a_statement_only_for_a_report_about_which_somebody_waits(desk, session, database, clock):
    """An ordinary end costs what it always did."""

    def statements(*, asked):
        instance = at_the_last_step(desk)
        if asked:
            desk.ask(instance, "batalkan")
        item, actor, now = desk.item("periksa", instance.report_id).id, desk.who["pemeriksa"], clock()
        session.rollback()
        with counted(database.engine) as seen:
            task_work.complete(session, item, {"diterima": True}, actor=actor, now=now)
        session.commit()
        return [one for one in seen["statements"] if "operation_reports" in one and "work_items w" not in one]

    assert statements(asked=False) == []
    assert len(statements(asked=True)) == 1


HOLDS = ["UPDATE instances SET state", "INSERT INTO events"]


@pytest.mark.parametrize("hold", HOLDS)
def test_a_second_person_who_agrees_while_the_report_ends_hears_that_it_ended(desk, database, clock, hold):
    instance = at_the_last_step(desk)
    waits = desk.ask(instance, "batalkan").operation_id
    item, who, now = desk.item("periksa").id, desk.who, clock()
    desk.session.commit()
    first = Beside(
        database,
        lambda s: task_work.complete(s, item, {"diterima": True}, actor=who["pemeriksa"], now=now),
        hold=hold,
    )
    second = Beside(database, lambda s: operations.confirm(s, waits, "", actor=who["sekda"], now=now))
    second.wait_for_its_lock(database)
    assert isinstance(first.answer(), Pushed)
    answer = second.answer()
    assert isinstance(answer, Conflict)
    assert answer.text == GONE
    assert row_of(desk, waits)[0].state == "ditarik"
    assert len(lapsed(desk, instance.stream_id)) == 1


@pytest.mark.parametrize("hold", ["UPDATE operations", *HOLDS])
def test_whoever_ends_it_while_a_second_person_agrees_comes_too_late(desk, database, clock, hold):
    instance = at_the_last_step(desk)
    waits = desk.ask(instance, "batalkan").operation_id
    item, who, now = desk.item("periksa").id, desk.who, clock()
    desk.session.commit()
    first = Beside(
        database, lambda s: operations.confirm(s, waits, "", actor=who["sekda"], now=now), hold=hold
    )
    second = Beside(
        database,
        lambda s: task_work.complete(s, item, {"diterima": True}, actor=who["pemeriksa"], now=now),
    )
    second.wait_for_its_lock(database)
    assert first.answer().note == ""
    refused = second.answer()
    assert isinstance(refused, Refused)
    assert refused.name == "TaskAlreadyDone"
    assert row_of(desk, waits)[0].state == "selesai"
    assert lapsed(desk, instance.stream_id) == []


def over_many(desk, reports):
    actor, now = desk.who["admin"], desk.clock()
    made = operations_bulk.prepare(desk.session, "batalkan", {}, reports, "", actor=actor, now=now)
    desk.session.commit()
    while operations_bulk.judge_slice(desk.session, made, now=now):
        desk.session.commit()
    desk.session.commit()
    operations_bulk.ask(desk.session, made, REASON, actor=actor, now=now)
    desk.session.commit()
    return made


def test_of_one_over_many_each_report_lapses_by_itself_and_the_last_ends_it(desk, settings, clock):
    first, second = at_the_last_step(desk), desk.at_work()
    made = over_many(desk, [first.report_id, second.report_id])
    end(desk)
    operation, rows = row_of(desk, made)
    assert operation.state == "menunggu", "the other report still waits"
    assert {row.report_id: row.outcome for row in rows} == {first.report_id: "dilewati", second.report_id: ""}
    assert len(lapsed(desk, first.stream_id)) == 1
    desk.do("operator", "kerjakan", uraian="Sudah dikerjakan.")
    clock.advance(hours=1)
    end(desk)
    desk.session.commit()
    let_worker_work(settings)
    operation, rows = row_of(desk, made)
    assert operation.state == "ditarik"
    assert [row.note for row in rows] == [GONE, GONE]
    told = desk.session.scalars(
        select(Event).where(Event.type == "OperationLapsed").order_by(Event.seq)
    ).all()
    assert [event.stream_id for event in told] == [first.stream_id, second.stream_id, stream_of_city()]
    assert told[-1].data["dilewati"] == 2


def test_what_the_second_person_was_just_deciding_on_is_found_at_night(desk, session, database, clock):
    instance = at_the_last_step(desk)
    made = over_many(desk, [instance.report_id])
    who, now, item = desk.who, clock(), desk.item("periksa").id
    session.commit()

    def look_at_it(other):
        operations_bulk.take(other, made)
        other.execute(text("SELECT 'and thinks'"))
        other.rollback()

    deciding = Beside(database, look_at_it, hold="and thinks")
    ended = Beside(
        database, lambda s: task_work.complete(s, item, {"diterima": True}, actor=who["pemeriksa"], now=now)
    )
    assert isinstance(ended.answer(), Pushed)
    deciding.answer()
    operation, [row] = row_of(desk, made)
    assert (operation.state, row.outcome, lapsed(desk, instance.stream_id)) == ("menunggu", "", [])
    session.rollback()
    operations_lapse.lapse_missed(session, now=clock())
    session.commit()
    operations_bulk.lapse(session, made, now=clock())
    session.commit()
    operation, [row] = row_of(desk, made)
    assert (operation.state, row.note) == ("ditarik", GONE)
    assert len(lapsed(desk, instance.stream_id)) == 1
    session.rollback()
    assert operations_lapse.lapse_missed(session, now=clock()) == 0
    assert session.scalar(text("SELECT count(*) FROM events WHERE type = 'OperationLapsed'")) == 2
