"""Operations over many reports: how far each has come, and the reports in it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_GATHERED = text("""
INSERT INTO operation_reports (operation_id, instance_id, report_id, revision, consequences, outcome, note)
SELECT :operation, i.id, i.report_id, 0, '{}', '', ''
FROM instances i WHERE i.report_id = ANY(:reports) AND i.main AND i.ended_at IS NULL AND i.state IS NOT NULL
""")

_UNJUDGED = text("""
SELECT x.instance_id FROM operation_reports x
WHERE x.operation_id = :operation AND x.revision = 0 ORDER BY x.instance_id LIMIT :most
""")

_ONE = text("""
SELECT o.id, o.kind, o.state, o.parameters, o.reason, o.irreversible, o.asked_by, o.asked_role, o.asked_at,
       o.second_by, o.second_role, o.second_at, o.second_note, o.ended_at,
       a.display_name AS asker, coalesce(s.display_name, '') AS second
FROM operations o JOIN persons a ON a.id = o.asked_by LEFT JOIN persons s ON s.id = o.second_by
WHERE o.id = :operation AND o.parameters ? 'banyak'
""")

_COUNTS = text("""
SELECT count(*) AS reports, count(*) FILTER (WHERE revision > 0) AS judged,
       count(*) FILTER (WHERE outcome = 'selesai') AS done,
       count(*) FILTER (WHERE outcome = 'dilewati') AS skipped,
       count(*) FILTER (WHERE outcome = '') AS waiting
FROM operation_reports WHERE operation_id = :operation
""")

_REPORTS = text("""
SELECT x.instance_id, x.report_id, r.number, r.confidential, x.revision, x.consequences, x.outcome, x.note,
       x.done_at, i.revision AS revision_now, i.ended_at IS NOT NULL AS ended
FROM operation_reports x JOIN instances i ON i.id = x.instance_id JOIN reports r ON r.id = x.report_id
WHERE x.operation_id = :operation ORDER BY r.number, x.instance_id
""")

_HOLDERS = text("""
SELECT w.role_code AS role, coalesce(o.name, w.role_code) AS role_name, w.unit_code AS unit,
       coalesce(u.short_name, '') AS unit_name, count(*) AS tasks, count(DISTINCT w.report_id) AS reports
FROM work_items w JOIN instances i ON i.id = w.instance_id AND i.main
LEFT JOIN roles o ON o.code = w.role_code LEFT JOIN units u ON u.code = w.unit_code
WHERE w.report_id = ANY(:reports) AND w.closed_at IS NULL AND w.role_code <> 'pelapor'
GROUP BY 1, 2, 3, 4 ORDER BY tasks DESC, role_name, unit_name
""")

_RUNNING = text("""
SELECT count(*) FROM instances i
WHERE i.report_id = ANY(:reports) AND i.main AND i.ended_at IS NULL AND i.state IS NOT NULL
""")

_PEOPLE = text("""
SELECT p.id, p.display_name AS name, g.role_code AS role, o.name AS role_name, g.unit_code AS unit,
       coalesce(u.short_name, '') AS unit_name
FROM grants g JOIN persons p ON p.id = g.person_id AND p.active JOIN roles o ON o.code = g.role_code
LEFT JOIN units u ON u.code = g.unit_code
ORDER BY o.name, unit_name, p.display_name, p.id
""")

_NAMES = text("""
SELECT concat_ws(', ', (SELECT name FROM roles WHERE code = :role),
                 (SELECT short_name FROM units WHERE code = :unit)) AS holder,
       coalesce((SELECT display_name FROM persons WHERE id = CAST(:person AS uuid)),
                (SELECT name FROM units WHERE code = :to_unit), '') AS receiver
""")

_UNFINISHED = text("""
SELECT o.id, o.kind, o.state, o.asked_at,
       (SELECT count(*) FROM operation_reports x WHERE x.operation_id = o.id) AS reports
FROM operations o
WHERE o.asked_by = CAST(:person AS uuid) AND o.state IN ('menghitung', 'siap', 'berjalan')
  AND o.parameters ? 'banyak'
ORDER BY o.asked_at DESC, o.id LIMIT 20
""")


def gather(session: Session, operation: uuid.UUID, reports: Collection[uuid.UUID]) -> int:
    """Put the running main SOPs of these reports into an operation, not judged yet; how many."""
    given = {"operation": operation, "reports": list(reports)}
    return int(session.execute(_GATHERED, given).rowcount)  # type: ignore[attr-defined]


def unjudged(session: Session, operation: uuid.UUID, *, most: int) -> Sequence[uuid.UUID]:
    """Instances of an operation whose consequences nobody has worked out yet."""
    return session.scalars(_UNJUDGED, {"operation": operation, "most": most}).all()


def one(session: Session, operation: uuid.UUID) -> Row[Any] | None:
    """An operation over many, with the names of both people; None for one over a single report."""
    return session.execute(_ONE, {"operation": operation}).one_or_none()


def counts(session: Session, operation: uuid.UUID) -> Row[Any]:
    """reports, judged, done, skipped, waiting."""
    return session.execute(_COUNTS, {"operation": operation}).one()


def reports_in(session: Session, operation: uuid.UUID) -> Sequence[Row[Any]]:
    """The reports of an operation by number, each with what it would mean and what became of it."""
    return session.execute(_REPORTS, {"operation": operation}).all()


def holders(session: Session, reports: Collection[uuid.UUID]) -> Sequence[Row[Any]]:
    """Whose the open tasks of these reports are: role, unit, tasks, reports; those with the most first."""
    return session.execute(_HOLDERS, {"reports": list(reports)}).all()


def running(session: Session, reports: Collection[uuid.UUID]) -> int:
    """How many of these reports go on."""
    return int(session.execute(_RUNNING, {"reports": list(reports)}).scalar_one())


def people(session: Session) -> Sequence[Row[Any]]:
    """Who could take tasks: id, name, role, role_name, unit, unit_name; by role, unit and name."""
    return session.execute(_PEOPLE).all()


def names(session: Session, holder: Mapping[str, Any] | None, to: Mapping[str, Any]) -> Row[Any]:
    """`holder`: whose tasks (`{peran, unit}`), `receiver`: who gets them (`{orang}` or `{unit}`), by name."""
    whose = holder or {}
    given = {"role": whose.get("peran"), "unit": whose.get("unit"), "person": to.get("orang"),
             "to_unit": to.get("unit")}
    return session.execute(_NAMES, given).one()


def unfinished(session: Session, person: str | None) -> Sequence[Row[Any]]:
    """What somebody prepared and has not asked for, or is under way: id, kind, state, asked_at, reports; the
    newest first."""
    return session.execute(_UNFINISHED, {"person": person}).all()
