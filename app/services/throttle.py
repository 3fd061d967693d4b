"""Limits on what somebody may try: sign in, have a lost link sent, send reports.

Counted in the database, so that they hold over all web processes. Who tried is kept as a keyed hash only.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.db.models import ThrottleCount

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `attempts` of `action` within `window`."""

    action: str
    attempts: int
    window: timedelta


def subject(key: str, *parts: str) -> str:
    """A name for who tries that tells nothing without the city's key."""
    return hmac.new(bytes.fromhex(key), "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def exhausted(session: Session, limit: Limit, who: str, *, now: datetime) -> bool:
    """Whether `who` has used up the limit."""
    count = session.scalar(
        select(func.count()).where(
            ThrottleCount.action == limit.action,
            ThrottleCount.subject == who,
            ThrottleCount.at > now - limit.window,
        )
    )
    return (count or 0) >= limit.attempts


def count(session: Session, limit: Limit, who: str, *, now: datetime) -> None:
    """Note one attempt."""
    session.add(ThrottleCount(action=limit.action, subject=who, at=now))


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete attempts no limit looks at any more. A daily job."""
    session.execute(delete(ThrottleCount).where(ThrottleCount.at < now - KEPT))
