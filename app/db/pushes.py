"""The set-based statements of one push: lock, close, open, save. One statement each.

Written as SQL because a push touches many rows of few kinds, and the cost of a push is the number of its
statements.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class LockedInstance:
    """An instance nobody else can push until this transaction ends, with its event stream's end."""

    id: uuid.UUID
    stream_id: uuid.UUID
    report_id: uuid.UUID | None
    sop_version_id: uuid.UUID
    sop_key: str
    main: bool
    state: dict[str, Any] | None
    revision: int
    next_wake: datetime | None
    started_at: datetime
    total_due_at: datetime | None
    total_paused_at: datetime | None
    suspended_at: datetime | None
    ended_at: datetime | None
    last_seq: int
    last_hash: bytes
    number: str | None


@dataclass(frozen=True, slots=True)
class Around:
    """What a push reads besides its instance, once it holds the lock: read with the lock itself, it could
    be older than the push that was waited for. `roles`: code -> [unit variable, home unit]; `status`, `opd`:
    the report's, None without one; `troubled`: an incident of the report is open; `calendar`: the mark of
    the calendar to count with; `wanted`: an operation on the report waits for a second person."""

    roles: Mapping[str, Sequence[str | None]]
    calendar: uuid.UUID
    status: str | None = None
    opd: str | None = None
    troubled: bool = False
    wanted: bool = False


_READ_ONE = """
SELECT i.id, i.stream_id, i.report_id, i.sop_version_id, i.sop_key, i.main, i.state, i.revision, i.next_wake,
       i.started_at, i.total_due_at, i.total_paused_at, i.suspended_at, i.ended_at, s.last_seq, s.last_hash,
       r.number
FROM instances i JOIN streams s ON s.id = i.stream_id LEFT JOIN reports r ON r.id = i.report_id
WHERE i.id = {which}
"""
_LOCK = f"{_READ_ONE}FOR UPDATE OF i, s"
_READ = text(_READ_ONE.format(which=":id"))
_LOCK_BY_ID = text(_LOCK.format(which=":id"))
_LOCK_BY_WORK_ITEM = text(_LOCK.format(which="(SELECT w.instance_id FROM work_items w WHERE w.id = :id)"))

_WORK_ITEM = text("""
SELECT w.id, w.instance_id, w.report_id, w.process, w.element, w.name, w.role_code, w.unit_code, w.opened_at,
       w.due_at, w.claimed_by, w.claimed_at, w.closed_at, w.closed_by, w.outcome,
       coalesce(c.display_name, '') AS closed_by_name, coalesce(h.display_name, '') AS claimed_by_name,
       r.status, r.opd, (SELECT mark FROM calendar_state) AS calendar,
       EXISTS (SELECT 1 FROM incidents n WHERE n.report_id = r.id AND n.resolved_at IS NULL) AS troubled,
       EXISTS (SELECT 1 FROM operation_reports x JOIN operations o ON o.id = x.operation_id
               WHERE x.report_id = r.id AND o.state = 'menunggu') AS wanted,
       (SELECT jsonb_object_agg(code, jsonb_build_array(unit_variable, home_unit)) FROM roles) AS roles
FROM work_items w LEFT JOIN reports r ON r.id = w.report_id
LEFT JOIN persons c ON c.id = w.closed_by LEFT JOIN persons h ON h.id = w.claimed_by
WHERE w.id = :id
""")

_AROUND_SQL = """
SELECT (SELECT jsonb_object_agg(code, jsonb_build_array(unit_variable, home_unit)) FROM roles) AS roles,
       r.status, r.opd, c.mark AS calendar,
       EXISTS (SELECT 1 FROM incidents n WHERE n.report_id = r.id AND n.resolved_at IS NULL) AS troubled,
       EXISTS (SELECT 1 FROM operation_reports x JOIN operations o ON o.id = x.operation_id
               WHERE x.report_id = r.id AND o.state = 'menunggu') AS wanted
FROM calendar_state c LEFT JOIN reports r ON r.id = :report_id
"""
_AROUND = text(_AROUND_SQL)
_AROUND_START = text(f"{_AROUND_SQL}FOR SHARE OF c")

