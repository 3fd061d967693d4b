"""SpiffWorkflow 3.2.0 as it comes, to show the traps our specs are there for.

If an upgrade makes one of these tests fail, the trap is gone and our guard may be reconsidered.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.util.task import TaskState


class Stock:
    def __init__(self, text: str, data: dict[str, Any] | None = None) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(text.encode())
        spec = parser.get_spec("sop")
        self.workflow = BpmnWorkflow(spec, parser.get_subprocess_specs("sop"))
        self.workflow.task_tree.data.update(data or {})
        self.workflow.do_engine_steps()

    @property
    def open(self) -> list[str]:
        return sorted(
            task.task_spec.name
            for task in self.workflow.get_tasks(state=TaskState.READY)
            if task.task_spec.manual
        )

    def do(self, name: str, **data: Any) -> None:
        task = next(
            task for task in self.workflow.get_tasks(state=TaskState.READY) if task.task_spec.name == name
        )
        task.data.update(data)
        task.run()
        self.workflow.do_engine_steps()
