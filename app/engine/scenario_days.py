"""The days a scenario counts otherwise than the calendar it is walked with.

A scenario that a person kept while trying out a draft ran on the city's own calendar: with local closures and
Ramadan hours that no calendar everywhere knows. It carries the days on which the two differ, so that it says
the same on every machine. An extension of the SOP file contract, "Scenarios":

    calendar: {"2026-03-20": "Penutupan kantor", "2026-03-17": ["08:00-15:00"]}

A text is a day off and its reason; a list is the opening hours of a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from typing import TypeAlias

from app.domain.calendar import BusinessCalendar, Interval
from app.engine.step import Json, WorkingTime

Days: TypeAlias = Mapping[date, str | tuple[Interval, ...]]
MOST_DAYS = 1_500
HORIZON = timedelta(days=730)


class DaysInvalid(ValueError):
    """Not days as the contract says; the text is Indonesian."""


def read_days(raw: Mapping[str, Json]) -> Days:
    """Read the mapping. Raises DaysInvalid."""
    if len(raw) > MOST_DAYS:
        raise DaysInvalid(f"calendar: paling banyak {MOST_DAYS} hari.")
    return {_day(text): _how(text, how) for text, how in raw.items()}


def write_days(days: Days) -> dict[str, Json]:
    """The reverse of `read_days`, in order of date."""
    return {
        day.isoformat(): how if isinstance(how, str) else [f"{a:%H:%M}-{b:%H:%M}" for a, b in how]
        for day, how in sorted(days.items())
    }


def with_days(calendar: WorkingTime, days: Days) -> WorkingTime:
    """The calendar with these days put in. A calendar of another kind stays as it is."""
    if not days or not isinstance(calendar, BusinessCalendar):
        return calendar
    off = {day: how for day, how in days.items() if isinstance(how, str)}
    hours = {day: how for day, how in days.items() if not isinstance(how, str)}
    return replace(
        calendar,
        closures={**calendar.closures, **off},
        exceptions={**{d: h for d, h in calendar.exceptions.items() if d not in off}, **hours},
    )


def differing(usual: BusinessCalendar, own: BusinessCalendar, first: date, last: date) -> Days:
    """Days from `first` to `last`, both included but two years at most, that `own` counts otherwise."""
    found: dict[date, str | tuple[Interval, ...]] = {}
    day = first
    while day <= min(last, first + HORIZON):
        hours = own.intervals(day)
        if hours != usual.intervals(day):
            found[day] = hours or own.day_off(day) or ()
        day += timedelta(days=1)
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DaysInvalid(f"calendar: “{text}” bukan tanggal seperti 2026-03-20.") from None


def _how(text: str, raw: Json) -> str | tuple[Interval, ...]:
    if isinstance(raw, str) and raw.strip():
        return raw.strip()
    if not isinstance(raw, list):
        raise DaysInvalid(f"calendar: {text} berisi alasan libur, atau daftar jam seperti 08:00-15:00.")
    found = tuple(_interval(text, one) for one in raw)
    edges = [edge for interval in found for edge in interval]
    if edges != sorted(edges):
        raise DaysInvalid(f"calendar: {text}: tulis jam berurutan, tanpa bertumpang tindih.")
    return found


def _interval(text: str, raw: Json) -> Interval:
    opens, dash, closes = str(raw).partition("-")
    try:
        found = time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())
    except ValueError:
        found = None
    if not dash or found is None or found[0] >= found[1]:
        raise DaysInvalid(f"calendar: {text}: “{raw}” bukan jam seperti 08:00-15:00.")
    return found
