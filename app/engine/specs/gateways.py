"""Gateways: splits in file order, joins that count what waits at each incoming flow.

Rules: BPMN 2.0.2, 10.6 (exclusive, parallel, inclusive, event-based) and 13.4 (their execution). An
inclusive join waits for every live token that can still reach one of its empty flows but none of its
filled ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine.run import run_of
from app.engine.specs.base import Element, Way, travel, wait


def asked(ways: Sequence[Way]) -> tuple[str, ...]:
    """The data that the conditions of these ways read."""
    return tuple(sorted({name for way in ways if way.condition is not None for name in way.condition.names}))


class ExclusiveGateway(Element):
    """The first flow in file order whose condition holds, else the default one."""

    default: Way | None = None

    def leave(self, my_task: Task) -> None:
        travel(my_task, [self._choose(my_task)])

    def _choose(self, my_task: Task) -> Way:
        run = run_of(my_task)
        for way in self.ways_out:
            if way is self.default:
                continue
            if way.condition is None or run.value(my_task, way.condition):
                return way
        if self.default is None:
            run.fault(my_task, "tidak ada cabang yang syaratnya terpenuhi.", asked(self.ways_out))
        return self.default


class Joining(Element):
    """A gateway that may gather several tokens into one before it goes on."""

    def waiting(self, my_task: Task) -> list[Task]:
        """Tokens that wait at this gateway in the same scope, in order of arrival."""
        return [task for task in my_task.workflow.task_tree.children
                if task.task_spec is self and task.has_state(TaskState.WAITING)]

    def gather(self, tokens: Sequence[Task]) -> None:
        """One token per filled flow becomes one that goes on; excess tokens keep waiting."""
        first: dict[str | None, Task] = {}
        for token in tokens:
            first.setdefault(token.internal_data.get("via"), token)
        used = list(first.values())
        for token in used[:-1]:
            self.note(token)
            token.workflow._remove_task(token.id)
        used[-1]._ready()


class ParallelGateway(Joining):
    """Goes on when every incoming flow holds a token."""

    def enter(self, my_task: Task) -> None:
        if len(self.ways_in) <= 1:
            my_task._ready()
            return
        wait(my_task)
        tokens = self.waiting(my_task)
        if len({token.internal_data.get("via") for token in tokens}) == len(self.ways_in):
            self.gather(tokens)


class InclusiveGateway(Joining):
    """Splits along every flow that holds; as a join it is asked again whenever nothing else can move."""

    default: Way | None = None
    sources: dict[str, frozenset[str]]
    """Incoming flow -> elements from which a token can reach it without passing this gateway."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **attributes: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **attributes)
        self.sources = {}

    def enter(self, my_task: Task) -> None:
        if len(self.ways_in) <= 1:
            my_task._ready()
        else:
            wait(my_task)

    def may_join(self, my_task: Task) -> bool:
        """Whether no token elsewhere in the scope can still fill an empty flow (and no filled one)."""
        filled = {token.internal_data.get("via") for token in self.waiting(my_task)}
        for other in my_task.workflow.task_tree.children:
            if other.task_spec is self:
                continue
            place = other.task_spec.node.id
            reaches = {flow for flow, places in self.sources.items() if place in places}
            if reaches - filled and not reaches & filled:
                return False
        return True

    def leave(self, my_task: Task) -> None:
        run = run_of(my_task)
        ways = [way for way in self.ways_out if way is not self.default
                and (way.condition is None or run.value(my_task, way.condition))]
        if not ways and self.default is not None:
            ways = [self.default]
        if not ways:
            run.fault(my_task, "tidak ada cabang yang syaratnya terpenuhi.", asked(self.ways_out))
        travel(my_task, ways)


def join_inclusive(top: Any) -> bool:
    """Fire the first inclusive join that may fire, innermost scope first; False when none may.

    To be called when no element is ready: a token on its way is still a token.
    """
    scopes = [*reversed(list(top.subprocesses.values())), top]
    for workflow in scopes:
        for task in workflow.task_tree.children:
            spec = task.task_spec
            waits = isinstance(spec, InclusiveGateway) and task.has_state(TaskState.WAITING)
            if waits and spec.may_join(task):
                spec.gather(spec.waiting(task))
                return True
    return False


def sources_of(gateway: str, way: Way, backwards: dict[str, set[str]]) -> frozenset[str]:
    """Elements from which a token can come to `way` without passing `gateway`; `backwards` lists what lies
    directly before each element (for a boundary event: its host)."""
    seen: set[str] = set()
    ahead = [way.source]
    while ahead:
        place = ahead.pop()
        if place in seen or place == gateway:
            continue
        seen.add(place)
        ahead.extend(backwards.get(place, ()))
    return frozenset(seen)
