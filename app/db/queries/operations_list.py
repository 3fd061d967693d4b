"""Operations that were asked for: those that wait for a second person, and what became of the others."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_OPERATION = """
SELECT o.id, o.kind, o.state, o.parameters, o.reason, o.irreversible, o.asked_by, o.asked_role, o.asked_at,
       o.second_by, o.second_role, o.second_at, o.second_note, o.ended_at,
       a.display_name AS asker, coalesce(s.display_name, '') AS second, x.reports, x.report_id, x.note,
       o.state = 'ditarik' AND o.second_by IS NULL AND x.skipped AS lapsed, r.number, r.confidential
FROM operations o JOIN persons a ON a.id = o.asked_by LEFT JOIN persons s ON s.id = o.second_by
JOIN LATERAL (
  SELECT count(*) AS reports, min(p.report_id::text)::uuid AS report_id, min(p.note) AS note,
         bool_and(p.outcome = 'dilewati') AND bool_or(p.done_at IS NOT NULL) AS skipped
  FROM operation_reports p WHERE p.operation_id = o.id) x ON true
LEFT JOIN reports r ON r.id = x.report_id AND x.reports = 1
WHERE {which}
"""
_DECIDED_ONES = "o.state IN ('berjalan', 'selesai', 'ditolak', 'ditarik') AND o.reason <> ''"
_ONE = text(_OPERATION.format(which="o.id = :id"))
_WAITING = text(_OPERATION.format(which="o.state = 'menunggu' ORDER BY o.asked_at, o.id LIMIT :most"))
_DECIDED = text(_OPERATION.format(which=_DECIDED_ONES + """
  AND (CAST(:before AS timestamptz) IS NULL OR o.asked_at < :before)
ORDER BY o.asked_at DESC, o.id LIMIT :most"""))
_OF_REPORT = text(_OPERATION.format(which="""o.reason <> '' AND EXISTS (
  SELECT 1 FROM operation_reports y WHERE y.operation_id = o.id AND y.report_id = :report_id)
ORDER BY o.asked_at DESC, o.id LIMIT :most"""))

_REPORTS = text("""
SELECT x.instance_id, x.report_id, x.revision, x.consequences, x.before, x.after, x.outcome, x.note,
       x.done_at, r.number, r.kind, r.status, r.confidential, r.received_at, i.sop_version_id
FROM operation_reports x JOIN instances i ON i.id = x.instance_id JOIN reports r ON r.id = x.report_id
WHERE x.operation_id = :id ORDER BY x.instance_id LIMIT 2
""")

_IS_WAITING = text("""
SELECT EXISTS (SELECT 1 FROM operations o JOIN operation_reports x ON x.operation_id = o.id
  WHERE o.state = 'menunggu' AND o.kind = :kind AND x.instance_id = :instance_id AND x.outcome = '')
""")

_NAMES = text("SELECT id, display_name FROM persons WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id")


def operation(session: Session, operation_id: uuid.UUID) -> Row[Any] | None:
    """An operation with the names of both people; `lapsed`: every report of it ended before anybody decided,
    `note`: so it says (of one report)."""
    return session.execute(_ONE, {"id": operation_id}).one_or_none()


def reports_of(session: Session, operation_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Its reports with what it meant and how they stood; of one over many the first two."""
    return session.execute(_REPORTS, {"id": operation_id}).all()


def waiting(session: Session, *, most: int) -> Sequence[Row[Any]]:
    """Operations that wait for a second person, the longest first; `reports`: over how many, `number` of the
    report when it is one."""
    return session.execute(_WAITING, {"most": most}).all()


def decided(session: Session, *, before: datetime | None, most: int) -> Sequence[Row[Any]]:
    """Operations that were done, refused or withdrawn, the newest first, asked for before a moment."""
    return session.execute(_DECIDED, {"before": before, "most": most}).all()


def of_report(session: Session, report_id: uuid.UUID, *, most: int) -> Sequence[Row[Any]]:
    """Operations on one report, the newest first."""
    return session.execute(_OF_REPORT, {"report_id": report_id, "most": most}).all()


def is_waiting(session: Session, instance_id: uuid.UUID, kind: str) -> bool:
    """Whether somebody asked for this already and it waits for a second person."""
    return bool(session.scalar(_IS_WAITING, {"instance_id": instance_id, "kind": kind}))


def names_of(session: Session, ids: Collection[str]) -> Mapping[str, str]:
    """Person id as text -> name."""
    rows = session.execute(_NAMES, {"ids": list(ids)}).all() if ids else []
    return {str(row.id): row.display_name for row in rows}
