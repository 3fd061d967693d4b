"""Write down what the engine answered: tasks, clocks, events, notices, jobs, state. Plan first, write then.

Everything that can be refused is computed before the first row is written, so a fault leaves nothing behind.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.adapters.jobs import Job, defer
from app.db import pushes, report_status
from app.domain.actor import Actor
from app.domain.deadline import arithmetic
from app.domain.privacy import HIDDEN_WHOLE, hide_parts
from app.engine.compiler import CompiledSop
from app.engine.runner import inspect
from app.engine.step import (
    DecisionTrace,
    EngineFault,
    OpenTask,
    Step,
    Tools,
    Visit,
)
from app.services.trail import Trail
from app.tasks.assignment import Roles, unit_of
from app.tasks.operations import Masking, Note, Notice, Request

IN_COLUMNS = frozenset({"mulai", "aturan", "hasil", "satuan"})


@dataclass(frozen=True, slots=True)
class Placed:
    """A task that opened and the inbox it went to."""

    id: uuid.UUID
    element: str
    name: str
    role: str
    unit: str | None
    due_at: datetime | None


@dataclass(slots=True)
class Record:
    """One push on its way to the database."""

    instance_id: uuid.UUID
    report_id: uuid.UUID | None
    compiled: CompiledSop
    step: Step
    trail: Trail
    roles: Roles
    tools: Tools
    requests: Sequence[Request]
    revision: int = 0
    """Of the instance before this push; 0 for a start."""
    total_before: datetime | None = None
    paused_before: datetime | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    """Words of the completed form that a message may carry: `alasan`, `jawaban`."""
    change: str = ""
    """What changed in the calendar, when that is why deadlines move; the push's own event tells of them."""
    placed: tuple[Placed, ...] = ()
    notices: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)


