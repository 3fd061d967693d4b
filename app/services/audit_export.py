"""Event logs that leave the house: who took which stands in the city's own trace, and how far each is.

A file is written while it is read. Its progress is told in transactions of its own, so that whoever waits for
it sees it grow, and whoever breaks off leaves that behind too.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session, sessionmaker

from app.db.models import Export
from app.db.queries.event_stream import counts, events_of
from app.db.queries.trace_search import Criteria
from app.domain.actor import Actor
from app.domain.errors import NotPermitted
from app.domain.permissions import Permission
from app.services import city, trail
from app.services.event_formats import FORMATS, counted
from app.services.event_lines import Pseudonyms, Steps

TELL_EVERY = 0.5
"""Seconds between two words on how far a file is."""
SILENT = timedelta(minutes=3)
"""Nothing heard of it for so long: whoever wrote it is gone."""

_MOVED = text("UPDATE exports SET written = :written, moved_at = :now WHERE id = :id")
_ENDED = text("""
UPDATE exports SET written = :written, state = :state, moved_at = :now, ended_at = :now WHERE id = :id
""")


@dataclass(frozen=True, slots=True)
class Order:
    """One file: which events in which form. `plain`: with report numbers instead of pseudonyms."""

    chosen: Criteria
    form: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """An export that is noted. `events` as far as is known before it is written."""

    id: uuid.UUID
    reports: int
    events: int


def begin(
    session: Session, order: Order, *, actor: Actor, now: datetime, key: uuid.UUID | None = None
) -> Begun:
    """Note an export before its first byte leaves. `key`: the id somebody will ask its progress by; one that
    is taken already counts as none. Raises NotPermitted."""
    if actor.kind != "command" and not actor.may(Permission.TRACE_READ):
        raise NotPermitted
    reports, events = counts(session, order.chosen, now=now)
    export_id = key if key is not None and session.get(Export, key) is None else uuid.uuid4()
    asked = _asked(order.chosen)
    if actor.person_id is not None:
        session.add(
            Export(
                id=export_id,
                person_id=uuid.UUID(actor.person_id),
                form=order.form,
                asked=asked,
                plain=order.plain,
                reports=reports,
                total=events,
                written=0,
                state="berjalan",
                started_at=now,
                moved_at=now,
            )
        )
        session.flush()
    log = trail.begin_stream(session, city.stream_of_city(), "kota")
    facts = {"bentuk": order.form, "pilihan": asked, "nomor": order.plain, "laporan": reports}
    log.add("EventsExported", {**facts, "peristiwa": events})
    log.write(session, origin=actor.origin(actor.role_with(Permission.TRACE_READ)), now=now)
    return Begun(export_id, reports, events)


def written(
    sessions: sessionmaker[Session],
    order: Order,
    *,
    key: str,
    begun: Begun,
    now: Callable[[], datetime],
    tell: Callable[[int], object] | None = None,
) -> Iterator[str]:
    """The file, part by part, as it is read; `key`: the city's lookup key, for pseudonyms. `tell` hears how
    many more events are out; without it the table does. What ends before its end is noted as broken off.
    While somebody takes a part, however slowly, no transaction is open and no connection held."""
    progress = _Progress(sessions, begun.id, now)
    whole = False
    try:
        with sessions() as session:
            steps = Steps(session, Pseudonyms(key), plain=order.plain)
            rows = counted(events_of(session, order.chosen, now=now()), tell or progress.passed)
            for part in FORMATS[order.form][0](steps, rows):
                session.rollback()
                yield part
        whole = True
    finally:
        if tell is None:
            progress.end("selesai" if whole else "putus")


def is_silent(export: Row[Any], now: datetime) -> bool:
    """Whether a file that nobody ended has stopped growing."""
    return export.state == "berjalan" and bool(now - export.moved_at > SILENT)


class _Progress:
    """Tells the table how many events are out, now and then."""

    def __init__(
        self, sessions: sessionmaker[Session], export_id: uuid.UUID, now: Callable[[], datetime]
    ) -> None:
        self._sessions, self._id, self._now = sessions, export_id, now
        self._count = 0
        self._told = time.monotonic()

    def passed(self, more: int) -> None:
        self._count += more
        if time.monotonic() - self._told >= TELL_EVERY:
            self._told = time.monotonic()
            with self._sessions.begin() as session:
                session.execute(_MOVED, {"id": self._id, "written": self._count, "now": self._now()})

    def end(self, state: str) -> None:
        told = {"id": self._id, "written": self._count, "state": state, "now": self._now()}
        with self._sessions.begin() as session:
            session.execute(_ENDED, told)


def _asked(chosen: Criteria) -> dict[str, Any]:
    """The selection as it is kept. Words searched for may name somebody: only that there were any stays."""
    told: dict[str, Any] = {}
    for field in fields(chosen):
        value = getattr(chosen, field.name)
        if isinstance(value, datetime):
            value = value.isoformat()
        elif isinstance(value, uuid.UUID):
            value = str(value)
        elif field.name == "words" and value:
            value = True
        if value not in (None, False, "") or (field.name == "confidential" and value is False):
            told[field.name] = value
    return told
