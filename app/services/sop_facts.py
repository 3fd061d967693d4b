"""What a check of an SOP may know of this city: its roles, its words, and where running reports stand."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import MessageTemplate, Role, WorkItem
from app.engine.city_facts import CityFacts, Occupied


def city_facts(session: Session) -> CityFacts:
    """Everything known now."""
    standing = session.execute(
        select(WorkItem.process, WorkItem.element, WorkItem.name)
        .where(WorkItem.closed_at.is_(None))
        .distinct()
        .order_by(WorkItem.process, WorkItem.element, WorkItem.name)
    )
    return CityFacts(
        roles=frozenset(session.scalars(select(Role.code))),
        messages=frozenset(session.scalars(select(MessageTemplate.key))) or None,
        occupied=tuple(Occupied(*row) for row in standing),
    )
