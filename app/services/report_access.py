"""Which reports an officer may read: one rule for pages, photos and files."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from app.db.models import Report, WorkItem
from app.domain.actor import Actor
from app.domain.permissions import Permission


def may_read(session: Session, report_id: uuid.UUID, *, actor: Actor) -> bool:
    """Open reports: everybody with `REPORT_READ`. Confidential ones: whoever has or had a task of it in one
    of their roles and units, and holders of `REPORT_READ_CONFIDENTIAL`."""
    if not actor.may(Permission.REPORT_READ):
        return False
    confidential = session.scalar(select(Report.confidential).where(Report.id == report_id))
    if confidential is None:
        return False
    if not confidential or actor.may(Permission.REPORT_READ_CONFIDENTIAL):
        return True
    return takes_part(session, report_id, actor=actor)


def readable(session: Session, ids: Collection[uuid.UUID], *, actor: Actor) -> frozenset[str]:
    """Of these confidential reports those this actor may read, as text; with one statement at most."""
    if not ids or not actor.may(Permission.REPORT_READ):
        return frozenset()
    if actor.may(Permission.REPORT_READ_CONFIDENTIAL):
        return frozenset(str(one) for one in ids)
    roles = _own_tasks(actor)
    if not roles:
        return frozenset()
    found = select(WorkItem.report_id).where(WorkItem.report_id.in_(ids), or_(*roles)).distinct()
    return frozenset(str(one) for one in session.scalars(found))


def takes_part(session: Session, report_id: uuid.UUID, *, actor: Actor) -> bool:
    """Whether a task of the report lies or lay in this actor's inbox."""
    roles = _own_tasks(actor)
    if not roles:
        return False
    return bool(session.scalar(select(exists().where(WorkItem.report_id == report_id, or_(*roles)))))


def _own_tasks(actor: Actor) -> list[ColumnElement[bool]]:
    return [
        WorkItem.role_code == grant.role
        if grant.unit is None
        else and_(WorkItem.role_code == grant.role, WorkItem.unit_code == grant.unit)
        for grant in actor.grants
    ]
