"""How officers of the demo city stepped in where the drawn way did not help."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Instance, WorkItem
from app.domain.actor import Actor
from app.domain.calendar import BusinessCalendar
from app.domain.postponing import postponed
from app.services import operations
from app.services.operations import Asked


@dataclass(frozen=True, slots=True)
class StepIn:
    """An operation of `kind` on the story's report, shown and asked for. `later`: working days by which the
    limit of the open task `element` moves (`batas` only). What needs two people stays waiting."""

    by: str
    kind: str
    reason: str
    element: str = ""
    later: int = 0


class NotSteppedIn(RuntimeError):
    """The operation could not be done as the story tells it."""


def step_in(
    session: Session,
    report_id: uuid.UUID,
    act: StepIn,
    calendar: BusinessCalendar,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Plan it and ask for it, as an officer would. Raises NotSteppedIn, and what `app.services.operations`
    raises."""
    instance = session.scalars(
        select(Instance.id).where(Instance.report_id == report_id, Instance.main)
    ).one()
    parameters = _parameters(session, report_id, act, calendar)
    shown = operations.plan(session, instance, act.kind, parameters, actor=actor, now=now)
    asked = operations.ask(
        session, instance, act.kind, parameters, mark=shown.mark, reason=act.reason, actor=actor, now=now
    )
    if not isinstance(asked, Asked) or asked.note:
        raise NotSteppedIn(f"{act.kind}: {shown.refused or asked}")


def _parameters(
    session: Session, report_id: uuid.UUID, act: StepIn, calendar: BusinessCalendar
) -> dict[str, Any]:
    if not act.element:
        return {}
    item = session.scalars(
        select(WorkItem).where(
            WorkItem.report_id == report_id, WorkItem.element == act.element, WorkItem.closed_at.is_(None)
        )
    ).one()
    if item.due_at is None:
        return {"tugas": str(item.id)}
    return {"tugas": str(item.id), "sampai": postponed(item.due_at, act.later, calendar).isoformat()}
