"""What the city has set: its working calendar and time zone, as the engine's tools.

A push names the calendar's mark, which it read under its lock, and never counts with any other. Pages may be
a few seconds behind.
"""

from __future__ import annotations

import time
import uuid
from datetime import datetime
from functools import lru_cache
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.adapters.holidays import NationalHolidays
from app.db.calendars import StoredCalendar, mark_of_calendar, read_calendar
from app.domain.calendar import BusinessCalendar
from app.domain.city_calendar import CityCalendar
from app.engine.step import Tools

ZONE = "Asia/Makassar"
"""Palu lives in WITA."""
PAGES_LOOK_AGAIN: Final = 3.0
"""Seconds for which pages take the calendar as they last saw it."""
KEPT: Final = 8
"""Calendars kept in memory, by mark; one is in use."""

_known: dict[uuid.UUID, BusinessCalendar] = {}
_seen: WeakKeyDictionary[Engine, tuple[float, uuid.UUID]] = WeakKeyDictionary()


@lru_cache(maxsize=1)
def fallback() -> NationalHolidays:
    """National days of years the city has not entered."""
    return NationalHolidays()


def stream_of_city() -> uuid.UUID:
    """The event stream of the city's own lists."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "urn:tuntas:kota")


def in_force(rows: CityCalendar) -> BusinessCalendar:
    """The working calendar that rows make in this city."""
    return rows.business(ZONE, fallback())


def calendar_at(session: Session, mark: uuid.UUID) -> BusinessCalendar:
    """The calendar of this mark, read once per process. Not for the transaction that changes it."""
    found = _known.get(mark)
    if found is None:
        found = _remember(read_calendar(session))
    return found


def calendar(session: Session) -> BusinessCalendar:
    """For pages: at most a few seconds old."""
    engine = session.get_bind().engine
    looked, mark = _seen.get(engine, (0.0, None))
    now = time.monotonic()
    if mark is None or mark not in _known or now - looked > PAGES_LOOK_AGAIN:
        mark = mark_of_calendar(session)
        _seen[engine] = (now, mark)
    return calendar_at(session, mark)


def tools_at(session: Session, mark: uuid.UUID, now: datetime) -> Tools:
    """What a push may know of the outside at `now`."""
    return Tools(now=now, calendar=calendar_at(session, mark))


def tools(session: Session, now: datetime) -> Tools:
    """The same for a page that only shows."""
    return Tools(now=now, calendar=calendar(session))


def _remember(stored: StoredCalendar) -> BusinessCalendar:
    made = in_force(stored.rows)
    while len(_known) >= KEPT:
        _known.pop(next(iter(_known)), None)
    _known[stored.mark] = made
    return made
