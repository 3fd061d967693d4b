"""Events of many reports, one after the other, a few rows in memory at a time, besides 16 bytes a report."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.db.queries.trace_search import Criteria, matching

REPORTS_AT_A_TIME = 100
"""Some two thousand events."""
ID_LENGTH = 16

_IDS = "SELECT string_agg(uuid_send(r.id), '' ORDER BY r.id) FROM {source} WHERE {where}"
_EVENTS = text("""
SELECT r.id, r.number, r.kind, r.category_code, r.kelurahan_code, r.channel, r.status, r.opd, r.received_at,
       r.closed_at, r.anonymous, r.confidential,
       e.stream_seq, e.at, e.type, e.actor_kind, e.actor_id, e.role_code, e.source, e.data
FROM reports r JOIN events e ON e.stream_id = r.id WHERE r.id = ANY(:ids) ORDER BY r.id, e.stream_seq
""")
_COUNTS = """
SELECT count(*) AS reports, coalesce(sum(s.last_seq), 0) AS events
FROM {source} JOIN streams s ON s.id = r.id WHERE {where}
"""


def events_of(session: Session, chosen: Criteria, *, now: datetime) -> Iterator[Row[Any]]:
    """Report and event side by side, report after report, each in the order of its chain.

    The choice is made once; each report is then read as it is when its turn comes. Between two rows the
    transaction may be ended: a reader who takes hours holds nothing open.
    """
    wanted = matching(session, chosen, now=now)
    query = text(_IDS.format(source=wanted.source, where=wanted.where))
    ids = bytes(session.scalar(query, wanted.values) or b"")
    step = REPORTS_AT_A_TIME * ID_LENGTH
    for start in range(0, len(ids), step):
        part = ids[start : start + step]
        some = [uuid.UUID(bytes=part[at : at + ID_LENGTH]) for at in range(0, len(part), ID_LENGTH)]
        yield from session.execute(_EVENTS, {"ids": some}).all()


def counts(session: Session, chosen: Criteria, *, now: datetime) -> tuple[int, int]:
    """How many reports are chosen, and how many events `events_of` will give: chains have no gaps."""
    wanted = matching(session, chosen, now=now)
    query = text(_COUNTS.format(source=wanted.source, where=wanted.where))
    row = session.execute(query, wanted.values).one()
    return int(row.reports), int(row.events)
