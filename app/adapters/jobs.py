"""Ask for work to be done later, in the transaction of the change that asks for it.

The queue's table lies in our database (decision 6), so a rolled back change leaves no job, and a committed
one never loses its job. The worker's side is `app.worker`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.adapters import clock


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of later work. `task` is a name registered in `app.worker`.

    `at`: not before this moment (the city's clock); None: as soon as a worker is free.
    `key`: of all jobs with one key at most one waits; a later request replaces the time and the arguments of
    the one that still waits.
    """

    task: str
    args: Mapping[str, Any]
    at: datetime | None = None
    key: str | None = None
    queue: str = "tuntas"
    priority: int = 0
    """Higher goes first."""


_DEFER = text("""
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args, scheduled_at)
    SELECT queue, task, priority, key, args, at
      FROM jsonb_to_recordset(CAST(:jobs AS jsonb))
        AS job (queue text, task text, priority int, key text, args jsonb, at timestamptz)
    ON CONFLICT (queueing_lock) WHERE status = 'todo'
    DO UPDATE SET scheduled_at = excluded.scheduled_at, args = excluded.args
     WHERE (procrastinate_jobs.scheduled_at, procrastinate_jobs.args)
           IS DISTINCT FROM (excluded.scheduled_at, excluded.args)
""")


def defer(session: Session, jobs: Iterable[Job]) -> None:
    """Put `jobs` into the queue with one statement; of several with one key the last counts.

    Nothing is sent when there are none. Workers hear of them at the commit.
    """
    wanted: dict[object, Job] = {}
    for job in jobs:
        wanted[job.key if job.key is not None else object()] = job
    if not wanted:
        return
    ahead = clock.shift()
    rows = [
        {
            "queue": job.queue,
            "task": job.task,
            "priority": job.priority,
            "key": job.key,
            "args": dict(job.args),
            "at": None if job.at is None else (job.at - ahead).isoformat(),
        }
        for job in wanted.values()
    ]
    session.execute(_DEFER, {"jobs": json.dumps(rows, ensure_ascii=False, allow_nan=False)})
