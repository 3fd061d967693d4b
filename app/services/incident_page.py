"""One incident as the admin sees it: what was tried, why it failed, on which data, and what can be done."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db import pushes
from app.db.pushes import LockedInstance
from app.db.queries.incidents import incident_row
from app.domain.errors import Conflict, NotFound
from app.domain.words import told
from app.engine.compiler import CompiledSop
from app.engine.step import EngineFault, Json
from app.services import sop_versions
from app.services.incident_repair import brought_data, version_for
from app.services.push_report import TEXT_TYPES

_CODE = re.compile(
    r"[a-z]+(_[a-z0-9]+)*|[A-Z]{2,12}|[A-Z]{1,6}-\d{4}-\d{2}-\d{1,8}|\d{4}-\d\d-\d\d(T[\d:.+Z-]{1,24})?"
)
"""Codes, report numbers, days and moments: texts of these forms tell nothing about a person."""


@dataclass(frozen=True, slots=True)
class Datum:
    """A name the fault speaks of. `shown` is empty where the value may be personal; `absent`: it has none."""

    name: str
    shown: str
    absent: bool
    text: bool
    """Holds text now."""
    from_form: bool
    """Was typed into the task that failed, so only its form changes it."""


@dataclass(frozen=True, slots=True)
class Newer:
    """A newer version of the SOP; `refusal` says why the report cannot go on under it."""

    version: int | None
    refusal: str


@dataclass(frozen=True, slots=True)
class IncidentView:
    id: uuid.UUID
    number: str
    sop_name: str
    step: str
    tried: str
    cause: str
    attempts: int
    opened_at: datetime
    last_tried_at: datetime
    resolved_at: datetime | None
    next_try: datetime | None
    data: tuple[Datum, ...]
    newer: Newer


def incident_view(session: Session, incident_id: uuid.UUID, *, now: datetime) -> IncidentView:
    """Raises NotFound."""
    row = incident_row(session, incident_id)
    if row is None:
        raise NotFound()
    instance = None if row.instance_id is None else pushes.instance(session, row.instance_id)
    brought = brought_data(session, row)
    running: Mapping[str, Any] = {} if instance is None or instance.state is None else instance.state["vars"]
    typed = row.action["verb"] == "complete"
    private = _may_be_personal(_compiled(session, instance))
    data = []
    for name in row.names:
        value = brought[name] if name in brought else running.get(name)
        absent = name not in brought and name not in running
        hidden = name in private or (row.action["verb"] == "deliver" and name in brought)
        data.append(
            Datum(name, "" if hidden or absent else shown(value), absent, isinstance(value, str),
                  typed and name in brought)
        )  # fmt: skip
    return IncidentView(
        row.id, row.number, row.sop_name, row.step, row.tried, row.cause, row.attempts, row.opened_at,
        row.last_tried_at, row.resolved_at, row.next_try, tuple(data), _newer(session, instance, now=now),
    )  # fmt: skip


def shown(value: Json) -> str:
    """A value in JSON as far as it cannot be about a person; empty else."""
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, str):
        return value if _CODE.fullmatch(value) else ""
    if isinstance(value, list) and len(value) <= 20:
        parts = [shown(one) for one in value]
        return f"[{', '.join(parts)}]" if all(parts) else ""
    return ""


def _may_be_personal(compiled: CompiledSop | None) -> frozenset[str]:
    """Names that a form fills with free words, a place or a person."""
    if compiled is None:
        return frozenset()
    return frozenset(
        one.id
        for task in compiled.tasks.values()
        for one in task.fields
        if one.personal or one.type in TEXT_TYPES
    )


def _compiled(session: Session, instance: LockedInstance | None) -> CompiledSop | None:
    if instance is None:
        return None
    try:
        return sop_versions.compiled(session, instance.sop_version_id)
    except EngineFault:
        return None


def _newer(session: Session, instance: LockedInstance | None, *, now: datetime) -> Newer:
    if instance is None or instance.state is None:
        return Newer(None, told("Coba lagi selalu memakai versi yang berlaku."))
    try:
        found, _state = version_for(session, instance, now=now)
    except Conflict as refused:
        return Newer(None, refused.text)
    return Newer(found.version, "")
