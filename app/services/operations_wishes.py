"""What was wanted of a report and not done, or not yet, is in its trace too."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from app.db.models import Instance, Operation
from app.domain.actor import Actor
from app.services.trail import record


def note_wish(
    session: Session,
    type_: str,
    operation: Operation,
    instance_id: uuid.UUID,
    said: str,
    role: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """`OperationAsked`, `OperationRefused` or `OperationWithdrawn`; `said`: why, kept as a commitment."""
    stream = session.get_one(Instance, instance_id).stream_id
    facts = {"operasi": str(operation.id), "tindakan": operation.kind, "pada": operation.parameters}
    record(session, stream, type_, facts, {"alasan": said} if said else {}, actor=actor, now=now, role=role)
