"""Rows that pages show beside the trace, for a slice of reports at once: each must be what events say."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_REPORTS = text("""
SELECT r.id AS stream_id, r.number, r.kind, r.channel, r.anonymous, r.confidential, r.occurred_on,
       r.received_at, r.description, r.landmark, r.lat, r.lng, r.closed_at, r.end_reason,
       (SELECT json_agg(json_build_array(i.sop_key, i.sop_version_id))
          FROM instances i WHERE i.report_id = r.id) AS sops
FROM reports r WHERE r.id = ANY(:ids)
""")

_TASKS = text("""
SELECT w.report_id AS stream_id, w.id, w.process, w.element, w.opened_at, w.due_at, w.closed_at, w.closed_by,
       w.outcome, d.due_at AS clock, d.first_due_at
FROM work_items w LEFT JOIN deadlines d ON d.id = w.id WHERE w.report_id = ANY(:ids)
""")

_PHOTOS = text("""
SELECT p.report_id AS stream_id, true AS attached, p.*
FROM photos p WHERE p.report_id = ANY(:ids)
UNION ALL
SELECT w.report_id, false, p.*
FROM work_items w JOIN photos p ON p.work_item_id = w.id
WHERE w.report_id = ANY(:ids) AND p.report_id IS NULL
""")

_READINGS = text("""
SELECT report_id AS stream_id, at, person_id, role_code, purpose, fields
FROM identity_readings WHERE report_id = ANY(:ids) AND role_code NOT IN ('sistem', 'pelapor')
""")

_OPERATIONS = text("""
SELECT x.report_id AS stream_id, o.id, o.kind, o.state, o.parameters, o.reason, o.irreversible,
       o.asked_by, o.asked_role, o.asked_at, o.second_by, o.second_role, o.second_at, o.second_note,
       o.parameters ? 'banyak' AS many, x.before, x.after, x.outcome, x.note
FROM operation_reports x JOIN operations o ON o.id = x.operation_id WHERE x.report_id = ANY(:ids)
""")

_MESSAGES = text("""
SELECT report_id AS stream_id, id, at, author_kind, person_id, audience, body
FROM thread_messages WHERE report_id = ANY(:ids)
""")

_INCIDENTS = text("""
SELECT report_id AS stream_id, id, cause, opened_at, resolved_at FROM incidents WHERE report_id = ANY(:ids)
""")

_EXPORTS = text("""
SELECT id, person_id, form, asked, plain, reports, total, started_at FROM exports ORDER BY started_at, id
""")

_BULK = text("""
SELECT o.id, o.kind, o.state, o.irreversible, o.reason, o.asked_by, o.asked_at, o.second_by, o.second_at,
       o.second_note
FROM operations o WHERE o.parameters ? 'banyak' AND o.reason <> ''
ORDER BY o.asked_at, o.id
""")

_UNTRACED = text("""
SELECT r.number FROM reports r LEFT JOIN streams s ON s.id = r.id WHERE s.id IS NULL ORDER BY r.number
""")

_VERSIONS = text("""
SELECT v.id, v.key, v.version, v.files, v.content_hash, v.author_id, v.approver_id, v.legal_basis,
       v.published_at, v.effective_at, a.content_hash AS approved_hash, a.author_id AS approved_author,
       a.approver_id AS approved_by, a.document_hash, a.exception
FROM sop_versions v LEFT JOIN sop_approvals a ON a.sop_version_id = v.id
WHERE CAST(:number AS text) IS NULL OR v.id IN (
  SELECT i.sop_version_id FROM instances i JOIN reports r ON r.id = i.report_id WHERE r.number = :number)
