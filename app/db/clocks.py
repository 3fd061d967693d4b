"""The clocks of a running report: how the total deadline starts, how any deadline moves or stops."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.pushes import as_json

_TOTAL = text("""
INSERT INTO deadlines (id, instance_id, kind, rule, started_at, due_at, first_due_at, arithmetic)
VALUES (:instance_id, :instance_id, 'total', :rule, :started_at, :due_at, :due_at,
        CAST(:arithmetic AS jsonb))
""")

_MOVE = text("""
WITH given AS (
  SELECT id, due_at, entry, coalesce(more, '{}') AS more
  FROM jsonb_to_recordset(CAST(:moved AS jsonb)) AS r(id uuid, due_at timestamptz, entry jsonb, more jsonb)
), items AS (
  UPDATE work_items w SET due_at = g.due_at FROM given g WHERE w.id = g.id AND w.closed_at IS NULL
)
UPDATE deadlines d SET due_at = g.due_at, arithmetic = d.arithmetic || g.more || jsonb_build_object(
  CAST(:kind AS text), coalesce(d.arithmetic -> CAST(:kind AS text), '[]') || g.entry)
FROM given g WHERE d.id = g.id AND d.stopped_at IS NULL
""")

_STOP_TOTAL = text("UPDATE deadlines SET stopped_at = :now WHERE id = :instance_id AND stopped_at IS NULL")


def start_total_clock(session: Session, values: Mapping[str, Any]) -> None:
    """Write the report's total deadline: instance_id, rule, started_at, due_at, arithmetic."""
    session.execute(_TOTAL, {**values, "arithmetic": as_json(values["arithmetic"])})


def move_due_dates(session: Session, moved: Sequence[Mapping[str, Any]], *, kind: str) -> None:
    """Move running deadlines: id (of a task, or of the instance for its total), due_at, and the entry that
    the arithmetic keeps under `kind` (`jeda`, `perpanjangan`, `kalender`); `more`: what else of it is new.

    `first_due_at` keeps the first date.
    """
    session.execute(_MOVE, {"moved": as_json(moved), "kind": kind})


def stop_total_clock(session: Session, instance_id: uuid.UUID, *, now: datetime) -> None:
    """The report has ended: its total clock stands still for good."""
    session.execute(_STOP_TOTAL, {"instance_id": instance_id, "now": now})
