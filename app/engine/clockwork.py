"""Deadlines of hosts and moments of timers, as they stand on live tokens.

A host keeps `opened`, `due` and `unit`; a waiting timer keeps `at` (and of a cycle `every` and `left`); both
keep the values they were computed from (`given`), so that counting again later means the same. All moments
are ISO texts in UTC. Nothing here looks at a clock but
the one the push brought. Rule: the SOP file contract, "Timers".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.task import Task

from app.engine.evaluator import EvaluationError
from app.engine.expressions import Expression, parse
from app.engine.functions import standard_functions
from app.engine.run import Functions, Run, run_of, tokens
from app.engine.step import DueUnit, Json
from app.engine.timers import Armed, TimerError, arm, share_of_deadline


@dataclass(frozen=True, slots=True)
class Bell:
    """One moment somebody waits for. `element` is the catch event behind an event gateway, else None."""

    at: datetime
    task: Task
    element: str | None = None


def open_host(task: Task, deadline: Expression | None) -> None:
    """A task, sub-process or call activity opens: note when, and when it is due."""
    data = task.internal_data
    run = run_of(task)
    data["opened"] = run.moment.isoformat()
    if deadline is None:
        return
    _keep_given(task, deadline)
    due, unit = deadline_of(task, deadline)
    data["due"] = due.isoformat()
    data["unit"] = unit


def deadline_of(task: Task, deadline: Expression) -> tuple[datetime, DueUnit]:
    """(due, unit) of a host, counted from its opening with the values it opened with."""
    run = run_of(task)
    opened = moment(task.internal_data["opened"])
    functions = functions_at(run, opened)
    value, working = run.measured(task, deadline, task.internal_data.get("given", {}), functions)
    return _armed(task, run, value, opened).at, "kerja" if working else "jam"


def set_bell(task: Task, timer: Expression, element: Any = None) -> None:
    """Arm the timer of a waiting token: from its arrival, or that of a boundary from its host's opening."""
    data = task.internal_data
    _keep_given(task, timer)
    if is_boundary(task):
        armed = armed_at(task, timer, moment(task.parent.internal_data["opened"]))
    else:
        started = data.setdefault("armed", run_of(task).moment.isoformat())
        armed = armed_at(task, timer, moment(started))
    if element is not None:
        data.setdefault("ats", {})[element.node.id] = armed.at.isoformat()
        return
    data["at"] = armed.at.isoformat()
    if armed.every is not None:
        if not is_boundary(task) or task.task_spec.node.interrupting:
            run_of(task).fault(task, "putaran hanya boleh pada batas waktu yang tidak menyela.")
        data["every"] = armed.every
        data["left"] = armed.left


def armed_at(task: Task, timer: Expression, start: datetime) -> Armed:
    run = run_of(task)
    functions = functions_at(run, start)
    if "tenggat" in timer.functions:
        functions = {**functions, "tenggat": _share(task, run)}
    value, _working = run.measured(task, timer, task.internal_data.get("given", {}), functions)
    return _armed(task, run, value, start)


def rule_of(task: Task, drawn: Expression | None, element: str | None = None) -> Expression | None:
    """What a running deadline or timer is counted by: the rule as drawn, unless the report was moved here
    from a version that drew another; what has begun goes on by the rule it began with."""
    data = task.internal_data
    kept = data.get("rule") if element is None else data.get("rules", {}).get(element)
    return drawn if kept is None else parse(kept)


def _keep_given(task: Task, expression: Expression) -> None:
    """Note the values an expression reads, once: those of the first counting stay."""
    names, given = run_of(task).names(task), task.internal_data.get("given", {})
    for name in sorted(expression.names - given.keys()):
        if name in names:
            given[name] = names[name]
    if given:
        task.internal_data["given"] = given


def functions_at(run: Run, start: datetime) -> Functions:
    """The language's functions with `start` as their now."""
    if start == run.moment or run.tools is None:
        return run.functions
    return standard_functions(replace(run.tools, now=start))


def bells(top: Any) -> Iterator[Bell]:
    """Every moment the instance waits for, in the order of its tokens."""
    for task in tokens(top):
        data = task.internal_data
        if "at" in data:
            yield Bell(moment(data["at"]), task)
        for element, at in data.get("ats", {}).items():
            yield Bell(moment(at), task, element)


def next_bell(top: Any) -> Bell | None:
    """The earliest; among equals the one armed first."""
    return min(bells(top), key=lambda bell: bell.at, default=None)


def is_boundary(task: Task) -> bool:
    return bool(task.task_spec.node.kind == "boundaryEvent")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _share(task: Task, run: Run) -> Any:
    """`tenggat` for a boundary event: its host's opening and deadline are the measure."""
    host = task.parent.internal_data if is_boundary(task) else {}

    def tenggat(percent: Json) -> str:
        if "due" not in host:
            raise EvaluationError("tenggat(p) memerlukan induk dengan tenggat.")
        try:
            share = share_of_deadline(percent, moment(host["opened"]), moment(host["due"]), host.get("unit"),
                                      run.calendar)
        except TimerError as error:
            raise EvaluationError(str(error)) from error
        return share.isoformat()

    return tenggat


def _armed(task: Task, run: Run, value: Json, start: datetime) -> Armed:
    try:
        return arm(value, start, run.zone)
    except (TimerError, OverflowError) as error:
        run.fault(task, f"pengatur waktu: {error}")
