"""A citizen's report, and apart from it who sent it."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import Computed, ForeignKey, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, uuid_key


class Report(Base):
    """What the citizen said and how it stands. Nothing here names the reporter.

    `status` is a public status or an end reason; `opd` is the unit that holds it; `lat`, `lng` are the exact
    point (degrees), shown to officers only; public views round it to the kelurahan.
    """

    __tablename__ = "reports"
    id: Mapped[uuid_key]
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    category_code: Mapped[str | None] = mapped_column(ForeignKey("categories.code"))
    channel: Mapped[str]
    channel_detail: Mapped[str | None]
    description: Mapped[str]
    public_description: Mapped[str | None]
    """Text shown to the public once moderation has masked something; None: `description` is shown."""
    kelurahan_code: Mapped[str | None] = mapped_column(ForeignKey("kelurahan.code"))
    landmark: Mapped[str | None]
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    occurred_on: Mapped[date | None]
    anonymous: Mapped[bool]
    confidential: Mapped[bool]
    received_at: Mapped[datetime]
    status: Mapped[str]
    status_since: Mapped[datetime]
    opd: Mapped[str | None] = mapped_column(ForeignKey("units.code"))
    priority: Mapped[str] = mapped_column(default="normal")
    duplicate_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reports.id"))
    supporters: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    rating: Mapped[int | None]
    tracking_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """SHA-256 of the secret tracking token; the token itself is stored nowhere in clear."""
    submission_key: Mapped[uuid.UUID] = mapped_column(unique=True)
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "to_tsvector('indonesian', number || ' ' || description || ' ' || coalesce(landmark, ''))",
            persisted=True,
        ),
        deferred=True,
    )


class ReportIdentity(Base):
    """Who reported. Read only through `app.services.identity`, which journals the purpose."""

    __tablename__ = "report_identities"
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    tracking_token: Mapped[str | None]
    """The secret token sealed with the city's key (so that a lost link can be sent again)."""


class IdentityReading(Base):
    """The journal: who opened a reporter's identity, for what."""

    __tablename__ = "identity_readings"
    id: Mapped[uuid_key]
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reports.id"))
    at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None]
    role_code: Mapped[str]
    purpose: Mapped[str]
    fields: Mapped[str]


class NumberCounter(Base):
    """Last number given out per month, `period` as `2026-11`."""

    __tablename__ = "number_counters"
    period: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class ThreadMessage(Base):
    """One message in a report's conversation. `audience`: `internal`, `pelapor`, `publik`."""

    __tablename__ = "thread_messages"
    id: Mapped[uuid_key]
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reports.id"))
    at: Mapped[datetime]
    author_kind: Mapped[str]
    """`pelapor`, `petugas`, `sistem`."""
    person_id: Mapped[uuid.UUID | None]
    role_code: Mapped[str | None]
    unit_code: Mapped[str | None]
    audience: Mapped[str]
    body: Mapped[str]


class Support(Base):
    """'Saya juga mengalami': one browser or one person counts once per report, by a keyed hash."""

    __tablename__ = "supports"
    __table_args__ = (UniqueConstraint("report_id", "supporter"),)
    id: Mapped[uuid_key]
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reports.id"))
    supporter: Mapped[str]
    at: Mapped[datetime]


Index("ix_reports_received_at", Report.received_at)
Index("ix_reports_open_status", Report.status, postgresql_where=Report.closed_at.is_(None))
Index("ix_reports_closed_at", Report.closed_at, postgresql_where=Report.closed_at.is_not(None))
Index("ix_reports_search", Report.search, postgresql_using="gin")
Index("ix_thread_messages_report_at", ThreadMessage.report_id, ThreadMessage.at)
Index(
    "ix_thread_messages_words",
    func.to_tsvector(text("'indonesian'"), ThreadMessage.body),
    postgresql_using="gin",
)
Index("ix_identity_readings_report", IdentityReading.report_id, IdentityReading.at)
Index("ix_identity_readings_at", IdentityReading.at)
