"""Timers fire soon after their time, once, in order, whoever looks and however many look."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.adapters import clock as wall
from app.adapters.jobs import Job, defer
from app.config import Settings
from app.db.session import make_sessions
from app.services import upkeep
from app.worker import TICK_SECONDS
from tests.conftest import Database, MovableClock, let_worker_work
from tests.engine.diagrams import begin, boundary, end, flows, timer
from tests.services.racing import nothing_broken
from tests.services.workshop import Workshop, diagram, task

ROOT = Path(__file__).resolve().parents[2]


def waiting(after: str, *, catch_up: str = "", place: str = "timeDuration") -> str:
    """A task whose timer tells somebody."""
    return diagram(
        begin("mulai")
        + task("telaah", "catatan:text")
        + boundary("ingat", "telaah", timer(f"'{after}'", place), interrupting=False, catch_up=catch_up)
        + end("diingatkan", "cabang")
        + end("selesai")
        + flows("mulai telaah", "telaah selesai", "ingat diingatkan"),
        {"admin_kominfo": ["telaah"]},
    )


@contextmanager
def working(settings: Settings, instance: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as a city runs it."""
    environment = {
        **os.environ,
        "TUNTAS_ENV": "test",
        "TUNTAS_INSTANCE": str(instance),
        "DATABASE_URL": str(settings.database_url),
        "DATABASE_APP_URL": str(settings.database_app_url),
    }
    running = subprocess.Popen(
        [sys.executable, "-m", "app.worker"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        yield running
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
    finally:
        if running.poll() is None:
            running.kill()
            running.wait()


def wait_until(session: Session, question: str, *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not session.execute(text(question)).scalar_one():
        session.rollback()
        assert time.monotonic() < until, question
        time.sleep(0.02)
    session.rollback()


def seconds_of_a_job(session: Session) -> float:
    """From asking for a job that finds nothing to do until it is done, as busy as the machine is now."""
    began = time.monotonic()
    defer(session, [Job("wake_instance", {"instance_id": str(uuid.uuid4())})])
    session.commit()
    wait_until(session, "SELECT count(*) = 0 FROM procrastinate_jobs"
                        " WHERE task_name = 'wake_instance' AND status IN ('todo', 'doing')")  # fmt: skip
    return time.monotonic() - began


def test_an_idle_worker_fires_at_its_next_looks_and_of_three_only_one(
    session: Session, database: Database, settings: Settings, tmp_path: Path
) -> None:
    now = MovableClock(datetime.now(UTC))
    shop = Workshop(session, now, waiting("PT1S"))
    with ExitStack() as stack:
        for number in range(3):
            stack.enter_context(working(settings, tmp_path / str(number)))
        wait_until(session, "SELECT count(*) = 3 FROM procrastinate_workers")
        lateness, job = list[float](), 0.0
        for _turn in range(3):
            now.set(datetime.now(UTC))
            shop.report()
            due = now() + timedelta(seconds=1)
            fired = "SELECT count(*) = (SELECT count(*) FROM reports) FROM events WHERE type = 'TimersFired'"
            wait_until(session, fired)
            lateness.append((datetime.now(UTC) - due).total_seconds())
            job = max(job, seconds_of_a_job(session))
    assert sorted(lateness)[1] < 2 * TICK_SECONDS + 5 * job, lateness
    assert shop.value("SELECT count(*) FROM events WHERE type = 'TimersFired'") == 3
    session.rollback()
    nothing_broken(database, datetime.now(UTC))


def test_reports_that_wait_cost_nothing(
    session: Session, database: Database, clock: MovableClock, settings: Settings
) -> None:
    """However many wait, a look at the clock is the same one statement, answered from an index."""
    shop = Workshop(session, clock, waiting("P1D"))
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    def look() -> int:
        seen.clear()
        assert upkeep.wake_what_is_due(session, now=clock()) == 0
        session.commit()
        return len(seen)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        counts = [look()]
        for _report in range(20):
            shop.report()
            counts.append(look())
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert set(counts) == {1}
    assert shop.value("SELECT count(*) FROM procrastinate_jobs WHERE scheduled_at IS NOT NULL") == 0


@pytest.mark.parametrize(("catch_up", "turns"), [("", [3]), ("replay", [1, 1, 1])])
def test_what_was_missed_is_caught_up_in_order_and_written_down(
    session: Session,
    database: Database,
    clock: MovableClock,
    settings: Settings,
    catch_up: str,
    turns: list[int],
) -> None:
    shop = Workshop(session, clock, waiting("R3/P1D", catch_up=catch_up, place="timeCycle"))
    start = clock()
    shop.report()
    shop.report()
    clock.set(start + timedelta(days=10))
    try:
        ahead = replace(settings, clock_offset=clock() - datetime.now(UTC))
        let_worker_work(ahead)
    finally:
        wall.use(wall.Clock())
    fired = session.scalars(text("SELECT data->'timer' FROM events WHERE type = 'TimersFired'")).all()
    assert len(fired) == 2, "one push per report"
    for timers in fired:
        assert [count for _, _, count in timers] == turns
        dues = [datetime.fromisoformat(due) for _, due, _ in timers]
        assert dues == sorted(dues)
        assert dues[0] == start + timedelta(days=1)
    session.rollback()
    nothing_broken(database, clock())


def test_one_that_cannot_be_woken_is_not_asked_for_each_second(
    session: Session, clock: MovableClock, settings: Settings
) -> None:
    shop = Workshop(session, clock, waiting("P1D"))
    shop.report()
    clock.advance(days=2)
    assert upkeep.wake_what_is_due(session, now=clock()) == 1
    # As the queue leaves a job that failed: it gave up its key and waits for its next try.
    session.execute(
        text("UPDATE procrastinate_jobs SET queueing_lock = NULL, scheduled_at = now() + interval '1 hour'")
    )
    assert upkeep.wake_what_is_due(session, now=clock()) == 0


def test_what_a_living_worker_has_in_hand_is_not_asked_for_what_a_dead_one_had_is(
    session: Session, clock: MovableClock
) -> None:
    shop = Workshop(session, clock, waiting("P1D"))
    shop.report()
    clock.advance(days=2)
    assert upkeep.wake_what_is_due(session, now=clock()) == 1
    session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp())"))
    session.execute(
        text(
            "UPDATE procrastinate_jobs SET status = 'doing',"
            " worker_id = (SELECT id FROM procrastinate_workers) WHERE task_name = 'wake_instance'"
        )
    )
    assert upkeep.wake_what_is_due(session, now=clock()) == 0
    session.execute(
        text("UPDATE procrastinate_workers SET last_heartbeat = clock_timestamp() - interval '1 minute'")
    )
    assert upkeep.wake_what_is_due(session, now=clock()) == 1


def test_of_workers_that_look_at_once_one_is_enough(
    session: Session, database: Database, clock: MovableClock
) -> None:
    shop = Workshop(session, clock, waiting("P1D"))
    shop.report()
    clock.advance(days=2)
    session.commit()
    with make_sessions(database.engine)() as other:
        assert upkeep.wake_what_is_due(session, now=clock()) == 1
        assert upkeep.wake_what_is_due(other, now=clock()) == 0
        session.commit()
        assert upkeep.wake_what_is_due(other, now=clock()) == 0, "it is asked for"
