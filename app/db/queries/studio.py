"""What the studio's pages list: SOPs with their versions, drafts in work, and one draft as it stands."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_SOPS = text("""
WITH known AS (
  SELECT v.*, row_number() OVER (PARTITION BY v.key ORDER BY v.version DESC) AS place,
         v.effective_at <= :now AS due
  FROM sop_versions v
), current AS (
  SELECT DISTINCT ON (key) * FROM known WHERE due ORDER BY key, version DESC
), coming AS (
  SELECT DISTINCT ON (key) key, version, effective_at FROM known WHERE NOT due ORDER BY key, version DESC
)
SELECT k.key, coalesce(c.name, k.name) AS name, c.version, c.effective_at, c.legal_basis, k.version AS latest,
       n.version AS next_version, n.effective_at AS next_at,
       (SELECT count(*) FROM instances i WHERE i.sop_key = k.key AND i.ended_at IS NULL) AS running
FROM known k LEFT JOIN current c ON c.key = k.key
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
