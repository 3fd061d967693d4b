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
  SELECT id, due_at FROM jsonb_to_recordset(CAST(:moved AS jsonb)) AS r(id uuid, due_at timestamptz)
), items AS (
  UPDATE work_items w SET due_at = g.due_at FROM given g WHERE w.id = g.id AND w.closed_at IS NULL
)
UPDATE deadlines d SET due_at = g.due_at FROM given g
WHERE d.id = g.id AND d.stopped_at IS NULL
""")

_MOVE_TOTAL = text("""
UPDATE deadlines SET due_at = coalesce(:due_at, due_at), arithmetic = arithmetic || CAST(:more AS jsonb),
       stopped_at = CAST(:stopped_at AS timestamptz)
WHERE id = :instance_id AND stopped_at IS NULL
""")


def start_total_clock(session: Session, values: Mapping[str, Any]) -> None:
    """Write the report's total deadline: instance_id, rule, started_at, due_at, arithmetic."""
    session.execute(_TOTAL, {**values, "arithmetic": as_json(values["arithmetic"])})


def move_due_dates(session: Session, moved: Sequence[Mapping[str, Any]]) -> None:
    """Move open tasks' deadlines: id, due_at. `first_due_at` keeps the first date."""
    session.execute(_MOVE, {"moved": as_json(moved)})


def change_total_clock(
    session: Session,
    instance_id: uuid.UUID,
    *,
    due_at: datetime | None = None,
    more: Mapping[str, Any] | None = None,
    stopped_at: datetime | None = None,
) -> None:
    """Move, annotate or stop the running total deadline."""
    session.execute(
        _MOVE_TOTAL,
        {"instance_id": instance_id, "due_at": due_at, "more": as_json(more or {}), "stopped_at": stopped_at},
    )
