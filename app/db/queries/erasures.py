"""Requests to erase personal data, without anything of what they are about."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

SHOWN = 50

_SELECT = """
SELECT e.report_id, r.number, e.ground, e.reason, e.requested_by, e.requested_at, e.erased_at, e.counts,
       r.closed_at,
       r.kind, coalesce(a.display_name, '') AS asked_by, coalesce(c.display_name, '') AS confirmed_by
FROM erasures e JOIN reports r ON r.id = e.report_id
LEFT JOIN persons a ON a.id = e.requested_by LEFT JOIN persons c ON c.id = e.confirmed_by
"""
_OPEN = text(f"{_SELECT} WHERE e.erased_at IS NULL ORDER BY e.requested_at, r.number")
_DONE = text(f"{_SELECT} WHERE e.erased_at IS NOT NULL ORDER BY e.erased_at DESC, r.number LIMIT :most")
_ONE = text(f"{_SELECT} WHERE e.report_id = :id")


def waiting(session: Session) -> Sequence[Row[Any]]:
    """Those somebody has yet to confirm, the oldest first."""
    return session.execute(_OPEN).all()


def done(session: Session) -> Sequence[Row[Any]]:
    """The last that were erased."""
    return session.execute(_DONE, {"most": SHOWN}).all()


def one(session: Session, report_id: uuid.UUID) -> Row[Any] | None:
    return session.execute(_ONE, {"id": report_id}).one_or_none()
