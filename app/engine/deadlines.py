"""Moving deadlines that are already running: by an extension, or because the calendar changed.

A deadline or timer is always counted from its beginning with the values it began with; an extended deadline
stays where the officer put it; what has passed stays passed. Cycles keep their rhythm. Timers on a
multi-instance measure the whole, which is due when the first of its open children is. Rule: the SOP file
contract, "User task" (`perpanjang`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.task import Task

from app.engine.clockwork import deadline_of, moment, rule_of, set_bell
from app.engine.run import Run, tokens
from app.engine.specs.activities import Host, UserTask
from app.engine.specs.events import BoundaryEvent, EventGateway, Waiting
from app.engine.specs.loops import Instances
from app.engine.total import recount_total

Moves = tuple[tuple[str, datetime | None, datetime | None], ...]


def extend_tasks(top: Any, wanted: str, until: datetime) -> Moves:
    """Set the deadline of open tasks by element or task id; their `tenggat` timers not yet fired follow."""
    moves = []
    for task in _meant(top, wanted):
        moves.append((str(task.id), moment(task.internal_data["due"]), until))
        _put_off(task, until)
    for task in list(tokens(top)):
        if isinstance(task.task_spec, Instances):
            _follow_children(task)
    return tuple(moves)


def falls_into_past(run: Run, top: Any, wanted: str, until: datetime) -> bool:
    """Whether a deadline still to come would be set to a moment that has passed."""
    return until <= run.moment and any(moment(task.internal_data["due"]) > until
                                       for task in _meant(top, wanted))


def _meant(top: Any, wanted: str) -> list[Task]:
    """Open tasks with a deadline, by element or task id."""
    return [task for task in tokens(top)
            if isinstance(task.task_spec, UserTask) and "due" in task.internal_data
            and wanted in (task.task_spec.node.id, str(task.id))]


def recount(run: Run, top: Any) -> Moves:
    """Every open deadline and waiting timer anew, hosts before the timers on them."""
    moves = []
    for task in list(tokens(top)):
        spec, data = task.task_spec, task.internal_data
        rule = rule_of(task, spec.deadline) if isinstance(spec, Host) else None
        if rule is not None and "due" in data and "extended" not in data:
            old = moment(data["due"])
            if old <= run.moment:
                continue
            due, unit = deadline_of(task, rule)
            data["due"], data["unit"] = due.isoformat(), unit
            if isinstance(spec, UserTask) and due != old:
                moves.append((str(task.id), old, due))
        if isinstance(spec, Waiting):
            _again(task, run.moment)
    recount_total(run)
    return tuple(moves)


def _put_off(host: Task, until: datetime) -> None:
    host.internal_data["due"] = until.isoformat()
    host.internal_data["extended"] = True
    for child in host.children:
        if isinstance(child.task_spec, BoundaryEvent):
            timer = rule_of(child, child.task_spec.timer)
            if timer is not None and "tenggat" in timer.functions:
                _again(child)


def _follow_children(whole: Task) -> None:
    """A multi-instance moves with its children once all that are open were extended."""
    children = [task.internal_data for task in whole.children if task.task_spec is whole.task_spec.child]
    if "due" in whole.internal_data and children and all("extended" in data for data in children):
        _put_off(whole, min(moment(data["due"]) for data in children))


def _again(task: Task, now: datetime | None = None) -> None:
    """Arm anew; what was due by `now` is left to ring."""
    spec, data = task.task_spec, task.internal_data
    if isinstance(spec, EventGateway):
        for _way, event in spec.catches:
            rule = rule_of(task, event.timer, event.node.id)
            if rule is not None and not _rings(data.get("ats", {}).get(event.node.id), now):
                set_bell(task, rule, event)
        return
    rule = rule_of(task, spec.timer)
    if rule is not None and "every" not in data and not _rings(data.get("at"), now):
        set_bell(task, rule)


def _rings(at: str | None, now: datetime | None) -> bool:
    return at is not None and now is not None and moment(at) <= now
