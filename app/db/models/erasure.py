"""Requests to erase what is personal, and what became of them. Nothing of what was erased stands here."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class Erasure(Base):
    """One report's. `ground`: `permintaan` (of the person) or `retensi` (its time is over)."""

    __tablename__ = "erasures"
    __table_args__ = (
        CheckConstraint("ground IN ('permintaan', 'retensi')", name="ground"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> requested_by", name="two_people"),
    )
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    ground: Mapped[str]
    reason: Mapped[str]
    requested_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    requested_at: Mapped[datetime]
    confirmed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    erased_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any] | None]
