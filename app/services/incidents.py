"""When an SOP cannot go on: one open incident per running SOP, shown on a plain list, tried again by hand.

Nothing is lost meanwhile: the instance stands where it stood, and what was typed is the person's draft.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.event import Origin
from app.services.trail import Trail

_OPEN = text("""
INSERT INTO incidents (id, instance_id, report_id, sop_key, element, cause, names, action, attempts,
                       opened_at, last_tried_at)
VALUES (:id, :instance_id, :report_id, :sop_key, :element, :cause, CAST(:names AS text[]),
        CAST(:action AS jsonb), 1, :now, :now)
ON CONFLICT (instance_id) WHERE resolved_at IS NULL AND instance_id IS NOT NULL
DO UPDATE SET attempts = incidents.attempts + 1, last_tried_at = excluded.last_tried_at,
              element = excluded.element, cause = excluded.cause, names = excluded.names,
              action = excluded.action
RETURNING id, attempts
""")

_DRAFT = text("""
INSERT INTO drafts (work_item_id, person_id, answers, updated_at)
VALUES (:work_item_id, :person_id, CAST(:answers AS jsonb), :now)
ON CONFLICT (work_item_id, person_id)
DO UPDATE SET answers = excluded.answers, updated_at = excluded.updated_at
""")

_SETTLE = text("""
UPDATE incidents n SET resolved_at = :now
FROM instances i
WHERE n.instance_id = :instance_id AND i.id = n.instance_id AND n.resolved_at IS NULL AND (
  n.action->>'verb' = 'wake' OR i.ended_at IS NOT NULL
  OR n.action->>'verb' = 'complete' AND NOT EXISTS (
    SELECT 1 FROM work_items w WHERE w.id = CAST(n.action->>'work_item_id' AS uuid) AND w.closed_at IS NULL))
RETURNING n.id
""")

REPORTER = uuid.UUID(int=0)
"""Stands for the reporter where a draft wants a person."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The incident that stands for a fault now, and how often the same instance has failed."""

    id: uuid.UUID
    attempts: int


def open_incident(
    session: Session,
    trail: Trail,
    *,
    instance_id: uuid.UUID | None,
    report_id: uuid.UUID | None,
    sop_key: str,
    element: str | None,
    cause: str,
    names: tuple[str, ...],
    action: Mapping[str, Any],
    now: datetime,
) -> Opened:
    """Open an incident, or count one more attempt on the open one of this instance."""
    row = session.execute(
        _OPEN,
        {
            "id": uuid.uuid4(),
            "instance_id": instance_id,
            "report_id": report_id,
            "sop_key": sop_key,
            "element": element,
            "cause": cause,
            "names": list(names),
            "action": json.dumps(dict(action), ensure_ascii=False),
            "now": now,
        },
    ).one()
    facts = {"langkah": element, "sebab": cause, "nama": list(names), "percobaan": row.attempts}
    if instance_id is not None and report_id is None:
        facts["alur"] = str(instance_id)
    trail.add("IncidentOpened", facts)
    return Opened(row.id, row.attempts)


def settle(
    session: Session, trail: Trail, instance_id: uuid.UUID, *, origin: Origin, now: datetime
) -> None:
    """Close the incident of an instance that was pushed all the same: every push fires what is due first, so
    a timer that failed has fired; a task that failed may have been done, or be gone; an end ends all."""
    for incident in session.scalars(_SETTLE, {"instance_id": instance_id, "now": now}).all():
        trail.add("IncidentResolved", {"insiden": str(incident)})
    trail.write(session, origin=origin, now=now)


def keep_as_draft(
    session: Session,
    work_item_id: uuid.UUID,
    person_id: str | None,
    answers: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """Keep what was typed; the reporter's is kept under the nil UUID."""
    session.execute(
        _DRAFT,
        {
            "work_item_id": work_item_id,
            "person_id": uuid.UUID(person_id) if person_id else REPORTER,
            "answers": json.dumps(_writable(answers), ensure_ascii=False, allow_nan=False),
            "now": now,
        },
    )


def _writable(typed: Any) -> Any:
    """What was typed, right or wrong, as JSON: a number it does not know becomes its word."""
    if isinstance(typed, Mapping):
        return {str(name): _writable(value) for name, value in typed.items()}
    if isinstance(typed, list | tuple):
        return [_writable(value) for value in typed]
    if isinstance(typed, float) and not math.isfinite(typed):
        return str(typed)
    return typed
