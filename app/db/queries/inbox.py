"""Inboxes: the open tasks of somebody's roles and units, overdue first.

Each (role, unit) is one ordered index scan that stops after a page, so a hundred thousand open tasks cost
what two hundred do. Counts stop at `COUNT_CAP`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.actor import Actor

PAGE = 25
COUNT_CAP = 250

Box = Literal["semua", "saya", "terlambat", "bebas"]
Order = Literal["tenggat", "terbaru", "terlama"]

_ORDERS: dict[str, str] = {
    "tenggat": "due_at, id",
    "terbaru": "opened_at DESC, id DESC",
    "terlama": "opened_at, id",
}


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """What to show. `query`: a report number or words; `element`: a kind of task; `page` from 1."""

    box: Box = "semua"
    order: Order = "tenggat"
    query: str = ""
    element: str = ""
    category: str = ""
    unit: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One task as the list shows it."""

    id: uuid.UUID
    name: str
    element: str
    role: str
    unit: str | None
    unit_name: str
    priority: str
    opened_at: datetime
    due_at: datetime | None
    claimed_by: uuid.UUID | None
    claimed_by_name: str
    number: str
    kind: str
    words: str
    category: str
    kelurahan: str
    confidential: bool
    status: str
    suspended: bool
    """An officer holds the report back: nobody can do the task until it goes on."""


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """Open tasks per box; a count of `COUNT_CAP` means 'that many or more'."""

    all: int
    mine: int
    late: int
    cap: int = COUNT_CAP


@dataclass(frozen=True, slots=True)
class InboxPage:
    rows: tuple[InboxRow, ...]
    page: int
    has_next: bool


def inbox_page(session: Session, wanted: InboxFilter, *, actor: Actor, now: datetime) -> InboxPage:
    """One page of the inbox, in order."""
    order = _ORDERS.get(wanted.order, _ORDERS["tenggat"])
    conditions, values = _conditions(wanted, actor, now)
    reach = (max(wanted.page, 1) - 1) * PAGE + PAGE + 1
    where = "".join(f" AND {condition}" for condition in conditions)
    outer = ", ".join(f"w.{part.strip()}" for part in order.split(","))
    statement = text(f"""
        SELECT w.id, w.name, w.element, w.role_code, w.unit_code, coalesce(u.short_name, '') AS unit_name,
               w.priority, w.opened_at, w.due_at, w.claimed_by,
               coalesce(h.display_name, '') AS claimed_by_name,
               coalesce(r.number, '') AS number, coalesce(r.kind, 'sop') AS kind,
               left(coalesce(r.description, q.name || ': ' || q.note, ''), 140) AS words,
               coalesce(c.name, '') AS category,
               coalesce(k.name, '') AS kelurahan, coalesce(r.confidential, false) AS confidential,
               coalesce(r.status, '') AS status,
               (SELECT i.suspended_at IS NOT NULL FROM instances i WHERE i.id = w.instance_id) AS suspended
        FROM (
          SELECT w.* FROM jsonb_to_recordset(CAST(:grants AS jsonb)) AS g(role text, unit text)
          CROSS JOIN LATERAL (
            SELECT * FROM work_items w
            WHERE w.closed_at IS NULL AND w.role_code = g.role AND w.unit_code = g.unit{where}
            ORDER BY {order} LIMIT :reach
          ) w
          ORDER BY {outer} LIMIT :limit OFFSET :offset
        ) w
        LEFT JOIN reports r ON r.id = w.report_id
        LEFT JOIN sop_proposals q ON q.instance_id = w.instance_id AND w.report_id IS NULL
        LEFT JOIN units u ON u.code = w.unit_code
        LEFT JOIN persons h ON h.id = w.claimed_by
        LEFT JOIN categories c ON c.code = r.category_code
        LEFT JOIN kelurahan k ON k.code = r.kelurahan_code
        ORDER BY {outer}
    """)  # noqa: S608 - only fixed words of this module are put together
    found = session.execute(
        statement,
        {
            **values,
            "grants": _grants(actor, wanted.unit),
            "reach": reach,
            "limit": PAGE + 1,
            "offset": reach - PAGE - 1,
        },
    ).all()
    rows = tuple(InboxRow(*row) for row in found[:PAGE])
    return InboxPage(rows, max(wanted.page, 1), len(found) > PAGE)


