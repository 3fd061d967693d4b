"""The calendar's rows, the changes an admin may make of them, and the decree as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.holidays import NationalHolidays, decreed_days, default_calendar
from app.domain.calendar import OFFICE_HOURS
from app.domain.calendar_change import AddClosure, ImportDecree, RemoveClosure, SetHours, check_past
from app.domain.city_calendar import (
    FIRST_DAY,
    CityCalendar,
    DayOff,
    differing_days,
    hours_from_json,
    hours_to_json,
)
from app.domain.decree import read_decree
from app.domain.errors import Invalid

TODAY = date(2026, 3, 17)
EMPTY = CityCalendar((), ((FIRST_DAY, OFFICE_HOURS),), ())
FALLBACK = NationalHolidays()
ZONE = "Asia/Makassar"
LONGER = {weekday: ((time(7, 30), time(12)), (time(13), time(17))) for weekday in range(5)}


def test_a_city_that_entered_nothing_counts_as_the_package_does() -> None:
    made, known = EMPTY.business(ZONE, FALLBACK), default_calendar(ZONE)
    assert differing_days(made, known, date(2025, 1, 1), date(2029, 12, 31)) == []


@given(year=st.integers(2024, 2030))
def test_entering_what_the_package_knows_moves_no_day(year: int) -> None:
    rows = replace(EMPTY, days_off=decreed_days(year, this_year=2026))
    made = rows.business(ZONE, FALLBACK)
    assert differing_days(made, default_calendar(ZONE), date(2023, 1, 1), date(2031, 12, 31)) == []


def test_the_decree_of_2026_is_known_and_later_years_are_estimates() -> None:
    decreed = decreed_days(2026, this_year=2026)
    kinds = [off.kind for off in decreed]
    assert (kinds.count("libur_nasional"), kinds.count("cuti_bersama")) == (17, 8)
    assert {off.status for off in decreed} == {"ditetapkan"}
    assert {off.decree for off in decreed} == {"SKB 3 Menteri 1497/2025, 2/2025, 5/2025"}
    later = decreed_days(2027, this_year=2026)
    assert {(off.status, off.decree) for off in later} == {("perkiraan", "")}
    assert all(off.reason.endswith("(perkiraan)") for off in later)


def test_new_weekly_hours_leave_the_days_before_them_alone() -> None:
    rows = SetHours(date(2026, 4, 1), LONGER).applied(EMPTY, TODAY)
    made = rows.business(ZONE, FALLBACK)
    assert made.intervals(date(2026, 3, 31)) == ((time(8), time(16)),)
    assert made.intervals(date(2026, 4, 1)) == LONGER[2]
    again = SetHours(date(2026, 4, 1), OFFICE_HOURS).applied(rows, TODAY)
    assert len(again.weeks) == 2
    with pytest.raises(Invalid, match="1 April 2026"):
        SetHours(date(2026, 3, 20), LONGER).applied(rows, TODAY)


@given(day=st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_taking_a_closure_back_is_refused_once_its_day_has_begun(day: date) -> None:
    closed = replace(EMPTY, days_off=(DayOff(day, "penutupan", "Banjir"),))
    before = closed.business(ZONE, FALLBACK)
    after = RemoveClosure(day).applied(closed, TODAY).business(ZONE, FALLBACK)
    if after.is_working_day(day) and TODAY - timedelta(days=400) < day <= TODAY:
        with pytest.raises(Invalid):
            check_past(before, after, TODAY)
    else:
        check_past(before, after, TODAY)


@given(minutes=st.integers(0, 75 * 24 * 60), days=st.integers(1, 30))
def test_no_allowed_change_makes_an_open_deadline_late(minutes: int, days: int) -> None:
    now = datetime(2026, 3, 17, 2, tzinfo=UTC)
    begun = now - timedelta(minutes=minutes)
    closed = AddClosure(date(2026, 3, 26), "Banjir").applied(EMPTY, TODAY)
    for old, new in ((closed, EMPTY), (EMPTY, SetHours(date(2026, 3, 18), LONGER).applied(EMPTY, TODAY))):
        before, after = old.business(ZONE, FALLBACK), new.business(ZONE, FALLBACK)
        check_past(before, after, TODAY)
        if before.add_working_days(begun, days) > now:
            assert after.add_working_days(begun, days) > now
        if before.add_working_time(begun, days * 7200) > now:
            assert after.add_working_time(begun, days * 7200) > now


def test_hours_survive_being_stored() -> None:
    assert hours_from_json(hours_to_json(LONGER)) == LONGER


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_decree_is_read_with_any_usual_separator(mark: str) -> None:
    table = (
        "tanggal,nama,jenis,status,keputusan\r\n"
        "2027-01-01,Tahun Baru,libur_nasional,ditetapkan,SKB 1/2026\r\n"
        "\r\n02/01/2027,Cuti Bersama,Cuti bersama,perkiraan,\r\n"
    )
    read = read_decree(table.replace(",", mark))
    assert read == ImportDecree(
        2027,
        (
            DayOff(date(2027, 1, 1), "libur_nasional", "Tahun Baru", "ditetapkan", "SKB 1/2026"),
            DayOff(date(2027, 1, 2), "cuti_bersama", "Cuti Bersama", "perkiraan", ""),
        ),
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2027-02-30,Salah,libur_nasional,perkiraan,", "bukan tanggal"),
        ("2027-02-03,Salah,libur,perkiraan,", "Jenis “libur” tidak dikenal"),
        ("2027-02-03,Salah,penutupan,perkiraan,", "tidak dikenal"),
        ("2027-02-03,Salah,libur_nasional,mungkin,", "Status “mungkin” tidak dikenal"),
        ("2027-02-03,Salah,libur_nasional,ditetapkan,", "memerlukan nomor keputusannya"),
        ("2027-02-03,Salah,libur_nasional", "Perlu 5 kolom"),
        ("2027-01-01,Lagi,libur_nasional,perkiraan,", "sudah ada di baris 2"),
        ("2028-01-01,Lain,libur_nasional,perkiraan,", "Tahunnya bukan 2027"),
        ("2027-02-03,X,libur_nasional,perkiraan,", "3 sampai 120"),
    ],
)
def test_what_is_wrong_in_a_decree_is_named_by_line(line: str, words: str) -> None:
    sound = "tanggal,nama,jenis,status,keputusan\n2027-01-01,Tahun Baru,libur_nasional,perkiraan,\n"
    faults = read_decree(f"{sound}{line}\n")
    assert not isinstance(faults, ImportDecree)
    assert [fault.line for fault in faults] == [3]
    assert words in faults[0].text


def test_an_empty_table_is_no_decree() -> None:
    for table in ("", "tanggal,nama,jenis,status,keputusan\n", "\n\n"):
        assert not isinstance(read_decree(table), ImportDecree)


@given(table=st.text())
def test_any_text_is_either_a_decree_or_faults(table: str) -> None:
    read = read_decree(table)
    assert isinstance(read, ImportDecree) or read
