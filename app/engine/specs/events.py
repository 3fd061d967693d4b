"""Start, end, throw, catch and boundary events, and the gateway that waits for the first of several.

A waiting event never looks at a clock: it keeps the moment it is due, and the runner alone makes it happen
(`ring`), in the order of due times. Errors and escalations climb from where they are thrown to the nearest
enclosing boundary (SpiffWorkflow's also hit neighbours). Rule: BPMN 2.0.2, 10.5.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from app.engine.clockwork import moment, set_bell
from app.engine.diagram import Event
from app.engine.expressions import Expression
from app.engine.persons import reach_end
from app.engine.run import lineage, run_of
from app.engine.specs.base import Element, Way, travel, wait
from app.engine.step import Firing
from app.engine.timers import Armed, missed_turns, next_turn

MOST_REPLAYED = 100
"""Turns of a cycle made up for one by one after downtime; older ones are taken together."""


class Waiting(Element):
    """An element at which a token waits for a message, a moment, or both."""

    timer: Expression | None = None

    @property
    def message(self) -> str | None:
        event: Event | None = self.node.event
        return event.name if event is not None and event.kind == "message" else None

    def hears(self, message: str) -> bool:
        return self.message == message

    def hear(self, my_task: Task, message: str) -> None:
        """The message came."""
        my_task._ready()

    def ring(self, my_task: Task, element: str | None) -> None:
        """The moment came."""
        self.write_firing(my_task, my_task.internal_data["at"])
        my_task._ready()

    def write_firing(self, my_task: Task, at: str, *, element: str | None = None, count: int = 1) -> None:
        run_of(my_task).fired.append(Firing(element or self.node.id, self.node.process, moment(at), count))


class StartEvent(Element):
    """The one none start event of a process or sub-process."""


class CatchEvent(Waiting):
    """Intermediate timer or message catch."""

    def enter(self, my_task: Task) -> None:
        if self.timer is not None:
            set_bell(my_task, self.timer)
        wait(my_task)


class ThrowEvent(Element):
    """Intermediate escalation throw; nobody catching it is no fault (BPMN 2.0.2, 10.5.1)."""

    def act(self, my_task: Task) -> None:
        event = self.node.event
        if event is not None:
            throw(my_task, event)


class EndEvent(Element):
    """Ends a token; a terminate end ends its whole scope, an error end must be caught."""

    def leave(self, my_task: Task) -> None:
        run = run_of(my_task)
        workflow = my_task.workflow
        reason, event = self.node.declared.end_reason, self.node.event
        if reason and reason != "cabang":
            reach_end(my_task, reason)
        if event is not None and event.kind in {"error", "escalation"}:
            caught = throw(my_task, event)
            if not caught and event.kind == "error":
                run.fault(my_task, f"galat '{event.name or 'tanpa kode'}' tidak ditangkap siapa pun.")
            if my_task.id not in workflow.tasks:
                return
        if event is not None and event.kind == "terminate":
            with run.taking_away(self.node.id):
                for other in workflow.task_tree.children:
                    if other is not my_task:
                        workflow._remove_task(other.id)
        workflow._remove_task(my_task.id)
        close_scope(workflow)


class BoundaryEvent(Waiting):
    """Lives as child of its host for as long as the host does."""

    def enter(self, my_task: Task) -> None:
        if self.timer is not None:
            set_bell(my_task, self.timer)
        wait(my_task)

    def hear(self, my_task: Task, message: str) -> None:
        self.strike(my_task, again=True)

    def ring(self, my_task: Task, element: str | None) -> None:
        at = my_task.internal_data["at"]
        count, again = self._turn(my_task)
        self.write_firing(my_task, at, count=count)
        self.strike(my_task, again=again)

    def strike(self, my_task: Task, *, again: bool = False) -> None:
        """It happened: take the host away, or set a side token going; `again`: it stays armed.

        A message or escalation that does not interrupt may happen as long as the host is open: "multiple
        instances of that handler can run concurrently" (BPMN 2.0.2, 10.5.1, `cancelActivity`).
        """
        run = run_of(my_task)
        run.count(my_task)
        host = my_task.parent
        run.visit(my_task, host.task_spec.node.id, None)
        if self.node.interrupting:
            with run.taking_away(self.node.id):
                travel(host, self.ways_out)
        else:
            travel(my_task, self.ways_out, keep=again)

    def _turn(self, my_task: Task) -> tuple[int, bool]:
        """Move a cycle on: (turns that this firing stands for, whether any is left)."""
        data, run = my_task.internal_data, run_of(my_task)
        if "every" not in data:
            return 1, False
        armed = Armed(moment(data["at"]), data["every"], data["left"])
        missed = missed_turns(armed, run.moment, run.zone)
        count = missed if self.node.declared.catch_up == "collapse" else max(1, missed - MOST_REPLAYED + 1)
        at = armed.at
        for _turn in range(count):
            at = next_turn(at, data["every"], run.zone)
        data["at"] = at.isoformat()
        if armed.left is not None:
            data["left"] = armed.left - count
        return count, data["left"] != 0


class EventGateway(Waiting):
    """The first of its events wins; every timer keeps its own moment, by element id."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **attributes: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **attributes)
        self.catches: tuple[tuple[Way, Waiting], ...] = ()

    def enter(self, my_task: Task) -> None:
        for _way, event in self.catches:
            if event.timer is not None:
                set_bell(my_task, event.timer, event)
        wait(my_task)

    def hears(self, message: str) -> bool:
        return any(event.message == message for _way, event in self.catches)

    def hear(self, my_task: Task, message: str) -> None:
        self._take(my_task, next(way for way, event in self.catches if event.message == message))

    def ring(self, my_task: Task, element: str | None) -> None:
        self.write_firing(my_task, my_task.internal_data["ats"][element], element=element)
        self._take(my_task, next(way for way, _event in self.catches if way.target == element))

    def _take(self, my_task: Task, way: Way) -> None:
        self.note(my_task)
        travel(my_task, [way], happened=True)


def throw(my_task: Task, event: Event) -> bool:
    """Climb from the thrower to the nearest enclosing boundary that catches; whether there was one."""
    for owner in lineage(my_task)[1:]:
        matching = [child for child in owner.children if _catches(child.task_spec, event)]
        matching.sort(key=lambda child: child.task_spec.node.event.name is None)
        if matching:
            matching[0].task_spec.strike(matching[0], again=True)
            return True
    return False


def close_scope(workflow: Any) -> None:
    """When no token is left in a sub-workflow its host goes on."""
    owner = workflow.parent_task_id
    if owner is None or workflow.task_tree.children:
        return
    top = workflow.top_workflow
    host = top.get_task_from_id(owner)
    top.subprocesses.pop(owner, None)
    host._ready()


def _catches(spec: Any, event: Event) -> bool:
    own = spec.node.event
    return (isinstance(spec, BoundaryEvent) and own is not None and own.kind == event.kind
            and own.name in (None, event.name))
