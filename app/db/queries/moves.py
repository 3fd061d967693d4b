"""Plans to move running reports, the reports in them, and the ones that run."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_RUNNING = text("""
SELECT i.id, i.stream_id, i.report_id, coalesce(r.number, '') AS number,
       coalesce(r.confidential, false) AS confidential, i.sop_version_id, v.version, i.state, i.revision
FROM instances i JOIN sop_versions v ON v.id = i.sop_version_id LEFT JOIN reports r ON r.id = i.report_id
WHERE i.sop_key = :key AND i.ended_at IS NULL AND i.state IS NOT NULL
  AND (CAST(:version AS uuid) IS NULL OR i.sop_version_id = :version)
  AND (CAST(:after AS uuid) IS NULL OR i.id > :after)
ORDER BY i.id LIMIT :most
""")

_COUNT = text("""
SELECT count(*) FROM instances i WHERE i.sop_key = :key AND i.ended_at IS NULL AND i.state IS NOT NULL
  AND (CAST(:version AS uuid) IS NULL OR i.sop_version_id = :version)
""")

_VERSIONS = text("""
SELECT v.id, v.version, v.name, v.published_at, v.effective_at, v.effective_at <= :now AS effective,
       (SELECT count(*) FROM instances i
        WHERE i.sop_version_id = v.id AND i.ended_at IS NULL AND i.state IS NOT NULL) AS running
FROM sop_versions v WHERE v.key = :key ORDER BY v.version DESC
""")

_DRAFTED = text("""
SELECT w.instance_id, w.id, jsonb_agg(DISTINCT k.name) AS fields
FROM drafts d JOIN work_items w ON w.id = d.work_item_id AND w.closed_at IS NULL
CROSS JOIN LATERAL jsonb_object_keys(d.answers) AS k(name)
WHERE w.instance_id = ANY(:ids) AND d.answers -> k.name NOT IN ('null', '""', '[]')
GROUP BY w.instance_id, w.id
""")

_PAST = text("""
SELECT e.stream_id, e.data->>'langkah' AS step, e.actor_kind, e.actor_id
FROM events e WHERE e.stream_id = ANY(:streams) AND e.type = 'TaskCompleted' ORDER BY e.seq
""")

_MOVES = """
SELECT m.id, m.sop_key, m.from_version_id, m.to_version_id, f.version AS from_version,
       t.version AS to_version, t.name AS sop_name, m.mapping, m.accepted, m.state, m.round, m.fault,
       m.reason,
       m.planned_by, m.planned_at, m.tested_at, m.carried_by, m.carried_at, m.ended_at,
       coalesce(p.display_name, '') AS planner, coalesce(c.display_name, '') AS carrier,
       (SELECT count(*) FROM sop_move_reports x WHERE x.move_id = m.id) AS reports,
       (SELECT count(*) FROM sop_move_reports x WHERE x.move_id = m.id AND x.outcome = 'pindah') AS moved
FROM sop_moves m JOIN sop_versions f ON f.id = m.from_version_id JOIN sop_versions t ON t.id = m.to_version_id
LEFT JOIN persons p ON p.id = m.planned_by LEFT JOIN persons c ON c.id = m.carried_by
"""
_OF_SOP = text(_MOVES + "WHERE m.sop_key = :key ORDER BY m.planned_at DESC, m.id LIMIT 50")
_ONE = text(_MOVES + "WHERE m.id = :id AND m.sop_key = :key")

_REPORTS = text("""
SELECT x.instance_id, i.report_id, coalesce(r.number, '') AS number,
       coalesce(r.confidential, false) AS confidential, x.verdict, x.movable, x.steps, x.matters, x.clocks,
       x.chosen, x.outcome, x.note, x.done_at,
       x.outcome = 'pindah' AND i.revision = x.revision_after AND i.ended_at IS NULL AS undoable
FROM sop_move_reports x JOIN instances i ON i.id = x.instance_id LEFT JOIN reports r ON r.id = i.report_id
WHERE x.move_id = :id ORDER BY r.number, x.instance_id
""")

_COUNTS = text("""
SELECT count(*) AS reports, count(*) FILTER (WHERE verdict = 'tetap' AND outcome <> 'pindah') AS stays,
       count(*) FILTER (WHERE verdict = 'dapat' AND outcome <> 'pindah') AS can,
       count(*) FILTER (WHERE verdict = 'keputusan' AND outcome <> 'pindah') AS asks,
       coalesce(sum(clocks), 0) AS clocks, count(*) FILTER (WHERE chosen) AS chosen,
       count(*) FILTER (WHERE chosen AND outcome = '') AS waiting,
       count(*) FILTER (WHERE outcome = 'pindah') AS moved,
       count(*) FILTER (WHERE outcome = 'dilewati') AS skipped,
       count(*) FILTER (WHERE outcome = 'kembali') AS undone
FROM sop_move_reports WHERE move_id = :id
""")


def running_of(
    session: Session, key: str, *, version: uuid.UUID | None = None, after: uuid.UUID | None = None, most: int
) -> Sequence[Row[Any]]:
    """Running SOPs of a key (of one version only), by id, those behind `after`."""
    given = {"key": key, "version": version, "after": after, "most": most}
    return session.execute(_RUNNING, given).all()


def count_running(session: Session, key: str, version: uuid.UUID | None = None) -> int:
    """How many SOPs of a key run."""
    return int(session.execute(_COUNT, {"key": key, "version": version}).scalar_one())


def versions_of(session: Session, key: str, *, now: Any) -> Sequence[Row[Any]]:
    """Every version of an SOP, the newest first, with how many reports run on it."""
    return session.execute(_VERSIONS, {"key": key, "now": now}).all()


def drafted_in(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Mapping[str, Sequence[str]]]:
    """Instance -> open task -> fields that somebody has typed into."""
    found: dict[uuid.UUID, dict[str, Sequence[str]]] = {}
    for row in session.execute(_DRAFTED, {"ids": list(ids)}):
        found.setdefault(row.instance_id, {})[str(row.id)] = row.fields
    return found


def completed_in(session: Session, streams: Sequence[uuid.UUID]) -> Sequence[Row[Any]]:
    """Tasks completed in these streams: stream_id, step, actor_kind, actor_id; in order."""
    return session.execute(_PAST, {"streams": list(streams)}).all()


def moves_of(session: Session, key: str) -> Sequence[Row[Any]]:
    """The plans of an SOP, the newest first."""
    return session.execute(_OF_SOP, {"key": key}).all()


def move_row(session: Session, key: str, move_id: uuid.UUID) -> Row[Any] | None:
    """One plan of an SOP."""
    return session.execute(_ONE, {"id": move_id, "key": key}).one_or_none()


def reports_in(session: Session, move_id: uuid.UUID) -> Sequence[Row[Any]]:
    """The reports of a plan by number; `undoable`: moved, and nothing happened since."""
    return session.execute(_REPORTS, {"id": move_id}).all()


def counts_in(session: Session, move_id: uuid.UUID) -> Row[Any]:
    """How the reports of a plan are spread; by verdict only those not moved."""
    return session.execute(_COUNTS, {"id": move_id}).one()
