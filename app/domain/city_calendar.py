"""The city's calendar as the rows it is kept in, and the working calendar that they make.

Years for which no decree or estimate was entered take the days of a fallback (the package `holidays`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Final

from app.domain.calendar import BusinessCalendar, Interval, Season, WeeklyHours

NATIONAL: Final = ("libur_nasional", "cuti_bersama")
CLOSURE: Final = "penutupan"
FIRST_DAY: Final = date(1900, 1, 1)
"""Since when the first weekly hours hold."""
ESTIMATED: Final = "(perkiraan)"


@dataclass(frozen=True, slots=True)
class DayOff:
    """`kind`: `libur_nasional`, `cuti_bersama`, `penutupan`; `status`: `ditetapkan`, `perkiraan`."""

    day: date
    kind: str
    name: str
    status: str = "ditetapkan"
    decree: str = ""

    @property
    def reason(self) -> str:
        """The name as a deadline's arithmetic shows it."""
        if self.status == "perkiraan" and ESTIMATED not in self.name:
            return f"{self.name} {ESTIMATED}"
        return self.name


@dataclass(frozen=True, slots=True)
class SpecialHours:
    """Other weekly hours from `first` to `last`, both included. `key` is the row's id as text."""

    key: str
    name: str
    first: date
    last: date
    hours: WeeklyHours


@dataclass(frozen=True, slots=True)
class CityCalendar:
    """All rows. `weeks`: weekly hours with the day from which they hold, oldest first."""

    days_off: tuple[DayOff, ...]
    weeks: tuple[tuple[date, WeeklyHours], ...]
    special: tuple[SpecialHours, ...]

    def decreed_years(self) -> frozenset[int]:
        """Years whose national days are entered."""
        return frozenset(off.day.year for off in self.days_off if off.kind in NATIONAL)

    def business(self, zone: str, fallback: Mapping[date, str]) -> BusinessCalendar:
        """The working calendar. Raises CalendarFault when it is contradictory."""
        past = tuple(
            Season(start, later - timedelta(days=1), hours)
            for (start, hours), (later, _) in zip(self.weeks, self.weeks[1:], strict=False)
        )
        return BusinessCalendar(
            zone=zone,
            hours=self.weeks[-1][1],
            holidays=_Holidays(
                {off.day: off.reason for off in self.days_off if off.kind in NATIONAL},
                self.decreed_years(),
                fallback,
            ),
            closures={off.day: off.reason for off in self.days_off if off.kind == CLOSURE},
            seasons=(*(Season(one.first, one.last, one.hours, one.name) for one in self.special), *past),
        )


class _Holidays(Mapping[date, str]):
    """Entered days; of years nothing was entered for, the fallback's."""

    def __init__(self, entered: Mapping[date, str], years: frozenset[int], fallback: Mapping[date, str]):
        self._entered, self._years, self._fallback = entered, years, fallback

    def __getitem__(self, day: date) -> str:
        return self._entered[day] if day.year in self._years else self._fallback[day]

    def __iter__(self) -> Iterator[date]:
        yield from self._entered
        yield from (day for day in self._fallback if day.year not in self._years)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def differing_days(one: BusinessCalendar, other: BusinessCalendar, first: date, last: date) -> list[date]:
    """Days from `first` to `last`, both included, whose opening hours are not the same in both."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if one.intervals(day) != other.intervals(day)]


def opens_more(old: BusinessCalendar, new: BusinessCalendar, day: date) -> bool:
    """Whether the new calendar has working time on `day` that the old one had not."""
    had = old.intervals(day)
    return any(
        not any(begins <= opens and closes <= ends for begins, ends in had)
        for opens, closes in new.intervals(day)
    )


def hours_to_json(hours: WeeklyHours) -> dict[str, Any]:
    """Weekday as text -> pairs of `HH.MM`-like ISO times."""
    return {
        str(weekday): [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in intervals]
        for weekday, intervals in sorted(hours.items())
        if intervals
    }


def hours_from_json(stored: Mapping[str, Any]) -> dict[int, tuple[Interval, ...]]:
    """The reverse of `hours_to_json`."""
    return {
        int(weekday): tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in pairs)
        for weekday, pairs in stored.items()
    }
