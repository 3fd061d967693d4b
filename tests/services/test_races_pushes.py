"""Of two who push one report at once exactly one wins, whoever read first; the other is told in words."""

import uuid

import pytest
from sqlalchemy import text

from app.adapters.jobs import Job, defer
from app.db.session import make_sessions
from app.domain.errors import Conflict
from app.domain.geo import Point
from app.domain.report import Contact, Kind
from app.services import task_work
from app.services.intake import NewReport, Received, submit_report
from app.services.outcome import Pushed, Refused
from app.services.tracking import Said
from tests.services.racing import (
    POINTS,
    TAKES_THE_INSTANCE,
    WRITES_EVENTS,
    at_once,
    completing,
    nothing_broken,
    racing_sop,
    telling,
    waking,
    withdrawing,
)
from tests.services.workshop import KEY, REPORTER, Workshop


@pytest.fixture
def shop(session, clock, database):
    shop = Workshop(session, clock, racing_sop())
    shop.report_id = shop.report()
    shop.instance_id = shop.value("SELECT id FROM instances")
    session.commit()
    yield shop
    session.rollback()
    nothing_broken(database, shop.clock())


def events(shop, type_):
    return shop.value("SELECT count(*) FROM events WHERE type = :t", t=type_)


@pytest.mark.parametrize("hold", POINTS)
def test_two_officers_complete_one_task(shop, database, hold):
    shop.hire("admin2", ("admin_kominfo", "KOMINFO"))
    answers = at_once(
        database, completing(shop, "verifikasi"), completing(shop, "verifikasi", "admin2"), hold=hold
    )
    (lost,) = [one for one in answers if not isinstance(one, Pushed)]
    assert isinstance(lost, Refused)
    assert lost.name == "TaskAlreadyDone"
    assert lost.who
    assert events(shop, "TaskCompleted") == 1


@pytest.mark.parametrize("hold", POINTS)
def test_completing_against_withdrawal(shop, database, hold):
    shop.do("admin", "verifikasi", catatan="Benar.")
    told = telling(shop, shop.report_id, "balasan_pelapor")
    assert told(shop.session).moved
    shop.session.commit()
    done, said = at_once(database, completing(shop, "garap"), withdrawing(shop, shop.report_id), hold=hold)
    assert isinstance(said, Said)
    assert said.moved, "a report can be withdrawn before and after"
    if hold == TAKES_THE_INSTANCE:
        assert isinstance(done, Refused)
        assert done.name == "TaskAlreadyDone"
    else:
        assert isinstance(done, Pushed)
    assert events(shop, "ReportClosed") == 1
    assert shop.value("SELECT end_reason FROM reports") == "dibatalkan"


@pytest.mark.parametrize("hold", POINTS)
@pytest.mark.parametrize("timer_first", [True, False])
def test_a_message_against_a_timer(shop, database, hold, timer_first):
    shop.do("admin", "verifikasi", catatan="Benar.")
    shop.clock.advance(days=2)
    message, timer = telling(shop, shop.report_id, "balasan_pelapor"), waking(shop, shop.instance_id)
    first, second = (timer, message) if timer_first else (message, timer)
    answers = at_once(database, first, second, hold=hold)
    said = answers[1] if timer_first else answers[0]
    assert isinstance(said, Said)
    assert not said.moved, "the time was over before the message came"
    assert events(shop, "TimersFired") == 1
    assert events(shop, "MessageDelivered") == 0
    assert shop.value("SELECT count(*) FROM thread_messages") == 1, "what was written stays"
    assert shop.value("SELECT count(*) FROM outbox_messages WHERE template = 'diam'") == 1


@pytest.mark.parametrize("hold", POINTS)
def test_two_branches_at_once(shop, database, hold):
    shop.do("admin", "verifikasi", catatan="Benar.")
    shop.clock.advance(days=2)
    shop.wake(shop.instance_id)
    answers = at_once(database, completing(shop, "ukur"), completing(shop, "garap"), hold=hold)
    assert all(isinstance(one, Pushed) for one in answers)
    assert sorted(one.ended for one in answers) == [False, True]
    assert events(shop, "ReportClosed") == 1


@pytest.mark.parametrize("hold", POINTS)
def test_two_workers_wake_one_report(shop, database, hold):
    shop.clock.advance(days=1, hours=1)
    answers = at_once(database, waking(shop, shop.instance_id), waking(shop, shop.instance_id), hold=hold)
    assert [isinstance(one, Pushed) for one in answers].count(True) == 1
    assert answers.count(None) == 1, "who comes second finds nothing due, and nothing is wrong"
    assert events(shop, "TimersFired") == 1
    assert shop.value("SELECT count(*) FROM outbox_messages WHERE template = 'teguran'") == 1


