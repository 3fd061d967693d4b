"""One operation over many reports: shown first, one transaction each, once each, whatever comes between."""

import uuid

import pytest
from sqlalchemy import select, text

from app.db.models import Event, Instance, Operation, OperationReport, Role, WorkItem
from app.db.session import make_sessions
from app.domain.errors import Conflict, Invalid
from app.services import city, invariants, operations_bulk, operations_bulk_work, task_work
from app.services.operations_bulk_page import bulk_view
from app.services.outcome import Faulted, Pushed
from tests.services.racing import Beside, killed_at_work
from tests.services.test_incidents import STORY
from tests.services.test_sop_migration import sop
from tests.services.workshop import Workshop, counted

POINTS = ["FOR UPDATE OF i, s", "UPDATE instances SET suspended_at", "INSERT INTO events"]
REASON = "Banjir menutup kantor selama tiga hari."


@pytest.fixture
def shop(session, clock, database):
    shop = Workshop(session, clock, sop(role="verifikator"))
    session.add(Role(code="sekda", name="Sekda", home_unit="KOMINFO"))
    session.flush()
    shop.hire("sekda", ("sekda", "KOMINFO"))
    shop.hire("admin2", ("admin_kominfo", "KOMINFO"))
    shop.hire("pemeriksa2", ("verifikator", "KOMINFO"))
    shop.reports = [shop.report() for _ in range(4)]
    yield shop
    session.rollback()
    with make_sessions(database.engine)() as fresh:
        assert list(invariants.offences(fresh, now=clock())) == []


def prepare(shop, kind, reports=None, **parameters):
    """An operation whose consequences are worked out."""
    made = operations_bulk.prepare(
        shop.session, kind, parameters, reports or shop.reports, "unit=DPU", actor=shop.who["admin"],
        now=shop.clock(),
    )
    shop.session.commit()
    judge(shop, made)
    return made


def judge(shop, made):
    while operations_bulk.judge_slice(shop.session, made, now=shop.clock()):
        shop.session.commit()
    shop.session.commit()


def ask(shop, made, by="admin", reason=REASON):
    operations_bulk.ask(shop.session, made, reason, actor=shop.who[by], now=shop.clock())
    shop.session.commit()


def confirm(shop, made, by="sekda"):
    operations_bulk.confirm(shop.session, made, "Setuju.", actor=shop.who[by], now=shop.clock())
    shop.session.commit()


def refuse(shop, made, why):
    operations_bulk.refuse(shop.session, made, why, actor=shop.who["sekda"], now=shop.clock())
    shop.session.commit()


def carry(shop, made, most=1000):
    done = 0
    while done < most and operations_bulk_work.carry_next(shop.session, made, now=shop.clock()):
        shop.session.commit()
        done += 1
    shop.session.commit()
    return done


def verified(shop, report):
    outcome = task_work.complete(shop.session, shop.item("verifikasi", report).id, {"catatan": "Benar."},
                                 actor=shop.who["pemeriksa"], now=shop.clock())
    shop.session.commit()
    assert isinstance(outcome, Pushed)


def state(shop, made):
    return shop.session.get(Operation, made, populate_existing=True).state


def rows(shop, made):
    wanted = select(OperationReport).where(OperationReport.operation_id == made)
    wanted = wanted.order_by(OperationReport.report_id).execution_options(populate_existing=True)
    return shop.session.scalars(wanted).all()


def outcomes(shop, made):
    return sorted(row.outcome for row in rows(shop, made))


def told(shop, made):
    """Streams that have an event of this operation, once for each."""
    wanted = select(Event.stream_id).where(Event.type == "OperationDone")
    return sorted(shop.session.scalars(wanted.where(Event.data["operasi"].as_string() == str(made))))


def positions(shop):
    wanted = select(Instance.id, Instance.revision, Instance.state).order_by(Instance.id)
    return shop.session.execute(wanted).all()


def test_what_it_means_is_shown_for_each_and_changes_nothing(shop, session):
    before = positions(shop)
    made = prepare(shop, "tangguhkan")
    assert state(shop, made) == "siap"
    assert [len(row.consequences["menunggu"]) for row in rows(shop, made)] == [1] * 4
    assert positions(shop) == before
    assert told(shop, made) == []


def test_each_report_is_done_once_with_its_own_event_and_pictures(shop):
    made = prepare(shop, "tangguhkan")
    ask(shop, made)
    assert carry(shop, made) == 4
    assert state(shop, made) == "selesai"
    assert told(shop, made) == sorted(shop.reports)
    assert all(row.before != row.after and row.outcome == "selesai" for row in rows(shop, made))
    assert carry(shop, made) == 0
    assert told(shop, made) == sorted(shop.reports)
    kinds = select(Event.type).where(Event.type.like("Operation%")).order_by(Event.seq)
    assert shop.session.scalars(kinds).all() == ["OperationAsked", *["OperationDone"] * 4, "OperationEnded"]


