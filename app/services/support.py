"""*Saya juga mengalami*: somebody else is troubled by the same thing."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.models import Report, Support
from app.domain.actor import Actor
from app.domain.errors import NotFound
from app.services import trail


def support_report(session: Session, number: str, supporter: str, *, actor: Actor, now: datetime) -> None:
    """Count one supporter, a keyed hash that tells nothing, once. Raises NotFound for reports nobody may see
    or that are closed."""
    report_id = session.scalar(
        select(Report.id).where(Report.number == number, ~Report.confidential, Report.closed_at.is_(None))
    )
    if report_id is None:
        raise NotFound
    added = session.execute(
        insert(Support)
        .values(id=uuid.uuid4(), report_id=report_id, supporter=supporter, at=now)
        .on_conflict_do_nothing()
        .returning(Support.id)
    ).scalar_one_or_none()
    if added is None:
        return
    session.execute(update(Report).where(Report.id == report_id).values(supporters=Report.supporters + 1))
    trail.record(session, report_id, "SupportGiven", actor=actor, now=now)
