"""Messages on their way out, without a word of whom they go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_LIST = text("""
SELECT m.id, m.recipient, m.template, m.state, m.attempts, m.channel, m.created_at, m.sent_at, m.last_error,
       coalesce(r.number, '') AS number
FROM outbox_messages m LEFT JOIN reports r ON r.id = m.report_id
WHERE m.state = :state ORDER BY m.created_at DESC, m.id LIMIT :limit
""")


def messages_by_state(session: Session, state: str, *, limit: int = 200) -> Sequence[Row[Any]]:
    """The newest messages of one state."""
    return session.execute(_LIST, {"state": state, "limit": limit}).all()


def state_counts(session: Session) -> dict[str, int]:
    """How many messages there are of each state."""
    rows = session.execute(
        text("SELECT state, count(*) AS n FROM outbox_messages GROUP BY state ORDER BY state")
    )
    return {row.state: row.n for row in rows}
