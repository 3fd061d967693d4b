"""A report that is worked on while it is moved: one is first, the other goes on; never half of both."""


import pytest
from sqlalchemy import select

from app.db.models import Event, Role, SopMove, Unit
from app.services import sop_migration, sop_migration_work
from app.services.outcome import Pushed, Refused
from app.services.tracking import Said
from tests.services.racing import (
    POINTS,
    TAKES_THE_INSTANCE,
    Beside,
    at_once,
    completing,
    killed_at_work,
    nothing_broken,
    racing_sop,
    waking,
    withdrawing,
)
from tests.services.test_sop_migration import REASON, rows, tried
from tests.services.workshop import Workshop

ON_VERSION_3 = "FROM events WHERE type = 'SopMoved' AND data->'versi'->>1 = '3'"


def newer():
    """The racing SOP with a question more."""
    field = '<sop:field id="tambahan" type="integer" label="Tambahan"/>'
    return racing_sop().replace("<sop:form>", f"<sop:form>{field}", 1)


@pytest.fixture
def shop(session, clock, database):
    shop = Workshop(session, clock, racing_sop())
    session.add(Unit(code="SETDA", name="Setda", short_name="SETDA", kind="setda"))
    session.flush()
    session.add(Role(code="bappeda", name="Bappeda"))
    session.add(Role(code="sekda", name="Sekda", home_unit="SETDA"))
    session.flush()
    shop.hire("perencana", ("bappeda", None))
    shop.hire("sekda", ("sekda", "SETDA"))
    shop.report_id = shop.report()
    shop.instance_id = shop.value("SELECT id FROM instances")
    shop.publish(newer(), "pengaduan")
    shop.move = sop_migration.plan_move(session, "pengaduan", 1, 2, actor=shop.who["perencana"], now=clock())
    session.commit()
    tried(shop, shop.move)
    chosen = [row.instance_id for row in rows(shop, shop.move) if row.movable]
    sop_migration.set_going(session, "pengaduan", shop.move, chosen, REASON, actor=shop.who["sekda"],
                            now=clock())
    session.commit()
    yield shop
    session.rollback()
    nothing_broken(database, clock())


def moving(shop):
    move, now = shop.move, shop.clock()
    return lambda session: sop_migration_work.carry_next(session, move, now=now)


def version(shop):
    shop.session.rollback()
    return shop.value("SELECT v.version FROM instances i JOIN sop_versions v ON v.id = i.sop_version_id")


@pytest.mark.parametrize("hold", POINTS)
@pytest.mark.parametrize("mover_first", [True, False])
def test_a_task_completed_while_its_report_is_moved_counts_once_under_one_version(shop, database, hold,
                                                                                  mover_first):
    pair = [moving(shop), completing(shop)]
    first, second = pair if mover_first else reversed(pair)
    answers = at_once(database, first, second, hold=hold)
    done = [one for one in answers if isinstance(one, Pushed)]
    assert len(done) == 1
    assert version(shop) == 2
    kinds = [row.type for row in shop.session.scalars(select(Event).where(Event.stream_id == shop.report_id)
                                                      .order_by(Event.stream_seq))]
    assert kinds.count("TaskCompleted") == kinds.count("SopMoved") == 1
    moved = next(row for row in rows(shop, shop.move))
    undoable = kinds.index("SopMoved") > kinds.index("TaskCompleted")
    revision = shop.value("SELECT revision FROM instances")
    assert (moved.revision_after == revision) == undoable


@pytest.mark.parametrize("hold", POINTS)
def test_a_report_withdrawn_while_it_is_moved_is_closed(shop, database, hold):
    moved, withdrawn = at_once(database, moving(shop), withdrawing(shop, shop.report_id), hold=hold)
    assert isinstance(withdrawn, Said)
    assert moved is True
    assert shop.value("SELECT status FROM reports") == "dibatalkan"
    (row,) = rows(shop, shop.move)
    assert row.outcome == ("dilewati" if hold == TAKES_THE_INSTANCE else "pindah")


