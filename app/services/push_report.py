"""What a push says of its report: answers for the chain, words for its reader, status and unit."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db.pushes import Around
from app.db.report_status import start_report
from app.engine.declaration import Task
from app.engine.step import Position, Step

RECEIVED = "diterima"
"""Status of a report before its SOP says another."""

TEXT_TYPES = frozenset({"string", "text", "location", "person"})
"""Answers of these types may hold something personal: the trace keeps a commitment, the text lies apart."""


def split(form: Task, answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers for the chain in clear, and those that only a commitment of may enter it."""
    plain: dict[str, Any] = {}
    private: dict[str, Any] = {}
    for declared in form.fields:
        value = answers.get(declared.id)
        if value not in (None, "", []):
            hidden = declared.personal or declared.type in TEXT_TYPES
            (private if hidden else plain)[declared.id] = value
    said = {"jawaban": json.dumps(private, ensure_ascii=False, sort_keys=True)} if private else {}
    return plain, said


def said(form: Task, answers: Mapping[str, Any]) -> dict[str, str]:
    """What the officer wrote for the reporter: `alasan`, the first text answer whose id begins so and that
    the reporter may read, and `jawaban`, the first other one marked public."""
    said: dict[str, str] = {}
    for declared in form.fields:
        value = answers.get(declared.id)
        if declared.type not in ("text", "string") or declared.personal or not value:
            continue
        if declared.id.startswith("alasan") and (declared.public or declared.reporter):
            said.setdefault("alasan", value)
        elif declared.public and not declared.id.startswith("alasan"):
            said.setdefault("jawaban", value)
    return said


def write_first_status(
    session: Session, report_id: uuid.UUID, step: Step, *, now: datetime
) -> dict[str, Any]:
    """What the start of its main SOP makes of a report that was just received: before and after."""
    position = step.position
    reason = position.end_reason if position.ended else None
    status, unit = reason or step.status, position.variables.get("opd")
    if status is None and unit is None:
        return {}
    values = {"id": report_id, "status": status, "opd": unit, "end_reason": reason}
    start_report(session, {**values, "ended": position.ended, "now": now})
    changes: dict[str, Any] = {} if status in (None, RECEIVED) else {"status": [RECEIVED, status]}
    return changes if unit is None else {**changes, "opd": [None, unit]}


def changes(around: Around, step: Step) -> dict[str, Any]:
    """What the push changed on the report: before and after."""
    changes: dict[str, Any] = {}
    if step.status is not None and step.status != around.status:
        changes["status"] = [around.status, step.status]
    unit = _code(step.position, "opd")
    if unit != around.opd:
        changes["opd"] = [around.opd, unit]
    return changes


def report_values(around: Around, step: Step, form: Task | None, *, now: datetime) -> dict[str, Any]:
    """The report's columns after a push of its main SOP."""
    position = step.position
    ended = position.ended
    rating = duplicate = None
    if form is not None:
        for declared in form.fields:
            value = step.accepted.get(declared.id)
            if declared.type == "rating" and isinstance(value, int):
                rating = value
            elif declared.type == "report" and isinstance(value, str):
                duplicate = value
    return {
        "status": position.end_reason if ended and position.end_reason else step.status or around.status,
        "opd": _code(position, "opd"),
        "category": _code(position, "kategori"),
        "closed_at": now if ended else None,
        "report_end": position.end_reason if ended else None,
        "rating": rating,
        "duplicate_of": duplicate,
    }


def _code(position: Position, name: str) -> str | None:
    """A code among the variables; what the city has no such code for is left out when it is written."""
    value = position.variables.get(name)
    return value if isinstance(value, str) else None
