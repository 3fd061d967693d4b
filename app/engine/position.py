"""Where an instance stands, read off its live tokens."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from app.engine.clockwork import Bell, bells, is_boundary, moment
from app.engine.run import Run, lineage, local_scopes, run_of, tokens
from app.engine.specs.activities import UserTask
from app.engine.specs.events import EventGateway, Waiting
from app.engine.specs.loops import Instances
from app.engine.step import Json, OpenTask, Position, Timer
from app.engine.total import rule_text


def position_of(run: Run, top: Any) -> Position:
    """Pure reading; asks neither clock nor calendar."""
    state = run.state
    live = list(tokens(top))
    rung = tuple(_timer(bell) for bell in bells(top))
    total = state.get("total", {})
    return Position(
        open=tuple(_open(task) for task in live if isinstance(task.task_spec, UserTask)),
        waiting=frozenset(name for task in live for name in _messages(task)),
        timers=rung,
        next_wake=min((timer.due for timer in rung), default=None),
        variables=run.variables,
        ended=not live,
        end_reason=state.get("end"),
        status=state.get("status"),
        tokens=tuple(task.task_spec.node.id for task in live
                     if not is_boundary(task) and not isinstance(task.task_spec, Instances)),
        total_due=moment(total["due"]) if "due" in total else None,
        total_unit=total.get("unit"),
        total_paused="paused" in total,
        total_rule=rule_text(run) if "due" in total else None,
    )


def role_of(task: Task) -> str:
    """Own lane, else that of the enclosing sub-process, else of the calling call activity; '' without any."""
    return next((one.task_spec.node.lane for one in lineage(task) if one.task_spec.node.lane), "")


def item_of(task: Task) -> Json:
    """The input item of the innermost multi-instance child around a token."""
    for one in lineage(task):
        if "i" in one.internal_data:
            loop = one.task_spec.node.loop
            return one.internal_data["loc"].get(loop.input_item) if loop and loop.input_item else None
    return None


def _open(task: Task) -> OpenTask:
    declared, data = task.task_spec.declared, task.internal_data
    scope: dict[str, Json] = {}
    for local in reversed(local_scopes(task)):
        scope.update(local)
    return OpenTask(
        id=str(task.id), element=declared.element, process=declared.process, name=declared.name,
        role=role_of(task), opened=moment(data["opened"]), due=moment(data["due"]) if "due" in data else None,
        due_rule=data.get("rule", declared.deadline) if "due" in data else None, due_unit=data.get("unit"),
        item=item_of(task), scope=scope, barred=_barred(task),
    )


def _barred(task: Task) -> frozenset[str]:
    """Whom `persons.same_person` will refuse."""
    run, declared = run_of(task), task.task_spec.declared
    checked = run.compiled.checked_by(declared)
    did = run.state.get("did", {}).get(checked, ()) if checked is not None else ()
    return frozenset((*did, *(run.state.get("who", ()) if declared.fresh else ())))


def _timer(bell: Bell) -> Timer:
    node = bell.task.task_spec.node
    if not is_boundary(bell.task):
        return Timer(bell.element or node.id, node.process, bell.at)
    host = bell.task.parent
    return Timer(node.id, node.process, bell.at, host=host.task_spec.node.id,
                 task_id=str(host.id) if isinstance(host.task_spec, UserTask) else None,
                 interrupting=node.interrupting)


def _messages(task: Task) -> list[str]:
    spec = task.task_spec
    if isinstance(spec, EventGateway):
        return [event.message for _way, event in spec.catches if event.message]
    return [spec.message] if isinstance(spec, Waiting) and spec.message else []