@pytest.mark.parametrize("hold", POINTS)
def test_a_timer_that_is_due_while_its_report_is_moved_rings_once(shop, database, hold):
    shop.clock.set(shop.value("SELECT next_wake FROM instances"))
    shop.session.commit()
    at_once(database, moving(shop), waking(shop, shop.instance_id), hold=hold)
    assert shop.value("SELECT count(*) FROM events WHERE type = 'TimersFired'") == 1
    assert version(shop) == 2


@pytest.mark.parametrize("hold", POINTS)
def test_two_workers_move_it_once(shop, database, hold):
    ahead = Beside(database, moving(shop), hold=hold)
    behind = Beside(database, moving(shop))
    behind.wait_for_its_lock(database)
    assert [ahead.answer(), behind.answer()] == [True, False]
    assert shop.value("SELECT count(*) FROM events WHERE type = 'SopMoved'") == 1
    assert shop.value("SELECT count(*) FROM events WHERE type = 'SopMoveEnded'") == 1


@pytest.mark.parametrize("hold", POINTS)
def test_stopped_while_one_is_moved_that_one_is_whole_and_nothing_more_moves(shop, database, hold):
    actor, now, move = shop.who["sekda"], shop.clock(), shop.move
    shop.session.commit()

    def stopping(session):
        sop_migration.stop(session, "pengaduan", move, actor=actor, now=now)

    ahead = Beside(database, moving(shop), hold=hold)
    behind = Beside(database, stopping)
    behind.wait_for_its_lock(database)
    assert ahead.answer() is True
    assert behind.answer() is None
    assert version(shop) == 2
    assert shop.session.get(SopMove, move, populate_existing=True).state == "dihentikan"
    assert sop_migration_work.carry_next(shop.session, move, now=now) is False


@pytest.mark.parametrize("hold", POINTS)
def test_undone_while_a_task_is_completed_only_one_of_them_happens(shop, database, hold):
    assert sop_migration_work.carry_next(shop.session, shop.move, now=shop.clock())
    shop.session.commit()
    actor, now, move, instance = shop.who["sekda"], shop.clock(), shop.move, shop.instance_id

    def undoing(session):
        sop_migration_work.undo_one(session, "pengaduan", move, instance, actor=actor, now=now)

    undone, done = at_once(database, undoing, completing(shop), hold=hold)
    if hold == TAKES_THE_INSTANCE:
        assert isinstance(done, Pushed)
        assert "sudah berjalan lagi" in str(undone)
        assert version(shop) == 2
    else:
        assert undone is None
        assert isinstance(done, Pushed | Refused)
        assert version(shop) == 1


def test_a_worker_killed_in_the_middle_leaves_no_half_report_and_another_goes_on(shop, database):
    for _ in range(12):
        shop.report()
    sop_migration_work.carry_next(shop.session, shop.move, now=shop.clock())
    shop.session.commit()
    shop.publish(racing_sop(nag="R3/P1D"), "pengaduan")
    move = sop_migration.plan_move(shop.session, "pengaduan", 2, 3, actor=shop.who["perencana"],
                                   now=shop.clock())
    shop.session.commit()
    tried(shop, move)
    chosen = [row.instance_id for row in rows(shop, move) if row.movable]
    assert len(chosen) == 13
    sop_migration.set_going(shop.session, "pengaduan", move, chosen, REASON, actor=shop.who["sekda"],
                            now=shop.clock())
    shop.session.commit()
    killed_at_work(database, sop_migration_work, move, shop.clock())
    counts = ("SELECT count(*) FROM instances i JOIN sop_versions v ON v.id = i.sop_version_id"
              " WHERE v.version = 3")
    moved = shop.value(counts)
    assert moved == 3
    assert shop.value(f"SELECT count(*) {ON_VERSION_3}") == moved
    nothing_broken(database, shop.clock())
    while sop_migration_work.carry_next(shop.session, move, now=shop.clock()):
        shop.session.commit()
    shop.session.commit()
    assert shop.value(counts) == 13
    assert shop.value(f"SELECT count(*) {ON_VERSION_3}") == 13
    assert shop.value(f"SELECT count(DISTINCT stream_id) {ON_VERSION_3}") == 13
