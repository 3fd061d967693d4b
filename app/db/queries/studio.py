"""What the studio's pages list: SOPs with their versions, drafts in work, and one draft as it stands."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

MOST_VERSION = 2**31
"""An address may name any number; the column holds smaller ones."""

_SOPS = text("""
WITH running AS (
  SELECT sop_key, count(*) AS running FROM instances WHERE ended_at IS NULL GROUP BY sop_key
), known AS (
  SELECT v.*, row_number() OVER (PARTITION BY v.key ORDER BY v.version DESC) AS place,
         v.effective_at <= :now AS due
  FROM sop_versions v
), current AS (
  SELECT DISTINCT ON (key) * FROM known WHERE due ORDER BY key, version DESC
), coming AS (
  SELECT DISTINCT ON (key) key, version, effective_at FROM known WHERE NOT due ORDER BY key, version DESC
)
SELECT k.key, coalesce(c.name, k.name) AS name, c.version, c.effective_at, c.legal_basis, k.version AS latest,
       n.version AS next_version, n.effective_at AS next_at, coalesce(r.running, 0) AS running
FROM known k LEFT JOIN running r ON r.sop_key = k.key LEFT JOIN current c ON c.key = k.key
LEFT JOIN coming n ON n.key = k.key AND n.version > coalesce(c.version, 0)
WHERE k.place = 1 ORDER BY k.key
""")

_VERSIONS = text("""
SELECT v.id, v.key, v.version, v.name, v.published_at, v.effective_at, v.legal_basis, v.content_hash,
       coalesce(a.display_name, '') AS author_name, coalesce(p.display_name, '') AS approver_name,
       (SELECT count(*) FROM instances i WHERE i.sop_version_id = v.id AND i.ended_at IS NULL) AS running,
       (SELECT min(n.effective_at) FROM sop_versions n WHERE n.key = v.key AND n.version > v.version)
         AS replaced_at
FROM sop_versions v
LEFT JOIN persons a ON a.id = v.author_id LEFT JOIN persons p ON p.id = v.approver_id
WHERE v.key = :key ORDER BY v.version DESC
""")

_DRAFT_COLUMNS = """
SELECT d.id, d.key, d.name, d.main_file, d.revision, d.checked_revision, d.state, d.remarks, d.created_at,
       d.saved_at, d.editor_id, d.editor_since, d.editor_seen_at, coalesce(e.display_name, '') AS editor_name,
       coalesce(s.display_name, '') AS saved_by_name, coalesce(c.display_name, '') AS created_by_name,
       v.version AS based_on_version, v.key AS based_on_key,
       (SELECT p.id FROM sop_proposals p WHERE p.draft_id = d.id ORDER BY p.proposed_at DESC LIMIT 1)
         AS proposal_id
"""
_DRAFT_TABLES = """
FROM sop_drafts d LEFT JOIN persons e ON e.id = d.editor_id LEFT JOIN persons s ON s.id = d.saved_by
LEFT JOIN persons c ON c.id = d.created_by LEFT JOIN sop_versions v ON v.id = d.based_on
"""
_DRAFTS = text(
    f"{_DRAFT_COLUMNS}{_DRAFT_TABLES} WHERE d.state IN ('konsep', 'diusulkan') ORDER BY d.saved_at DESC, d.id"
)
_DRAFT = text(f"{_DRAFT_COLUMNS}, d.files, d.scenarios, d.view {_DRAFT_TABLES} WHERE d.id = :id")


def listed_sops(session: Session, *, now: datetime) -> Sequence[Row[Any]]:
    """Every SOP with the version in force, the one that will be, and how many instances run."""
    return session.execute(_SOPS, {"now": now}).all()


def versions_of(session: Session, key: str) -> Sequence[Row[Any]]:
    """Every version of an SOP, newest first. `replaced_at`: when a later one takes (or took) its place."""
    return session.execute(_VERSIONS, {"key": key}).all()


def drafts_in_work(session: Session) -> Sequence[Row[Any]]:
    """Drafts being written or judged, the latest saved first."""
    return session.execute(_DRAFTS).all()


def draft_by_id(session: Session, draft_id: uuid.UUID) -> Row[Any] | None:
    """One draft with its files, scenarios and view."""
    return session.execute(_DRAFT, {"id": draft_id}).one_or_none()


_PROPOSALS = """
SELECT q.id, q.draft_id, q.instance_id, q.key, q.name, q.files, q.main_file, q.scenarios, q.content_hash,
       q.document_hash, q.differences, q.findings, q.coverage, q.note, q.effective_on, q.exception,
       q.exception_at, q.proposed_at, q.editors, coalesce(a.display_name, '') AS proposed_by_name,
       coalesce(x.display_name, '') AS exception_by_name, v.version AS compared_version,
       i.ended_at, i.end_reason,
       (SELECT coalesce(string_agg(p.display_name, ', ' ORDER BY p.display_name), '') FROM persons p
         WHERE p.id = ANY (q.editors)) AS editor_names
