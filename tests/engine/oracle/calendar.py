"""The working time both sides are given."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

START = datetime(2026, 3, 17, 2, 5, tzinfo=UTC)
"""A Tuesday, before the office opens."""


class OfficeHours:
    """Monday to Friday, 08.00 to 16.00 UTC; the calendar both sides are given."""

    zone = "UTC"

    def add_working_days(self, start: datetime, days: int) -> datetime:
        day = start
        while days:
            day += timedelta(days=1)
            days -= day.weekday() < 5
        return datetime.combine(day.date(), time(16), UTC)

    def add_working_time(self, start: datetime, seconds: float) -> datetime:
        here = start
        while True:
            opens, closes = self._hours(here)
            here = max(here, opens)
            room = (closes - here).total_seconds() if here < closes else 0.0
            if room > 0 and seconds <= room:
                return here + timedelta(seconds=seconds)
            seconds -= room
            here = datetime.combine(here.date() + timedelta(days=1), time(0), UTC)

    def working_seconds(self, start: datetime, end: datetime) -> float:
        if end < start:
            return -self.working_seconds(end, start)
        total, day = 0.0, start
        while day.date() <= end.date():
            opens, closes = self._hours(day)
            total += max(0.0, (min(closes, end) - max(opens, start)).total_seconds())
            day += timedelta(days=1)
        return total

    def _hours(self, day: datetime) -> tuple[datetime, datetime]:
        """Opening and closing of a day; a weekend day opens never."""
        closes = 16 if day.weekday() < 5 else 8
        return datetime.combine(day.date(), time(8), UTC), datetime.combine(day.date(), time(closes), UTC)
