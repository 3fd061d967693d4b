"""What people read about time on every page."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain import spoken
from app.domain.calendar import BusinessCalendar

ZONE = "Asia/Makassar"
CALENDAR = BusinessCalendar(zone=ZONE)
OPENED = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)  # Monday 08.00 WITA
DUE = datetime(2026, 3, 13, 8, 0, tzinfo=UTC)  # Friday 16.00 WITA


def test_a_moment_is_said_in_the_citys_zone() -> None:
    at = datetime(2026, 3, 17, 2, 5, tzinfo=UTC)
    assert spoken.moment(at, ZONE) == "Selasa, 17 Maret 2026 pukul 10.05 WITA"
    assert spoken.short_moment(at, ZONE) == "17 Mar 2026, 10.05"


def test_numbers_take_points_and_a_decimal_comma() -> None:
    assert [spoken.number(one) for one in (7, 1204, 1_250_000, 2.5, 3.0)] == [
        "7",
        "1.204",
        "1.250.000",
        "2,5",
        "3",
    ]


@pytest.mark.parametrize(
    ("after", "words", "state"),
    [
        (timedelta(hours=1), "4 hari kerja lagi", "calm"),
        (timedelta(days=3, hours=7), "1 hari kerja lagi", "calm"),
        (timedelta(days=4, hours=2), "6 jam lagi", "near"),
        (timedelta(days=4, hours=7, minutes=20), "40 menit lagi", "near"),
        (timedelta(days=4, hours=9), "terlambat 1 jam", "late"),
        (timedelta(days=6), "terlambat 1 hari", "late"),  # Sunday: no working day has passed
        (timedelta(days=8, hours=2), "terlambat 2 hari kerja", "late"),
    ],
)
def test_what_is_left_counts_working_days(after: timedelta, words: str, state: str) -> None:
    left = spoken.remaining(OPENED, DUE, now=OPENED + after, calendar=CALENDAR)
    assert (left.words, left.state) == (words, state)


def test_the_bar_shows_working_time_and_passes_its_end_only_when_late() -> None:
    def share(now: datetime) -> int:
        return spoken.remaining(OPENED, DUE, now=now, calendar=CALENDAR).share

    assert share(OPENED) == 0
    assert share(OPENED + timedelta(days=1)) == share(OPENED + timedelta(hours=20)) == 20
    assert share(DUE) == 100
    assert share(DUE + timedelta(minutes=1)) > 100