_CLOSE = text("""
WITH given AS (
  SELECT id, reason, by FROM jsonb_to_recordset(CAST(:closed AS jsonb)) AS r(id uuid, reason text, by uuid)
), shut AS (
  UPDATE work_items w SET closed_at = :now, closed_by = g.by, outcome = g.reason
  FROM given g WHERE w.id = g.id AND w.closed_at IS NULL RETURNING w.id
), stopped AS (
  UPDATE deadlines d SET stopped_at = :now FROM shut WHERE d.id = shut.id AND d.stopped_at IS NULL
), emptied AS (
  DELETE FROM drafts d USING shut WHERE d.work_item_id = shut.id
)
SELECT count(*) FROM shut
""")

_OPEN = text("""
WITH given AS (
  SELECT * FROM jsonb_to_recordset(CAST(:opened AS jsonb)) AS r(
    id uuid, process text, element text, name text, role text, unit text, priority text, fresh boolean,
    opened_at timestamptz, due_at timestamptz, rule text, arithmetic jsonb, scope jsonb)
), placed AS (
  SELECT g.*, g.role = 'pelapor' OR EXISTS (
    SELECT 1 FROM grants a JOIN persons p ON p.id = a.person_id AND p.active
    WHERE a.role_code = g.role AND a.unit_code IS NOT DISTINCT FROM g.unit
      AND NOT (g.fresh AND EXISTS (
        SELECT 1 FROM work_items t
        WHERE t.report_id = :report_id AND t.closed_by = a.person_id AND t.outcome = 'completed'))
  ) AS has_somebody
  FROM given g
), put AS (
  INSERT INTO work_items (id, instance_id, report_id, process, element, name, role_code, unit_code, priority,
                          opened_at, due_at, scope)
  SELECT id, :instance_id, :report_id, process, element, name,
         CASE WHEN has_somebody THEN role ELSE 'admin_kominfo' END,
         CASE WHEN has_somebody THEN unit ELSE (SELECT home_unit FROM roles WHERE code = 'admin_kominfo') END,
         priority, opened_at, due_at, scope
  FROM placed RETURNING id, role_code, unit_code
), clocks AS (
  INSERT INTO deadlines (id, instance_id, kind, rule, started_at, due_at, first_due_at, arithmetic)
  SELECT id, :instance_id, 'tahap', rule, opened_at, due_at, due_at, arithmetic
  FROM given WHERE due_at IS NOT NULL
)
SELECT put.id, put.role_code, put.unit_code, placed.has_somebody FROM put JOIN placed USING (id)
""")

_OUTBOX = text("""
INSERT INTO outbox_messages (id, report_id, recipient, template, "values", state, attempts, created_at)
SELECT id, :report_id, recipient, template, "values", 'menunggu', 0, :now
FROM jsonb_to_recordset(CAST(:messages AS jsonb)) AS r(
  id uuid, recipient text, template text, "values" jsonb)
""")

_START = text("""
INSERT INTO instances (id, stream_id, report_id, sop_version_id, sop_key, main, state, revision, next_wake,
                       waiting, started_at, total_due_at, total_paused_at, ended_at, end_reason)
VALUES (:id, :stream_id, :report_id, :sop_version_id, :sop_key, :main, CAST(:state AS jsonb), 1, :next_wake,
        CAST(:waiting AS text[]), :now, :total_due_at, :total_paused_at, :ended_at, :end_reason)
""")

_SAVE_STATE = """
UPDATE instances SET state = CAST(:state AS jsonb), revision = revision + 1,
       next_wake = CASE WHEN suspended_at IS NULL THEN CAST(:next_wake AS timestamptz) END,
       suspended_at = CASE WHEN CAST(:ended_at AS timestamptz) IS NULL THEN suspended_at END,
       waiting = CAST(:waiting AS text[]), total_due_at = :total_due_at, total_paused_at = :total_paused_at,
       ended_at = :ended_at, end_reason = :end_reason
WHERE id = :id AND revision = :revision
"""
_SAVE_REPORT = """
WITH saved AS ({save}  RETURNING report_id)
UPDATE reports r SET status = :status, opd = (SELECT u.code FROM units u WHERE u.code = :opd),
       closed_at = CAST(:closed_at AS timestamptz),
       status_since = CASE WHEN r.status = :status THEN r.status_since ELSE :now END,
       end_reason = CAST(:report_end AS text),
       rating = coalesce(CAST(:rating AS int), r.rating),
       category_code = coalesce((SELECT c.code FROM categories c WHERE c.code = :category), r.category_code),
       duplicate_of = coalesce((SELECT o.id FROM reports o WHERE o.number = :duplicate_of), r.duplicate_of)
FROM saved WHERE r.id = saved.report_id
"""
_SAVE = text(_SAVE_STATE)
_SAVE_WITH_REPORT = text(_SAVE_REPORT.format(save=_SAVE_STATE))


