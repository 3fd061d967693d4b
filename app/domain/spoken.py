"""Moments, limits and numbers as people here say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from app.domain.calendar import WEEKDAYS, BusinessCalendar

MONTHS: Final = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
    "November", "Desember",
)  # fmt: skip
NEAR: Final = 80.0
"""Per cent of the time used from which on a limit counts as near; the SOPs remind at the same point."""


Unit = Literal["hari kerja", "hari", "jam", "menit"]


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left until a limit."""

    words: str
    """`3 hari kerja lagi`, `terlambat 2 hari kerja`."""
    state: Literal["calm", "near", "late"]
    share: int
    """Per cent of the time that is used; over 100 when late."""
    at: datetime
    count: int
    unit: Unit
    """The span as data, e.g. 3 and `hari kerja`; 0 `menit`: less than a minute."""


def moment(at: datetime, zone: str) -> str:
    """`Selasa, 17 Maret 2026 pukul 10.05 WITA`. `at` is aware."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{WEEKDAYS[local.weekday()]}, {day(local.date())} pukul {local:%H.%M} {local.tzname()}"


def short_moment(at: datetime, zone: str) -> str:
    """`17 Mar 2026, 10.05`, for dense lists and tables."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {MONTHS[local.month - 1][:3]} {local.year}, {local:%H.%M}"


def day(on: date) -> str:
    """`17 Maret 2026`."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def month(on: date) -> str:
    """`Maret 2026`."""
    return f"{MONTHS[on.month - 1]} {on.year}"


def number(value: float) -> str:
    """`1.204`, `2,5`: thousands by points, decimals by a comma."""
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")
    return text.translate(str.maketrans(",.", ".,"))


def remaining(opened: datetime, due: datetime, *, now: datetime, calendar: BusinessCalendar) -> Remaining:
    """How an open limit stands at `now`. Days are working days, the current day not counted; within one day
    it is hours and minutes of the clock."""
    late = now > due
    earlier, later = (due, now) if late else (now, due)
    count: int
    unit: Unit
    days = calendar.count_working_days(calendar.local_day(earlier), calendar.local_day(later))
    if days > 0 and (later - earlier).total_seconds() > 12 * 3600:
        count, unit = days, "hari kerja"
    else:
        count, unit = _clock_span((later - earlier).total_seconds())
    span = f"{number(count)} {unit}" if count else "kurang dari semenit"
    share = _share(opened, due, now, calendar)
    if late:
        return Remaining(f"terlambat {span}", "late", max(share, 101), due, count, unit)
    return Remaining(f"{span} lagi", "near" if share >= NEAR else "calm", min(share, 100), due, count, unit)


def _clock_span(seconds: float) -> tuple[int, Unit]:
    minutes = int(seconds // 60)
    if minutes < 60:
        return minutes, "menit"
    if minutes < 36 * 60:
        return minutes // 60, "jam"
    return minutes // (24 * 60), "hari"


def _share(opened: datetime, due: datetime, now: datetime, calendar: BusinessCalendar) -> int:
    """Per cent used, in working time; by the clock for limits that hold none."""
    whole, used = calendar.working_seconds(opened, due), calendar.working_seconds(opened, now)
    if whole <= 0:
        whole, used = (due - opened).total_seconds(), (now - opened).total_seconds()
    if whole <= 0:
        return 100
    return max(0, round(100 * used / whole))
