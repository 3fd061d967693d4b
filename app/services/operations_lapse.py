"""A wish that waits for a second person ends with the report it was about."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.adapters.jobs import Job, defer
from app.db import pushes
from app.domain.actor import WORKER
from app.domain.words import told
from app.services.trail import Trail

LAPSED = "OperationLapsed"
GONE = told("Laporan ini berakhir sebelum orang kedua memutuskan, maka permintaannya gugur.")
END_JOB = "end_lapsed_operation"
MOST = 200
"""Running SOPs that ended, in one night's look for what was missed."""

_LAPSE = text("""
WITH asked AS MATERIALIZED (
  SELECT o.id, o.kind, o.parameters ? 'banyak' AS many
  FROM operation_reports x JOIN operations o ON o.id = x.operation_id
  WHERE x.report_id = :report AND x.instance_id = :instance AND x.outcome = '' AND o.state = 'menunggu'
  FOR UPDATE OF o SKIP LOCKED
), skipped AS (
  UPDATE operation_reports x SET outcome = 'dilewati', note = :note, done_at = :now
  FROM asked WHERE x.operation_id = asked.id AND x.instance_id = :instance
), ended AS (
  UPDATE operations o SET state = 'ditarik', ended_at = :now
  FROM asked WHERE o.id = asked.id AND NOT asked.many
)
SELECT id, kind, many FROM asked ORDER BY id
""")

_END = text("""
UPDATE operations o SET state = 'ditarik', ended_at = :now
WHERE o.id = :id AND o.state = 'menunggu' AND o.parameters ? 'banyak'
  AND NOT EXISTS (SELECT 1 FROM operation_reports x WHERE x.operation_id = o.id AND x.outcome = '')
""")

_MISSED = text("""
SELECT DISTINCT x.instance_id FROM operations o JOIN operation_reports x ON x.operation_id = o.id
JOIN instances i ON i.id = x.instance_id
WHERE o.state = 'menunggu' AND x.outcome = '' AND i.ended_at IS NOT NULL
ORDER BY x.instance_id LIMIT :most
""")
_EMPTY = text("""
SELECT o.id FROM operations o WHERE o.state = 'menunggu' AND o.parameters ? 'banyak'
  AND NOT EXISTS (SELECT 1 FROM operation_reports x WHERE x.operation_id = o.id AND x.outcome = '')
ORDER BY o.id
""")


def lapse(
    session: Session, trail: Trail, *, instance_id: uuid.UUID, report_id: uuid.UUID, now: datetime
) -> int:
    """Let what waits for a second person about this locked instance lapse, for it has ended; how much did.
    It stands in `trail`, for the caller to write. Of one over many reports only this one lapses.

    One that somebody is deciding on at this moment is left to them: they find the end, and say so.
    """
    given = {"instance": instance_id, "report": report_id, "note": GONE, "now": now}
    gone: Sequence[Row[Any]] = session.execute(_LAPSE, given).all()
    for row in gone:
        trail.add(LAPSED, {"operasi": str(row.id), "tindakan": row.kind})
    _end_later(session, [row.id for row in gone if row.many])
    return len(gone)


def end_empty(session: Session, operation_id: uuid.UUID, *, now: datetime) -> bool:
    """End one over many, all of whose reports ended; whether it was so. The caller tells the trace."""
    done = session.execute(_END, {"id": operation_id, "now": now})
    return bool(done.rowcount)  # type: ignore[attr-defined]


def lapse_missed(session: Session, *, now: datetime) -> int:
    """Let lapse what waits about reports that ended unnoticed, because somebody was just deciding; of how
    many."""
    missed = session.scalars(_MISSED, {"most": MOST}).all()
    for instance_id in missed:
        locked = pushes.lock_instance(session, instance_id)
        if locked is None or locked.report_id is None:
            continue
        trail = Trail(locked.stream_id, locked.last_seq, locked.last_hash)
        lapse(session, trail, instance_id=locked.id, report_id=locked.report_id, now=now)
        trail.write(session, origin=WORKER.origin(), now=now)
    _end_later(session, session.scalars(_EMPTY).all())
    return len(missed)


def _end_later(session: Session, operations: Sequence[uuid.UUID]) -> None:
    jobs = [Job(END_JOB, {"operation_id": str(one)}, key=f"operation-end:{one}") for one in operations]
    if jobs:
        defer(session, jobs)
