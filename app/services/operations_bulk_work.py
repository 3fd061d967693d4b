"""Carry out one operation over many reports: one transaction each, judged again under its lock."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import pushes
from app.db.models import Operation
from app.domain.actor import Actor
from app.services.operations import carry_out_one
from app.services.operations_bulk import CARRY_JOB, carry_later, finish, halt, judge_later, whoever_asked
from app.services.operations_bulk_each import NOTHING_THERE, own_parameters

_NEXT = text("""
SELECT x.instance_id
FROM operations o JOIN operation_reports x ON x.operation_id = o.id
WHERE o.id = :operation AND o.state = 'berjalan' AND x.outcome = ''
ORDER BY x.instance_id LIMIT 1 FOR UPDATE OF x FOR SHARE OF o
""")
_LEFT = text("""
UPDATE operation_reports SET outcome = 'dilewati', note = :note, done_at = :now
WHERE operation_id = :operation AND instance_id = :instance
""")
_LOST = text("""
SELECT o.id, o.state FROM operations o
WHERE o.state IN ('menghitung', 'berjalan') AND o.parameters ? 'banyak'
  AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs job
                   WHERE job.status IN ('todo', 'doing') AND job.args->>'operation_id' = o.id::text)
ORDER BY o.id
""")


def carry_next(session: Session, operation_id: uuid.UUID, *, now: datetime) -> bool:
    """Do it to the next report, or say why not; False when there is none. Done twice it does nothing: what
    was done is no longer next."""
    row = session.execute(_NEXT, {"operation": operation_id}).one_or_none()
    if row is None:
        finish(session, operation_id, now=now)
        return False
    operation = session.get_one(Operation, operation_id, populate_existing=True)
    actor = whoever_asked(session, operation, CARRY_JOB)
    if actor is None:
        halt(session, operation, now=now)
        return False
    why = _do(session, operation, row.instance_id, actor=actor, now=now)
    if why:
        left = {"operation": operation_id, "instance": row.instance_id, "note": why, "now": now}
        session.execute(_LEFT, left)
    return True


def ask_again(session: Session) -> int:
    """Ask again for what goes on but no job waits for, because the queue was lost; how many."""
    lost = session.execute(_LOST).all()
    carry_later(session, [row.id for row in lost if row.state == "berjalan"])
    judge_later(session, [row.id for row in lost if row.state == "menghitung"])
    return len(lost)


def _do(
    session: Session, operation: Operation, instance_id: uuid.UUID, *, actor: Actor, now: datetime
) -> str:
    """Do it to one, if it still means what was shown; or a sentence why not."""
    locked = pushes.lock_instance(session, instance_id)
    if locked is None:
        raise LookupError(f"no instance {instance_id}")
    own = own_parameters(session, locked, operation.kind, operation.parameters)
    if own is None:
        return NOTHING_THERE
    return carry_out_one(session, operation.id, instance_id, parameters=own, actor=actor, now=now)
