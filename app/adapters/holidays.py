"""National holidays and *cuti bersama* from the package `holidays`: a seed, not the law.

For 2026 it equals the decree (SKB 1497/2025, 2/2025, 5/2025) day for day. Dates that depend on the moon and
are not yet decreed carry "(perkiraan)" in their name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Final

import holidays

from app.domain.calendar import BusinessCalendar
from app.domain.city_calendar import ESTIMATED, DayOff

DECREES: Final = {2026: "SKB 3 Menteri 1497/2025, 2/2025, 5/2025"}
"""Decrees that were compared with the package day for day, by year."""
_LEAVE = "Cuti Bersama"


def national_holidays(years: Iterable[int]) -> dict[date, str]:
    """Holidays and joint leave of the given years with their Indonesian names, in order of date."""
    return {day: name for year in sorted(set(years)) for day, name in _year(year).items()}


def decreed_days(year: int, *, this_year: int) -> tuple[DayOff, ...]:
    """The same as rows of the calendar. Years to come are estimates unless their decree is known here."""
    decree = DECREES.get(year, "")
    status = "ditetapkan" if decree or year <= this_year else "perkiraan"
    return tuple(
        DayOff(day, "cuti_bersama" if _LEAVE in name else "libur_nasional", _plain(name), status, decree)
        for day, name in _year(year).items()
    )


def _plain(name: str) -> str:
    return name.replace(f" {ESTIMATED}", "")


class NationalHolidays(Mapping[date, str]):
    """The same, read year by year when first asked for. Iterating shows the years asked for so far."""

    def __init__(self) -> None:
        self._years: set[int] = set()

    def __getitem__(self, day: date) -> str:
        self._years.add(day.year)
        return _year(day.year)[day]

    def __iter__(self) -> Iterator[date]:
        return iter(national_holidays(self._years))

    def __len__(self) -> int:
        return len(national_holidays(self._years))


@cache
def default_calendar(zone: str = "Asia/Makassar") -> BusinessCalendar:
    """Monday to Friday 08.00–16.00 in a zone, less the national days; no local closures, no Ramadan hours."""
    return BusinessCalendar(zone=zone, holidays=NationalHolidays())


@cache
def _year(year: int) -> Mapping[date, str]:
    named = holidays.country_holidays("ID", years=year, categories=("public", "government"), language="id")
    return {day: name for day, name in sorted(named.items()) if day.year == year}
