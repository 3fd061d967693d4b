"""A scenario may carry the days on which the city's own calendar differs, and then says the same anywhere."""

from datetime import UTC, date, datetime, time

import pytest

from app.domain.calendar import BusinessCalendar, Season
from app.engine.scenario import ScenarioInvalid, read_scenario
from app.engine.scenario_days import differing, read_days, with_days, write_days

RAMADAN = Season(
    date(2026, 2, 18), date(2026, 3, 19), {day: ((time(8), time(15)),) for day in range(5)}, "Ramadan"
)
USUAL = BusinessCalendar(holidays={date(2026, 3, 17): "Cuti bersama"})
CITY = BusinessCalendar(closures={date(2026, 3, 3): "Banjir"}, seasons=(RAMADAN,))


def test_a_scenario_with_the_days_that_differ_counts_as_the_city_does():
    days = read_days(write_days(differing(USUAL, CITY, date(2026, 3, 1), date(2026, 3, 31))))
    start = datetime(2026, 3, 2, 1, tzinfo=UTC)
    for n in range(1, 20):
        assert with_days(USUAL, days).add_working_days(start, n) == CITY.add_working_days(start, n)


def test_a_day_off_keeps_its_reason_and_a_holiday_that_is_worked_is_worked():
    days = differing(USUAL, CITY, date(2026, 3, 1), date(2026, 3, 31))
    assert days[date(2026, 3, 3)] == "Banjir"
    assert days[date(2026, 3, 17)] == ((time(8), time(15)),)
    assert date(2026, 3, 20) not in days
    assert with_days(USUAL, days).day_off(date(2026, 3, 3)) == "Banjir"


def test_equal_calendars_leave_nothing_to_carry():
    same = BusinessCalendar(holidays=USUAL.holidays)
    assert differing(USUAL, same, date(2026, 1, 1), date(2026, 12, 31)) == {}


@pytest.mark.parametrize("wrong", [
    {"kemarin": "libur"}, {"2026-03-03": 3}, {"2026-03-03": ""}, {"2026-03-03": ["15:00-08:00"]},
    {"2026-03-03": ["08:00-12:00", "11:00-15:00"]}, {"2026-03-03": ["pagi"]}, ["2026-03-03"],
])
def test_what_is_no_day_is_refused_by_name(wrong):
    with pytest.raises(ScenarioInvalid, match="calendar"):
        read_scenario({"sop": "uji", "calendar": wrong})
