"""The trace: append only. The application's database role may neither change nor delete it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class Stream(Base):
    """One chain of events: a report, an SOP, an account, or the city. Locked while somebody appends."""

    __tablename__ = "streams"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    last_seq: Mapped[int] = mapped_column(default=0)
    last_hash: Mapped[bytes] = mapped_column(LargeBinary)


class Event(Base):
    """What happened: who, when, from where, what before and after.

    `seq` counts over all, `stream_seq` within the stream without gaps. `hash` is over the previous event's
    hash (32 zero bytes before the first) and this event in canonical form (see `app.domain.event`).
    Personal values are not in `data`: `commitments` holds a salted hash per field, the value and salt lie in
    `event_secrets`.
    """

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("stream_id", "stream_seq"),)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    stream_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("streams.id"))
    stream_seq: Mapped[int]
    at: Mapped[datetime]
    type: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[uuid.UUID | None]
    role_code: Mapped[str | None]
    source: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Kept as the text it was hashed as, which is also a third smaller than JSONB."""
    commitments: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class EventSecret(Base):
    """The personal value behind a commitment. Erasing it leaves the chain valid."""

    __tablename__ = "event_secrets"
    stream_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("streams.id"), primary_key=True)
    stream_seq: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    value: Mapped[str]


Index(
    "ix_events_taken",
    Event.at,
    postgresql_where=text("type IN ('TraceRead', 'TraceExported', 'EventsExported')"),
)
