"""Event logs on their way to whoever asked for them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class Export(Base):
    """One. `asked`: the selection, without words that were searched for; `plain`: with report numbers;
    `written` of `total` events are out, as of `moved_at`; `reports`: how many reports they belong to."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("state IN ('berjalan', 'selesai', 'putus')", name="state"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    form: Mapped[str]
    asked: Mapped[dict[str, Any]]
    plain: Mapped[bool]
    reports: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    written: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    started_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


Index("ix_exports_started_at", Export.started_at)
