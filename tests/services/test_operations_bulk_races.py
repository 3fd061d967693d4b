"""A report that is worked on while an operation over many comes to it: one is first, never half of both."""

import pytest
from sqlalchemy import select, text

from app.db.models import Event, Role
from app.services import operations_bulk, operations_bulk_work
from app.services.outcome import Pushed, Refused
from app.services.tracking import Said
from tests.services.racing import (
    POINTS,
    SAVES,
    TAKES_THE_INSTANCE,
    WRITES_EVENTS,
    Beside,
    at_once,
    completing,
    nothing_broken,
    racing_sop,
    waking,
    withdrawing,
)
from tests.services.test_operations_bulk import ask, carry, confirm, judge, outcomes, prepare, rows, told
from tests.services.workshop import Workshop

BY_HAND = {"batalkan": POINTS, "tangguhkan": [TAKES_THE_INSTANCE, "SET suspended_at", WRITES_EVENTS]}
PAIRS = [(kind, hold) for kind, holds in BY_HAND.items() for hold in holds]


@pytest.fixture
def shop(session, clock, database):
    shop = Workshop(session, clock, racing_sop())
    session.add(Role(code="sekda", name="Sekda", home_unit="KOMINFO"))
    session.flush()
    shop.hire("sekda", ("sekda", "KOMINFO"))
    shop.reports = [shop.report()]
    yield shop
    session.rollback()
    nothing_broken(database, clock())


def under_way(shop, kind):
    made = prepare(shop, kind)
    ask(shop, made)
    if kind == "batalkan":
        confirm(shop, made)
    return made


def operating(shop, made):
    now = shop.clock()
    return lambda session: operations_bulk_work.carry_next(session, made, now=now)


def kinds(shop):
    shop.session.rollback()
    wanted = select(Event.type).where(Event.stream_id == shop.reports[0]).order_by(Event.stream_seq)
    return shop.session.scalars(wanted).all()


@pytest.mark.parametrize(("kind", "hold"), PAIRS)
def test_a_task_is_completed_while_the_operation_comes(shop, database, kind, hold):
    made = under_way(shop, kind)
    done, completed = at_once(database, operating(shop, made), completing(shop), hold=hold)
    assert done is True
    (row,) = rows(shop, made)
    if isinstance(completed, Pushed):
        # The task came first: the operation no longer means what was shown, and leaves the report alone.
        assert (row.outcome, told(shop, made)) == ("dilewati", [])
        assert kinds(shop).count("TaskCompleted") == 1
    else:
        assert isinstance(completed, Refused)
        assert (row.outcome, told(shop, made)) == ("selesai", shop.reports)
        assert "TaskCompleted" not in kinds(shop)
    assert (hold == TAKES_THE_INSTANCE) == isinstance(completed, Pushed)


@pytest.mark.parametrize("hold", POINTS)
def test_the_operation_comes_while_a_task_is_completed(shop, database, hold):
    made = under_way(shop, "batalkan")
    completed, done = at_once(database, completing(shop), operating(shop, made), hold=hold)
    assert done is True
    (row,) = rows(shop, made)
    assert (row.outcome == "selesai") == isinstance(completed, Refused)
    assert kinds(shop).count("OperationDone") + kinds(shop).count("TaskCompleted") == 1


@pytest.mark.parametrize("hold", POINTS)
def test_a_reporter_withdraws_while_the_operation_comes(shop, database, hold):
    made = under_way(shop, "batalkan")
    done, withdrawn = at_once(database, operating(shop, made), withdrawing(shop, shop.reports[0]), hold=hold)
    assert done is True
    assert shop.value("SELECT status FROM reports") == "dibatalkan"
    assert kinds(shop).count("ReportClosed") == 1
    (row,) = rows(shop, made)
    assert (row.outcome == "dilewati") == (isinstance(withdrawn, Said) and hold == TAKES_THE_INSTANCE)


@pytest.mark.parametrize("hold", [TAKES_THE_INSTANCE, "SET suspended_at", WRITES_EVENTS])
def test_a_timer_falls_due_while_its_report_is_held_back(shop, database, hold):
    made = under_way(shop, "tangguhkan")
    shop.clock.set(shop.value("SELECT next_wake FROM instances"))
    instance = shop.value("SELECT id FROM instances")
    at_once(database, operating(shop, made), waking(shop, instance), hold=hold)
    # A reminder that rang just before changes nothing of what was shown; one that is held back rings later.
    assert kinds(shop).count("TimersFired") == (1 if hold == TAKES_THE_INSTANCE else 0)
    assert outcomes(shop, made) == ["selesai"]
    later = prepare(shop, "lanjutkan")
    ask(shop, later)
    assert carry(shop, later) == 1
    assert kinds(shop).count("TimersFired") == 1


@pytest.mark.parametrize("hold", POINTS)
def test_withdrawn_by_whoever_asked_while_a_report_is_in_hand_that_one_is_whole(shop, database, hold):
    made = under_way(shop, "batalkan")
    actor, now = shop.who["admin"], shop.clock()

    def stopping(session):
        operations_bulk.withdraw(session, made, actor=actor, now=now)

    ahead = Beside(database, operating(shop, made), hold=hold)
    behind = Beside(database, stopping)
    behind.wait_for_its_lock(database)
    assert (ahead.answer(), behind.answer()) == (True, None)
    assert outcomes(shop, made) == ["selesai"]
    assert told(shop, made) == shop.reports
    assert operations_bulk_work.carry_next(shop.session, made, now=now) is False


def test_two_of_one_report_never_both(shop, database):
    """Cancelled by one operation while another would hold it back."""
    first, second = under_way(shop, "batalkan"), prepare(shop, "tangguhkan")
    ask(shop, second)
    at_once(database, operating(shop, first), operating(shop, second), hold=SAVES)
    assert (outcomes(shop, first), outcomes(shop, second)) == (["selesai"], ["dilewati"])
    held = "SELECT count(*) FROM instances WHERE suspended_at IS NOT NULL AND ended_at IS NULL"
    assert shop.session.execute(text(held)).scalar_one() == 0


def test_worked_out_while_the_report_ends(shop, database):
    made = operations_bulk.prepare(shop.session, "batalkan", {}, shop.reports, "", actor=shop.who["admin"],
                                   now=shop.clock())
    shop.session.commit()
    now = shop.clock()
    ahead = Beside(database, lambda session: operations_bulk.judge_slice(session, made, now=now),
                   hold="UPDATE operation_reports SET revision")
    Beside(database, withdrawing(shop, shop.reports[0])).answer()
    assert ahead.answer() is False
    judge(shop, made)
    ask(shop, made)
    confirm(shop, made)
    carry(shop, made)
    assert outcomes(shop, made) == ["dilewati"]
    assert "berakhir" in rows(shop, made)[0].note
