"""Incidents, as the plain list shows them."""

from __future__ import annotations

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
       coalesce(p.display_name, '') AS resolved_by_name
FROM incidents n
LEFT JOIN reports r ON r.id = n.report_id
LEFT JOIN persons p ON p.id = n.resolved_by
"""
_OPEN = text(_COLUMNS + "WHERE n.resolved_at IS NULL ORDER BY n.opened_at, n.id LIMIT :limit")
_RESOLVED = text(_COLUMNS + "WHERE n.resolved_at IS NOT NULL ORDER BY n.resolved_at DESC, n.id LIMIT :limit")


def open_incidents(session: Session, *, limit: int = 200) -> Sequence[Row[Any]]:
    """What waits for *coba lagi*, oldest first. `tried`: start, complete, deliver or wake."""
    return session.execute(_OPEN, {"limit": limit}).all()


def resolved_incidents(session: Session, *, limit: int = 20) -> Sequence[Row[Any]]:
    """The last ones that were settled."""
    return session.execute(_RESOLVED, {"limit": limit}).all()
