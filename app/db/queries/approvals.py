"""Judgements of proposed SOPs, as auditors list and open them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_COLUMNS = """
SELECT q.id, q.instance_id, q.key, q.name, q.proposed_at, coalesce(a.display_name, '') AS proposed_by_name,
       i.started_at, i.total_due_at, i.ended_at, i.end_reason, c.version AS compared_version, v.version,
       coalesce(p.display_name, '') AS approver_name,
       (SELECT w.name FROM work_items w WHERE w.report_id IS NULL AND w.instance_id = i.id
        AND w.closed_at IS NULL ORDER BY w.opened_at DESC, w.id LIMIT 1) AS step,
       EXISTS (SELECT 1 FROM work_items w WHERE w.report_id IS NULL AND w.instance_id = i.id
               AND w.due_at < coalesce(w.closed_at, :now)) AS late
FROM sop_proposals q JOIN instances i ON i.id = q.instance_id
LEFT JOIN persons a ON a.id = q.proposed_by
LEFT JOIN sop_versions c ON c.id = q.compared_to
LEFT JOIN sop_approvals s ON s.proposal_id = q.id
LEFT JOIN sop_versions v ON v.id = s.sop_version_id
LEFT JOIN persons p ON p.id = s.approver_id
"""
_ONE = text(f"{_COLUMNS} WHERE q.id = :id")
_ALL = """{columns} {since}
ORDER BY q.proposed_at DESC, q.id DESC LIMIT :most
"""
_NEWEST = text(_ALL.format(columns=_COLUMNS, since=""))
_FURTHER = text(
    _ALL.format(
        columns=_COLUMNS,
        since="WHERE (q.proposed_at, q.id) <"
        " (SELECT b.proposed_at, b.id FROM sop_proposals b WHERE b.id = :after)",
    )
)


def approval(session: Session, proposal_id: uuid.UUID, *, now: datetime) -> Row[Any] | None:
    """One judgement: the proposal, how it ended, `version` and `approver_name` where it came into force;
    `step`: what is to be done now; `late`: whether a step was, or is."""
    return session.execute(_ONE, {"id": proposal_id, "now": now}).one_or_none()


def approvals(
    session: Session, *, after: uuid.UUID | None, most: int, now: datetime
) -> Sequence[Row[Any]]:
    """The same, newest first; `after`: those older than this one."""
    query = _NEWEST if after is None else _FURTHER
    return session.execute(query, {"after": after, "most": most, "now": now}).all()
