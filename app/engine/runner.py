"""The engine's pushes: (compiled SOP, state, …) -> Step. Pure but for fresh task ids; asks no clock.

Each push loads the instance, lets what is due happen first, does its one thing, runs until nothing moves,
and answers with the new state. Expected refusals are returned; `EngineFault` means the push did not happen.
Rules: decisions 3, 4 and 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.domain.words import told
from app.engine import persons
from app.engine.answers import check_answers, without_personal
from app.engine.compiled import CompiledSop
from app.engine.deadlines import extend_tasks, falls_into_past, recount
from app.engine.expressions import FUNCTIONS
from app.engine.motion import advance, answer, closed_by_deadline, finish, guarded, open_task
from app.engine.position import position_of
from app.engine.run import Run, tokens
from app.engine.specs.events import Waiting
from app.engine.state import NotPlain, begin, fresh_state, load, plain
from app.engine.step import (
    Answers,
    EngineFault,
    Json,
    Position,
    Refusal,
    State,
    Step,
    Tools,
)
from app.engine.total import extend_total

CLOSED = told("Batas waktu tugas ini lewat sebelum jawaban Anda masuk, jadi alurnya sudah berjalan terus.")
PAST = told("Batas waktu tidak dapat dimajukan ke waktu yang sudah lewat.")


def start(compiled: CompiledSop, data: Mapping[str, Json], *, tools: Tools, by: str | None = None) -> Step:
    """Begin an instance with what the report brings. Raises `EngineFault`."""
    faults = _name_faults(data)
    if faults:
        raise EngineFault("; ".join(faults.values()), names=tuple(faults))
    begun = tools.now.astimezone(UTC).isoformat()
    run = Run(compiled, tools, fresh_state(compiled, plain(dict(data)), begun))
    top = begin(run)
    run.take_status(run.state["status"])
    first = top.spec.begin
    token = Task(top, first, parent=top.task_tree, state=TaskState.FUTURE)
    first._update(token)
    return finish(run, top)


def complete(compiled: CompiledSop, state: State, task_id: str, answers: Answers, *, by: str,
             tools: Tools) -> Step | Refusal:
    """A person completes an open task. Due timers come first; `ClosedByDeadline` brings their step."""
    run, top = load(compiled, state, tools)
    if open_task(top, task_id) is None:
        return Refusal("NotOpen", "Tugas ini sudah diselesaikan atau tidak terbuka.")
    advance(run, top)
    task = open_task(top, task_id)
    if task is None:
        return closed_by_deadline(run, top, CLOSED)
    refusal = persons.same_person(run, task, by)
    if refusal is not None:
        return refusal
    fields = task.task_spec.declared.fields
    checked = check_answers(fields, answers, run.names(task), run.functions)
    if checked.faults:
        return Refusal("InvalidAnswers", "Periksa isian yang ditandai.", dict(checked.faults))
    persons.remember(run, task, by, checked.values)
    run.assign(task, plain(without_personal(fields, checked.values)))
    guarded(task.run)
    return replace(finish(run, top), accepted=plain(dict(checked.values)))


def deliver(compiled: CompiledSop, state: State, message: str, data: Mapping[str, Json], *, tools: Tools,
            by: str | None = None) -> Step | Refusal:
    """A message: every element waiting for its name takes it, with its data assigned whole."""
    run, top = load(compiled, state, tools)
    if not _listeners(top, message):
        return Refusal("NotExpected", f"Proses ini tidak sedang menunggu pesan '{message}'.")
    faults = _name_faults(data)
    if faults:
        return Refusal("InvalidAnswers", "Isi pesan memakai nama yang tidak boleh.", faults)
    advance(run, top)
    listeners = _listeners(top, message)
    if not listeners:
        return closed_by_deadline(run, top, f"Waktu menunggu pesan '{message}' sudah lewat.")
    for task in listeners:
        if task.id in task.workflow.tasks:
            run.assign(task, plain(dict(data)))
            task.task_spec.hear(task, message)
    return finish(run, top)


def wake(compiled: CompiledSop, state: State, *, tools: Tools) -> Step:
    """Let everything happen that is due by `tools.now`."""
    run, top = load(compiled, state, tools)
    return finish(run, top)


def recalculate(compiled: CompiledSop, state: State, *, tools: Tools) -> Step:
    """The calendar changed: count open deadlines and waiting timers again from when each began. Nothing
    fires: what is due by now is left to the next push, which may well fail for reasons of its own."""
    run, top = load(compiled, state, tools)
    return answer(run, top, recount(run, top))


def extend(compiled: CompiledSop, state: State, element: str, until: datetime, *,
           tools: Tools) -> Step | Refusal:
    """Move the deadline of the open tasks of an element (or of one task, by its id), with their timers; the
    total deadline is put off as long. An earlier date gives nothing back of it, and must lie ahead."""
    run, top = load(compiled, state, tools)
    if falls_into_past(run, top, element, until.astimezone(UTC)):
        return Refusal("NotPossible", PAST)
    moved = extend_tasks(top, element, until.astimezone(UTC))
    if not moved:
        return Refusal("NotOpen", "Tidak ada tugas terbuka yang tenggatnya dapat diperpanjang.")
    extend_total(run, moved)
    return finish(run, top, moved)


def inspect(compiled: CompiledSop, state: State) -> Position:
    """Where an instance stands. Raises `EngineFault` when the state cannot be loaded."""
    run, top = load(compiled, state, None)
    return position_of(run, top)


def _listeners(top: Any, message: str) -> list[Task]:
    return [task for task in tokens(top)
            if isinstance(task.task_spec, Waiting) and task.task_spec.hears(message)]


def _name_faults(data: Mapping[str, Json]) -> dict[str, str]:
    """Names of data that would shadow a function or reach into the machinery, and values that are no data."""
    faults = {}
    for name, value in data.items():
        if not isinstance(name, str) or not name.isidentifier() or name in FUNCTIONS:
            faults[str(name)] = f"Nama '{name}' tidak boleh dipakai."
            continue
        try:
            plain({name: value})
        except NotPlain as error:
            faults[name] = str(error)
    return faults
