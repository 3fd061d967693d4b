"""What the city has set: its working calendar and time zone, as the engine's tools."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from app.adapters.holidays import default_calendar
from app.domain.calendar import BusinessCalendar
from app.engine.step import Tools

ZONE = "Asia/Makassar"
"""Palu lives in WITA."""


@lru_cache(maxsize=1)
def calendar() -> BusinessCalendar:
    """Monday to Friday 08.00–16.00 less national holidays and *cuti bersama*."""
    return default_calendar(ZONE)


def tools(now: datetime) -> Tools:
    """What a push may know of the outside at `now`."""
    return Tools(now=now, calendar=calendar())