def test_what_cannot_be_undone_waits_for_another_person(shop):
    made = prepare(shop, "batalkan")
    ask(shop, made)
    assert state(shop, made) == "menunggu"
    assert carry(shop, made) == 0
    with pytest.raises(Conflict, match="tidak dapat menyetujuinya sendiri"):
        confirm(shop, made, by="admin")
    shop.session.rollback()
    confirm(shop, made)
    assert carry(shop, made) == 4
    assert shop.value("SELECT count(*) FROM reports WHERE closed_at IS NULL") == 0
    assert told(shop, made) == sorted(shop.reports)


def test_a_refused_operation_touches_nothing(shop):
    made = prepare(shop, "batalkan")
    ask(shop, made)
    with pytest.raises(Invalid):
        refuse(shop, made, "tidak")
    shop.session.rollback()
    refuse(shop, made, "Belum ada dasar hukumnya.")
    assert (state(shop, made), carry(shop, made), told(shop, made)) == ("ditolak", 0, [])


def test_a_report_that_went_on_meanwhile_is_left_out_and_says_so(shop):
    made = prepare(shop, "batalkan")
    ask(shop, made)
    first = shop.reports[0]
    verified(shop, first)
    confirm(shop, made)
    assert carry(shop, made) == 4
    assert outcomes(shop, made) == ["dilewati", "selesai", "selesai", "selesai"]
    (left,) = [row for row in rows(shop, made) if row.outcome == "dilewati"]
    assert left.report_id == first
    assert "berubah" in left.note
    assert told(shop, made) == sorted(shop.reports[1:])
    assert shop.item("kerja", first)


def test_a_report_that_only_was_looked_at_is_not_left_out(shop):
    """Another push that changes nothing of what was shown does not stand in the way."""
    made = prepare(shop, "batas", hari=2)
    ask_later = rows(shop, made)[0]
    shop.session.execute(
        text("UPDATE instances SET revision = revision + 1 WHERE id = :id"), {"id": ask_later.instance_id}
    )
    shop.session.commit()
    ask(shop, made)
    carry(shop, made)
    assert outcomes(shop, made) == ["selesai"] * 4


def test_limits_move_by_working_days_each_from_its_own(shop, session):
    shop.clock.advance(days=10)
    later = shop.report()
    before = dict(session.execute(select(WorkItem.report_id, WorkItem.due_at)).all())
    assert before[later] > before[shop.reports[0]]
    made = prepare(shop, "batas", [*shop.reports, later], hari=3, dari=None)
    ask(shop, made)
    carry(shop, made)
    after = dict(session.execute(select(WorkItem.report_id, WorkItem.due_at)).all())
    calendar = city.calendar(session)
    for report in (*shop.reports, later):
        days = (calendar.local_day(due[report]) for due in (before, after))
        assert calendar.count_working_days(*days) == 3
    assert len({after[one] for one in shop.reports}) == 1


def test_only_tasks_of_the_named_desk_change_hands(shop, session):
    verified(shop, shop.reports[0])
    second = shop.who["pemeriksa2"].person_id
    desk = {"peran": "verifikator", "unit": "KOMINFO"}
    made = prepare(shop, "alihkan", dari=desk, kepada={"orang": second})
    assert outcomes(shop, made) == ["", "", "", "dilewati"]
    ask(shop, made)
    carry(shop, made)
    held = session.execute(
        select(WorkItem.element, WorkItem.claimed_by).where(WorkItem.closed_at.is_(None)).order_by("element")
    ).all()
    assert held == [("kerja", None), *[("verifikasi", uuid.UUID(second))] * 3]


def test_withdrawn_in_the_middle_the_rest_stays(shop):
    made = prepare(shop, "tangguhkan")
    ask(shop, made)
    carry(shop, made, most=2)
    operations_bulk.withdraw(shop.session, made, actor=shop.who["admin"], now=shop.clock())
    shop.session.commit()
    assert carry(shop, made) == 0
    assert outcomes(shop, made) == ["", "", "selesai", "selesai"]
    assert state(shop, made) == "ditarik"


def test_it_stops_when_whoever_asked_may_no_longer(shop):
    made = prepare(shop, "tangguhkan")
    ask(shop, made)
    carry(shop, made, most=1)
    admin = uuid.UUID(shop.who["admin"].person_id)
    shop.session.execute(text("DELETE FROM grants WHERE person_id = :id"), {"id": admin})
    shop.session.commit()
    assert carry(shop, made) == 0
    assert state(shop, made) == "ditarik"
    assert len(told(shop, made)) == 1


def test_nobody_else_asks_for_what_somebody_prepared(shop):
    made = prepare(shop, "tangguhkan")
    with pytest.raises(Conflict):
        ask(shop, made, by="admin2")
    shop.session.rollback()
    with pytest.raises(Invalid, match="paling sedikit"):
        ask(shop, made, reason="  banjir ")
    shop.session.rollback()
    assert state(shop, made) == "siap"


