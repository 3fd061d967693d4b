"""Multi-instance, parallel and sequential: one child per item, each with a scope of its own.

Answers given inside stay in the child's scope; output items are collected by index, so their order is that
of the input, however the children finish; a missing one is None.
Rules: the SOP file contract, "Variables"; BPMN 2.0.2, 10.3.8.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine.expressions import Expression
from app.engine.run import run_of
from app.engine.specs.activities import Host
from app.engine.specs.base import Element
from app.engine.step import Json

MOST_INSTANCES = 200


class Instances(Host):
    """The element as drawn, with its boundary events; `child` is what runs once per item."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **attributes: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **attributes)
        self.child: Element | None = None
        self.cardinality: Expression | None = None
        self.condition: Expression | None = None

    def enter(self, my_task: Task) -> None:
        loop, data = self.node.loop, my_task.internal_data
        self.open(my_task)
        items = self._items(my_task)
        my_task._set_state(TaskState.STARTED)
        data["done"] = 0
        data["n"] = len(items)
        if loop is not None and loop.data_output:
            data["out"] = [None] * len(items)
        if not items:
            self._finish(my_task)
        elif loop is not None and loop.sequential:
            data["items"] = items
            self._begin(my_task, 0, items[0])
        else:
            for index, item in enumerate(items):
                self._begin(my_task, index, item)

    def note(self, my_task: Task) -> None:
        """Its children were the visits; without any it was passed itself."""
        if not my_task.internal_data["n"]:
            super().note(my_task)

    def child_done(self, child: Task) -> None:
        my_task, run = child.parent, run_of(child)
        loop, data = self.node.loop, my_task.internal_data
        index = child.internal_data["i"]
        data["done"] += 1
        if "out" in data and loop is not None and loop.output_item:
            data["out"][index] = child.internal_data["loc"].get(loop.output_item)
        enough = self.condition is not None and bool(run.value(child, self.condition))
        child.workflow._remove_task(child.id)
        if enough or data["done"] >= data["n"]:
            with run.taking_away(self.node.id):
                for other in my_task.children:
                    if other.task_spec is self.child:
                        my_task.workflow._remove_task(other.id)
            self._finish(my_task)
        elif "items" in data:
            self._begin(my_task, index + 1, data["items"][index + 1])

    def _items(self, my_task: Task) -> list[Json]:
        run, loop = run_of(my_task), self.node.loop
        if self.cardinality is not None:
            count = run.value(my_task, self.cardinality)
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                run.fault(my_task, f"banyaknya pengulangan harus bilangan bulat, bukan {count!r}.")
            items: list[Json] = [None] * min(count, MOST_INSTANCES + 1)
        else:
            name = loop.data_input if loop is not None and loop.data_input else ""
            found = run.names(my_task).get(name)
            if not isinstance(found, list):
                run.fault(my_task, f"'{name}' harus berisi daftar.", (name,))
            items = list(found)
        if len(items) > MOST_INSTANCES:
            run.fault(my_task, f"lebih dari {MOST_INSTANCES} pengulangan.")
        return items

    def _begin(self, my_task: Task, index: int, item: Json) -> None:
        loop = self.node.loop
        child = Task(my_task.workflow, self.child, parent=my_task, state=TaskState.FUTURE)
        child.internal_data["i"] = index
        child.internal_data["loc"] = {loop.input_item: item} if loop is not None and loop.input_item else {}
        child.task_spec._update(child)

    def _finish(self, my_task: Task) -> None:
        loop, data = self.node.loop, my_task.internal_data
        if "out" in data and loop is not None and loop.data_output:
            run_of(my_task).assign(my_task, {loop.data_output: data["out"]})
        my_task._ready()
