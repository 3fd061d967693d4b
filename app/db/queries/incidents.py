"""Incidents, as the plain list shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_LIST = text("""
SELECT n.id, n.sop_key, n.element, n.cause, n.names, n.action->>'verb' AS verb, n.attempts, n.opened_at,
       n.last_tried_at, n.resolved_at, coalesce(r.number, '') AS number,
       coalesce(p.display_name, '') AS resolved_by
FROM incidents n
LEFT JOIN reports r ON r.id = n.report_id
LEFT JOIN persons p ON p.id = n.resolved_by
WHERE (n.resolved_at IS NULL) = :open ORDER BY n.opened_at DESC, n.id LIMIT :limit
""")


def incidents(session: Session, *, open_ones: bool, limit: int = 200) -> Sequence[Row[Any]]:
    """The newest incidents first: those still open, or those resolved."""
    return session.execute(_LIST, {"open": open_ones, "limit": limit}).all()
