"""SpiffWorkflow 3.2.0 as it comes, to show the traps our specs are there for.

If an upgrade makes one of these tests fail, the trap is gone and our guard may be reconsidered.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState


class Stock:
    """One instance. `engine`: runs the Python text of the diagram; the library's own when not given."""

    def __init__(
        self, text: str, data: dict[str, Any] | None = None, *, engine: Any = None, table: bytes | None = None
    ) -> None:
        parser = BpmnParser() if table is None and "spiffworkflow" not in text else SpiffBpmnParser()
        if table is not None:
            parser.add_dmn_str(table)
        parser.add_bpmn_str(text.encode())
        self.spec = parser.get_spec("sop")
        self.subs = parser.get_subprocess_specs("sop")
        self.workflow = BpmnWorkflow(self.spec, self.subs, script_engine=engine or PythonScriptEngine())
        self.workflow.task_tree.data.update(data or {})
        self.workflow.do_engine_steps()

    @property
    def open(self) -> list[str]:
        return sorted(
            task.task_spec.name
            for task in self.workflow.get_tasks(state=TaskState.READY)
            if task.task_spec.manual
        )

    @property
    def ended(self) -> bool:
        return bool(self.workflow.completed)

    def task(self, name: str) -> Task:
        return next(task for task in self.workflow.get_tasks() if task.task_spec.name == name)

    def do(self, name: str, **data: Any) -> None:
        task = next(
            task for task in self.workflow.get_tasks(state=TaskState.READY) if task.task_spec.name == name
        )
        task.data.update(data)
        task.run()
        self.workflow.do_engine_steps()

    def hear(self, message: str) -> None:
        self.workflow.catch(BpmnEvent(MessageEventDefinition(message), {}))
        self.workflow.do_engine_steps()

    def overdue(self, name: str) -> None:
        """Move the moment a timer waits for a minute into the past."""
        task, past = self.task(name), (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
        value = task.internal_data["event_value"]
        if isinstance(value, dict):
            value["next"] = past
        else:
            task.internal_data["event_value"] = past

    def wake(self) -> None:
        self.workflow.refresh_timers()
        self.workflow.do_engine_steps()


def decided(text: str, table: bytes, data: dict[str, Any]) -> dict[str, Any]:
    """Data after the decision table `rute` in front of the user task `a`."""
    stock = Stock(text, data, table=table)
    return dict(stock.task("a").data)
