"""Events of many reports, one after the other, a few rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.db.queries.trace_search import Criteria, matching

ROWS_AT_A_TIME = 2000

_EVENTS = """
SELECT r.id, r.number, r.kind, r.category_code, r.kelurahan_code, r.channel, r.status, r.opd, r.received_at,
       r.closed_at, r.anonymous, r.confidential,
       e.stream_seq, e.at, e.type, e.actor_kind, e.actor_id, e.role_code, e.source, e.data
FROM {source} JOIN events e ON e.stream_id = r.id WHERE {where} ORDER BY r.id, e.stream_seq
"""
_COUNTS = """
SELECT count(*) AS reports, coalesce(sum(s.last_seq), 0) AS events
FROM {source} JOIN streams s ON s.id = r.id WHERE {where}
"""


def events_of(session: Session, chosen: Criteria, *, now: datetime) -> Iterator[Row[Any]]:
    """Report and event side by side, report after report, each in the order of its chain."""
    wanted = matching(session, chosen, now=now)
    query = text(_EVENTS.format(source=wanted.source, where=wanted.where))
    with session.execute(query.execution_options(yield_per=ROWS_AT_A_TIME), wanted.values) as found:
        yield from found


def counts(session: Session, chosen: Criteria, *, now: datetime) -> tuple[int, int]:
    """How many reports are chosen, and how many events `events_of` will give: chains have no gaps."""
    wanted = matching(session, chosen, now=now)
    query = text(_COUNTS.format(source=wanted.source, where=wanted.where))
    row = session.execute(query, wanted.values).one()
    return int(row.reports), int(row.events)
