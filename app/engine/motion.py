"""How an instance moves within one push: what is ready, what is due, and what came of it.

Shared by the pushes of `runner` and the operations of `intervene`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine.clockwork import next_bell
from app.engine.position import position_of
from app.engine.run import Run, tokens
from app.engine.specs.activities import UserTask
from app.engine.specs.gateways import join_inclusive
from app.engine.state import save
from app.engine.step import ClosedTask, EngineFault, Refusal, Step
from app.engine.total import settle_total

Moved = tuple[tuple[str, datetime | None, datetime | None], ...]


def advance(run: Run, top: Any) -> None:
    """Run until nothing is ready, then the earliest timer that is due, and so on."""
    guarded(lambda: _drain(run, top))
    while (bell := next_bell(top)) is not None and bell.at <= run.moment:
        task, element = bell.task, bell.element
        guarded(lambda: task.task_spec.ring(task, element))  # noqa: B023
        guarded(lambda: _drain(run, top))


def _drain(run: Run, top: Any) -> None:
    while True:
        while run.queue:
            task = run.queue.popleft()
            if task.id in task.workflow.tasks and task.has_state(TaskState.READY):
                task.run()
        if not join_inclusive(top):
            return


def guarded(action: Callable[[], object]) -> None:
    """What SpiffWorkflow raises of its own is a fault of the SOP for those outside."""
    try:
        action()
    except SpiffWorkflowException as error:
        raise EngineFault(f"Mesin proses berhenti: {error}") from error


def finish(run: Run, top: Any, moved: Moved = ()) -> Step:
    """Let happen what can, then answer. Raises `EngineFault`."""
    advance(run, top)
    return answer(run, top, moved)


def answer(run: Run, top: Any, moved: Moved) -> Step:
    """The step as it stands. Raises `EngineFault` when nothing will ever move again."""
    settle_total(run, top)
    ended = not top.task_tree.children
    if ended:
        _close(run)
    position = position_of(run, top)
    if not ended and not position.open and not position.waiting and position.next_wake is None:
        stuck = next(tokens(top)).task_spec.node
        raise EngineFault(f"Proses buntu: tidak ada yang dapat bergerak dari {', '.join(position.tokens)}.",
                          element=stuck.id, process=stuck.process)
    new = set(run.opened)
    still = {task.id for task in position.open}
    return Step(
        state=save(run, top), position=position,
        opened=tuple(task for task in position.open if task.id in new),
        closed=tuple(ClosedTask(*closed) for closed in run.closed if closed[0] not in new),
        visited=tuple(run.visits), effects=tuple(run.effects), decisions=tuple(run.decisions),
        fired=tuple(run.fired), status=run.status, flows=tuple(run.flows),
        moved=tuple(move for move in moved if move[0] in still),
    )


def _close(run: Run) -> None:
    run.state["done"] = True
    reason = run.state.get("end")
    if reason is not None:
        run.take_status(reason)


def closed_by_deadline(run: Run, top: Any, text: str) -> Refusal:
    """What was due took away what somebody wanted to act on; that it did is to be saved."""
    return Refusal("ClosedByDeadline", text, step=finish(run, top))


def open_task(top: Any, task_id: str) -> Task | None:
    """The open user task of that id; None also for what is no id."""
    try:
        wanted = UUID(task_id)
    except (ValueError, AttributeError, TypeError):
        return None
    return next((task for task in tokens(top)
                 if task.id == wanted and isinstance(task.task_spec, UserTask)), None)
