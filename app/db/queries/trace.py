"""What the trace of a report shows beside its events: tasks with clocks, versions, messages, incidents."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_INSTANCES = text("""
SELECT i.id, i.sop_version_id, i.sop_key, i.main, i.state, i.started_at, i.total_due_at, i.ended_at,
       d.rule, d.first_due_at, d.started_at AS clock_from, d.kind,
       jsonb_build_object('mulai', d.started_at, 'aturan', d.rule, 'hasil', d.due_at,
       'satuan', CASE WHEN d.rule ~ '(hari|jam)_kerja' THEN 'kerja' ELSE 'jam' END, 'sumber', '',
       'dilewati', jsonb_build_array()) || d.arithmetic AS arithmetic
FROM instances i LEFT JOIN deadlines d ON d.id = i.id
WHERE i.report_id = :id ORDER BY i.main DESC, i.started_at, i.id
""")

_TASKS = text("""
SELECT w.id, w.instance_id, w.process, w.element, w.name, w.opened_at, w.due_at, w.closed_at, w.outcome,
       w.unit_code, d.first_due_at, coalesce(r.name, w.role_code) AS role_name,
       coalesce(u.name, '') AS unit_name, coalesce(p.display_name, '') AS closed_by_name,
       CASE WHEN d.id IS NOT NULL THEN
       jsonb_build_object('mulai', d.started_at, 'aturan', d.rule, 'hasil', d.due_at,
       'satuan', CASE WHEN d.rule ~ '(hari|jam)_kerja' THEN 'kerja' ELSE 'jam' END, 'sumber', '',
       'dilewati', jsonb_build_array()) || d.arithmetic END AS arithmetic
FROM work_items w
LEFT JOIN deadlines d ON d.id = w.id
LEFT JOIN roles r ON r.code = w.role_code
LEFT JOIN units u ON u.code = w.unit_code
LEFT JOIN persons p ON p.id = w.closed_by
WHERE w.report_id = :id ORDER BY w.opened_at, w.id
""")

_VERSIONS = text("SELECT id, key, version, name, published_at FROM sop_versions WHERE id = ANY(:ids)")

_MESSAGES = text("""
SELECT id, recipient, template, state, attempts, channel, created_at, sent_at
FROM outbox_messages WHERE report_id = :id ORDER BY created_at, id
""")

_INCIDENTS = text("""
SELECT id, element, cause, attempts, opened_at, resolved_at
FROM incidents WHERE report_id = :id ORDER BY opened_at, id
""")

_HASHES = text("SELECT stream_seq, hash FROM events WHERE stream_id = :id ORDER BY stream_seq")

_READ = text("""
SELECT EXISTS (SELECT 1 FROM events WHERE stream_id = :id AND type = 'TraceRead' AND actor_id = :person
               AND at >= :since)
""")


def instances(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """The SOPs that run or ran for a report, its main one first, each with its total clock."""
    return session.execute(_INSTANCES, {"id": report_id}).all()


def tasks(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Every task there ever was, oldest first, with its clock."""
    return session.execute(_TASKS, {"id": report_id}).all()


def versions(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Row[Any]]:
    """id, key, version, name, published_at; by id."""
    rows = session.execute(_VERSIONS, {"ids": list(ids)}).all()
    return {row.id: row for row in rows}


def messages(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """What was or is to be sent, without a word of whom it reaches in the end."""
    return session.execute(_MESSAGES, {"id": report_id}).all()


def incidents(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Every time the SOP could not go on."""
    return session.execute(_INCIDENTS, {"id": report_id}).all()


def hashes(session: Session, stream_id: uuid.UUID) -> dict[int, bytes]:
    """Place in the stream -> hash."""
    rows = session.execute(_HASHES, {"id": stream_id})
    return {row.stream_seq: bytes(row.hash) for row in rows}


def was_read(session: Session, report_id: uuid.UUID, person: uuid.UUID, since: datetime) -> bool:
    """Whether this person opened this trace since that moment."""
    found = session.scalar(_READ, {"id": report_id, "person": person, "since": since})
    return bool(found)
