"""The pen of the trace: collects what happened in one unit of work and writes it as one chained append."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import event_rows
from app.domain.actor import Actor
from app.domain.event import GENESIS, EventDraft, Origin, chain

SALT_BYTES = 16

_LOCK = text("SELECT last_seq, last_hash FROM streams WHERE id = :id FOR UPDATE")
_NEW = text(
    "INSERT INTO streams (id, kind, last_seq, last_hash) VALUES (:id, :kind, 0, :genesis)"
    " ON CONFLICT DO NOTHING"
)


@dataclass(slots=True)
class Trail:
    """Events of one stream in one unit of work, in order. `last_seq`, `last_hash`: where the locked stream
    stands."""

    stream_id: uuid.UUID
    last_seq: int
    last_hash: bytes
    drafts: list[EventDraft] = field(default_factory=list)

    def add(
        self, type_: str, data: Mapping[str, Any] | None = None, personal: Mapping[str, str] | None = None
    ) -> None:
        """Something happened. Empty values are left out: the trace says what there was."""
        kept = {key: value for key, value in (data or {}).items() if value not in (None, [], {}, "")}
        self.drafts.append(EventDraft(type_, kept, personal or {}))

    def say_more(self, data: Mapping[str, Any]) -> None:
        """Let the first event tell also what is known only since it was begun."""
        first = self.drafts[0]
        self.drafts[0] = EventDraft(first.type, {**first.data, **data}, first.personal)

    def write(self, session: Session, *, origin: Origin, now: datetime) -> None:
        """Append everything with one statement; afterwards the trail is empty and goes on from there."""
        if not self.drafts:
            return
        count = sum(len(draft.personal) for draft in self.drafts)
        events, secrets = chain(
            str(self.stream_id),
            self.last_seq,
            self.last_hash,
            self.drafts,
            origin=origin,
            at=now,
            salts=[os.urandom(SALT_BYTES) for _ in range(count)],
        )
        event_rows.append_events(session, self.stream_id, events, secrets)
        self.last_seq, self.last_hash = events[-1].stream_seq, events[-1].hash
        self.drafts = []


def begin_stream(session: Session, stream_id: uuid.UUID, kind: str) -> Trail:
    """Open a new stream (`laporan`, `sop`, `akun`, `kota`). One that exists already is left as it is."""
    created = session.execute(_NEW, {"id": stream_id, "kind": kind, "genesis": GENESIS})
    if created.rowcount == 1:  # type: ignore[attr-defined]
        return Trail(stream_id, 0, GENESIS)
    return open_stream(session, stream_id)


def open_stream(session: Session, stream_id: uuid.UUID) -> Trail:
    """Lock a stream for the rest of this transaction. Raises LookupError when there is none."""
    row = session.execute(_LOCK, {"id": stream_id}).one_or_none()
    if row is None:
        raise LookupError(f"no event stream {stream_id}")
    return Trail(stream_id, row.last_seq, bytes(row.last_hash))


def record(
    session: Session,
    stream_id: uuid.UUID,
    type_: str,
    data: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
    *,
    actor: Actor,
    now: datetime,
    role: str | None = None,
) -> None:
    """Lock the stream and append one event."""
    trail = open_stream(session, stream_id)
    trail.add(type_, data, personal)
    trail.write(session, origin=actor.origin(role), now=now)
