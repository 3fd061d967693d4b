"""What happened to a report, oldest first, and where its running SOPs stand."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_EVENTS = text("""
SELECT e.seq, e.stream_seq, e.at, e.type, e.actor_kind, e.actor_id, e.role_code, e.source, e.data,
       coalesce(p.display_name, '') AS actor_name, coalesce(r.name, '') AS role_name,
       (SELECT jsonb_object_agg(s.field, s.value) FROM event_secrets s
        WHERE s.stream_id = e.stream_id AND s.stream_seq = e.stream_seq) AS secrets
FROM events e
LEFT JOIN persons p ON p.id = e.actor_id
LEFT JOIN roles r ON r.code = e.role_code
WHERE e.stream_id = :stream_id ORDER BY e.stream_seq
""")

_INSTANCES = text("""
SELECT id, sop_version_id, sop_key, main, state, waiting, started_at, total_due_at, total_paused_at, ended_at
FROM instances WHERE report_id = :report_id ORDER BY main DESC, started_at, id
""")

_OPEN_ITEMS = text("""
SELECT w.id, w.instance_id, w.process, w.element, w.name, w.role_code, w.unit_code, w.opened_at, w.due_at,
       w.claimed_by, coalesce(r.name, w.role_code) AS role_name, coalesce(u.name, '') AS unit_name,
       coalesce(h.display_name, '') AS claimed_by_name
FROM work_items w
LEFT JOIN roles r ON r.code = w.role_code
LEFT JOIN units u ON u.code = w.unit_code
LEFT JOIN persons h ON h.id = w.claimed_by
WHERE w.report_id = :report_id AND w.closed_at IS NULL ORDER BY w.opened_at, w.id
""")


def events_of(session: Session, stream_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Events of one stream with who acted, and `secrets`: the values behind commitments that still exist."""
    return session.execute(_EVENTS, {"stream_id": stream_id}).all()


def instances_of(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """The SOPs that run or ran for a report, its main one first."""
    return session.execute(_INSTANCES, {"report_id": report_id}).all()


def open_items_of(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """The report's open tasks with role and unit in words."""
    return session.execute(_OPEN_ITEMS, {"report_id": report_id}).all()
