"""Work out what an operation would do to one running SOP, by doing it to a copy. Nothing is written."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db import pushes
from app.db.pushes import Around, LockedInstance
from app.db.queries import operations as queries
from app.domain.actor import Actor
from app.domain.words import told
from app.engine import runner
from app.engine.compiler import CompiledSop
from app.engine.step import EngineFault, OpenTask, Position, Refusal, Tools
from app.services import city, sop_versions
from app.services.incidents import REPORTER
from app.services.operations_pull import NOT_OPEN, CannotBe, pull_for, tasks_of
from app.services.operations_shape import (
    CANCEL,
    REASSIGN,
    RESUME,
    RETRY,
    SEND_BACK,
    SUSPEND,
    TOLD_OF_CANCELLING,
    WHILE_HELD_BACK,
    Planned,
    consequences_of,
    moment,
    timer_name,
)
from app.services.push import Pull
from app.services.step_plan import plan_step
from app.tasks.operations import OperationRefused

ENDED = told("Alur ini sudah berakhir.")
HELD_BACK = told("Laporan ini sedang ditangguhkan. Lanjutkan dahulu.")


@dataclass(frozen=True, slots=True)
class Seen:
    """A running SOP with what a plan reads of it."""

    locked: LockedInstance
    around: Around
    compiled: CompiledSop
    position: Position
    items: Sequence[Row[Any]]
    tools: Tools

    def task(self, task_id: str) -> tuple[OpenTask, Row[Any]] | None:
        """An open task, as the engine and as the inbox know it."""
        task = next((one for one in self.position.open if one.id == task_id), None)
        item = next((one for one in self.items if str(one.id) == task_id), None)
        return None if task is None or item is None else (task, item)


def planned(
    session: Session,
    locked: LockedInstance,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Planned:
    """What `kind` with these parameters would mean for an instance, locked or not."""
    plan = Planned(
        locked.id, locked.report_id, locked.number, kind, dict(parameters), locked.revision, {}
    )
    if locked.ended_at is not None or locked.state is None:
        return replace(plan, refused=ENDED)
    if locked.suspended_at is not None and kind not in WHILE_HELD_BACK:
        return replace(plan, refused=HELD_BACK)
    try:
        seen = look(session, locked, now=now)
        found = _judged(session, seen, kind, parameters, actor)
        return replace(plan, consequences=found if locked.main else {**found, "alur": seen.compiled.name})
    except (CannotBe, EngineFault, OperationRefused, sop_versions.NoSuchSop) as fault:
        return replace(plan, refused=fault.text)


def look(session: Session, locked: LockedInstance, *, now: datetime) -> Seen:
    """Read what surrounds an instance. Raises EngineFault when its state cannot be loaded."""
    around = pushes.around(session, locked.report_id)
    compiled = sop_versions.compiled(session, locked.sop_version_id)
    return Seen(
        locked,
        around,
        compiled,
        runner.inspect(compiled, locked.state or {}),
        queries.open_items(session, locked.id, locked.report_id),
        city.tools_at(session, around.calendar, now),
    )


def passed(session: Session, seen: Seen, kind: str) -> frozenset[str]:
    """Keys of the steps that were completed, for whoever sends a report back; else nothing is read."""
    if kind != SEND_BACK:
        return frozenset()
    rows = queries.completed(session, seen.locked.id, seen.locked.report_id)
    return frozenset(seen.compiled.key_of(row.process, row.element) for row in rows)


def _judged(
    session: Session, seen: Seen, kind: str, parameters: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    if kind == REASSIGN:
        return {"pindah": handed(session, seen, parameters)}
    if kind == SUSPEND:
        return _asleep(seen)
    if kind == RESUME:
        if seen.locked.suspended_at is None:
            raise CannotBe(told("Laporan ini tidak sedang ditangguhkan."))
        told_ = _pulled(session, seen, lambda sop, state, tools: runner.wake(sop, state, tools=tools), actor)
        return {**told_, "ditangguhkan": [moment(seen.locked.suspended_at), None]}
    if kind == RETRY:
        return _pulled(session, seen, retried(session, seen), actor)
    past = passed(session, seen, kind)
    found = _pulled(session, seen, pull_for(kind, parameters, by=actor.engine_id(), past=past), actor)
    if kind == CANCEL and seen.locked.main:
        found["diberitahu"] = [*found.get("diberitahu", ()), ["pelapor", TOLD_OF_CANCELLING]]
    return found


def _pulled(session: Session, seen: Seen, pull: Pull, actor: Actor) -> dict[str, Any]:
    answer = pull(seen.compiled, seen.locked.state or {}, seen.tools)
    if isinstance(answer, Refusal):
        raise CannotBe(answer.text)
    plan = plan_step(session, seen.compiled, answer, seen.around.roles, seen.tools, actor)
    return consequences_of(seen.compiled, seen.locked.state or {}, plan, seen.items, seen.around.status)


def handed(session: Session, seen: Seen, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Open tasks that another person (`orang`) or another unit (`unit`) is to do: id, name, role and unit
    from now on, holder; each with what it was. Raises CannotBe."""
    person, unit = parameters.get("orang"), parameters.get("unit")
    wanted = _tasks(seen, parameters)
    if (person is None) == (unit is None):
        raise CannotBe(told("Pilih seorang petugas, atau satu perangkat daerah."))
    able = queries.able(session, sorted({task.role for task, _ in wanted} | {i.role_code for _, i in wanted}))
    moves = []
    for task, item in wanted:
        if item.role_code == "pelapor":
            raise CannotBe(told("Langkah ini milik pelapor dan tidak dapat dialihkan."))
        if person is not None:
            moves.append(_to_person(task, item, str(person), able))
        else:
            moves.append(_to_unit(task, item, str(unit), able))
    return moves


