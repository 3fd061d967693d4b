"""What an operation would do to an instance, in plain values, before anybody says yes.

Compared are where it stands and where it would stand; the push itself tells what happened on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.engine.compiled import CompiledSop
from app.engine.intervene_data import Missing, answered_before, missing_later
from app.engine.runner import inspect
from app.engine.step import DecisionTrace, Effect, Firing, OpenTask, Position, State, Step, Timer, Visit
from app.engine.walk_city import UNIT_VARIABLES


@dataclass(frozen=True, slots=True)
class TimerChange:
    """A timer before and after; None: it is not there. `task_id`: the open task it sits on."""

    element: str
    process: str
    name: str
    host: str | None
    task_id: str | None
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, slots=True)
class DueChange:
    """The deadline of a task that stays open."""

    task: OpenTask
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, slots=True)
class Consequences:
    """Everything a person has to know. Tasks are compared by id: one that is opened anew is in both
    `disappear` and `open`."""

    disappear: tuple[OpenTask, ...]
    open: tuple[OpenTask, ...]
    skipped: tuple[OpenTask, ...]
    """Those of `disappear` that count as passed although nobody did them."""
    timers: tuple[TimerChange, ...]
    """Those that vanish, appear or ring at another moment."""
    due: tuple[DueChange, ...]
    messages_lost: tuple[str, ...]
    """Messages nobody will wait for any more."""
    messages_new: tuple[str, ...]
    effects: tuple[Effect, ...]
    """What the SOP does on the way: who is told, what is written down."""
    fired: tuple[Firing, ...]
    """Timers that ring at once."""
    passed: tuple[Visit, ...]
    decisions: tuple[DecisionTrace, ...]
    status_before: str | None
    status_after: str | None
    total_before: datetime | None
    total_after: datetime | None
    total_paused_before: bool
    total_paused_after: bool
    missing: tuple[Missing, ...]
    """Data the SOP reads later and which nobody will have answered because of this."""
    reused: tuple[Missing, ...]
    """Answers of an earlier round which stand for those of the skipped tasks."""
    ended: bool
    end_reason: str | None
    tokens: tuple[str, ...]
    """Elements that hold a token afterwards."""


def preview(compiled: CompiledSop, before: State, step: Step, *,
            unit_variables: Mapping[str, str] = UNIT_VARIABLES) -> Consequences:
    """What `step` changes for an instance that stands at `before`. `unit_variables`: role -> the variable
    that says which unit its tasks go to. Raises `EngineFault` when `before` is not of this SOP."""
    was, now = inspect(compiled, before), step.position
    still = {task.id for task in now.open}
    known = {task.id for task in was.open}
    gone = tuple(task for task in was.open if task.id not in still)
    skipped = _skipped(gone, step)
    old = {one.name for one in missing_later(compiled, before)}
    return Consequences(
        disappear=gone,
        open=tuple(task for task in now.open if task.id not in known),
        skipped=skipped,
        timers=_timers(compiled, was, now),
        due=_due(was, now),
        messages_lost=tuple(sorted(was.waiting - now.waiting)),
        messages_new=tuple(sorted(now.waiting - was.waiting)),
        effects=step.effects, fired=step.fired, passed=step.visited, decisions=step.decisions,
        status_before=was.status, status_after=now.status,
        total_before=was.total_due, total_after=now.total_due,
        total_paused_before=was.total_paused, total_paused_after=now.total_paused,
        missing=(*_without_unit(step, unit_variables),
                 *(one for one in missing_later(compiled, step.state) if one.name not in old)),
        reused=answered_before(compiled, skipped, was),
        ended=now.ended, end_reason=now.end_reason, tokens=now.tokens,
    )


def _skipped(gone: Iterable[OpenTask], step: Step) -> tuple[OpenTask, ...]:
    """Tasks that nobody completed and which were passed all the same."""
    passed = {(one.element, one.process) for one in step.visited if one.kind == "userTask"}
    cancelled = {one.id for one in step.closed if one.reason == "cancelled"}
    return tuple(task for task in gone if task.id in cancelled and (task.element, task.process) in passed)


def _without_unit(step: Step, unit_variables: Mapping[str, str]) -> tuple[Missing, ...]:
    """Data that would say which unit an opened task goes to."""
    found: dict[str, list[str]] = {}
    for task in step.opened:
        name = unit_variables.get(task.role)
        if name is not None and not {**step.position.variables, **task.scope}.get(name):
            found.setdefault(name, []).append(task.name)
    return tuple(Missing(name, name, tuple(readers)) for name, readers in found.items())


def _due(was: Position, now: Position) -> tuple[DueChange, ...]:
    before = {task.id: task.due for task in was.open}
    return tuple(DueChange(task, before[task.id], task.due) for task in now.open
                 if task.id in before and before[task.id] != task.due)


def _timers(compiled: CompiledSop, was: Position, now: Position) -> tuple[TimerChange, ...]:
    """Timers of one place are paired by their moments, the equal ones first."""
    found: list[TimerChange] = []
    before, after = _by_place(was.timers), _by_place(now.timers)
    for place in dict.fromkeys([*before, *after]):
        old, new = Counter(before.get(place, ())), Counter(after.get(place, ()))
        left, come = sorted((old - new).elements()), sorted((new - old).elements())
        process, element, host, task_id = place
        name = compiled.elements[(process, element)][1] or element
        for number in range(max(len(left), len(come))):
            found.append(TimerChange(element, process, name, host, task_id,
                                     left[number] if number < len(left) else None,
                                     come[number] if number < len(come) else None))
    return tuple(found)


_Place = tuple[str, str, str | None, str | None]


def _by_place(timers: Iterable[Timer]) -> Mapping[_Place, list[datetime]]:
    found: dict[_Place, list[datetime]] = {}
    for one in timers:
        found.setdefault((one.process, one.element, one.host, one.task_id), []).append(one.due)
    return found
