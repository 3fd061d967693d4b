"""Codes and their names: agencies, topics, places, roles; and who could take a task."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_LABELS = text("""
SELECT 'unit' AS type, code, name, '' AS part_of, active FROM units
UNION ALL SELECT 'category', code, name, '', active FROM categories
UNION ALL SELECT 'role', code, name, '', true FROM roles
UNION ALL SELECT 'kelurahan', l.code, l.name, c.name, true
  FROM kelurahan l JOIN kecamatan c ON c.code = l.kecamatan_code
ORDER BY 1, 4, 3
""")

_COLLEAGUES = text("""
SELECT p.id, p.display_name FROM persons p JOIN grants g ON g.person_id = p.id
WHERE p.active AND g.role_code = :role AND g.unit_code IS NOT DISTINCT FROM :unit
ORDER BY p.display_name, p.id
""")


_OFFICERS_AND_SOPS = text("""
SELECT 'officer' AS type, username AS code, display_name AS name FROM persons
UNION ALL SELECT 'sop', key, name FROM (
  SELECT DISTINCT ON (key) key, name FROM sop_versions ORDER BY key, version DESC) newest
ORDER BY 1, 3, 2
""")


def named_codes(session: Session) -> Sequence[Row[Any]]:
    """type (`unit`, `category`, `role`, `kelurahan`), code, name, part_of, active; by place and name."""
    return session.execute(_LABELS).all()


def officers_and_sops(session: Session) -> Sequence[Row[Any]]:
    """type (`officer`, `sop`), code (user name, key), name (of an SOP its newest); by name."""
    return session.execute(_OFFICERS_AND_SOPS).all()


def colleagues(session: Session, role: str, unit: str | None) -> Sequence[tuple[uuid.UUID, str]]:
    """Active officers who hold the role for the unit."""
    return [(row.id, row.display_name) for row in session.execute(_COLLEAGUES, {"role": role, "unit": unit})]
