"""Messages on their way out, without a word of whom they go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

PAGE = 50

_LIST = text("""
SELECT m.id, m.recipient, m.template, m.state, m.attempts, m.channel, m.created_at, m.sent_at, m.last_error,
       coalesce(r.number, '') AS number
FROM outbox_messages m LEFT JOIN reports r ON r.id = m.report_id
WHERE :state = '' OR m.state = :state ORDER BY m.created_at DESC, m.id LIMIT :limit OFFSET :offset
""")
_COUNTS = text("SELECT state, count(*) AS n FROM outbox_messages GROUP BY state ORDER BY state")


def outbox_page(session: Session, state: str, page: int) -> Sequence[Row[Any]]:
    """One page of messages of a state (all when empty), newest first, one more when there is a next page."""
    values = {"state": state, "limit": PAGE + 1, "offset": (max(page, 1) - 1) * PAGE}
    return session.execute(_LIST, values).all()


def outbox_counts(session: Session) -> dict[str, int]:
    """How many messages there are of each state."""
    return {row.state: row.n for row in session.execute(_COUNTS)}
