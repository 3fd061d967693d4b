"""Working time counts as the city's calendar says, and a limit never lands outside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.adapters.holidays import default_calendar, national_holidays
from app.domain.calendar import OFFICE_HOURS, BusinessCalendar, CalendarFault, Season

WITA = ZoneInfo("Asia/Makassar")
PALU = default_calendar("Asia/Makassar")
FRIDAY_PRAYER = {
    **{weekday: ((time(7, 30), time(12)), (time(13), time(16))) for weekday in range(4)},
    4: ((time(7, 30), time(11, 30)), (time(13, 30), time(16, 30))),
}
RAMADAN = Season(
    date(2026, 2, 18), date(2026, 3, 19), {weekday: ((time(8), time(15)),) for weekday in range(5)}, "Ramadan"
)
FULL = BusinessCalendar(
    hours=FRIDAY_PRAYER,
    holidays=national_holidays(range(2025, 2029)),
    closures={date(2026, 9, 28): "Peringatan 28 September"},
    exceptions={date(2026, 6, 20): ((time(9), time(12)),), date(2026, 6, 22): ()},
    seasons=(RAMADAN,),
)
DST = BusinessCalendar(zone="Europe/Berlin", hours={weekday: ((time(0), time(23)),) for weekday in range(7)})
CALENDARS = st.sampled_from([PALU, FULL, DST])
MOMENTS = st.integers(0, 730 * 24 * 60).map(lambda n: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(minutes=n))


def wita(day: str, hour: int = 16, minute: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour, minute), WITA)


@pytest.mark.parametrize(
    ("received", "limits"),
    [
        ("2026-02-13", ["2026-02-20", "2026-02-24", "2026-03-03", "2026-03-09"]),
        ("2026-03-17", ["2026-03-27", "2026-03-31", "2026-04-08", "2026-04-14"]),
        ("2026-05-13", ["2026-05-20", "2026-05-22", "2026-06-03", "2026-06-09"]),
        ("2026-05-26", ["2026-06-03", "2026-06-05", "2026-06-12", "2026-06-19"]),
        ("2026-08-14", ["2026-08-20", "2026-08-24", "2026-09-01", "2026-09-07"]),
        ("2026-10-05", ["2026-10-08", "2026-10-12", "2026-10-19", "2026-10-23"]),
        ("2026-12-22", ["2026-12-29", "2026-12-31", "2027-01-11", "2027-01-15"]),
        ("2026-03-20", ["2026-03-27", "2026-03-31", "2026-04-08", "2026-04-14"]),
    ],
)
def test_limits_agree_with_the_vectors_of_the_decree(received: str, limits: list[str]) -> None:
    for hour in (0, 10, 23):
        found = [PALU.add_working_days(wita(received, hour), days) for days in (3, 5, 10, 14)]
        assert found == [wita(limit) for limit in limits]


def test_sixty_working_days_may_be_a_hundred_and_one_calendar_days() -> None:
    assert PALU.add_working_days(wita("2026-03-17", 9), 60) == wita("2026-06-26")


def test_working_days_per_month_of_2026() -> None:
    counts = []
    for month in range(1, 13):
        first = date(2026, month, 1)
        after = date(2026 + month // 12, month % 12 + 1, 1)
        counts.append(PALU.count_working_days(first - timedelta(days=1), after - timedelta(days=1)))
    assert counts == [20, 18, 17, 21, 16, 20, 23, 19, 22, 22, 21, 21]


def test_2026_has_seventeen_holidays_and_eight_days_of_joint_leave() -> None:
    named = national_holidays([2026])
    leave = {day for day, name in named.items() if name.startswith("Cuti Bersama")}
    assert len(named) == 25
    assert {day.isoformat()[5:] for day in leave} == {
        "02-16", "03-18", "03-20", "03-23", "03-24", "05-15", "05-28", "12-24"
    }


def test_every_skipped_day_has_a_reason() -> None:
    skipped = {s.day.isoformat(): s.reason for s in PALU.skipped(date(2026, 3, 17), date(2026, 3, 27))}
    assert skipped == {
        "2026-03-18": "Cuti Bersama Hari Suci Nyepi",
        "2026-03-19": "Hari Suci Nyepi",
        "2026-03-20": "Cuti Bersama Hari Raya Idul Fitri",
        "2026-03-21": "Hari Raya Idul Fitri",
        "2026-03-22": "Hari kedua dari Hari Raya Idul Fitri",
        "2026-03-23": "Cuti Bersama Hari Raya Idul Fitri",
        "2026-03-24": "Cuti Bersama Hari Raya Idul Fitri",
    }
    assert [s.reason for s in PALU.skipped(date(2026, 10, 9), date(2026, 10, 12))] == ["Sabtu", "Minggu"]
    assert FULL.day_off(date(2026, 9, 28)) == "Peringatan 28 September"
    assert FULL.day_off(date(2026, 6, 22)) == "Senin, kantor tutup"


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        (wita("2026-10-05", 9), 2, wita("2026-10-05", 11)),
        (wita("2026-10-05", 15), 2, wita("2026-10-06", 9)),
        (wita("2026-10-05", 8), 8, wita("2026-10-05", 16)),
        (wita("2026-10-05", 16), 1, wita("2026-10-06", 9)),
        (wita("2026-10-09", 17), 1, wita("2026-10-12", 9)),
        (wita("2026-03-17", 15), 2, wita("2026-03-25", 9)),
        (wita("2026-10-10", 12), 0, wita("2026-10-12", 8)),
    ],
)
def test_working_hours_run_only_while_the_office_is_open(
    start: datetime, hours: float, expected: datetime
) -> None:
    assert PALU.add_working_time(start, hours * 3600) == expected


def test_the_friday_break_and_ramadan_shorten_the_day() -> None:
    assert FULL.add_working_time(wita("2026-10-09", 11), 3600) == wita("2026-10-09", 14)
    assert FULL.add_working_days(wita("2026-02-25"), 1) == wita("2026-02-26", 15)
    assert not FULL.is_working_day(date(2026, 3, 19)), "a holiday in Ramadan stays a holiday"
    assert FULL.add_working_days(wita("2026-06-19"), 1) == wita("2026-06-20", 12)
    assert FULL.add_working_days(wita("2026-06-19"), 2) == wita("2026-06-23")


def test_a_limit_of_zero_days_is_the_next_closing_time() -> None:
    assert PALU.add_working_days(wita("2026-10-05", 10), 0) == wita("2026-10-05")
    assert PALU.add_working_days(wita("2026-10-05", 17), 0) == wita("2026-10-06")
    assert PALU.add_working_days(wita("2026-10-10", 10), 0) == wita("2026-10-12")


@given(calendar=CALENDARS, start=MOMENTS, seconds=st.integers(0, 60 * 8 * 3600))
def test_adding_then_measuring_gives_the_same(
    calendar: BusinessCalendar, start: datetime, seconds: int
) -> None:
    end = calendar.add_working_time(start, seconds)
    assert end >= start
    assert calendar.working_seconds(start, end) == seconds
    assert calendar.working_seconds(end, start) == -seconds


@given(calendar=CALENDARS, start=MOMENTS, seconds=st.integers(0, 60 * 8 * 3600), days=st.integers(0, 80))
def test_results_never_lie_outside_working_time(
    calendar: BusinessCalendar, start: datetime, seconds: int, days: int
) -> None:
    for moment in (calendar.add_working_time(start, seconds), calendar.add_working_days(start, days)):
        local = moment.astimezone(calendar.tzinfo)
        assert any(
            opens <= local.time() <= closes for opens, closes in calendar.intervals(local.date())
        )


@given(
    calendar=CALENDARS, one=MOMENTS, gap=st.timedeltas(timedelta(0), timedelta(days=9)),
    less=st.integers(0, 400_000), more=st.integers(0, 400_000), days=st.integers(0, 40),
)
def test_later_starts_and_longer_limits_never_end_earlier(
    calendar: BusinessCalendar, one: datetime, gap: timedelta, less: int, more: int, days: int
) -> None:
    two = one + gap
    assert calendar.add_working_time(one, less) <= calendar.add_working_time(two, less)
    assert calendar.add_working_time(one, less) <= calendar.add_working_time(one, less + more)
    assert calendar.add_working_days(one, days) <= calendar.add_working_days(two, days)
    assert calendar.add_working_days(one, days) <= calendar.add_working_days(one, days + 1)


@given(calendar=CALENDARS, one=MOMENTS, two=MOMENTS, three=MOMENTS)
def test_measures_add_up(
    calendar: BusinessCalendar, one: datetime, two: datetime, three: datetime
) -> None:
    parts = calendar.working_seconds(one, two) + calendar.working_seconds(two, three)
    assert parts == pytest.approx(calendar.working_seconds(one, three), abs=1e-3)


@given(calendar=CALENDARS, start=MOMENTS, days=st.integers(1, 60))
def test_counted_and_skipped_days_fill_the_time_to_the_limit(
    calendar: BusinessCalendar, start: datetime, days: int
) -> None:
    first = calendar.local_day(start)
    last = calendar.local_day(calendar.add_working_days(start, days))
    assert calendar.count_working_days(first, last) == days
    assert days + len(calendar.skipped(first, last)) == (last - first).days
    assume(last != first)
    assert calendar.is_working_day(last)


def test_a_calendar_that_cannot_be_is_refused() -> None:
    with pytest.raises(CalendarFault):
        BusinessCalendar(hours={})
    with pytest.raises(CalendarFault):
        BusinessCalendar(hours={0: ((time(16), time(8)),)})
    with pytest.raises(CalendarFault):
        BusinessCalendar(hours={0: ((time(8), time(13)), (time(12), time(16)))})
    always_closed = BusinessCalendar(
        hours=OFFICE_HOURS, seasons=(Season(date(2026, 1, 1), date(2036, 1, 1), {}),)
    )
    with pytest.raises(CalendarFault):
        always_closed.add_working_days(wita("2026-01-05"), 1)


HOURS = st.lists(
    st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15)), min_size=2, max_size=6, unique=True
).map(lambda edges: tuple(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False)))
"""One to three intervals of a day, in order, apart from each other."""
WEEKS = st.dictionaries(st.integers(0, 6), HOURS, min_size=1)
DAYS = st.dates(date(2025, 6, 1), date(2027, 6, 1))
SEASONS = st.builds(
    lambda first, length, hours: Season(first, first + timedelta(days=length), hours, "musim"),
    DAYS, st.integers(0, 40), WEEKS,
)  # fmt: skip
ANY = st.builds(
    BusinessCalendar,
    zone=st.sampled_from(["Asia/Makassar", "Asia/Jakarta"]),
    hours=WEEKS,
    holidays=st.just(national_holidays(range(2025, 2029))),
    closures=st.dictionaries(DAYS, st.just("tutup"), max_size=5),
    exceptions=st.dictionaries(DAYS, st.one_of(st.just(()), HOURS), max_size=5),
    seasons=st.lists(SEASONS, max_size=3).map(tuple),
)
"""Any calendar a city could set: breaks at any hour, seasons, single days, closures."""


@given(calendar=ANY, start=MOMENTS, gap=st.integers(0, 9 * 86_400), seconds=st.integers(0, 20 * 3600))
def test_whatever_the_hours_working_time_adds_up(
    calendar: BusinessCalendar, start: datetime, gap: int, seconds: int
) -> None:
    end = calendar.add_working_time(start, seconds)
    assert calendar.working_seconds(start, end) == seconds
    opens = calendar.intervals(calendar.local_day(end))
    local = end.astimezone(calendar.tzinfo).time()
    assert any(begins <= local <= closes for begins, closes in opens)
    assert calendar.add_working_time(start + timedelta(seconds=gap), seconds) >= end
    assert calendar.add_working_time(start, seconds + gap) >= end


@given(calendar=ANY, start=MOMENTS, days=st.integers(1, 15), more=st.integers(0, 10))
def test_whatever_the_hours_a_limit_in_days_ends_at_closing_time(
    calendar: BusinessCalendar, start: datetime, days: int, more: int
) -> None:
    due = calendar.add_working_days(start, days)
    day = calendar.local_day(due)
    assert due.astimezone(calendar.tzinfo).time() == calendar.intervals(day)[-1][1]
    assert calendar.count_working_days(calendar.local_day(start), day) == days
    assert calendar.add_working_days(start, days + more) >= due


@given(calendar=ANY, start=MOMENTS, days=st.integers(1, 15), closed=DAYS)
def test_one_day_off_more_never_brings_a_limit_forward(
    calendar: BusinessCalendar, start: datetime, days: int, closed: date
) -> None:
    assume(closed not in calendar.exceptions)
    fewer = replace(calendar, closures={**calendar.closures, closed: "tutup"})
    assert fewer.add_working_days(start, days) >= calendar.add_working_days(start, days)
    assert fewer.add_working_time(start, days * 3600) >= calendar.add_working_time(start, days * 3600)


@pytest.mark.parametrize(
    ("begins", "ends", "limit"),
    [
        (wita("2026-03-17", 16), wita("2026-03-25", 8), wita("2026-03-27")),
        (wita("2026-03-17", 10), wita("2026-03-25", 10), wita("2026-03-30")),
        (wita("2026-03-20", 9), wita("2026-03-25", 12), wita("2026-03-30", 12)),
    ],
)
def test_a_pause_across_idul_fitri_holds_only_the_working_time_in_it(
    begins: datetime, ends: datetime, limit: datetime
) -> None:
    due = PALU.add_working_days(wita("2026-03-17", 9), 3)
    assert due == wita("2026-03-27")
    assert PALU.add_working_time(due, PALU.working_seconds(begins, ends)) == limit
