"""A token's way through any element: enter, act, leave.

Specs are shared by all instances and threads: nothing here writes to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine.diagram import Node
from app.engine.expressions import Expression
from app.engine.run import run_of

SET_DOWN = ""
"""`via` of a token that no flow brought."""


@dataclass(frozen=True, slots=True)
class Way:
    """A compiled sequence flow."""

    id: str
    source: str
    target: str
    condition: Expression | None = None


class Element(BpmnSpecMixin):
    """A flow element. `ways_in` and `ways_out` are in file order."""

    def __init__(self, wf_spec: Any, bpmn_id: str, *, node: Node, **attributes: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **attributes)
        self.node = node
        self.ways_in: tuple[Way, ...] = ()
        self.ways_out: tuple[Way, ...] = ()
        self.wrapper: Element | None = None
        """The multi-instance element this spec is the child of."""

    def _predict(self, my_task: Task, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """The future is never written out (SpiffWorkflow's doubles at every parallel block)."""

    def _update(self, my_task: Task) -> None:
        run_of(my_task).count(my_task)
        self.enter(my_task)

    def _on_ready(self, my_task: Task) -> None:
        run_of(my_task).queue.append(my_task)

    def _on_complete(self, my_task: Task) -> None:
        if my_task.id not in my_task.workflow.tasks:
            return
        self.note(my_task)
        if self.wrapper is not None:
            self.wrapper.child_done(my_task)
        else:
            self.leave(my_task)

    def _on_cancel(self, my_task: Task) -> None:
        """Nothing: whatever is taken away leaves the tree, see `was_removed`."""

    def _run_hook(self, my_task: Task) -> bool:
        self.act(my_task)
        return True

    def enter(self, my_task: Task) -> None:
        """A token arrived."""
        my_task._ready()

    def act(self, my_task: Task) -> None:
        """What the element does; may raise `EngineFault`."""

    def leave(self, my_task: Task) -> None:
        """The token goes on."""
        travel(my_task, self.ways_out)

    def child_done(self, child: Task) -> None:
        """A multi-instance child finished; only `Instances` has any."""
        raise NotImplementedError(self.name)

    def was_removed(self, my_task: Task) -> None:
        """The token left the tree, finished or taken away."""

    def note(self, my_task: Task) -> None:
        """Write the visit down: where the token came from and by which flow."""
        if self.wrapper is not None:
            way = self.wrapper.came_by(my_task.parent)
        else:
            way = self.came_by(my_task)
        run_of(my_task).visit(my_task, way.source if way else None, way.id if way else None)

    def came_by(self, my_task: Task) -> Way | None:
        via = my_task.internal_data.get("via")
        if via is None and len(self.ways_in) == 1:
            return self.ways_in[0]
        return next((way for way in self.ways_in if way.id == via), None)


def travel(my_task: Task, ways: Sequence[Way], *, keep: bool = False, happened: bool = False) -> None:
    """Send a token along each of `ways`; the one that stood at `my_task` is gone unless it is kept.

    `happened`: the event the token travels to has happened already (behind an event gateway).
    """
    workflow = my_task.workflow
    arrived = [_arrive(my_task, way) for way in ways]
    if not keep:
        workflow._remove_task(my_task.id)
    for task in arrived:
        if happened:
            task._ready()
        else:
            task.task_spec._update(task)


def _arrive(my_task: Task, way: Way) -> Task:
    workflow = my_task.workflow
    spec = workflow.spec.task_specs[way.target]
    run_of(my_task).flows.append((spec.node.process, way.id))
    task = Task(workflow, spec, parent=workflow.task_tree, state=TaskState.FUTURE)
    if len(spec.ways_in) > 1:
        task.internal_data["via"] = way.id
    return task


def put(workflow: Any, spec: Element) -> Task:
    """A token set down by an officer's operation: it came by no flow."""
    task = Task(workflow, spec, parent=workflow.task_tree, state=TaskState.FUTURE)
    task.internal_data["via"] = SET_DOWN
    task.task_spec._update(task)
    return task


def wait(my_task: Task) -> None:
    """The token stays here until something outside moves it."""
    my_task._set_state(TaskState.WAITING)
