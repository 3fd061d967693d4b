"""Moving a limit by working days."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.calendar import BusinessCalendar


def postponed(due: datetime, days: int, calendar: BusinessCalendar) -> datetime:
    """`due` moved by `days` working days of the city, sooner when negative: the same hour on that day, or the
    day's closing hour where `due` was one. Raises ValueError for a naive moment or no days."""
    if due.tzinfo is None or days == 0:
        raise ValueError("an aware moment and some days, please")
    local = due.astimezone(calendar.tzinfo)
    day, left, way = local.date(), abs(days), timedelta(days=1 if days > 0 else -1)
    hours = calendar.intervals(day)
    closes = bool(hours) and local.time() == hours[-1][1]
    while left:
        day += way
        left -= calendar.is_working_day(day)
    hour = calendar.intervals(day)[-1][1] if closes else local.time()
    return datetime.combine(day, hour, tzinfo=calendar.tzinfo).astimezone(due.tzinfo)