_COUNTS = text("""
WITH g AS (SELECT * FROM jsonb_to_recordset(CAST(:grants AS jsonb)) AS g(role text, unit text))
SELECT
  (SELECT count(*) FROM (
     SELECT 1 FROM g CROSS JOIN LATERAL (
       SELECT 1 FROM work_items w WHERE w.closed_at IS NULL AND w.role_code = g.role AND w.unit_code = g.unit
       LIMIT :cap) x LIMIT :cap) a),
  (SELECT count(*) FROM (
     SELECT 1 FROM work_items w
     WHERE w.closed_at IS NULL AND w.claimed_by = CAST(:person AS uuid) LIMIT :cap) b),
  (SELECT count(*) FROM (
     SELECT 1 FROM g CROSS JOIN LATERAL (
       SELECT 1 FROM work_items w WHERE w.closed_at IS NULL AND w.role_code = g.role AND w.unit_code = g.unit
       AND w.due_at < :now LIMIT :cap) x LIMIT :cap) c)
""")


def inbox_counts(session: Session, *, actor: Actor, now: datetime) -> InboxCounts:
    """How many tasks wait: all of my roles and units, those I took, those overdue."""
    values = {"grants": _grants(actor, ""), "person": actor.person_id, "now": now, "cap": COUNT_CAP}
    return InboxCounts(*session.execute(_COUNTS, values).one())


_NEXT = text("""
SELECT min(w.due_at) FROM jsonb_to_recordset(CAST(:grants AS jsonb)) AS g(role text, unit text)
CROSS JOIN LATERAL (
  SELECT due_at FROM work_items w
  WHERE w.closed_at IS NULL AND w.role_code = g.role AND w.unit_code = g.unit AND w.due_at >= :now
  ORDER BY due_at LIMIT 1) w
""")


def next_due(session: Session, *, actor: Actor, now: datetime) -> datetime | None:
    """When the next open task of this inbox is due."""
    found: datetime | None = session.execute(_NEXT, {"grants": _grants(actor, ""), "now": now}).scalar_one()
    return found


_KINDS = text("""
SELECT DISTINCT ON (w.element) w.element, w.name
FROM jsonb_to_recordset(CAST(:grants AS jsonb)) AS g(role text, unit text)
CROSS JOIN LATERAL (
  SELECT element, name FROM work_items w
  WHERE w.closed_at IS NULL AND w.role_code = g.role AND w.unit_code = g.unit
  ORDER BY due_at, id LIMIT :cap) w
ORDER BY w.element, w.name
""")


def task_kinds(session: Session, *, actor: Actor) -> Sequence[tuple[str, str]]:
    """Element and name of the kinds of task that wait now, for the filter."""
    rows = session.execute(_KINDS, {"grants": _grants(actor, ""), "cap": COUNT_CAP}).all()
    return [(row.element, row.name) for row in rows]


def _conditions(wanted: InboxFilter, actor: Actor, now: datetime) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if wanted.box == "saya":
        conditions.append("w.claimed_by = CAST(:person AS uuid)")
        values["person"] = actor.person_id
    elif wanted.box == "terlambat":
        conditions.append("w.due_at < :now")
        values["now"] = now
    elif wanted.box == "bebas":
        conditions.append("w.claimed_by IS NULL")
    if wanted.element:
        conditions.append("w.element = :element")
        values["element"] = wanted.element
    if wanted.category:
        conditions.append(
            "EXISTS (SELECT 1 FROM reports r WHERE r.id = w.report_id AND r.category_code = :category)"
        )
        values["category"] = wanted.category
    query = wanted.query.strip()
    if query:
        conditions.append(
            "EXISTS (SELECT 1 FROM reports r WHERE r.id = w.report_id AND (r.number = upper(:query)"
            " OR r.number LIKE '%' || upper(:query)"
            " OR r.search @@ websearch_to_tsquery('indonesian', :query)))"
        )
        values["query"] = query
    return conditions, values


def _grants(actor: Actor, unit: str) -> str:
    pairs = {(grant.role, grant.unit) for grant in actor.grants if grant.unit and unit in ("", grant.unit)}
    return json.dumps([{"role": role, "unit": held} for role, held in sorted(pairs)])