def prove_loadable(compiled: CompiledSop, step: Step) -> str:
    """The new state as JSON text, after loading it back: what could not be read again is never saved."""
    text = json.dumps(step.state, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if inspect(compiled, json.loads(text)) != step.position:
        raise EngineFault(
            "Keadaan proses tidak terbaca kembali dengan sama; langkah ini tidak disimpan.",
            process=compiled.key,
        )
    return text


def whose(instance_id: uuid.UUID, report_id: uuid.UUID | None) -> dict[str, str]:
    """What an event says of its flow (`alur`) where no report stands behind it: the events of an SOP's stream
    tell of every flow that judges it."""
    return {} if report_id is not None else {"alur": str(instance_id)}


def facts_of(step: Step, compiled: CompiledSop) -> dict[str, Any]:
    """What an event says about a push, in few bytes. `jalan`: the way taken, each sequence flow by its place
    in the version's diagram (from 0), what was reached without one by its id; `dibuka`: task id, step, limit;
    `ditutup`: task id, step, what took it away; `keputusan`: rows hit and what they were asked, and the
    answers where the immutable table alone does not say them; `timer`: event, due, times."""
    main = compiled.key
    return {
        "jalan": [_way(visit, compiled) for visit in step.visited],
        "dibuka": [
            [task.id, _name(task.element, task.process, main), _short(task.due)] for task in step.opened
        ],
        "ditutup": [
            [task.id, _name(task.element, task.process, main), task.cause]
            for task in step.closed
            if task.reason == "cancelled"
        ],
        "keputusan": [_decided(trace, compiled) for trace in step.decisions],
        "timer": [
            [_name(fired.element, fired.process, main), iso(fired.due), fired.count] for fired in step.fired
        ],
    }


def write_tasks(session: Session, record: Record, *, actor: Actor) -> None:
    """Close and open work items with their clocks; say in the trail where nobody could be found."""
    now = record.tools.now
    step = record.step
    if step.closed:
        by = actor.person_id
        pushes.close_items(
            session,
            [
                {"id": t.id, "reason": t.reason, "by": by if t.reason == "completed" else None}
                for t in step.closed
            ],
            now=now,
        )
    gone = {task.id for task in step.closed}
    fresh_ones = [task for task in step.opened if task.id not in gone]
    if fresh_ones:
        rows = pushes.open_items(
            session,
            [_item(record, task) for task in fresh_ones],
            instance_id=record.instance_id,
            report_id=record.report_id,
        )
        by_id = {str(row.id): row for row in rows}
        record.placed = tuple(
            Placed(uuid.UUID(t.id), t.element, t.name, by_id[t.id].role_code, by_id[t.id].unit_code, t.due)
            for t in fresh_ones
        )
        for task in fresh_ones:
            if not by_id[task.id].has_somebody:
                record.trail.add(
                    "TaskFellToKominfo",
                    {"tugas": task.element, "peran": task.role, "unit": _unit(record, task)},
                )
        record.jobs += [
            Job("notify_new_task", {"work_item_id": str(task.id)})
            for task in record.placed
            if task.role != "pelapor"
        ]


def message_id(instance_id: uuid.UUID, revision: int, place: int) -> uuid.UUID:
    """What the message is called that is number `place` (from 0) of the push onto this revision."""
    return uuid.uuid5(instance_id, f"{revision}:{place}")


def write_notices(session: Session, record: Record) -> None:
    """Queue what the SOP wants to be said, each once, and note what it wants noted."""
    for request in record.requests:
        if isinstance(request, Notice):
            message = {
                "id": str(message_id(record.instance_id, record.revision, len(record.notices))),
                "recipient": request.recipient,
                "template": request.template,
                "values": {**record.said, **({"teks": request.text} if request.text else {})},
            }
            record.notices.append(message)
        elif isinstance(request, Note):
            record.trail.add("NoteTaken", {"langkah": request.element}, {"catatan": request.text})
    if record.notices:
        pushes.queue_messages(session, record.notices, report_id=record.report_id, now=record.tools.now)
        record.jobs += [Job("send_message", {"message_id": message["id"]}) for message in record.notices]


def write_maskings(session: Session, record: Record) -> None:
    """Hide from the public what a moderator asked to hide; the trace commits to what it was."""
    asked = [request for request in record.requests if isinstance(request, Masking)]
    if not asked or record.report_id is None:
        return
    shown = report_status.public_text(session, record.report_id)
    for masking in asked:
        shown = HIDDEN_WHOLE if masking.whole else hide_parts(shown, masking.parts)
        parts = {"bagian": "\n".join(masking.parts)} if masking.parts else {}
        record.trail.add("TextMasked", {"langkah": masking.element, "seluruhnya": masking.whole}, parts)
    report_status.set_public_text(session, record.report_id, shown)


def write_jobs(session: Session, record: Record) -> None:
    """Hand all later work of this push to the queue with one statement. Timers are none of it: they wait in
    `instances.next_wake`, where the worker looks (`upkeep.wake_what_is_due`)."""
    defer(session, record.jobs)


def instance_values(record: Record, state_text: str) -> dict[str, Any]:
    """The instance row after this push. An ended instance keeps no state: the trace has it all."""
    position = record.step.position
    return {
        "id": record.instance_id,
        "state": None if position.ended else state_text,
        "next_wake": position.next_wake,
        "waiting": sorted(position.waiting),
        "total_due_at": position.total_due,
        "total_paused_at": (record.paused_before or record.tools.now) if position.total_paused else None,
        "ended_at": record.tools.now if position.ended else None,
        "end_reason": position.end_reason if position.ended else None,
    }


def units_now(step: Step, roles: Roles) -> Mapping[str, str | None]:
    """Role -> unit it would act for at this moment, for notices to a role."""
    return {role: unit_of(role, step.position.variables, {}, roles) for role in roles}


def _item(record: Record, task: OpenTask) -> dict[str, Any]:
    declared = record.compiled.task(task.process, task.element)
    due = task.due
    return {
        "id": task.id,
        "process": task.process,
        "element": task.element,
        "name": task.name,
        "role": task.role,
        "unit": _unit(record, task),
        "priority": declared.priority,
        "fresh": declared.fresh,
        "opened_at": task.opened,
        "due_at": due,
        "rule": task.due_rule,
        "arithmetic": None if due is None else reckoned(task.due_rule or "", task.opened, due, record.tools),
        "scope": dict(task.scope) or None,
    }


def reckoned(rule: str, start: datetime, due: datetime, tools: Tools, source: str = "") -> dict[str, Any]:
    """The arithmetic of a deadline less what its row's columns say (start, rule and with it the measure,
    result)."""
    whole = arithmetic(rule, start, due, tools.calendar, source=source)
    return {key: value for key, value in whole.items() if key not in IN_COLUMNS and value not in ("", [])}


def _unit(record: Record, task: OpenTask) -> str | None:
    return unit_of(task.role, record.step.position.variables, task.scope, record.roles)


def _name(element: str, process: str, main: str) -> str:
    return element if process == main else f"{process}/{element}"


def _way(visit: Visit, compiled: CompiledSop) -> int | str:
    if visit.flow is not None:
        return compiled.flow_numbers[(visit.process, visit.flow)]
    return _name(visit.element, visit.process, compiled.key)


def _decided(trace: DecisionTrace, compiled: CompiledSop) -> dict[str, Any]:
    said = {
        "langkah": trace.element,
        "tabel": trace.decision,
        "baris": list(trace.rows),
        "masukan": dict(trace.inputs),
    }
    table = compiled.decisions.get(trace.decision)
    if table is None or not table.is_constant(trace.rows):
        said["keluaran"] = trace.outputs
    return said


def _short(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
