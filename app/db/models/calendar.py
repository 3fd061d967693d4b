"""The city's working calendar. Its rows change only with the deadlines they move (`calendar_change`)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, uuid_key


class CalendarState(Base):
    """One row. `mark` is new with every change, also after a restored backup: a calendar in memory is right
    as long as its mark is the one here. `revision` counts changes."""

    __tablename__ = "calendar_state"
    key: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    mark: Mapped[uuid.UUID]
    changed_at: Mapped[datetime | None]


class DayOff(Base):
    """`kind`: `libur_nasional`, `cuti_bersama`, `penutupan` (the city's own). `status`: `ditetapkan` by a
    decree or `perkiraan`. `decree`: its number, or the basis of a closure; may be empty."""

    __tablename__ = "days_off"
    __table_args__ = (
        CheckConstraint("kind IN ('libur_nasional', 'cuti_bersama', 'penutupan')", name="kind"),
        CheckConstraint("status IN ('ditetapkan', 'perkiraan')", name="status"),
    )
    date: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    status: Mapped[str]
    decree: Mapped[str] = mapped_column(default="")
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    added_at: Mapped[datetime]


class WorkingHours(Base):
    """Weekly hours from a day on: `{"0": [["08:00", "16:00"]], …}`, Monday is 0. Earlier days keep theirs."""

    __tablename__ = "working_hours"
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    hours: Mapped[dict[str, Any]]
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    added_at: Mapped[datetime]


class SpecialHours(Base):
    """Other weekly hours for a stretch of days, both ends included (Ramadan)."""

    __tablename__ = "special_hours"
    __table_args__ = (CheckConstraint("first <= last", name="order"),)
    id: Mapped[uuid_key]
    name: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
    hours: Mapped[dict[str, Any]]
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    added_at: Mapped[datetime]
