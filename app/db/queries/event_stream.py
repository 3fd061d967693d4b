"""Events of many reports, one after the other, a few rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

ROWS_AT_A_TIME = 2000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which reports; what is None is not asked for. `since`, `until`: of receiving, `until` excluded."""

    number: str | None = None
    kind: str | None = None
    status: str | None = None
    opd: str | None = None
    kelurahan: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    confidential: bool | None = None


_CONDITIONS: Mapping[str, str] = {
    "number": "r.number = :number",
    "kind": "r.kind = :kind",
    "status": "r.status = :status",
    "opd": "r.opd = :opd",
    "kelurahan": "r.kelurahan_code = :kelurahan",
    "since": "r.received_at >= :since",
    "until": "r.received_at < :until",
    "confidential": "r.confidential = :confidential",
}
_EVENTS = """
SELECT r.id, r.number, r.kind, r.category_code, r.kelurahan_code, r.channel, r.status, r.opd, r.received_at,
       r.closed_at, r.anonymous, r.confidential,
       e.stream_seq, e.at, e.type, e.actor_kind, e.actor_id, e.role_code, e.source, e.data
FROM reports r JOIN events e ON e.stream_id = r.id {where} ORDER BY r.id, e.stream_seq
"""
_TASKS = """
SELECT w.id, w.report_id, w.process, w.element, w.name, w.role_code, w.unit_code, w.opened_at, w.due_at
FROM work_items w JOIN reports r ON r.id = w.report_id {where} ORDER BY w.report_id, w.opened_at, w.id
"""
_REPORTS = """
SELECT r.id, r.number, r.kind, r.category_code, r.kelurahan_code, r.channel, r.status, r.opd, r.received_at
FROM reports r {where} ORDER BY r.id
"""
_COUNT = "SELECT count(*) FROM reports r JOIN events e ON e.stream_id = r.id {where}"


def events_of(session: Session, chosen: Selection) -> Iterator[Row[Any]]:
    """Report and event side by side, report after report, each in the order of its chain."""
    return _stream(session, _EVENTS, chosen)


def tasks_of(session: Session, chosen: Selection) -> Iterator[Row[Any]]:
    return _stream(session, _TASKS, chosen)


def reports_of(session: Session, chosen: Selection) -> Iterator[Row[Any]]:
    return _stream(session, _REPORTS, chosen)


def count_events(session: Session, chosen: Selection) -> int:
    """How many `events_of` will give."""
    where, given = _where(chosen)
    return int(session.execute(text(_COUNT.format(where=where)), given).scalar_one())


def _stream(session: Session, query: str, chosen: Selection) -> Iterator[Row[Any]]:
    where, given = _where(chosen)
    wanted = text(query.format(where=where)).execution_options(yield_per=ROWS_AT_A_TIME)
    with session.execute(wanted, given) as found:
        yield from found


def _where(chosen: Selection) -> tuple[str, dict[str, Any]]:
    """The conditions of a selection; its names are those above, its values are parameters."""
    given = {name: value for name, value in asdict(chosen).items() if value is not None}
    parts = [_CONDITIONS[field.name] for field in fields(chosen) if field.name in given]
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), given
