"""Event logs that were asked for, and the journal: who read and who took what."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_COLUMNS = """
SELECT x.id, x.person_id, p.display_name, x.form, x.asked, x.plain, x.reports, x.total, x.written, x.state,
       x.started_at, x.moved_at, x.ended_at
FROM exports x JOIN persons p ON p.id = x.person_id
"""
_LAST = text(f"{_COLUMNS} ORDER BY x.started_at DESC, x.id LIMIT :most")
_ONE = text(f"{_COLUMNS} WHERE x.id = :id AND x.person_id = :person")

# Of one report its own events are read, all of them (OFFSET keeps the planner from walking the whole city's
# journal by time until enough of this report have come by).
_ITS_OWN = "(SELECT * FROM events WHERE stream_id = :report OFFSET 0)"
_READINGS = """
SELECT at, kind, name, role, number, purpose, detail, id FROM (
  (SELECT i.at, 'identitas' AS kind, coalesce(p.display_name, '') AS name,
          coalesce(r.name, i.role_code) AS role, c.number, i.purpose, to_jsonb(i.fields) AS detail,
          i.id::text AS id
   FROM identity_readings i JOIN reports c ON c.id = i.report_id
   LEFT JOIN persons p ON p.id = i.person_id LEFT JOIN roles r ON r.code = i.role_code
   WHERE i.person_id IS NOT NULL AND i.at <= :until {of_report} ORDER BY i.at DESC, i.id DESC LIMIT :most)
  UNION ALL
  (SELECT e.at, e.type, coalesce(p.display_name, ''), coalesce(r.name, e.role_code, ''),
          coalesce(c.number, ''), '', e.data::jsonb, lpad(e.seq::text, 20, '0')
   FROM {events} e LEFT JOIN reports c ON c.id = e.stream_id
   LEFT JOIN persons p ON p.id = e.actor_id LEFT JOIN roles r ON r.code = e.role_code
   WHERE e.type IN ('TraceRead', 'TraceExported', 'EventsExported') AND e.at <= :until
   ORDER BY e.at DESC, e.seq DESC LIMIT :most)
) AS journal ORDER BY at DESC, id DESC LIMIT :most
"""


def last_exports(session: Session, most: int) -> Sequence[Row[Any]]:
    """Those begun last, newest first: whoever may read the trace may know who took it."""
    return session.execute(_LAST, {"most": most}).all()


def export_of(session: Session, export_id: uuid.UUID, person_id: uuid.UUID) -> Row[Any] | None:
    """One of this person's own."""
    return session.execute(_ONE, {"id": export_id, "person": person_id}).one_or_none()


def readings(
    session: Session, *, until: datetime, most: int, report_id: uuid.UUID | None = None
) -> Sequence[Row[Any]]:
    """Who opened identities, read traces or took them, newest first, of all reports or of one: at, kind
    (`identitas` or the type of the event), name, role, number, purpose, detail (fields opened, or what the
    event tells)."""
    given: dict[str, Any] = {"until": until, "most": most}
    events, of_report = "events", ""
    if report_id is not None:
        given["report"] = report_id
        events, of_report = _ITS_OWN, "AND i.report_id = :report"
    query = text(_READINGS.format(events=events, of_report=of_report))
    return session.execute(query, given).all()