def _to_person(
    task: OpenTask, item: Row[Any], person: str, able: Sequence[Row[Any]]
) -> dict[str, Any]:
    held = (person, item.role_code, item.unit_code)
    one = next((one for one in able if (str(one.id), one.role_code, one.unit_code) == held), None)
    if one is None:
        raise CannotBe(told("Petugas itu tidak memegang peran dan unit tugas “%(task)s”.", task=item.name))
    if person in task.barred:
        raise CannotBe(told("“%(task)s” harus dikerjakan orang lain daripada petugas itu.", task=item.name))
    if str(item.claimed_by) == person:
        raise CannotBe(told("Tugas “%(task)s” sudah dipegang petugas itu.", task=item.name))
    return _move(item, (item.role_code, item.unit_code), person, one.display_name)


def _to_unit(
    task: OpenTask, item: Row[Any], unit: str, able: Sequence[Row[Any]]
) -> dict[str, Any]:
    if (task.role, unit) == (item.role_code, item.unit_code):
        raise CannotBe(told("Tugas “%(task)s” sudah ada di sana.", task=item.name))
    able_there = {str(one.id) for one in able if (one.role_code, one.unit_code) == (task.role, unit)}
    if not able_there - task.barred:
        raise CannotBe(told("Di sana belum ada petugas yang dapat mengerjakan “%(task)s”.", task=item.name))
    return _move(item, (task.role, unit), None, "")


def _move(item: Row[Any], to: tuple[str, str | None], person: str | None, name: str) -> dict[str, Any]:
    return {
        "id": str(item.id), "nama": item.name, "langkah": item.element,
        "dari": [item.role_code, item.unit_code, item.claimed_by_name],
        "menjadi": [*to, name], "orang": person,
    }  # fmt: skip


def _asleep(seen: Seen) -> dict[str, Any]:
    """What a suspension holds back: tasks, timers, messages; the clocks go on."""
    if seen.locked.suspended_at is not None:
        raise CannotBe(told("Laporan ini sudah ditangguhkan."))
    timers = [
        ["tidur", timer_name(seen.compiled, one.process, one.element, one.host), moment(one.due), None]
        for one in seen.position.timers
    ]
    found: dict[str, Any] = {
        "menunggu": [{"id": str(one.id), "nama": one.name, "peran": one.role_code, "unit": one.unit_code,
                      "pemegang": one.claimed_by_name} for one in seen.items],
        "timer": timers,
        "ditahan": sorted(seen.position.waiting),
        "ditangguhkan": [None, "ya"],
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def retried(session: Session, seen: Seen) -> Pull:
    """The push that could not be done, once more. Raises CannotBe: nothing is wrong with this SOP."""
    incident = queries.open_incident(session, seen.locked.id)
    if incident is None:
        raise CannotBe(told("Laporan ini tidak sedang terhenti oleh gangguan."))
    action = incident.action
    if action["verb"] == "complete":
        item, person = action["work_item_id"], action.get("person_id")
        typed = queries.draft(session, uuid.UUID(item), uuid.UUID(person) if person else REPORTER)
        if typed is None:
            return lambda sop, state, tools: runner.wake(sop, state, tools=tools)
        by = person or "pelapor"
        return lambda sop, state, tools: runner.complete(sop, state, item, typed, by=by, tools=tools)
    if action["verb"] == "deliver":
        message, data = action["message"], action["data"]
        return lambda sop, state, tools: runner.deliver(sop, state, message, data, tools=tools, by="pelapor")
    return lambda sop, state, tools: runner.wake(sop, state, tools=tools)


def _tasks(seen: Seen, parameters: Mapping[str, Any]) -> list[tuple[OpenTask, Row[Any]]]:
    """The open tasks an operation names in `tugas` (one id or several). Raises CannotBe."""
    ids = tasks_of(parameters)
    found = [seen.task(one) for one in ids]
    known = [one for one in found if one is not None]
    if not ids or len(known) < len(ids):
        raise CannotBe(NOT_OPEN)
    return known


