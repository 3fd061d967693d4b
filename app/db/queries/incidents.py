"""Incidents, as the plain list shows them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_COLUMNS = """
SELECT n.id, coalesce(r.number, '') AS number,
       coalesce((SELECT s.name FROM sop_versions s WHERE s.key = n.sop_key ORDER BY s.version DESC LIMIT 1),
                n.sop_key) AS sop_name,
       coalesce((SELECT w.name FROM work_items w
                 WHERE w.instance_id = n.instance_id AND w.element = n.element LIMIT 1),
                replace(n.element, '_', ' '), '') AS step,
       n.cause, n.names, n.action->>'verb' AS tried, n.attempts, n.opened_at, n.last_tried_at, n.resolved_at,
       coalesce(p.display_name, '') AS resolved_by_name, n.instance_id, n.report_id, n.action,
       (SELECT min(j.scheduled_at) FROM procrastinate_jobs j
         WHERE n.resolved_at IS NULL AND n.action->>'verb' = 'wake'
           AND j.queueing_lock = 'wake:' || n.instance_id AND j.status = 'todo') AS next_try
FROM incidents n
LEFT JOIN reports r ON r.id = n.report_id
LEFT JOIN persons p ON p.id = n.resolved_by
"""
_OPEN = text(_COLUMNS + "WHERE n.resolved_at IS NULL ORDER BY n.opened_at, n.id LIMIT :limit")
_ONE = text(_COLUMNS + "WHERE n.id = :id")
_RESOLVED = text(_COLUMNS + "WHERE n.resolved_at IS NOT NULL ORDER BY n.resolved_at DESC, n.id LIMIT :limit")


def open_incidents(session: Session, *, limit: int = 200) -> Sequence[Row[Any]]:
    """What waits for *coba lagi*, oldest first. `tried`: start, complete, deliver or wake."""
    return session.execute(_OPEN, {"limit": limit}).all()


def incident_row(session: Session, incident_id: uuid.UUID) -> Row[Any] | None:
    """One incident with what was tried; `next_try`: when the worker tries by itself, None: it waits for
    somebody."""
    return session.execute(_ONE, {"id": incident_id}).one_or_none()


def resolved_incidents(session: Session, *, limit: int = 20) -> Sequence[Row[Any]]:
    """The last ones that were settled."""
    return session.execute(_RESOLVED, {"limit": limit}).all()