def test_too_many_and_none_are_refused(shop):
    many = [uuid.uuid4() for _ in range(operations_bulk.MOST + 1)]
    with pytest.raises(Invalid, match="Paling banyak"):
        prepare(shop, "tangguhkan", many)
    shop.session.rollback()
    with pytest.raises(Invalid, match="masih berjalan"):
        prepare(shop, "tangguhkan", many[:3])
    shop.session.rollback()
    with pytest.raises(Invalid):
        prepare(shop, "lewati")


def test_what_was_never_asked_for_is_withdrawn_after_a_day(shop):
    made = prepare(shop, "tangguhkan")
    assert operations_bulk.forget(shop.session, now=shop.clock.advance(hours=23)) == 0
    assert operations_bulk.forget(shop.session, now=shop.clock.advance(hours=2)) == 1
    shop.session.commit()
    assert state(shop, made) == "ditarik"


def test_worked_out_anew_it_is_asked_for_anew(shop):
    made = prepare(shop, "batalkan")
    ask(shop, made)
    verified(shop, shop.reports[0])
    operations_bulk.judge_again(shop.session, made, actor=shop.who["admin"], now=shop.clock())
    shop.session.commit()
    judge(shop, made)
    assert state(shop, made) == "siap"
    ask(shop, made)
    confirm(shop, made)
    carry(shop, made)
    assert outcomes(shop, made) == ["selesai"] * 4


def test_a_job_the_queue_lost_is_asked_for_again(shop):
    made = prepare(shop, "tangguhkan")
    ask(shop, made)
    shop.session.execute(text("DELETE FROM procrastinate_jobs"))
    shop.session.commit()
    assert operations_bulk_work.ask_again(shop.session) == 1
    shop.session.commit()
    assert operations_bulk_work.ask_again(shop.session) == 0
    asked = "SELECT args->>'operation_id' FROM procrastinate_jobs WHERE task_name = 'carry_operation'"
    assert shop.value(asked) == str(made)


@pytest.mark.parametrize("hold", POINTS)
def test_two_workers_do_each_once(shop, database, hold):
    made = prepare(shop, "tangguhkan")
    ask(shop, made)
    carry(shop, made, most=3)

    def work(session):
        return operations_bulk_work.carry_next(session, made, now=shop.clock())

    ahead = Beside(database, work, hold=hold)
    behind = Beside(database, work)
    behind.wait_for_its_lock(database)
    assert [ahead.answer(), behind.answer()] == [True, False]
    assert told(shop, made) == sorted(shop.reports)
    assert shop.value("SELECT count(*) FROM events WHERE type = 'OperationEnded'") == 1


def test_a_worker_killed_in_the_middle_leaves_no_half_report_and_another_goes_on(shop, database):
    shop.reports += [shop.report() for _ in range(10)]
    made = prepare(shop, "batalkan")
    ask(shop, made)
    confirm(shop, made)
    killed_at_work(database, operations_bulk_work, made, shop.clock())
    shop.session.rollback()
    done = outcomes(shop, made).count("selesai")
    assert done == 3
    closed = shop.value("SELECT count(*) FROM reports WHERE closed_at IS NOT NULL")
    assert len(told(shop, made)) == closed == done
    shop.session.rollback()
    carry(shop, made)
    assert outcomes(shop, made) == ["selesai"] * 14
    assert told(shop, made) == sorted(shop.reports)


def test_a_report_more_costs_the_same_statements(shop, database):
    made = prepare(shop, "tangguhkan")
    ask(shop, made)
    costs = []
    for _ in range(4):
        with counted(database.engine) as seen:
            carry(shop, made, most=1)
        costs.append(len(seen["statements"]))
    assert len(set(costs)) == 1
    assert costs[0] <= 16


def test_the_page_of_many_costs_no_more_statements_than_of_few(shop, database, session):
    costs = []
    for count in (1, 4):
        made = prepare(shop, "tangguhkan", shop.reports[:count])
        with counted(database.engine) as seen:
            view = bulk_view(session, made, names={}, recipient=str, actor=shop.who["admin"])
        assert len(view.lines) == count
        costs.append(len(seen["statements"]))
        session.rollback()
    assert costs[0] == costs[1] <= 5


def test_what_stands_still_is_tried_again_and_the_others_are_left(shop, session):
    shop.publish(STORY.replace("verifikasi", "telaah"), "pengaduan")
    stuck = [shop.report() for _ in range(2)]
    for report in stuck:
        faulted = task_work.complete(session, shop.item("telaah", report).id, {"catatan": "Benar."},
                                     actor=shop.who["admin"], now=shop.clock())
        assert isinstance(faulted, Faulted)
        session.commit()
    too_early = prepare(shop, "ulangi", stuck)
    assert outcomes(shop, too_early) == ["dilewati"] * 2
    shop.clock.advance(days=1)
    made = prepare(shop, "ulangi", [*stuck, shop.reports[0]])
    assert outcomes(shop, made) == ["", "", "dilewati"]
    ask(shop, made)
    assert carry(shop, made) == 2
    assert told(shop, made) == sorted(stuck)
    assert shop.value("SELECT count(*) FROM incidents WHERE resolved_at IS NULL") == 0
    assert shop.value("SELECT count(*) FROM reports WHERE closed_at IS NOT NULL") == 2
