"""An instance as one small JSON value, and back. Only live tokens are rows; the past and the future are not.

`{v, sop, vars, rows, status, start, end?, done?, total?, who?, did?, proof?}`. A row is
`[spec, parent, inside, id, data]`, hosts before what they hold: `parent` is the row of the host (-1: none),
`inside` is 1 for what runs in the sub-workflow of that host, `id` only for open user tasks, `data` what the
token carries. Trailing empty parts are left out. Rule: decision 4.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine.compiled import CompiledSop
from app.engine.limits import is_reserved
from app.engine.run import Run
from app.engine.specs.activities import Scope, UserTask, hold
from app.engine.specs.loops import Instances
from app.engine.step import EngineFault, Json, State, Tools

VERSION = 1
DEEPEST = 32
_ABSENT: list[Any] = [-1, 0, None, None]
FIRST_STATUS = "diterima"


class NotPlain(ValueError):
    """A value is not plain JSON data, or a name in it is reserved. The text is Indonesian."""


def fresh_state(compiled: CompiledSop, data: dict[str, Json], start: str) -> State:
    return {"v": VERSION, "sop": compiled.hash, "vars": data, "rows": [], "status": FIRST_STATUS,
            "start": start}


def load(compiled: CompiledSop, state: State, tools: Tools | None) -> tuple[Run, BpmnWorkflow]:
    """A live instance. The given state is not touched. Raises `EngineFault` when it is not of this SOP."""
    if state.get("v") != VERSION or state.get("sop") != compiled.hash:
        raise EngineFault("Keadaan tersimpan bukan dari versi SOP ini.")
    try:
        copy = plain(state)
        rows = copy.pop("rows")
        run = Run(compiled, tools, copy)
        top = _workflow(run)
        _grow(top, rows)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise EngineFault(f"Keadaan tersimpan tidak dapat dibaca kembali: {error}") from error
    return run, top


def begin(run: Run) -> BpmnWorkflow:
    """An instance without tokens."""
    return _workflow(run)


def save(run: Run, top: BpmnWorkflow) -> State:
    """The state of an instance at rest."""
    return {**run.state, "rows": _rows(top)}


def plain(value: Json, depth: int = 0) -> Any:
    """A deep copy that is JSON and nothing else. Raises `NotPlain`."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotPlain("angka tak hingga tidak dapat disimpan.")
        return value
    if depth > DEEPEST:
        raise NotPlain("data bersarang terlalu dalam.")
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str) or is_reserved(key):
                raise NotPlain(f"nama '{key}' tidak boleh dipakai.")
        return {key: plain(item, depth + 1) for key, item in value.items()}
    raise NotPlain(f"nilai berjenis {type(value).__name__} tidak dapat disimpan.")


def _workflow(run: Run) -> BpmnWorkflow:
    specs = run.compiled.specs
    top = BpmnWorkflow(specs[run.compiled.key], specs, script_engine=run, deserializing=True)
    top.task_tree = Task(top, top.spec.start, state=TaskState.COMPLETED)
    top.task_removed_event.connect(run.removed)
    return top


def _grow(top: BpmnWorkflow, rows: list[list[Any]]) -> None:
    grown: list[Task] = []
    for row in rows:
        name, parent, inside, task_id, data = row + _ABSENT[len(row) - 1:]
        host = grown[parent] if parent >= 0 else None
        if host is None:
            workflow, holder = top, top.task_tree
        elif inside:
            workflow = top.subprocesses.get(host.id) or hold(host, host.task_spec.inner)
            holder = workflow.task_tree
        else:
            workflow, holder = host.workflow, host
        spec = workflow.spec.task_specs[name]
        known = UUID(task_id) if task_id else None
        task = Task(workflow, spec, parent=holder, state=_resting(spec), id=known)
        task.internal_data = data or {}
        grown.append(task)


def _resting(spec: Any) -> int:
    """The state a token of this spec has between two pushes."""
    if isinstance(spec, UserTask):
        return int(TaskState.READY)
    return int(TaskState.STARTED if isinstance(spec, Scope | Instances) else TaskState.WAITING)


def _rows(top: BpmnWorkflow) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for task, parent, inside in _placed(top, top, -1, rows):
        task_id = str(task.id) if isinstance(task.task_spec, UserTask) else None
        row: list[Any] = [task.task_spec.name, parent, inside, task_id, task.internal_data or None]
        while row[-1] is None or (len(row) == 3 and not row[-1]) or (len(row) == 2 and row[-1] == -1):
            row.pop()
        rows.append(row)
    return rows


def _placed(top: BpmnWorkflow, workflow: Any, owner: int, rows: list[Any]) -> Iterator[tuple[Task, int, int]]:
    for task in workflow.task_tree.children:
        yield from _placed_task(top, task, owner, int(workflow is not top), rows)


def _placed_task(top: BpmnWorkflow, task: Task, parent: int, inside: int,
                 rows: list[Any]) -> Iterator[tuple[Task, int, int]]:
    own = len(rows)
    yield task, parent, inside
    for child in task.children:
        yield from _placed_task(top, child, own, 0, rows)
    inner = top.subprocesses.get(task.id)
    if inner is not None:
        yield from _placed(top, inner, own, rows)
