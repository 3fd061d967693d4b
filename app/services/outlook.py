"""What the diagram says comes next for a running report, and what happens by itself if nobody acts."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.engine.compiler import CompiledSop
from app.engine.runner import inspect
from app.engine.step import Timer
from app.services import sop_versions
from app.services.tracking import main_instance

REACH = 20
"""Elements looked at behind a timer before giving up on finding a consequence."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What happens at `at` if the task `task_id` is not done by then."""

    at: datetime
    text: str
    task_id: str | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a running report goes from here; empty for one that has ended or could not start."""

    next_steps: tuple[str, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    """The earliest first; reminders, which change nothing for the reporter, are left out."""
    waiting: frozenset[str] = frozenset()
    """Messages the process takes now."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    scopes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Task id -> local variables of the multi-instance child it belongs to."""
    compiled: CompiledSop | None = None


def outlook(session: Session, report_id: uuid.UUID) -> Outlook:
    """Read the outlook of a report's main SOP from the state it stands in."""
    instance = main_instance(session, report_id)
    if instance is None or instance.state is None:
        return Outlook()
    compiled = sop_versions.compiled(session, instance.sop_version_id)
    position = inspect(compiled, instance.state)
    steps: list[str] = []
    for task in position.open:
        declared = compiled.task(task.process, task.element)
        steps += [name for name in declared.next_steps if name not in steps]
    found = []
    for timer in position.timers:
        words = _consequence(compiled, timer)
        if words:
            found.append(Consequence(timer.due, words, timer.task_id))
    return Outlook(
        tuple(steps),
        tuple(sorted(found, key=lambda each: each.at)),
        position.waiting,
        position.variables,
        {task.id: task.scope for task in position.open},
        compiled,
    )


def _consequence(compiled: CompiledSop, timer: Timer) -> str:
    """The public words of the first task a timer leads to, or the name of the end; empty for a reminder."""
    onward: dict[str, list[str]] = {}
    for process, _, source, target in compiled.flows:
        if process == timer.process:
            onward.setdefault(source, []).append(target)
    waiting = deque(onward.get(timer.element, ()))
    seen: set[str] = set()
    while waiting and len(seen) < REACH:
        element = waiting.popleft()
        if element in seen:
            continue
        seen.add(element)
        task = compiled.tasks.get((timer.process, element))
        if task is not None:
            return task.duty.public or task.name
        tag, name = compiled.elements.get((timer.process, element), ("", ""))
        if tag == "endEvent":
            if timer.interrupting and name:
                return name
            continue
        waiting.extend(onward.get(element, ()))
    return ""
