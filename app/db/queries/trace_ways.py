"""The ways reports took through their SOPs, by how many took them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.db.queries.trace_search import RARE

_SOPS = text("""
SELECT p.sop_key, coalesce(v.name, p.sop_key) AS name, p.ways, p.ended
FROM (SELECT sop_key, count(*) AS ways, CAST(sum(reports) AS bigint) AS ended FROM trace_paths
      WHERE reports > 0 GROUP BY sop_key) p
LEFT JOIN LATERAL (
  SELECT name FROM sop_versions WHERE key = p.sop_key ORDER BY version DESC LIMIT 1) v ON true
ORDER BY p.ended DESC, p.sop_key
""")
_WAYS = """
SELECT id, steps, reports FROM trace_paths WHERE sop_key = :key AND reports > 0{beside}
ORDER BY reports {way}, id {way} LIMIT :most
"""
_WAY = text("SELECT id, sop_key, steps, reports FROM trace_paths WHERE id = :id AND reports > 0")
_OF_REPORT = text("""
SELECT p.id, p.reports, p.ended, p.reports * 100 <= p.ended * :rare AS rare FROM (
  SELECT w.id, w.reports, CAST(sum(o.reports) AS bigint) AS ended
  FROM trace_paths w JOIN trace_paths o ON o.sop_key = w.sop_key
  WHERE w.reports > 0 AND w.id = (SELECT path_id FROM report_traits WHERE report_id = :id) GROUP BY w.id) p
""")
_BESIDE = " AND (reports, id) {than} (SELECT reports, id FROM trace_paths WHERE id = :after)"
_UNREAD = text("""
SELECT greatest(0, coalesce((SELECT max(seq) FROM events), 0)
                   - coalesce((SELECT min(upto) FROM trace_readers), 0)) AS unread
""")
_VERSIONS = text("SELECT id FROM sop_versions WHERE key = :key ORDER BY version DESC")


def unread_events(session: Session) -> int:
    """About how many events have yet to be gathered; what is asked of the trace is incomplete by them."""
    return int(session.execute(_UNREAD).scalar_one())


def sops_with_ways(session: Session) -> Sequence[Row[Any]]:
    """sop_key, name, ways, ended (reports); what ended most reports first."""
    return session.execute(_SOPS).all()


def ways_of(
    session: Session, key: str, *, rarest_first: bool, after: uuid.UUID | None, most: int
) -> Sequence[Row[Any]]:
    """id, steps, reports; `after`: id of the way before the first. None come after one that is not there."""
    way, than = ("ASC", ">") if rarest_first else ("DESC", "<")
    statement = _WAYS.format(way=way, beside=_BESIDE.format(than=than) if after else "")
    values = {"key": key, "most": most} | ({"after": after} if after else {})
    return session.execute(text(statement), values).all()


def way_named(session: Session, way_id: uuid.UUID) -> Row[Any] | None:
    """id, sop_key, steps, reports of one way that reports took."""
    return session.execute(_WAY, {"id": way_id}).one_or_none()


def way_of_report(session: Session, report_id: uuid.UUID) -> Row[Any] | None:
    """id, reports, ended (reports of its SOP), rare; None until the report has ended."""
    return session.execute(_OF_REPORT, {"id": report_id, "rare": RARE}).one_or_none()


def versions_of(session: Session, key: str) -> Sequence[uuid.UUID]:
    """Ids of an SOP's versions, the newest first."""
    return session.scalars(_VERSIONS, {"key": key}).all()
