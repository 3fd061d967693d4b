"""A new city's days off, from last year to the year after next, as the package `holidays` knows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.adapters.holidays import decreed_days
from app.db import calendars
from app.services import city


def seed_calendar(session: Session, *, now: datetime) -> int:
    """Enter the national days of the years around `now` that the city has not entered; how many.

    No deadline moves: until now those years were counted with the very same days.
    """
    calendars.lock_calendar(session)
    stored = calendars.read_calendar(session)
    this_year = city.in_force(stored.rows).local_day(now).year
    known = stored.rows.decreed_years()
    missing = [year for year in range(this_year - 1, this_year + 3) if year not in known]
    days = [day for year in missing for day in decreed_days(year, this_year=this_year)]
    if days:
        whole = replace(stored.rows, days_off=(*stored.rows.days_off, *days))
        calendars.replace_rows(session, stored.rows, whole, by=None, now=now)
    return len(days)
