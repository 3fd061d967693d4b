"""The city's working calendar: adding and measuring working time, and saying why a day does not count.

Working days exclude weekends, national holidays, *cuti bersama* and local closures (the yearly
decree, SKB 3 Menteri). The day of receipt is not counted and a limit in working days ends at
closing time. Moments are aware; results are in UTC. A calendar is a value: a change makes a new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TypeAlias
from zoneinfo import ZoneInfo

Interval: TypeAlias = tuple[time, time]
WeeklyHours: TypeAlias = Mapping[int, tuple[Interval, ...]]
"""Weekday (Monday is 0) -> opening intervals in order; a weekday that is absent is free."""
Span: TypeAlias = tuple[datetime, datetime]

OFFICE_HOURS: WeeklyHours = {weekday: ((time(8), time(16)),) for weekday in range(5)}
"""Monday to Friday 08.00–16.00."""

WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MAX_IDLE_DAYS = 400
"""A calendar without a working day for longer than this is broken."""


class CalendarFault(ValueError):
    """The calendar is contradictory, or has no working day within reach."""


@dataclass(frozen=True, slots=True)
class Season:
    """Other weekly hours for a stretch of days, both ends included (Ramadan). Holidays stay holidays."""

    first: date
    last: date
    hours: WeeklyHours
    name: str = ""


@dataclass(frozen=True, slots=True)
class SkippedDay:
    """A day that a limit in working days passed over."""

    day: date
    reason: str


@dataclass(frozen=True)
class BusinessCalendar:
    """What counts as working time.

    Strongest first: `exceptions`, `closures`, `holidays`, `seasons`, `hours`.
    """

    zone: str = "Asia/Makassar"
    hours: WeeklyHours = field(default_factory=lambda: OFFICE_HOURS)
    holidays: Mapping[date, str] = field(default_factory=dict)
    """National holidays and joint leave with their Indonesian names."""
    closures: Mapping[date, str] = field(default_factory=dict)
    """Local days off with their reason."""
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    """Hours of single days, whatever day it is; no interval means closed."""
    seasons: tuple[Season, ...] = ()
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        weeks = [self.hours, *(season.hours for season in self.seasons)]
        for intervals in [*(day for week in weeks for day in week.values()), *self.exceptions.values()]:
            _check_intervals(intervals)
        if not any(self.hours.values()):
            raise CalendarFault("Kalender tidak mempunyai satu pun hari kerja dalam seminggu.")

    @property
    def tzinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def local_day(self, moment: datetime) -> date:
        """The day on the city's wall."""
        return moment.astimezone(self.tzinfo).date()

    def is_working_day(self, day: date) -> bool:
        return bool(self.intervals(day))

    def intervals(self, day: date) -> tuple[Interval, ...]:
        """Opening hours of a day in local time; empty on a day off."""
        if day in self.exceptions:
            return self.exceptions[day]
        if day in self.closures or day in self.holidays:
            return ()
        for season in self.seasons:
            if season.first <= day <= season.last:
                return season.hours.get(day.weekday(), ())
        return self.hours.get(day.weekday(), ())

    def day_off(self, day: date) -> str | None:
        """Why a day does not count, in Indonesian; None for a working day."""
        if self.is_working_day(day):
            return None
        weekday = WEEKDAYS[day.weekday()]
        if day not in self.exceptions:
            named = self.closures.get(day) or self.holidays.get(day)
            if named:
                return named
        return weekday if day.weekday() not in self.hours else f"{weekday}, kantor tutup"

    def skipped(self, after: date, until: date) -> tuple[SkippedDay, ...]:
        """Days off after one day up to and including another, each with its reason."""
        reasons = ((day, self.day_off(day)) for day in _days(after, until))
        return tuple(SkippedDay(day, reason) for day, reason in reasons if reason is not None)

    def count_working_days(self, after: date, until: date) -> int:
        """Working days after one day up to and including another; negative when `until` lies before."""
        if until < after:
            return -self.count_working_days(until, after)
        return sum(1 for day in _days(after, until) if self.is_working_day(day))

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """Closing time of the n-th working day after the day of `start`, that day not counted.

        With 0 days it is the next closing time at or after `start`. Raises ValueError for less.
        """
        if days < 0:
            raise ValueError("days must not be negative")
        today = self.local_day(start)
        spans = self._working_spans(today)
        if days == 0 and spans and start <= spans[-1][1]:
            return spans[-1][1]
        day = next(islice(self._working_days_after(today), max(days, 1) - 1, None))
        return self._working_spans(day)[-1][1]

    def add_working_time(self, start: datetime, seconds: float) -> datetime:
        """The moment when `seconds` of working time have passed since `start`.

        It never lies outside working time; with 0 seconds it is the first working moment from `start` on.
        Raises ValueError for negative times.
        """
        if seconds < 0:
            raise ValueError("seconds must not be negative")
        left = timedelta(seconds=seconds)
        today = self.local_day(start)
        for opens, closes in self._spans_from(today):
            begins = max(opens, start)
            if begins > closes:
                continue
            if left <= closes - begins:
                return (begins + left).astimezone(UTC)
            left -= closes - begins
        raise CalendarFault("Tidak ada hari kerja dalam jangkauan kalender.")

    def working_seconds(self, start: datetime, end: datetime) -> float:
        """Working time between two moments, in seconds; negative when `end` lies before `start`."""
        if end < start:
            return -self.working_seconds(end, start)
        first, last = self.local_day(start), self.local_day(end)
        total = timedelta()
        for day in _days(first - timedelta(days=1), last):
            for opens, closes in self._working_spans(day):
                total += max(min(closes, end) - max(opens, start), timedelta())
        return total.total_seconds()

    def _working_days_after(self, day: date) -> Iterator[date]:
        idle = 0
        while idle < MAX_IDLE_DAYS:
            day += timedelta(days=1)
            idle += 1
            if self.is_working_day(day):
                idle = 0
                yield day
        raise CalendarFault("Tidak ada hari kerja dalam jangkauan kalender.")

    def _spans_from(self, day: date) -> Iterator[Span]:
        yield from self._working_spans(day)
        for later in self._working_days_after(day):
            yield from self._working_spans(later)

    def _working_spans(self, day: date) -> tuple[Span, ...]:
        """Opening hours of a day as moments in UTC; remembered, since every measurement asks again."""
        known = self._spans.get(day)
        if known is None:
            zone = self.tzinfo
            known = tuple(
                (
                    datetime.combine(day, opens, zone).astimezone(UTC),
                    datetime.combine(day, closes, zone).astimezone(UTC),
                )
                for opens, closes in self.intervals(day)
            )
            self._spans[day] = known
        return known


def _days(after: date, until: date) -> Iterator[date]:
    day = after
    while day < until:
        day += timedelta(days=1)
        yield day


def _check_intervals(intervals: tuple[Interval, ...]) -> None:
    edges = [edge for interval in intervals for edge in interval]
    if any(later <= earlier for earlier, later in zip(edges[::2], edges[1::2], strict=True)):
        raise CalendarFault("Jam tutup harus sesudah jam buka.")
    if edges != sorted(edges):
        raise CalendarFault("Jam kerja dalam sehari harus berurutan dan tidak tumpang tindih.")
