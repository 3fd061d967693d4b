"""What the trace says of each report, gathered from it after the fact. All of it can be built anew."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base

FLAGS = ("returned", "reopened", "bounced", "escalated", "migrated")


class TracePath(Base):
    """A way through an SOP that reports took: `steps` as the trace names them, without those of side
    branches, loops taken once; the last is `akhir:` and the reason of the end (see `app.domain.traits`). `id`
    is made from them; `reports` counts the ended reports that took it."""

    __tablename__ = "trace_paths"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sop_key: Mapped[str]
    steps: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reports: Mapped[int]


class ReportTraits(Base):
    """One report's. `seq`: place of the last event that is in; `versions` of SOPs that ran it, `persons` that
    acted, `units` that held it; `late`: a limit passed while it held; the counts say how often. `notes`: what
    must be remembered while it runs, None once it ended."""

    __tablename__ = "report_traits"
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    seq: Mapped[int]
    versions: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    persons: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    units: Mapped[list[str]] = mapped_column(ARRAY(Text))
    late: Mapped[bool]
    returned: Mapped[int] = mapped_column(SmallInteger)
    reopened: Mapped[int] = mapped_column(SmallInteger)
    bounced: Mapped[int] = mapped_column(SmallInteger)
    escalated: Mapped[int] = mapped_column(SmallInteger)
    migrated: Mapped[int] = mapped_column(SmallInteger)
    path_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("trace_paths.id"))
    notes: Mapped[dict[str, Any] | None]


class StepTime(Base):
    """How long places of an SOP version took, counted into buckets of working time.

    `kind`: `laporan` (the whole, `place` empty), `langkah` (a step), `alur` (a sequence flow: how long the
    last step before it took, 0 where there was none; from a boundary event: until then). One side each: all
    (`unit`, `kelurahan` empty), one unit, or one kelurahan. `month`: first day of the month in which it
    ended, in the city. `times` fell into the bucket, `late` of them after their limit, `signed_late` after
    the limit first promised, `again` were not the first of their report, `dropped` ended without being done.
    Seconds, summed: `waiting` until somebody took it, `working` from then on (both working time), `elapsed`
    on the wall clock."""

    __tablename__ = "step_times"
    __table_args__ = (
        CheckConstraint("kind IN ('laporan', 'langkah', 'alur')", name="kind"),
        CheckConstraint("unit = '' OR kelurahan = ''", name="one_side"),
    )
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sop_versions.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    kelurahan: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    bucket: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    times: Mapped[int]
    late: Mapped[int]
    signed_late: Mapped[int]
    again: Mapped[int]
    dropped: Mapped[int]
    waiting: Mapped[int] = mapped_column(BigInteger)
    working: Mapped[int] = mapped_column(BigInteger)
    elapsed: Mapped[int] = mapped_column(BigInteger)


class TraceReader(Base):
    """How far somebody who follows the trace has surely read: `upto` is a place over all events. Up to `seen`
    all is surely committed as soon as no transaction runs that is older than `horizon`."""

    __tablename__ = "trace_readers"
    name: Mapped[str] = mapped_column(primary_key=True)
    upto: Mapped[int] = mapped_column(BigInteger)
    seen: Mapped[int | None] = mapped_column(BigInteger)
    horizon: Mapped[int | None] = mapped_column(BigInteger)


Index("ix_report_traits_versions", ReportTraits.versions, postgresql_using="gin")
Index("ix_report_traits_persons", ReportTraits.persons, postgresql_using="gin")
Index("ix_report_traits_units", ReportTraits.units, postgresql_using="gin")
for _name in FLAGS:
    Index(f"ix_report_traits_{_name}", ReportTraits.report_id, postgresql_where=text(f"{_name} > 0"))
Index("ix_report_traits_late", ReportTraits.report_id, postgresql_where=text("late"))
Index("ix_report_traits_path", ReportTraits.path_id)
