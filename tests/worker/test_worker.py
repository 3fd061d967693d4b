"""The queue may lose, repeat or delay; the city's work is done all the same, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.adapters import clock
from app.adapters.jobs import Job, defer
from app.config import Settings
from app.db.models import Instance, SopVersion, Stream
from app.services import upkeep
from tests.conftest import let_worker_work

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 17, 2, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _wall_clock() -> Iterator[None]:
    yield
    clock.use(clock.Clock())


def jobs(session: Session) -> list[Row[tuple[object, ...]]]:
    session.rollback()
    return list(
        session.execute(
            text("SELECT task_name, status::text, attempts, queueing_lock, scheduled_at"
                 " FROM procrastinate_jobs WHERE task_name NOT IN ('sweep', 'clean', 'digest') ORDER BY id")
        )
    )


def instance(session: Session, next_wake: datetime) -> uuid.UUID:
    """A running SOP, as far as the sweep looks at it."""
    one = uuid.uuid4()
    session.add(Stream(id=one, kind="laporan", last_seq=0, last_hash=bytes(32)))
    session.add(
        SopVersion(
            id=one, key=str(one), version=1, name="Uji", files={}, main_file="uji.bpmn",
            content_hash=str(one), legal_basis="-", published_at=NOW, effective_at=NOW,
        )
    )  # fmt: skip
    session.flush()
    row = Instance(id=one, stream_id=one, sop_version_id=one, sop_key="uji", started_at=NOW)
    row.next_wake = next_wake
    session.add(row)
    session.flush()
    return one


def test_a_job_of_a_committed_change_is_done(session: Session, settings: Settings) -> None:
    defer(session, [Job("wake_instance", {"instance_id": str(uuid.uuid4())}, key="wake:x")])
    session.commit()
    let_worker_work(settings)
    assert [(row.task_name, row.status) for row in jobs(session)] == [("wake_instance", "succeeded")]


def test_a_job_that_fails_waits_for_its_next_try_and_stands_in_nobodys_way(
    session: Session, settings: Settings
) -> None:
    broken = Job("wake_instance", {"instance_id": "nobody"}, key="wake:x")
    defer(session, [broken])
    session.commit()
    let_worker_work(settings)
    (row,) = jobs(session)
    assert (row.status, row.attempts, row.queueing_lock) == ("todo", 1, None)
    assert row.scheduled_at > datetime.now(UTC)
    defer(session, [broken])
    session.commit()
    assert len(jobs(session)) == 2


def test_the_last_failure_stays_to_be_seen(session: Session, settings: Settings) -> None:
    defer(session, [Job("wake_instance", {"instance_id": "nobody"})])
    session.execute(text("UPDATE procrastinate_jobs SET attempts = 8"))
    session.commit()
    let_worker_work(settings)
    assert [row.status for row in jobs(session)] == ["failed"]


def test_what_a_dead_worker_held_is_done_by_another(session: Session, settings: Settings) -> None:
    defer(session, [Job("wake_instance", {"instance_id": str(uuid.uuid4())}, key="wake:x")])
    session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
    defer(session, [Job("wake_instance", {"instance_id": str(uuid.uuid4())}, key="wake:x")])
    session.commit()
    assert upkeep.free_stalled_jobs(session) == 1
    session.commit()
    let_worker_work(settings)
    assert [row.status for row in jobs(session)] == ["succeeded", "succeeded"]


def test_a_living_worker_keeps_its_jobs(session: Session) -> None:
    defer(session, [Job("wake_instance", {"instance_id": "x"})])
    session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp())"))
    session.execute(
        text("UPDATE procrastinate_jobs SET status = 'doing',"
             " worker_id = (SELECT id FROM procrastinate_workers)")
    )
    assert upkeep.free_stalled_jobs(session) == 0


def test_a_timer_is_asked_for_when_it_is_due_and_not_twice(session: Session) -> None:
    due = instance(session, NOW - timedelta(minutes=1))
    instance(session, NOW + timedelta(minutes=1))
    assert upkeep.wake_what_is_due(session, now=NOW) == 1
    assert upkeep.wake_what_is_due(session, now=NOW) == 0
    session.commit()
    assert [row.queueing_lock for row in jobs(session)] == [f"wake:{due}"]


def test_finished_jobs_go_after_a_day_and_dead_letters_after_a_season(session: Session) -> None:
    defer(session, [Job("send_message", {"n": n}) for n in range(3)])
    for n, status in enumerate(("succeeded", "failed")):
        session.execute(
            text("UPDATE procrastinate_jobs SET status = CAST(:status AS procrastinate_job_status)"
                 " WHERE args->>'n' = :n"),
            {"status": status, "n": str(n)},
        )
    session.commit()
    now = datetime.now(UTC)
    assert upkeep.delete_finished_jobs(session, real_now=now) == 0
    assert upkeep.delete_finished_jobs(session, real_now=now + timedelta(days=2)) == 1
    assert upkeep.delete_finished_jobs(session, real_now=now + timedelta(days=100)) == 1
    session.commit()
    assert [row.status for row in jobs(session)] == ["todo"]


def test_sigterm_ends_the_worker_in_order(session: Session, settings: Settings, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "TUNTAS_ENV": "demo",
        "TUNTAS_INSTANCE": str(tmp_path),
        "DATABASE_URL": str(settings.database_url),
        "DATABASE_APP_URL": str(settings.database_app_url),
    }
    running = subprocess.Popen([sys.executable, "-m", "app.worker"], cwd=ROOT, env=environment)
    try:
        until = time.monotonic() + 60
        while not session.scalar(text("SELECT count(*) FROM procrastinate_workers")):
            session.rollback()
            assert running.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        defer(session, [Job("wake_instance", {"instance_id": str(uuid.uuid4())})])
        session.commit()
        while jobs(session)[0].status != "succeeded":
            assert time.monotonic() < until
            time.sleep(0.1)
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
        session.rollback()
        assert session.scalar(text("SELECT count(*) FROM procrastinate_workers")) == 0
    finally:
        if running.poll() is None:
            running.kill()
            running.wait()
