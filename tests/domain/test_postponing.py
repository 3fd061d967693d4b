"""Limits moved by working days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.calendar import BusinessCalendar
from app.domain.postponing import postponed

PALU = ZoneInfo("Asia/Makassar")
CALENDAR = BusinessCalendar(holidays={date(2026, 3, 19): "Nyepi"})


def at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=PALU)


@pytest.mark.parametrize(
    ("due", "days", "becomes"),
    [
        (at(17, 16), 1, at(18, 16)),
        (at(18, 16), 1, at(20, 16)),  # over a holiday
        (at(20, 16), 1, at(23, 16)),  # over a weekend
        (at(20, 9, 30), 2, at(24, 9, 30)),  # an hour of the day stays one
        (at(21, 9), 1, at(23, 9)),  # from a Saturday
        (at(23, 16), -1, at(20, 16)),
        (at(20, 16), -1, at(18, 16)),
    ],
)
def test_a_limit_moves_by_working_days(due, days, becomes):
    assert postponed(due, days, CALENDAR) == becomes
    assert postponed(due.astimezone(UTC), days, CALENDAR) == becomes


def test_a_limit_at_closing_time_stays_at_closing_time():
    friday = date(2026, 3, 27)
    early = BusinessCalendar(exceptions={friday: ((time(8), time(11)),)})
    assert postponed(at(26, 16), 1, early) == at(27, 11)


@pytest.mark.parametrize("days", range(1, 30))
def test_later_and_sooner_again_is_where_it_was(days):
    due = at(17, 16)
    later = postponed(due, days, CALENDAR)
    assert postponed(later, -days, CALENDAR) == due
    assert CALENDAR.count_working_days(due.date(), later.date()) == days
    assert later - due >= timedelta(days=days)
