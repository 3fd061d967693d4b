"""What the trace says of reports: the statements that read it in slices and write down what was gathered.

Each works on many reports at once; a slice is one transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.db.pushes import as_json

_READER = """
SELECT t.upto, t.seen, t.horizon, coalesce((SELECT max(seq) FROM events), 0) AS last,
       CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS oldest,
       CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS next
FROM trace_readers t WHERE t.name = :name FOR UPDATE {how}
"""
_READER_NOW = text(_READER.format(how="SKIP LOCKED"))
_READER_WAIT = text(_READER.format(how=""))
_MOVE_READER = text("""
UPDATE trace_readers SET upto = :upto, seen = :seen, horizon = :horizon WHERE name = :name
""")

_NEWS = text("""
SELECT coalesce((SELECT max(seq) FROM events), 0)
       > coalesce((SELECT upto FROM trace_readers WHERE name = :name), 0)
""")
_WINDOW = text("""
SELECT max(seq) FROM (SELECT seq FROM events WHERE seq > :after AND seq <= :until ORDER BY seq LIMIT :most) e
""")
_GROWN = text("""
SELECT e.stream_id FROM events e JOIN reports r ON r.id = e.stream_id
LEFT JOIN report_traits t ON t.report_id = e.stream_id
WHERE e.seq > :after AND e.seq <= :until AND e.stream_seq > coalesce(t.seq, 0)
GROUP BY e.stream_id ORDER BY min(e.seq) LIMIT :most
""")
_BEHIND = text("""
SELECT r.id FROM streams s JOIN reports r ON r.id = s.id LEFT JOIN report_traits t ON t.report_id = s.id
WHERE s.last_seq > coalesce(t.seq, 0) AND r.id > coalesce(CAST(:after AS uuid), :nobody)
ORDER BY r.id LIMIT :most
""")

_KNOWN = text("""
SELECT r.id, r.number, r.kelurahan_code, r.received_at, t.report_id IS NOT NULL AS known,
       coalesce(t.seq, 0) AS seq, t.versions, t.persons, t.units, t.late, t.returned, t.reopened, t.bounced,
       t.escalated, t.migrated, t.path_id, t.notes
FROM reports r LEFT JOIN report_traits t ON t.report_id = r.id WHERE r.id = ANY(:ids)
""")
_EVENTS = text("""
SELECT e.stream_id, e.stream_seq, e.at, e.type, e.actor_kind, e.actor_id, e.data
FROM unnest(CAST(:ids AS uuid[]), CAST(:after AS int[]), CAST(:until AS int[])) AS g(id, after, until)
JOIN events e ON e.stream_id = g.id AND e.stream_seq > g.after
 AND (g.until IS NULL OR e.stream_seq <= g.until)
ORDER BY e.stream_id, e.stream_seq
""")
_PLACES = text("SELECT report_id, seq FROM report_traits")
_INSTANCES = text("""
SELECT i.id, i.report_id, i.sop_key, i.main, i.started_at, d.due_at, d.first_due_at
FROM instances i LEFT JOIN deadlines d ON d.id = i.id
WHERE i.report_id = ANY(:ids) ORDER BY i.main DESC, i.started_at, i.id
""")
_TASKS = text("""
SELECT w.id, w.instance_id, w.unit_code, w.opened_at, w.claimed_at, w.closed_at, w.due_at, w.scope,
       d.first_due_at
FROM work_items w LEFT JOIN deadlines d ON d.id = w.id WHERE w.id = ANY(:ids)
""")

_KEEP = text("""
WITH given AS (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    report_id uuid, seq int, versions jsonb, persons jsonb, units jsonb, late boolean, returned int,
    reopened int, bounced int, escalated int, migrated int, path_id uuid, notes jsonb)
)
INSERT INTO report_traits (report_id, seq, versions, persons, units, late, returned, reopened, bounced,
                           escalated, migrated, path_id, notes)
SELECT report_id, seq,
       ARRAY(SELECT CAST(v AS uuid) FROM jsonb_array_elements_text(versions) v),
       ARRAY(SELECT CAST(p AS uuid) FROM jsonb_array_elements_text(persons) p),
       ARRAY(SELECT u FROM jsonb_array_elements_text(units) u),
       late, returned, reopened, bounced, escalated, migrated, path_id, nullif(notes, 'null')
FROM given
ON CONFLICT (report_id) DO UPDATE SET
  seq = excluded.seq, versions = excluded.versions, persons = excluded.persons, units = excluded.units,
  late = excluded.late, returned = excluded.returned, reopened = excluded.reopened,
  bounced = excluded.bounced, escalated = excluded.escalated, migrated = excluded.migrated,
  path_id = excluded.path_id, notes = excluded.notes
""")
_WAYS = text("""
INSERT INTO trace_paths (id, sop_key, steps, reports)
SELECT id, sop_key, ARRAY(SELECT s FROM jsonb_array_elements_text(steps) s), reports
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, sop_key text, steps jsonb, reports int)
ON CONFLICT (id) DO UPDATE SET reports = trace_paths.reports + excluded.reports
""")
_TIMES = text("""
INSERT INTO step_times AS s (version_id, unit, kelurahan, month, kind, place, bucket, times, late,
                             signed_late, again, dropped, waiting, working, elapsed)
SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
  version_id uuid, unit text, kelurahan text, month date, kind text, place text, bucket int, times int,
  late int, signed_late int, again int, dropped int, waiting bigint, working bigint, elapsed bigint)
ON CONFLICT (version_id, unit, kelurahan, month, kind, place, bucket) DO UPDATE SET
  times = s.times + excluded.times, late = s.late + excluded.late,
  signed_late = s.signed_late + excluded.signed_late, again = s.again + excluded.again,
  dropped = s.dropped + excluded.dropped, waiting = s.waiting + excluded.waiting,
  working = s.working + excluded.working, elapsed = s.elapsed + excluded.elapsed
""")
_FORGET = [
    text("DELETE FROM step_times"),
    text("DELETE FROM report_traits"),
    text("DELETE FROM trace_paths"),
]
_PRINT = "SELECT count(*), coalesce(sum(hashtextextended(CAST(t AS text), 0)), 0) FROM {table} t"
_PRINTS = {
    name: text(_PRINT.format(table=name)) for name in ("trace_paths", "report_traits", "step_times")
}
_STATE = text("""
SELECT (SELECT count(*) FROM report_traits) AS taken,
       (SELECT count(*) FROM streams s JOIN reports r ON r.id = s.id
        LEFT JOIN report_traits t ON t.report_id = s.id WHERE s.last_seq > coalesce(t.seq, 0)) AS behind,
       (SELECT count(*) FROM trace_paths) AS ways,
       (SELECT coalesce(sum(times), 0) FROM step_times WHERE unit = '' AND kelurahan = '') AS times
""")


def hold_reader(session: Session, name: str, *, wait: bool = False) -> Row[Any] | None:
    """Hold a reader of the trace until this transaction ends: upto, seen, horizon; `last` event that can be
    seen; `oldest` transaction that may still write and the `next` one to begin. None: another holds it."""
    query = _READER_WAIT if wait else _READER_NOW
    return session.execute(query, {"name": name}).one_or_none()


def move_reader(
    session: Session, name: str, *, upto: int, seen: int | None, horizon: int | None
) -> None:
    session.execute(_MOVE_READER, {"name": name, "upto": upto, "seen": seen, "horizon": horizon})


def has_news(session: Session, name: str) -> bool:
    """Whether there is an event that a reader has not surely read."""
    return bool(session.scalar(_NEWS, {"name": name}))


def window_end(session: Session, *, after: int, until: int, most: int) -> int:
    """The place of the last of at most so many events behind `after`; `until` when there is none."""
    found = session.scalar(_WINDOW, {"after": after, "until": until, "most": most})
    return until if found is None else int(found)


def grown(session: Session, *, after: int, until: int, most: int | None = None) -> Sequence[uuid.UUID]:
    """Reports with events between two places that are not in yet, the longest waiting first."""
    return session.scalars(_GROWN, {"after": after, "until": until, "most": most}).all()


def behind(session: Session, most: int, *, after: uuid.UUID | None = None) -> Sequence[uuid.UUID]:
    """Reports of which any event is not in yet, whatever readers believe; in the order of ids, from behind
    one of them on."""
    return session.scalars(_BEHIND, {"most": most, "after": after, "nobody": uuid.UUID(int=0)}).all()


def known(session: Session, ids: Sequence[uuid.UUID]) -> Sequence[Row[Any]]:
    """Reports with what is gathered of them so far."""
    return session.execute(_KNOWN, {"ids": list(ids)}).all()


def events_after(
    session: Session, after: Mapping[uuid.UUID, int], until: Mapping[uuid.UUID, int]
) -> Sequence[Row[Any]]:
    """The events of reports behind a place of each, and up to another where `until` names one; report after
    report in the order of their chains."""
    given = {
        "ids": list(after), "after": list(after.values()), "until": [until.get(report) for report in after],
    }  # fmt: skip
    return session.execute(_EVENTS, given).all()


def places(session: Session) -> dict[uuid.UUID, int]:
    """Report -> place of its last event that is in."""
    return {row.report_id: row.seq for row in session.execute(_PLACES)}


def instances(session: Session, ids: Sequence[uuid.UUID]) -> Sequence[Row[Any]]:
    """The SOPs that run or ran for reports, with their total limits; a report's main one first."""
    return session.execute(_INSTANCES, {"ids": list(ids)}).all()


def tasks(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[str, Row[Any]]:
    """Tasks with the limit first promised, by id in text form."""
    return {str(row.id): row for row in session.execute(_TASKS, {"ids": list(ids)})}


def keep(
    session: Session,
    *,
    traits: Sequence[Mapping[str, Any]],
    ways: Sequence[Mapping[str, Any]],
    times: Sequence[Mapping[str, Any]],
) -> None:
    """Write reports' traits anew, and count ways and times on."""
    for query, rows in ((_WAYS, ways), (_KEEP, traits), (_TIMES, times)):
        if rows:
            session.execute(query, {"rows": as_json(rows)})


def forget(session: Session) -> None:
    """Take away everything that was gathered."""
    for query in _FORGET:
        session.execute(query)


def fingerprints(session: Session) -> dict[str, tuple[Any, ...]]:
    """Table -> what is the same only for the same rows."""
    return {name: tuple(session.execute(query).one()) for name, query in _PRINTS.items()}


def standing(session: Session) -> Row[Any]:
    """taken: reports that are in; behind: of which events are missing; ways; times that were counted."""
    return session.execute(_STATE).one()
