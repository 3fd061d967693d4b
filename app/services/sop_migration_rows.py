"""What is written of a report that moves to another version: its instance, and its open tasks."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.db import pushes
from app.db.pushes import LockedInstance
from app.engine.compiled import CompiledSop
from app.engine.migration import Moved
from app.tasks.assignment import unit_of

_ITEMS = text("""
SELECT w.id, w.process, w.element, w.name, w.role_code AS role, w.unit_code AS unit, w.priority,
       (SELECT jsonb_agg(DISTINCT k.name)
        FROM drafts d CROSS JOIN LATERAL jsonb_object_keys(d.answers) AS k(name)
        WHERE d.work_item_id = w.id AND d.answers -> k.name NOT IN ('null', '""', '[]')) AS drafted
FROM work_items w
WHERE w.instance_id = :id AND w.closed_at IS NULL
  AND (w.report_id = CAST(:report_id AS uuid) OR (CAST(:report_id AS uuid) IS NULL AND w.report_id IS NULL))
ORDER BY w.id
""")

_SAVE = text("""
WITH moved AS (
  UPDATE instances SET state = CAST(:state AS jsonb), sop_version_id = :version, revision = revision + 1,
         next_wake = CASE WHEN suspended_at IS NULL THEN CAST(:next_wake AS timestamptz) END,
         waiting = CAST(:waiting AS text[])
  WHERE id = :id AND revision = :revision RETURNING revision
), given AS (
  SELECT * FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS r(
    id uuid, process text, element text, name text, role text, unit text, priority text, elsewhere boolean)
), found AS (
  SELECT g.*, NOT g.elsewhere OR g.role = 'pelapor' OR EXISTS (
    SELECT 1 FROM grants a JOIN persons p ON p.id = a.person_id AND p.active
    WHERE a.role_code = g.role AND a.unit_code IS NOT DISTINCT FROM g.unit) AS has_somebody
  FROM given g
), placed AS (
  SELECT id, process, element, name, priority,
         CASE WHEN has_somebody THEN role ELSE 'admin_kominfo' END AS role,
         CASE WHEN has_somebody THEN unit
              ELSE (SELECT home_unit FROM roles WHERE code = 'admin_kominfo') END AS unit
  FROM found
), renamed AS (
  UPDATE work_items w SET process = p.process, element = p.element, name = p.name, priority = p.priority,
         role_code = p.role, unit_code = p.unit,
         claimed_by = CASE WHEN (w.role_code, w.unit_code) IS NOT DISTINCT FROM (p.role, p.unit)
                           THEN w.claimed_by END,
         claimed_at = CASE WHEN (w.role_code, w.unit_code) IS NOT DISTINCT FROM (p.role, p.unit)
                           THEN w.claimed_at END
  FROM placed p, moved WHERE w.id = p.id AND w.closed_at IS NULL
)
SELECT revision FROM moved
""")


def open_items(session: Session, locked: LockedInstance) -> Sequence[Row[Any]]:
    """The open tasks, with the names of fields somebody has typed into."""
    return session.execute(_ITEMS, {"id": locked.id, "report_id": locked.report_id}).all()


def renamed(items: Sequence[Row[Any]], moved: Moved, new: CompiledSop, roles: Any) -> list[dict[str, Any]]:
    """What open tasks are called from now on, and whose they are; only another role sends them elsewhere."""
    were = {task.id: task for task in moved.before.open}
    are = {task.id: task for task in moved.position.open}
    written = []
    for item in items:
        task = are[str(item.id)]
        elsewhere = task.role != were[str(item.id)].role
        unit = unit_of(task.role, moved.position.variables, task.scope, roles) if elsewhere else item.unit
        written.append({
            "id": str(item.id), "process": task.process, "element": task.element, "name": task.name,
            "role": task.role if elsewhere else item.role, "unit": unit,
            "priority": new.task(task.process, task.element).priority, "elsewhere": elsewhere,
        })  # fmt: skip
    return written


def save(session: Session, locked: LockedInstance, state: Mapping[str, Any], version: uuid.UUID,
         next_wake: Any, waiting: Sequence[str], items: Sequence[Mapping[str, Any]]) -> int:
    """Write the instance and its tasks; the revision it has now. Only under the instance's lock."""
    given = {
        "id": locked.id, "revision": locked.revision, "version": version, "state": pushes.as_json(state),
        "next_wake": next_wake, "waiting": list(waiting), "items": pushes.as_json(items),
    }  # fmt: skip
    revision = session.execute(_SAVE, given).scalar_one_or_none()
    if revision is None:
        raise RuntimeError(f"instance {locked.id} was pushed by somebody else under the lock")
    return int(revision)
