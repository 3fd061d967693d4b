"""What operations on running reports look at: open tasks, open incidents, who could take a task."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_ITEMS = text("""
SELECT w.id, w.process, w.element, w.name, w.role_code, w.unit_code, w.claimed_by, w.due_at, w.opened_at,
       coalesce(p.display_name, '') AS claimed_by_name,
       EXISTS (SELECT 1 FROM drafts d WHERE d.work_item_id = w.id) AS drafted
FROM work_items w LEFT JOIN persons p ON p.id = w.claimed_by
WHERE w.instance_id = :id AND w.closed_at IS NULL
  AND (w.report_id = CAST(:report_id AS uuid) OR (CAST(:report_id AS uuid) IS NULL AND w.report_id IS NULL))
ORDER BY w.opened_at, w.id
""")

_COMPLETED = text("""
SELECT DISTINCT w.process, w.element FROM work_items w
WHERE w.instance_id = :id AND w.outcome = 'completed'
  AND (w.report_id = CAST(:report_id AS uuid) OR (CAST(:report_id AS uuid) IS NULL AND w.report_id IS NULL))
ORDER BY w.process, w.element
""")

_INCIDENT = text("""
SELECT id, element, cause, action, attempts, opened_at FROM incidents
WHERE instance_id = :id AND resolved_at IS NULL
""")

_ABLE = text("""
SELECT p.id, p.display_name, g.role_code, g.unit_code
FROM grants g JOIN persons p ON p.id = g.person_id AND p.active
WHERE g.role_code = ANY(:roles) ORDER BY p.display_name, p.id, g.unit_code
""")

_DRAFT = text("SELECT answers FROM drafts WHERE work_item_id = :item AND person_id = :person")


def open_items(session: Session, instance_id: uuid.UUID, report_id: uuid.UUID | None) -> Sequence[Row[Any]]:
    """The open tasks of a running SOP, the oldest first: who holds each, and whether anything is typed."""
    return session.execute(_ITEMS, {"id": instance_id, "report_id": report_id}).all()


def completed(session: Session, instance_id: uuid.UUID, report_id: uuid.UUID | None) -> Sequence[Row[Any]]:
    """process, element of every step somebody completed in a running SOP."""
    return session.execute(_COMPLETED, {"id": instance_id, "report_id": report_id}).all()


def open_incident(session: Session, instance_id: uuid.UUID) -> Row[Any] | None:
    """Why a running SOP cannot go on; None: it can."""
    return session.execute(_INCIDENT, {"id": instance_id}).one_or_none()


def able(session: Session, roles: Sequence[str]) -> Sequence[Row[Any]]:
    """Active people with one of these roles: id, display_name, role_code, unit_code."""
    return session.execute(_ABLE, {"roles": list(roles)}).all()


def draft(session: Session, work_item_id: uuid.UUID, person_id: uuid.UUID) -> dict[str, Any] | None:
    """What somebody typed into a task."""
    found: dict[str, Any] | None = session.execute(
        _DRAFT, {"item": work_item_id, "person": person_id}
    ).scalar_one_or_none()
    return found
