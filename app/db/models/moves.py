"""Running reports on their way to another version of their SOP, and what a draft would mean for them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, uuid_key

STATES = (
    "menguji", "siap", "berjalan", "dihentikan", "selesai", "mengembalikan", "dikembalikan", "dibatalkan",
)  # fmt: skip


class SopMove(Base):
    """A plan to move the running reports of one version to another. `mapping`: key of an element -> key in
    the new version; `accepted`: marks of what the planner agreed to. `round` counts trials: a job of an
    earlier one stops. Whoever carries it out is another person than the planner."""

    __tablename__ = "sop_moves"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("from_version_id <> to_version_id", name="versions"),
        CheckConstraint("carried_by <> planned_by", name="another_person"),
    )
    id: Mapped[uuid_key]
    sop_key: Mapped[str]
    from_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sop_versions.id"))
    to_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sop_versions.id"))
    mapping: Mapped[dict[str, Any]]
    accepted: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(default="menguji")
    round: Mapped[int] = mapped_column(default=1)
    fault: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    planned_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    planned_at: Mapped[datetime]
    tested_at: Mapped[datetime | None]
    carried_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    carried_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SopMoveReport(Base):
    """One running report in a plan. `steps`: where it stands, in words; `clocks`: how many deadlines and
    timers were compared; `before`: its state and tasks as they were, kept to undo the move as long as
    `revision_after` is still the instance's."""

    __tablename__ = "sop_move_reports"
    __table_args__ = (
        CheckConstraint("verdict IN ('tetap', 'dapat', 'keputusan')", name="verdict"),
        CheckConstraint("outcome IN ('', 'pindah', 'dilewati', 'kembali')", name="outcome"),
        CheckConstraint(
            "outcome <> 'pindah' OR (before IS NOT NULL AND revision_after IS NOT NULL)", name="undoable"
        ),
    )
    move_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sop_moves.id"), primary_key=True)
    instance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    round: Mapped[int]
    verdict: Mapped[str]
    movable: Mapped[bool]
    steps: Mapped[list[Any]]
    matters: Mapped[list[Any]]
    clocks: Mapped[int]
    chosen: Mapped[bool]
    outcome: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    before: Mapped[dict[str, Any] | None]
    revision_after: Mapped[int | None]
    done_at: Mapped[datetime | None]


class SopImpact(Base):
    """What a draft means for the reports that run, worked out by a job: `results` grows with each slice."""

    __tablename__ = "sop_impacts"
    __table_args__ = (CheckConstraint("state IN ('berjalan', 'selesai', 'gagal')", name="state"),)
    id: Mapped[uuid_key]
    sop_key: Mapped[str]
    files: Mapped[dict[str, Any]]
    main_file: Mapped[str]
    state: Mapped[str] = mapped_column(default="berjalan")
    fault: Mapped[str] = mapped_column(default="")
    total: Mapped[int]
    results: Mapped[list[Any]]
    last_instance: Mapped[uuid.UUID | None]
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


Index("ix_sop_moves_key", SopMove.sop_key, SopMove.planned_at)
Index("ix_sop_impacts_asked_by", SopImpact.asked_by, SopImpact.asked_at)