@pytest.mark.parametrize("hold", POINTS)
@pytest.mark.parametrize("timer_first", [True, False])
def test_withdrawal_while_its_timer_fires(shop, database, hold, timer_first):
    shop.clock.advance(days=1, hours=1)
    pair = [waking(shop, shop.instance_id), withdrawing(shop, shop.report_id)]
    first, second = pair if timer_first else reversed(pair)
    answers = at_once(database, first, second, hold=hold)
    said = answers[1] if timer_first else answers[0]
    assert isinstance(said, Said)
    assert said.moved
    assert events(shop, "ReportClosed") == 1
    nagged = shop.value("SELECT count(*) FROM outbox_messages WHERE template = 'teguran'")
    assert nagged == 1, "what was due before the withdrawal has happened, once"
    assert shop.wake(shop.instance_id) is None


@pytest.mark.parametrize("hold", ["UPDATE work_items SET claimed_by", TAKES_THE_INSTANCE])
def test_handing_over_what_is_taken_meanwhile(shop, database, hold):
    colleague = shop.hire("admin2", ("admin_kominfo", "KOMINFO"))
    item, now, admin = shop.item("verifikasi").id, shop.clock(), shop.who["admin"]
    shop.session.commit()

    def take(session):
        return task_work.claim(session, item, actor=colleague, now=now)

    def hand_over(session):
        to = uuid.UUID(admin.person_id)
        return task_work.hand_over(
            session, item, to, reason="Saya cuti mulai besok.", actor=colleague, now=now
        )

    taken, given = at_once(database, take, hand_over, hold=hold)
    assert given == admin.display_name
    last = shop.value("SELECT claimed_by FROM work_items WHERE id = :id", id=item)
    assert str(last) == admin.person_id
    if hold == TAKES_THE_INSTANCE:
        assert isinstance(taken, Conflict), "it was given away before it could be taken"
    assert events(shop, "TaskHandedOver") == 1


@pytest.mark.parametrize("hold", POINTS)
def test_handing_over_what_is_completed_meanwhile(shop, database, hold):
    colleague = shop.hire("admin2", ("admin_kominfo", "KOMINFO"))
    item, now, admin = shop.item("verifikasi").id, shop.clock(), shop.who["admin"]
    to = uuid.UUID(colleague.person_id)
    done, given = at_once(
        database,
        completing(shop, "verifikasi"),
        lambda other: task_work.hand_over(
            other, item, to, reason="Saya cuti mulai besok.", actor=admin, now=now
        ),
        hold=hold,
    )
    if hold == TAKES_THE_INSTANCE:
        assert given == colleague.display_name
        assert isinstance(done, Refused)
        assert done.name == "ClaimedByOther"
    else:
        assert isinstance(done, Pushed)
        assert isinstance(given, Conflict)


@pytest.mark.parametrize("hold", ["INSERT INTO reports", WRITES_EVENTS, "INSERT INTO instances"])
def test_one_form_sent_twice_at_once(shop, database, hold):
    now = shop.clock()
    new = NewReport(
        submission_key=uuid.uuid4(), kind=Kind.PENGADUAN, point=Point(-0.91215, 119.88286),
        description="Tumpukan sampah di pinggir jalan sudah seminggu.",
        contact=Contact("Warga Uji", "0812-3456-7890", None),
    )  # fmt: skip

    def send(session):
        return submit_report(session, new, actor=REPORTER, now=now, sealing_key=KEY, city_name="Kota Palu")

    answers = at_once(database, send, send, hold=hold)
    assert all(isinstance(one, Received) for one in answers)
    assert len({(one.report_id, one.number, one.token) for one in answers}) == 1
    assert [one.repeated for one in answers] == [False, True]
    assert shop.value("SELECT count(*) FROM reports") == 2


def test_two_workers_fetch_one_job(shop, database):
    shop.session.execute(text("DELETE FROM procrastinate_jobs"))
    defer(shop.session, [Job("wake_instance", {"instance_id": str(shop.instance_id)}, key="wake:x")])
    shop.session.execute(
        text("INSERT INTO procrastinate_workers (last_heartbeat) SELECT now() FROM generate_series(1, 2)")
    )
    shop.session.commit()
    first, second = shop.session.scalars(text("SELECT id FROM procrastinate_workers ORDER BY id")).all()
    shop.session.commit()
    fetch = text("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['tuntas'], :worker)")
    sessions = make_sessions(database.engine)
    with sessions() as one, sessions() as other:
        assert one.execute(fetch, {"worker": first}).scalar_one() is not None
        assert other.execute(fetch, {"worker": second}).scalar_one() is None, "skipped, not waited for"
        one.commit()
        other.commit()
        assert other.execute(fetch, {"worker": second}).scalar_one() is None
