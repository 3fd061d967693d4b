"""What the reporter sees of their own report: no officer's name, no internal word."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_THREAD = text("""
SELECT m.at, m.author_kind, m.body, coalesce(r.name, '') AS role_name, coalesce(u.name, '') AS unit_name
FROM thread_messages m
LEFT JOIN roles r ON r.code = m.role_code
LEFT JOIN units u ON u.code = m.unit_code
WHERE m.report_id = :report_id AND m.audience IN ('pelapor', 'publik') ORDER BY m.at, m.id
""")

_READINGS = text("""
SELECT i.at, i.purpose, i.fields, coalesce(r.name, i.role_code) AS role_name
FROM identity_readings i LEFT JOIN roles r ON r.code = i.role_code
WHERE i.report_id = :report_id AND i.person_id IS NOT NULL ORDER BY i.at, i.id
""")

_OPEN = text("""
SELECT w.id, w.process, w.element, w.name, w.role_code, w.opened_at, w.due_at, d.first_due_at,
       i.main, coalesce(r.name, w.role_code) AS role_name, coalesce(u.name, '') AS unit_name
FROM work_items w
JOIN instances i ON i.id = w.instance_id
LEFT JOIN roles r ON r.code = w.role_code
LEFT JOIN units u ON u.code = w.unit_code
LEFT JOIN deadlines d ON d.id = w.id
WHERE w.report_id = :report_id AND w.closed_at IS NULL ORDER BY i.main DESC, w.opened_at, w.id
""")


def conversation_of(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Messages meant for the reporter, oldest first; officers by role and unit."""
    return session.execute(_THREAD, {"report_id": report_id}).all()


def readings_of(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Which officers' roles opened the reporter's identity, or took their words away (`fields` is `texts`),
    when and for what."""
    return session.execute(_READINGS, {"report_id": report_id}).all()


def open_tasks_of(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Who has to act now, by role and unit; the main SOP first."""
    return session.execute(_OPEN, {"report_id": report_id}).all()
