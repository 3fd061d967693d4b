"""How the city's machinery runs, one statement each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_FIGURES = text("""
SELECT
  (SELECT coalesce(extract(epoch FROM clock_timestamp() - max(coalesce(j.scheduled_at, e.at))), 0)
     FROM (SELECT id, scheduled_at FROM procrastinate_jobs
            WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= clock_timestamp())
            ORDER BY scheduled_at NULLS FIRST, id LIMIT 1) j
     LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred') AS queue_age,
  (SELECT count(*) FROM procrastinate_jobs
    WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= clock_timestamp())) AS queue_length,
  (SELECT greatest(coalesce(extract(epoch FROM CAST(:now AS timestamptz) - min(i.next_wake)), 0), 0)
     FROM instances i WHERE i.next_wake <= :now AND NOT EXISTS (
       SELECT 1 FROM incidents n WHERE n.instance_id = i.id AND n.resolved_at IS NULL
         AND n.action->>'verb' = 'wake')) AS wake_lateness,
  (SELECT count(*) FROM incidents WHERE resolved_at IS NULL) AS incidents,
  (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed') AS dead_jobs,
  (SELECT count(*) FROM outbox_messages WHERE state = 'gagal') AS dead_messages,
  (SELECT coalesce(sum(last), 0) FROM number_counters) AS received,
  (SELECT count(*) FROM reports WHERE closed_at IS NULL) AS open,
  (SELECT count(*) FROM procrastinate_workers
    WHERE last_heartbeat > clock_timestamp() - make_interval(secs => :silent)) AS workers
""")

_SIGNS = text("""
SELECT (SELECT version_num FROM alembic_version) AS version,
       (SELECT extract(epoch FROM clock_timestamp() - max(last_heartbeat))
          FROM procrastinate_workers) AS silence
""")


def running_figures(session: Session, *, now: datetime, silent: int) -> Row[Any]:
    """queue_age, wake_lateness (seconds), queue_length, incidents, dead_jobs, dead_messages, received, open,
    workers (with a sign of life within `silent` seconds)."""
    return session.execute(_FIGURES, {"now": now, "silent": silent}).one()


def signs_of_life(session: Session) -> Row[Any]:
    """version of the tables; silence: seconds since a worker gave a sign, None when there is none."""
    return session.execute(_SIGNS).one()
