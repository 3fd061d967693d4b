"""What keeps the queue honest: our own tables are the truth, and what the queue lost is asked for again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.adapters.jobs import Job, defer
from app.db.models import Incident, Instance
from app.domain.actor import WORKER
from app.services import process

BATCH = 1000
LATE_MESSAGE = timedelta(minutes=5)
SILENT_WORKER = 60
"""Seconds without a sign of life after which a worker counts as dead; workers give one every 5."""
QUIET_WORKER = 15
"""Seconds without a sign of life after which what a worker had in hand is asked for again."""
ONE_CLOCK = 0x74756E6A616D
"""Advisory lock of whoever looks at the clock: of several at once one looks, the others need not."""
KEPT_JOBS = timedelta(days=1)
KEPT_DEAD_LETTERS = timedelta(days=90)

_FREE = text("""
    WITH stalled AS (
      SELECT job.id FROM procrastinate_jobs job
        LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
       WHERE job.status = 'doing'
         AND (worker.id IS NULL OR worker.last_heartbeat < clock_timestamp() - make_interval(secs => :silent))
       FOR UPDATE OF job SKIP LOCKED)
    UPDATE procrastinate_jobs job
       SET status = 'todo', attempts = job.attempts + 1, scheduled_at = NULL, queueing_lock = NULL,
           worker_id = NULL
      FROM stalled WHERE job.id = stalled.id
""")

_DUE = text("""
    WITH alone AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(:clock) AS free)
    SELECT i.id FROM instances i
     WHERE (SELECT free FROM alone) AND i.next_wake <= :now
       AND NOT EXISTS (SELECT 1 FROM incidents n
                        WHERE n.instance_id = i.id AND n.resolved_at IS NULL AND n.action->>'verb' = 'wake')
       AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs job
                        WHERE job.status = 'todo' AND job.task_name = 'wake_instance'
                          AND job.args->>'instance_id' = i.id::text)
       AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs job
                         JOIN procrastinate_workers worker ON worker.id = job.worker_id
                        WHERE job.status = 'doing' AND job.worker_id IS NOT NULL
                          AND job.task_name = 'wake_instance' AND job.args->>'instance_id' = i.id::text
                          AND worker.last_heartbeat > clock_timestamp() - make_interval(secs => :quiet))
     ORDER BY i.next_wake LIMIT :most
""")

_LATE = text("""
    SELECT m.id FROM outbox_messages m
     WHERE m.state = 'menunggu' AND m.created_at < :before
       AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs job
                        WHERE job.task_name = 'send_message' AND job.status IN ('todo', 'doing')
                          AND job.args->>'message_id' = m.id::text)
     ORDER BY m.created_at LIMIT :most
""")

_DELETE = text("""
    DELETE FROM procrastinate_jobs job
     WHERE (job.status IN ('succeeded', 'cancelled', 'aborted') AND :done > COALESCE(
              (SELECT max(at) FROM procrastinate_events WHERE job_id = job.id), '-infinity'))
        OR (job.status = 'failed' AND :dead > COALESCE(
              (SELECT max(at) FROM procrastinate_events WHERE job_id = job.id), '-infinity'))
""")


def wake_what_is_due(session: Session, *, now: datetime) -> int:
    """Ask for every running SOP whose time has come to be woken, the longest due first; how many.

    Workers do so every second: one look into an index of timers, however many reports wait. One that is
    asked for or in hand already is left alone, also when its last try failed and the next is later; one
    whose wake-up opened an incident waits for its own next try, or for somebody's *coba lagi*.
    """
    asked = {"now": now, "most": BATCH, "clock": ONE_CLOCK, "quiet": QUIET_WORKER}
    due = session.scalars(_DUE, asked).all()
    defer(session, [Job("wake_instance", {"instance_id": str(one)}, key=f"wake:{one}") for one in due])
    return len(due)


def fire_what_is_due(sessions: sessionmaker[Session], *, now: datetime) -> int:
    """Wake everything that is due right here, one transaction each (a demo's clock was moved); how many."""
    fired: set[uuid.UUID] = set()
    while True:
        with sessions() as session:
            due = [one for one in _due(session, now) if one not in fired]
        if not due:
            return len(fired)
        for instance_id in due:
            with sessions.begin() as session:
                process.wake(session, instance_id, actor=WORKER, now=now)
            fired.add(instance_id)


def send_what_waits(session: Session, *, now: datetime) -> int:
    """Ask again for messages that nobody has sent for five minutes and no job waits for; how many.

    One that failed has its job, which waits longer each time: asked for here it would be given up in minutes.
    """
    late = session.scalars(_LATE, {"before": now - LATE_MESSAGE, "most": BATCH}).all()
    defer(session, [Job("send_message", {"message_id": str(one)}, key=f"send:{one}") for one in late])
    return len(late)


def free_stalled_jobs(session: Session) -> int:
    """Give back the jobs of workers that died; how many.

    A freed job gives up its key: another with the same key may wait already, and running twice does no harm
    because every job looks first at what is left to do.
    """
    return int(session.execute(_FREE, {"silent": SILENT_WORKER}).rowcount)  # type: ignore[attr-defined]


def delete_finished_jobs(session: Session, *, real_now: datetime) -> int:
    """Forget jobs done more than a day ago, and dead letters after 90 days; how many.

    `real_now`: real time, also where the city's clock was moved; the queue keeps real time.
    """
    limits = {"done": real_now - KEPT_JOBS, "dead": real_now - KEPT_DEAD_LETTERS}
    return int(session.execute(_DELETE, limits).rowcount)  # type: ignore[attr-defined]


def _due(session: Session, now: datetime) -> Sequence[uuid.UUID]:
    """Running SOPs whose time has come, the longest due first, without those whose wake-up itself failed."""
    stuck = exists().where(
        Incident.instance_id == Instance.id,
        Incident.resolved_at.is_(None),
        Incident.action["verb"].astext == "wake",
    )
    return session.scalars(
        select(Instance.id).where(Instance.next_wake <= now, ~stuck).order_by(Instance.next_wake).limit(BATCH)
    ).all()
