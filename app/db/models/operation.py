"""What named officers do to running reports outside the SOP's own way."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base

KINDS = (
    "alihkan", "batas", "batalkan", "kembalikan", "lewati", "pindahkan", "ulangi", "tangguhkan", "lanjutkan",
)  # fmt: skip
STATES = ("menghitung", "siap", "menunggu", "berjalan", "selesai", "ditolak", "ditarik")


class Operation(Base):
    """One, over one report or many. What cannot be undone waits (`menunggu`) for another person. Over many
    its consequences are worked out first (`menghitung`), shown (`siap`), and only then asked for, with a
    reason."""

    __tablename__ = "operations"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("second_by <> asked_by", name="another_person"),
        CheckConstraint(
            "NOT irreversible OR state NOT IN ('berjalan', 'selesai') OR second_by IS NOT NULL",
            name="two_people",
        ),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    reason: Mapped[str]
    irreversible: Mapped[bool]
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    asked_role: Mapped[str]
    asked_at: Mapped[datetime]
    second_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    second_role: Mapped[str | None]
    second_at: Mapped[datetime | None]
    second_note: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]


class OperationReport(Base):
    """What an operation means for one running SOP. `revision`: its state when `consequences` were shown;
    `before`, `after`: pictures of where it stood, without anybody's answers."""

    __tablename__ = "operation_reports"
    __table_args__ = (
        CheckConstraint("outcome IN ('', 'selesai', 'dilewati')", name="outcome"),
        CheckConstraint(
            "outcome <> 'selesai' OR (before IS NOT NULL AND after IS NOT NULL)", name="pictures"
        ),
    )
    operation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    instance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    report_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reports.id"))
    revision: Mapped[int]
    consequences: Mapped[dict[str, Any]]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    outcome: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]


Index("ix_operations_waiting", Operation.asked_at, postgresql_where=text("state = 'menunggu'"))
Index("ix_operations_asked_at", Operation.asked_at)
Index("ix_operation_reports_report", OperationReport.report_id)