FROM sop_proposals q JOIN instances i ON i.id = q.instance_id
LEFT JOIN persons a ON a.id = q.proposed_by LEFT JOIN persons x ON x.id = q.exception_by
LEFT JOIN sop_versions v ON v.id = q.compared_to
"""
_PROPOSAL_JUDGED = text(f"{_PROPOSALS} WHERE q.instance_id = :id")
_PROPOSAL = text(f"{_PROPOSALS} WHERE q.id = :id")
_JUDGEMENTS = text("""
SELECT w.name, w.element, w.closed_at, coalesce(p.display_name, '') AS who, coalesce(r.name, '') AS role_name
FROM work_items w LEFT JOIN persons p ON p.id = w.closed_by LEFT JOIN roles r ON r.code = w.role_code
WHERE w.instance_id = :id AND w.outcome = 'completed' ORDER BY w.closed_at, w.id
""")


def proposal_judged(session: Session, instance_id: uuid.UUID) -> Row[Any] | None:
    """The proposal an instance of `penetapan_sop` is about, with names; None when it is about none."""
    return session.execute(_PROPOSAL_JUDGED, {"id": instance_id}).one_or_none()


def proposal_by_id(session: Session, proposal_id: uuid.UUID) -> Row[Any] | None:
    """The same by its own id."""
    return session.execute(_PROPOSAL, {"id": proposal_id}).one_or_none()


def judgements_of(session: Session, instance_id: uuid.UUID) -> Sequence[Row[Any]]:
    """What was done about a proposal so far: name of the step, who, when."""
    return session.execute(_JUDGEMENTS, {"id": instance_id}).all()


_VERSION = text("""
SELECT v.id, v.key, v.version, v.name, v.files, v.main_file, v.scenarios, v.content_hash, v.legal_basis,
       v.published_at, v.effective_at, a.approved_at, a.document_hash, a.exception, a.exception_at,
       a.proposal_id, coalesce(u.display_name, '') AS author_name,
       coalesce(p.display_name, '') AS approver_name,
       coalesce(x.display_name, '') AS exception_by_name, coalesce(q.note, '') AS note,
       (SELECT coalesce(string_agg(e.display_name, ', ' ORDER BY e.display_name), '') FROM persons e
         WHERE e.id = ANY (a.editors)) AS editor_names,
       (SELECT min(n.effective_at) FROM sop_versions n WHERE n.key = v.key AND n.version > v.version)
         AS replaced_at
FROM sop_versions v LEFT JOIN sop_approvals a ON a.sop_version_id = v.id
LEFT JOIN sop_proposals q ON q.id = a.proposal_id
LEFT JOIN persons u ON u.id = v.author_id LEFT JOIN persons p ON p.id = v.approver_id
LEFT JOIN persons x ON x.id = a.exception_by
WHERE v.key = :key AND v.version = :version
""")


def version_page(session: Session, key: str, version: int) -> Row[Any] | None:
    """One version with its approval, its files and scenarios."""
    if not 0 < version < MOST_VERSION:
        return None
    return session.execute(_VERSION, {"key": key, "version": version}).one_or_none()


_RULES = text("""
SELECT r.key, r.value, r.source, r.reason, r.changed_at, coalesce(p.display_name, '') AS changed_by_name
FROM sop_rules r LEFT JOIN persons p ON p.id = r.changed_by ORDER BY r.key
""")


def rule_changes(session: Session) -> Sequence[Row[Any]]:
    """Limits of law that the city has set itself, with who and why."""
    return session.execute(_RULES).all()