ORDER BY v.key, v.version
""")

_PUBLISHED = text("""
SELECT e.data, e.at FROM streams s JOIN events e ON e.stream_id = s.id
WHERE s.kind = 'sop' AND e.type = 'SopPublished' ORDER BY e.seq
""")

_STORED = text("""
SELECT p.id, p.state, p.sha256, p.original_key, p.image_key, p.thumbnail_key, r.number
FROM photos p LEFT JOIN work_items w ON w.id = p.work_item_id
LEFT JOIN reports r ON r.id = coalesce(p.report_id, w.report_id)
WHERE p.id > CAST(:after AS uuid) AND (CAST(:number AS text) IS NULL OR r.number = :number)
ORDER BY p.id LIMIT :most
""")
_HAS_KEY = text("""
SELECT EXISTS (SELECT 1 FROM photos WHERE id = :id AND :key IN (original_key, image_key, thumbnail_key))
""")
_STORED_COUNT = text("""
SELECT count(*) FROM photos p LEFT JOIN work_items w ON w.id = p.work_item_id
LEFT JOIN reports r ON r.id = coalesce(p.report_id, w.report_id)
WHERE CAST(:number AS text) IS NULL OR r.number = :number
""")

Ids = Sequence[uuid.UUID]
Rows = Sequence[Row[Any]]


def reports(session: Session, ids: Ids) -> Rows:
    """Heads of reports; `sops`: key and version of each SOP that runs or ran."""
    return session.execute(_REPORTS, {"ids": ids}).all()


def tasks(session: Session, ids: Ids) -> Rows:
    """Tasks with their clocks (`clock`, `first_due_at`: None without a limit)."""
    return session.execute(_TASKS, {"ids": ids}).all()


def photos(session: Session, ids: Ids) -> Rows:
    """Photos of reports; not `attached`: sent for a task and not (yet) part of its answer."""
    return session.execute(_PHOTOS, {"ids": ids}).all()


def readings(session: Session, ids: Ids) -> Rows:
    """What officers opened of reporters' data; neither the machine's nor the reporter's own reading."""
    return session.execute(_READINGS, {"ids": ids}).all()


def operations(session: Session, ids: Ids) -> Rows:
    """Operations on reports, one row for each report; `many`: part of one over many."""
    return session.execute(_OPERATIONS, {"ids": ids}).all()


def messages(session: Session, ids: Ids) -> Rows:
    """The conversations."""
    return session.execute(_MESSAGES, {"ids": ids}).all()


def incidents(session: Session, ids: Ids) -> Rows:
    """What went wrong."""
    return session.execute(_INCIDENTS, {"ids": ids}).all()


def exports(session: Session) -> Rows:
    """Event logs that persons took."""
    return session.execute(_EXPORTS).all()


def bulk_operations(session: Session) -> Rows:
    """Operations over many reports that were asked for."""
    return session.execute(_BULK).all()


def untraced(session: Session) -> Sequence[str]:
    """Numbers of reports without a trace."""
    return session.scalars(_UNTRACED).all()


def versions(session: Session, number: str | None) -> Iterator[Row[Any]]:
    """SOP versions with their approval, all or those that run or ran for one report; a few in memory at a
    time: they hold whole diagrams."""
    query = _VERSIONS.execution_options(yield_per=20)
    with session.execute(query, {"number": number}) as found:
        yield from found


def published(session: Session) -> Rows:
    """data, at of every event that says that a version was published."""
    return session.execute(_PUBLISHED).all()


def stored_photos(session: Session, number: str | None, *, after: uuid.UUID, most: int) -> Rows:
    """Photos with their keys in the store, by id; of one report when it is named."""
    return session.execute(_STORED, {"number": number, "after": after, "most": most}).all()


def has_key(session: Session, photo: uuid.UUID, key: str) -> bool:
    """Whether a photo still says that its file lies under this key."""
    return bool(session.scalar(_HAS_KEY, {"id": photo, "key": key}))


def stored_count(session: Session, number: str | None) -> int:
    """How many photos there are, of one report when it is named."""
    return int(session.execute(_STORED_COUNT, {"number": number}).scalar_one())
