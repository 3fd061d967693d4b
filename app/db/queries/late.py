"""What is long overdue, and units in which nobody can work."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Permission

MOST = 5000
"""Overdue tasks looked at, the longest overdue first."""

_OVERDUE = text("""
SELECT w.name, r.number, r.kind, w.opened_at, w.due_at, d.name AS role_name,
       coalesce(u.short_name, '') AS unit_name, r.confidential
FROM work_items w
JOIN reports r ON r.id = w.report_id
JOIN roles d ON d.code = w.role_code
LEFT JOIN units u ON u.code = w.unit_code
WHERE w.closed_at IS NULL AND w.due_at < :now AND w.role_code <> 'pelapor'
  AND (NOT r.confidential OR :all_confidential OR EXISTS (
    SELECT 1 FROM work_items t JOIN jsonb_to_recordset(CAST(:grants AS jsonb)) AS g(role text, unit text)
      ON t.role_code = g.role AND (g.unit IS NULL OR t.unit_code = g.unit)
    WHERE t.report_id = r.id))
ORDER BY w.due_at, w.id LIMIT :most
""")

_WITHOUT_OPERATOR = text("""
WITH work AS (
  SELECT unit_code AS code, count(*) AS tasks FROM work_items
   WHERE closed_at IS NULL AND unit_code IS NOT NULL GROUP BY unit_code
), reports_of AS (
  SELECT opd AS code, count(*) AS reports FROM reports
   WHERE closed_at IS NULL AND opd IS NOT NULL GROUP BY opd
)
SELECT u.code, u.name, coalesce(w.tasks, 0) AS tasks, coalesce(o.reports, 0) AS reports
FROM units u LEFT JOIN work w USING (code) LEFT JOIN reports_of o USING (code)
WHERE u.active AND u.kind IN ('opd', 'kelurahan')
  AND (w.tasks > 0 OR o.reports > 0 OR EXISTS (SELECT 1 FROM grants g WHERE g.unit_code = u.code))
  AND NOT EXISTS (
    SELECT 1 FROM grants g JOIN persons p ON p.id = g.person_id AND p.active
     WHERE g.unit_code = u.code
       AND g.role_code = CASE u.kind WHEN 'kelurahan' THEN 'kelurahan' ELSE 'operator_opd' END)
ORDER BY tasks DESC, reports DESC, u.name
""")


def overdue_tasks(session: Session, *, actor: Actor, now: datetime) -> Sequence[Row[Any]]:
    """Officers' open tasks past their limit, of reports this actor may read: name, number, kind, opened_at,
    due_at, role_name, unit_name, confidential."""
    grants = [{"role": grant.role, "unit": grant.unit} for grant in actor.grants]
    values = {
        "now": now,
        "all_confidential": actor.may(Permission.REPORT_READ_CONFIDENTIAL),
        "grants": json.dumps(grants),
        "most": MOST,
    }
    return session.execute(_OVERDUE, values).all()


def units_without_operator(session: Session) -> Sequence[Row[Any]]:
    """Units that have tasks, reports or people but nobody active at the operator's desk: code, name, tasks
    and reports that are open."""
    return session.execute(_WITHOUT_OPERATOR).all()