def lock_instance(session: Session, instance_id: uuid.UUID) -> LockedInstance | None:
    """Wait for the instance and its stream, then read them; None: there is no such instance."""
    return _locked(session.execute(_LOCK_BY_ID, {"id": instance_id}).one_or_none())


def instance(session: Session, instance_id: uuid.UUID) -> LockedInstance | None:
    """The same without waiting and without holding it: for reading only."""
    return _locked(session.execute(_READ, {"id": instance_id}).one_or_none())


def lock_instance_of(session: Session, work_item_id: uuid.UUID) -> LockedInstance | None:
    """The same, by one of its tasks."""
    return _locked(session.execute(_LOCK_BY_WORK_ITEM, {"id": work_item_id}).one_or_none())


def work_item(session: Session, work_item_id: uuid.UUID) -> Row[Any] | None:
    """The task with who holds or closed it, and what is `Around` it: roles, status, opd."""
    return session.execute(_WORK_ITEM, {"id": work_item_id}).one_or_none()


def around(session: Session, report_id: uuid.UUID | None) -> Around:
    """What is around a locked instance of this report."""
    row = session.execute(_AROUND, {"report_id": report_id}).one()
    return Around(row.roles or {}, row.calendar, row.status, row.opd, row.troubled, row.wanted)


def around_start(session: Session, report_id: uuid.UUID | None) -> Around:
    """The same for an SOP that is about to begin. No instance is locked yet that a change of the calendar
    would wait for, so the calendar itself is held until this transaction ends."""
    row = session.execute(_AROUND_START, {"report_id": report_id}).one()
    return Around(row.roles or {}, row.calendar, row.status, row.opd, row.troubled, row.wanted)


def close_items(session: Session, closed: Sequence[Mapping[str, Any]], *, now: datetime) -> int:
    """Close tasks, stop their clocks, drop drafts. `closed`: id, reason, by. Returns how many closed."""
    return int(session.execute(_CLOSE, {"closed": as_json(closed), "now": now}).scalar_one())


def open_items(
    session: Session,
    opened: Sequence[Mapping[str, Any]],
    *,
    instance_id: uuid.UUID,
    report_id: uuid.UUID | None,
) -> Sequence[Row[Any]]:
    """Put tasks into inboxes and start their clocks; where nobody could do one it goes to Kominfo.

    Returns id, role_code, unit_code, has_somebody of each.
    """
    return session.execute(
        _OPEN, {"opened": as_json(opened), "instance_id": instance_id, "report_id": report_id}
    ).all()


def queue_messages(
    session: Session, messages: Sequence[Mapping[str, Any]], *, report_id: uuid.UUID | None, now: datetime
) -> None:
    """Write notices into the outbox. `messages`: id, recipient, template, values."""
    session.execute(_OUTBOX, {"messages": as_json(messages), "report_id": report_id, "now": now})


def insert_instance(session: Session, values: Mapping[str, Any]) -> None:
    """Write a new instance. `state` is JSON text or None."""
    session.execute(_START, {**values, "waiting": list(values["waiting"])})


def save_instance(session: Session, values: Mapping[str, Any]) -> bool:
    """Write the instance's new state, and its report's status where `values` has `status`; one that is held
    back stays asleep, whatever its timers say, until it ends or goes on. False: somebody
    else pushed meanwhile (cannot happen under the lock; the revision is the second belt)."""
    result = session.execute(_SAVE_WITH_REPORT if "status" in values else _SAVE, values)
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def _locked(row: Row[Any] | None) -> LockedInstance | None:
    return None if row is None else read_locked(row)


def read_locked(row: Row[Any]) -> LockedInstance:
    """A row with the columns of `LockedInstance`."""
    return LockedInstance(**{**row._mapping, "last_hash": bytes(row.last_hash)})


def as_json(value: Any) -> str:
    """A value as a statement's JSON parameter: moments in ISO form, ids as text."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_text, separators=(",", ":"))


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
