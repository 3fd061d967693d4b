"""What a trace shows beside its events: tasks with clocks, versions, messages, incidents; of a report, or of
an instance behind which no report stands."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_INSTANCES = """
SELECT i.id, i.sop_version_id, i.sop_key, i.main, i.state, i.revision, i.started_at,
       i.total_due_at, i.ended_at, i.end_reason,
       d.rule, d.first_due_at, d.started_at AS clock_from, d.kind,
       jsonb_build_object('mulai', d.started_at, 'aturan', d.rule, 'hasil', d.due_at,
       'satuan', CASE WHEN d.rule ~ '(hari|jam)_kerja' THEN 'kerja' ELSE 'jam' END, 'sumber', '',
       'dilewati', jsonb_build_array()) || d.arithmetic AS arithmetic
FROM instances i LEFT JOIN deadlines d ON d.id = i.id
WHERE {of} ORDER BY i.main DESC, i.started_at, i.id
"""
_INSTANCES_OF_REPORT = text(_INSTANCES.format(of="i.report_id = :id"))
_INSTANCE = text(_INSTANCES.format(of="i.id = :id"))

_TASKS = """
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
WHERE {of} ORDER BY w.opened_at, w.closed_at, w.id
"""
_TASKS_OF_REPORT = text(_TASKS.format(of="w.report_id = :id"))
_TASKS_OF_INSTANCE = text(_TASKS.format(of="w.report_id IS NULL AND w.instance_id = :id"))

_VERSIONS = text("SELECT id, key, version, name, published_at FROM sop_versions WHERE id = ANY(:ids)")

_MESSAGES = """
SELECT id, recipient, template, state, attempts, channel, created_at, sent_at
FROM outbox_messages WHERE {of} ORDER BY created_at, id
"""
_MESSAGES_OF_REPORT = text(_MESSAGES.format(of="report_id = :id"))
_MESSAGES_CALLED = text(_MESSAGES.format(of="id = ANY(:ids)"))

_INCIDENTS = """
SELECT id, element, cause, attempts, opened_at, resolved_at
FROM incidents WHERE {of} ORDER BY opened_at, id
"""
_INCIDENTS_OF_REPORT = text(_INCIDENTS.format(of="report_id = :id"))
_INCIDENTS_OF_INSTANCE = text(_INCIDENTS.format(of="instance_id = :id"))

_HASHES = text("SELECT stream_seq, hash FROM events WHERE stream_id = :id ORDER BY stream_seq")

_READ = text("""
SELECT EXISTS (SELECT 1 FROM events WHERE stream_id = :id AND type = 'TraceRead' AND actor_id = :person
               AND at >= :since AND data::jsonb @> CAST(:facts AS jsonb))
""")


def instances(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """The SOPs that run or ran for a report, its main one first, each with its total clock."""
    return session.execute(_INSTANCES_OF_REPORT, {"id": report_id}).all()


def instance(session: Session, instance_id: uuid.UUID) -> Sequence[Row[Any]]:
    """The same of one instance."""
    return session.execute(_INSTANCE, {"id": instance_id}).all()


def tasks(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Every task there ever was, oldest first, with its clock."""
    return session.execute(_TASKS_OF_REPORT, {"id": report_id}).all()


def tasks_of_instance(session: Session, instance_id: uuid.UUID) -> Sequence[Row[Any]]:
    """The same of an instance without a report."""
    return session.execute(_TASKS_OF_INSTANCE, {"id": instance_id}).all()


def versions(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Row[Any]]:
    """id, key, version, name, published_at; by id."""
    rows = session.execute(_VERSIONS, {"ids": list(ids)}).all()
    return {row.id: row for row in rows}


def messages(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """What was or is to be sent, without a word of whom it reaches in the end."""
    return session.execute(_MESSAGES_OF_REPORT, {"id": report_id}).all()


def messages_called(session: Session, ids: Iterable[uuid.UUID]) -> Sequence[Row[Any]]:
    """The same, of those of these ids that there are."""
    return session.execute(_MESSAGES_CALLED, {"ids": list(ids)}).all()


def incidents(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Every time the SOP could not go on."""
    return session.execute(_INCIDENTS_OF_REPORT, {"id": report_id}).all()


def incidents_of_instance(session: Session, instance_id: uuid.UUID) -> Sequence[Row[Any]]:
    """The same of one instance."""
    return session.execute(_INCIDENTS_OF_INSTANCE, {"id": instance_id}).all()


def hashes(session: Session, stream_id: uuid.UUID) -> dict[int, bytes]:
    """Place in the stream -> hash."""
    rows = session.execute(_HASHES, {"id": stream_id})
    return {row.stream_seq: bytes(row.hash) for row in rows}


def was_read(
    session: Session, stream_id: uuid.UUID, facts: Mapping[str, str], person: uuid.UUID, since: datetime
) -> bool:
    """Whether this person opened this trace since that moment. `facts`: what the reading's event says."""
    given = {"id": stream_id, "person": person, "since": since, "facts": json.dumps(dict(facts))}
    return bool(session.scalar(_READ, given))
