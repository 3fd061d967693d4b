"""Carry a running instance over to another version of its SOP: the same tokens, the same clocks.

What stands is renamed, never begun anew: ids of open tasks, when they opened, when they are due, which
timers rang already, what waits at joins, the children of a multi-instance, who did what. Only what the new
version adds to an open step begins, counted from when that step opened. Whatever a person has to judge is a
`Matter`; with one left undecided nothing is moved. The given state is not touched.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.domain.words import told
from app.engine.clockwork import moment, set_bell
from app.engine.compiled import CompiledSop
from app.engine.migration_clocks import Clock, compare_clocks
from app.engine.migration_rows import Matter, Rows, translate
from app.engine.position import position_of
from app.engine.run import Run, tokens
from app.engine.runner import inspect
from app.engine.specs.activities import Host
from app.engine.specs.events import BoundaryEvent, EventGateway
from app.engine.state import load, plain, save
from app.engine.step import EngineFault, OpenTask, Position, State, Tools

__all__ = ["Clock", "Done", "Matter", "Moved", "Undecided", "migrate"]


@dataclass(frozen=True, slots=True)
class Done:
    """A task that somebody completed earlier: its key in the old version, and who."""

    key: str
    by: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The instance under the new version. `clocks`: every deadline and timer before and after, which are the
    same. `notes`: what changes for it, as matters that were accepted or need no decision."""

    state: State
    before: Position
    position: Position
    clocks: tuple[Clock, ...]
    notes: tuple[Matter, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """Why it is not moved: at least one matter."""

    matters: tuple[Matter, ...]


def migrate(
    old: CompiledSop,
    new: CompiledSop,
    state: State,
    mapping: Mapping[str, str],
    *,
    tools: Tools,
    accepted: Collection[str] = (),
    past: Sequence[Done] = (),
) -> Moved | Undecided:
    """The state under `new`, loaded back as proof.

    `mapping`: key of an element in the old version -> key in the new (see `CompiledSop.key_of`); equal keys
    map by themselves. `accepted`: `Matter.mark` of what somebody agreed to. `past`: completed tasks of the
    instance, for rules about persons which only the new version has. What is due by `tools.now` is to be
    fired before, under the old version. Raises `EngineFault` when the state cannot be loaded under `old`.
    """
    before = inspect(old, state)
    if old.key != new.key:
        raise EngineFault("Laporan hanya dapat dipindahkan ke versi lain dari SOP yang sama.")
    rows = translate(old, new, plain(state), dict(mapping))
    if any(one.blocks for one in rows.matters):
        return Undecided(_open_matters(rows.matters, accepted))
    over = carried(old, new, state, rows, past)
    try:
        run, top = load(new, over, tools)
        added = _begin_new_events(run, top, rows, accepted)
        position = position_of(run, top)
        moved = json.loads(json.dumps(save(run, top), allow_nan=False))
        reloaded = inspect(new, moved)
    except EngineFault as fault:
        return Undecided((_unloadable(fault.text),))
    matters = (*rows.matters, *added, *_roles(before, position, old))
    undecided = _open_matters(matters, accepted)
    if undecided:
        return Undecided(undecided)
    if reloaded != position:
        return Undecided((_unloadable(told("isinya tidak terbaca kembali dengan sama")),))
    clocks = compare_clocks(before, position, rows.keys, new)
    wrong = _not_the_same(before, position, clocks)
    if wrong:
        return Undecided((wrong,))
    return Moved(moved, before, position, clocks, tuple(matters))


def _open_matters(matters: Sequence[Matter], accepted: Collection[str]) -> tuple[Matter, ...]:
    return tuple(one for one in matters if one.blocks or (one.asks and one.mark not in accepted))


def carried(old: CompiledSop, new: CompiledSop, state: State, rows: Rows,
            past: Sequence[Done] = ()) -> State:
    """The state under `new` with its renamed tokens: data, total clock and who did what come along. Nothing
    that only the new version has is set waiting yet."""
    over: State = {**plain(state), "sop": new.hash, "rows": rows.rows}
    kept = state.get("rule", old.total or "")
    if "total" in state or not kept:
        # A total clock that runs, or was never promised, stays what it is.
        over["rule"] = kept
    if over.get("rule") == (new.total or ""):
        del over["rule"]
    renamed = {rows.keys.get(key, key): people for key, people in state.get("did", {}).items()}
    proof = {}
    for key, accepted in state.get("proof", {}).items():
        own, mark, path = key.partition("#")
        own = rows.keys.get(own, own)
        if own in new.checked:
            proof[own + mark + path] = accepted
    watched = {rows.keys.get(key, key) for key in old.checked}
    for one in past:
        key = rows.keys.get(one.key, one.key)
        if key in new.checked - watched:
            people = renamed.setdefault(key, [])
            if one.by not in people:
                people.append(one.by)
            proof.setdefault(key, False)
    who = list(state.get("who", ()))
    if new.has_fresh and not old.has_fresh:
        who = list(dict.fromkeys([*who, *(one.by for one in past)]))
    for name, value in (("did", renamed), ("proof", proof), ("who", who)):
        over.pop(name, None)
        if value:
            over[name] = value
    return over


def _begin_new_events(run: Run, top: Any, rows: Rows, accepted: Collection[str]) -> list[Matter]:
    """Set waiting what the new version adds to open steps. A moment that has passed does not ring: it is a
    matter, and once accepted the event is left out for this instance."""
    matters: list[Matter] = []
    for task, origin in zip(list(tokens(top)), rows.origins, strict=True):
        spec = task.task_spec
        if isinstance(spec, Host) and spec.wrapper is None and not isinstance(spec, EventGateway):
            for event in spec.boundaries:
                if event.node.id not in origin.events:
                    matters += _add(run, task, event, rows)
        elif isinstance(spec, EventGateway):
            for _way, caught in spec.catches:
                if caught.timer is not None and caught.node.id not in origin.events:
                    matters += _arm(run, task, caught, rows)
    return matters


def _add(run: Run, host: Task, event: BoundaryEvent, rows: Rows) -> list[Matter]:
    key = rows.new.key_of(event.node.process, event.node.id)
    name = event.node.name or event.node.id
    token = Task(host.workflow, event, parent=host, state=TaskState.FUTURE)
    try:
        event._update(token)
    except EngineFault as fault:
        host.workflow._remove_task(token.id)
        return [Matter("batas_baru", key, told(
            "Batas baru “%(name)s” tidak dapat dihitung untuk langkah yang sudah terbuka (%(why)s). "
            "Laporan dapat dipindah tanpa batas itu.", name=name, why=fault.text))]
    at = token.internal_data.get("at")
    if at is None:
        return [Matter("kejadian_baru", key, told("Kejadian baru “%(name)s” ikut ditunggu.", name=name),
                       asks=False)]
    if moment(at) <= run.moment:
        host.workflow._remove_task(token.id)
        return [_passed(key, name, moment(at))]
    return [_begun(key, name, moment(at))]


def _arm(run: Run, gateway: Task, caught: Any, rows: Rows) -> list[Matter]:
    key = rows.new.key_of(caught.node.process, caught.node.id)
    name = caught.node.name or caught.node.id
    set_bell(gateway, caught.timer, caught)
    at = moment(gateway.internal_data["ats"][caught.node.id])
    if at <= run.moment:
        del gateway.internal_data["ats"][caught.node.id]
        return [_passed(key, name, at)]
    return [_begun(key, name, at)]


def _begun(key: str, name: str, at: datetime) -> Matter:
    return Matter("batas_mulai", key, told("Batas baru “%(name)s” mulai berjalan.", name=name), asks=False,
                  at=at)


def _passed(key: str, name: str, at: datetime) -> Matter:
    return Matter("batas_lewat", key, told(
        "Batas baru “%(name)s”, dihitung sejak langkahnya dibuka, sudah lewat. Laporan dapat dipindah tanpa "
        "batas itu.", name=name), at=at)


def _roles(before: Position, after: Position, old: CompiledSop) -> list[Matter]:
    """Open tasks that would go to another role."""
    was = {task.id: task for task in before.open}
    return [
        Matter("peran", old.key_of(was[task.id].process, was[task.id].element), told(
            "Peran langkah “%(name)s” berubah dari %(old)s menjadi %(new)s; tugasnya pindah kotak masuk.",
            name=task.name, old=was[task.id].role or "-", new=task.role or "-"))
        for task in after.open if task.id in was and was[task.id].role != task.role
    ]


def _not_the_same(before: Position, after: Position, clocks: Sequence[Clock]) -> Matter | None:
    """The last belt: what must not change by a move, whatever was drawn."""
    if [_task(task) for task in before.open] != [_task(task) for task in after.open]:
        return _unloadable(told("tugas yang terbuka tidak sama"))
    if any(one.before != one.after for one in clocks):
        return _unloadable(told("ada batas waktu yang akan bergeser"))
    if replace(before, open=(), timers=(), tokens=(), waiting=frozenset(), next_wake=None) != replace(
            after, open=(), timers=(), tokens=(), waiting=frozenset(), next_wake=None):
        return _unloadable(told("data atau status laporan tidak sama"))
    if not after.open and not after.waiting and after.next_wake is None:
        return _unloadable(told("tidak ada lagi yang ditunggu di versi baru"))
    return None


def _task(task: OpenTask) -> tuple[Any, ...]:
    return (task.id, task.opened, task.due, task.due_rule, task.due_unit)


def _unloadable(why: str) -> Matter:
    said = told("Laporan ini tidak dapat dimuat di versi baru: %(why)s.", why=why)
    return Matter("tidak_termuat", "", said, blocks=True)
