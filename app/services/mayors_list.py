"""The mayor's list: open tasks that have taken more than twice their own time. It is read, never assigned.

The ladder before it (kepala OPD at 100 %, asisten at 120, sekda at 150) is drawn in the SOPs and opens tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.db.queries.late import overdue_tasks
from app.domain.actor import Actor
from app.domain.errors import NotPermitted
from app.domain.permissions import Permission
from app.domain.spoken import remaining
from app.services import city

SHARE = 200
"""Per cent of a task's own time (working time where its limit holds any) past which it stands on the list."""


@dataclass(frozen=True, slots=True)
class LateTask:
    number: str
    kind: str
    task: str
    holder: str
    """Role and unit, never a person."""
    opened_at: datetime
    due_at: datetime
    share: int
    """Per cent of its time that has passed."""
    confidential: bool


def mayors_list(session: Session, *, actor: Actor, now: datetime) -> tuple[LateTask, ...]:
    """Worst first. Confidential reports only for those who may read them. Raises NotPermitted."""
    if not actor.may(Permission.STATISTICS_READ):
        raise NotPermitted()
    calendar = city.calendar(session)
    late = []
    for row in overdue_tasks(session, actor=actor, now=now):
        share = remaining(row.opened_at, row.due_at, now=now, calendar=calendar).share
        if share > SHARE:
            holder = row.role_name if row.unit_name in row.role_name else f"{row.role_name}, {row.unit_name}"
            late.append(
                LateTask(row.number, row.kind, row.name, holder, row.opened_at, row.due_at, share,
                         row.confidential)
            )  # fmt: skip
    return tuple(sorted(late, key=lambda one: (-one.share, one.due_at, one.number)))
