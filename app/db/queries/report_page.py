"""What an officer sees of one report: the report, its photos, its conversation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_REPORT = """
SELECT r.id, r.number, r.kind, r.category_code, r.channel, r.channel_detail, r.description,
       r.public_description, r.kelurahan_code, r.landmark, r.lat, r.lng, r.occurred_on, r.anonymous,
       r.confidential, r.received_at, r.status, r.status_since, r.opd, r.priority, r.supporters, r.closed_at,
       r.end_reason, r.rating, coalesce(c.name, '') AS category, coalesce(k.name, '') AS kelurahan,
       coalesce(kc.name, '') AS kecamatan, coalesce(u.name, '') AS unit_name, d.number AS duplicate_of,
       (SELECT i.total_due_at FROM instances i WHERE i.report_id = r.id AND i.main) AS total_due_at,
       (SELECT max(i.suspended_at) FROM instances i WHERE i.report_id = r.id) AS suspended_at
FROM reports r
LEFT JOIN categories c ON c.code = r.category_code
LEFT JOIN kelurahan k ON k.code = r.kelurahan_code
LEFT JOIN kecamatan kc ON kc.code = k.kecamatan_code
LEFT JOIN units u ON u.code = r.opd
LEFT JOIN reports d ON d.id = r.duplicate_of
WHERE r.{column} = :value
"""
_BY_ID = text(_REPORT.format(column="id"))
_BY_NUMBER = text(_REPORT.format(column="number"))

_PHOTOS = text("""
SELECT id, purpose, field, state, work_item_id, taken_at, lat, lng, device, sha256, width, height,
       uploaded_at, uploaded_by
FROM photos WHERE report_id = :report_id AND state <> 'ditolak' ORDER BY uploaded_at, id
""")

_CLOCK = """
SELECT d.id, d.kind, d.due_at, d.first_due_at,
       jsonb_build_object('mulai', d.started_at, 'aturan', d.rule, 'hasil', d.due_at,
       'satuan', CASE WHEN d.rule ~ '(hari|jam)_kerja' THEN 'kerja' ELSE 'jam' END,
       'sumber', coalesce(t.arithmetic ->> 'sumber', ''), 'dilewati', jsonb_build_array())
       || d.arithmetic AS arithmetic
FROM deadlines d LEFT JOIN deadlines t ON t.id = d.instance_id
"""
_DEADLINE = text(f"{_CLOCK}WHERE d.id = :id")
_OF_REPORT = """WHERE d.id IN (
  SELECT w.id FROM work_items w WHERE w.report_id = :report_id AND w.closed_at IS NULL
  UNION ALL SELECT i.id FROM instances i WHERE i.report_id = :report_id AND i.main)
ORDER BY d.kind, d.started_at, d.id
"""
_CLOCKS = text(_CLOCK + _OF_REPORT)

_THREAD = text("""
SELECT m.id, m.at, m.author_kind, m.audience, m.body, coalesce(p.display_name, '') AS author_name,
       coalesce(r.name, '') AS role_name, coalesce(u.name, '') AS unit_name
FROM thread_messages m
LEFT JOIN persons p ON p.id = m.person_id
LEFT JOIN roles r ON r.code = m.role_code
LEFT JOIN units u ON u.code = m.unit_code
WHERE m.report_id = :report_id ORDER BY m.at, m.id
""")

_FOUND = text("""
SELECT r.number, r.kind, left(r.description, 140) AS words, r.status, r.received_at, r.confidential,
       coalesce(c.name, '') AS category, coalesce(k.name, '') AS kelurahan, coalesce(u.name, '') AS unit_name
FROM reports r
LEFT JOIN categories c ON c.code = r.category_code
LEFT JOIN kelurahan k ON k.code = r.kelurahan_code
LEFT JOIN units u ON u.code = r.opd
WHERE (:query = '' OR r.number = upper(:query) OR r.search @@ websearch_to_tsquery('indonesian', :query))
  AND (:status = '' OR r.status = :status)
  AND (:confidential OR NOT r.confidential)
ORDER BY r.received_at DESC, r.id LIMIT :limit OFFSET :offset
""")


def report_by_id(session: Session, report_id: uuid.UUID) -> Row[Any] | None:
    """One report with names beside its codes."""
    return session.execute(_BY_ID, {"value": report_id}).one_or_none()


def report_by_number(session: Session, number: str) -> Row[Any] | None:
    """The same, by its public number."""
    return session.execute(_BY_NUMBER, {"value": number}).one_or_none()


def photos_of(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Photos of the report and of its proofs, oldest first."""
    return session.execute(_PHOTOS, {"report_id": report_id}).all()


def deadline_of(session: Session, work_item_id: uuid.UUID) -> Row[Any] | None:
    """The clock of one task: due_at, first_due_at, arithmetic."""
    return session.execute(_DEADLINE, {"id": work_item_id}).one_or_none()


def clocks_of(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """The clocks of a report's open tasks (`tahap`, by the task's id) and its total one (`total`)."""
    return session.execute(_CLOCKS, {"report_id": report_id}).all()


def thread_of(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """The conversation, oldest first, whatever its audience."""
    return session.execute(_THREAD, {"report_id": report_id}).all()


def found_reports(
    session: Session, query: str, status: str, *, confidential: bool, page: int, size: int = 25
) -> Sequence[Row[Any]]:
    """One page of reports, newest first, and one row more when there is a next page."""
    values = {
        "query": query.strip(),
        "status": status,
        "confidential": confidential,
        "limit": size + 1,
        "offset": (max(page, 1) - 1) * size,
    }
    return session.execute(_FOUND, values).all()
