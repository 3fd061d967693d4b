"""The rows of the city's calendar: read whole with their mark, locked, and changed.

A start of an SOP holds the calendar shared (`pushes.around_start`), a change of it holds it alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.db.pushes import LockedInstance, as_json, read_locked
from app.domain.city_calendar import CityCalendar, DayOff, SpecialHours, hours_from_json, hours_to_json

_MARK = text("SELECT mark FROM calendar_state")
_READ = text("""
SELECT c.mark, c.revision,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(date, kind, name, status, decree) ORDER BY date, kind),
                        '[]') FROM days_off) AS days_off,
       (SELECT jsonb_agg(jsonb_build_array(valid_from, hours) ORDER BY valid_from)
        FROM working_hours) AS weeks,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(id, name, first, last, hours) ORDER BY first, id), '[]')
        FROM special_hours) AS special
FROM calendar_state c
""")
_LOCK = text("SELECT mark FROM calendar_state FOR UPDATE")
_OPEN_GATE = text("SELECT set_config('tuntas.calendar_change', 'yes', true)")
_CLOSE_GATE = text("SELECT set_config('tuntas.calendar_change', '', true)")
_BUMP = text("""
UPDATE calendar_state SET revision = revision + 1, mark = gen_random_uuid(), changed_at = :now
RETURNING revision
""")
_ADD_DAYS = text("""
INSERT INTO days_off (date, kind, name, status, decree, added_by, added_at)
SELECT date, kind, name, status, decree, CAST(:by AS uuid), :now
FROM jsonb_to_recordset(CAST(:days AS jsonb)) AS r(date date, kind text, name text, status text, decree text)
""")
_DROP_DAYS = text("""
DELETE FROM days_off d USING jsonb_to_recordset(CAST(:days AS jsonb)) AS r(date date, kind text)
WHERE d.date = r.date AND d.kind = r.kind
""")
_SET_WEEK = text("""
INSERT INTO working_hours (valid_from, hours, added_by, added_at)
VALUES (:valid_from, CAST(:hours AS jsonb), CAST(:by AS uuid), :now)
ON CONFLICT (valid_from) DO UPDATE SET hours = excluded.hours, added_by = excluded.added_by,
       added_at = excluded.added_at
""")
_ADD_SPECIAL = text("""
INSERT INTO special_hours (id, name, first, last, hours, added_by, added_at)
VALUES (CAST(:id AS uuid), :name, :first, :last, CAST(:hours AS jsonb), CAST(:by AS uuid), :now)
""")
_DROP_SPECIAL = text("DELETE FROM special_hours WHERE id = CAST(:id AS uuid)")

_RUNNING = """
SELECT i.id, i.stream_id, i.report_id, i.sop_version_id, i.sop_key, i.main, i.state, i.revision, i.next_wake,
       i.started_at, i.total_due_at, i.total_paused_at, i.suspended_at, i.ended_at, s.last_seq, s.last_hash,
       r.number
FROM instances i JOIN streams s ON s.id = i.stream_id LEFT JOIN reports r ON r.id = i.report_id
WHERE i.ended_at IS NULL AND i.state IS NOT NULL AND i.id <> ALL(CAST(:known AS uuid[]))
ORDER BY i.id
"""
_READ_RUNNING = text(_RUNNING)
_LOCK_RUNNING = text(_RUNNING + "FOR UPDATE OF i, s")

_NAMES = text("""
SELECT w.id, w.name, coalesce(r.name, w.role_code) AS role_name, coalesce(u.short_name, '') AS unit_name
FROM work_items w LEFT JOIN roles r ON r.code = w.role_code LEFT JOIN units u ON u.code = w.unit_code
WHERE w.id = ANY(CAST(:ids AS uuid[])) ORDER BY w.id
""")


@dataclass(frozen=True, slots=True)
class StoredCalendar:
    """`mark`: which state of the rows this is."""

    mark: uuid.UUID
    revision: int
    rows: CityCalendar


def mark_of_calendar(session: Session) -> uuid.UUID:
    """The mark of the rows as they are now."""
    mark: uuid.UUID = session.execute(_MARK).scalar_one()
    return mark


def read_calendar(session: Session) -> StoredCalendar:
    """All rows and their mark, of one moment."""
    row = session.execute(_READ).one()
    return StoredCalendar(
        row.mark,
        row.revision,
        CityCalendar(
            tuple(DayOff(date.fromisoformat(day), *rest) for day, *rest in row.days_off),
            tuple((date.fromisoformat(start), hours_from_json(hours)) for start, hours in row.weeks),
            tuple(
                SpecialHours(
                    key, name, date.fromisoformat(first), date.fromisoformat(last), hours_from_json(hours)
                )
                for key, name, first, last, hours in row.special
            ),
        ),
    )


def lock_calendar(session: Session) -> uuid.UUID:
    """Wait until nobody changes the calendar and no SOP is being started, and hold it; its mark."""
    mark: uuid.UUID = session.execute(_LOCK).scalar_one()
    return mark


def running_instances(session: Session) -> list[LockedInstance]:
    """Every running SOP as it is, in the order of ids; not locked."""
    return [read_locked(row) for row in session.execute(_READ_RUNNING, {"known": []})]


def lock_running_instances(session: Session) -> list[LockedInstance]:
    """Wait for every running SOP, in the order of ids, and hold them all. While the calendar is held no other
    can begin, but one that was waited for may have begun another: asked until there are no more."""
    found: list[LockedInstance] = []
    while True:
        more = [
            read_locked(row) for row in session.execute(_LOCK_RUNNING, {"known": [one.id for one in found]})
        ]
        if not more:
            return sorted(found, key=lambda one: one.id)
        found += more


def names_of_tasks(session: Session, ids: Sequence[str]) -> Mapping[str, Row[Any]]:
    """Work item id as text -> name, role_name, unit_name."""
    return {str(row.id): row for row in session.execute(_NAMES, {"ids": list(ids)})}


def replace_rows(
    session: Session, old: CityCalendar, new: CityCalendar, *, by: str | None, now: datetime
) -> int:
    """Make the rows of `old` those of `new`; the new revision. The calendar is held."""
    session.execute(_OPEN_GATE)
    given = {"by": by, "now": now}
    before, after = set(old.days_off), set(new.days_off)
    if before - after:
        session.execute(_DROP_DAYS, {"days": _days(before - after)})
    if after - before:
        session.execute(_ADD_DAYS, {"days": _days(after - before), **given})
    known = dict(old.weeks)
    for start, hours in new.weeks:
        if known.get(start) != hours:
            values = {"valid_from": start, "hours": as_json(hours_to_json(hours)), **given}
            session.execute(_SET_WEEK, values)
    kept = {one.key for one in new.special}
    for one in old.special:
        if one.key not in kept:
            session.execute(_DROP_SPECIAL, {"id": one.key})
    had = {one.key for one in old.special}
    for one in new.special:
        if one.key not in had:
            values = {"id": one.key, "name": one.name, "first": one.first, "last": one.last}
            session.execute(_ADD_SPECIAL, {**values, "hours": as_json(hours_to_json(one.hours)), **given})
    session.execute(_CLOSE_GATE)
    revision: int = session.execute(_BUMP, {"now": now}).scalar_one()
    return revision


def _days(days: set[DayOff]) -> str:
    return as_json(
        [
            {
                "date": off.day.isoformat(),
                "kind": off.kind,
                "name": off.name,
                "status": off.status,
                "decree": off.decree,
            }
            for off in sorted(days, key=lambda off: (off.day, off.kind))
        ]
    )
