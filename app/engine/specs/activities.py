"""Activities: user, service, script, decision and receive tasks, sub-processes and call activities.

Service tasks do not act: what they ask for is noted as an effect; only `status` and `tetapkan_opd` take
effect at once. Rules: the SOP file contract, "User task", "Service task", "Decisions"; BPMN 2.0.2, 10.3.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine import declaration
from app.engine.clockwork import open_host
from app.engine.decisions import DecisionError, DecisionTable, decide
from app.engine.evaluator import EvaluationError
from app.engine.expressions import Expression, Script, run_script
from app.engine.run import involved, run_of
from app.engine.specs.base import Element, wait
from app.engine.specs.events import BoundaryEvent, Waiting
from app.engine.step import DecisionTrace, Effect


class Host(Element):
    """An activity that may carry a deadline and boundary events."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **attributes: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **attributes)
        self.deadline: Expression | None = None
        self.boundaries: tuple[BoundaryEvent, ...] = ()

    def open(self, my_task: Task) -> None:
        """Note the opening and deadline, then set the boundary events waiting."""
        open_host(my_task, self.deadline)
        for spec in self.boundaries:
            event = Task(my_task.workflow, spec, parent=my_task, state=TaskState.FUTURE)
            spec._update(event)


class UserTask(Host):
    """Waits for a person; opening it sets the public status and tells the reporter."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **attributes: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **attributes)
        self.manual = True
        self.task: declaration.Task | None = None

    @property
    def declared(self) -> declaration.Task:
        if self.task is None:
            raise LookupError(self.name)
        return self.task

    def enter(self, my_task: Task) -> None:
        run, task = run_of(my_task), self.declared
        self.open(my_task)
        my_task._set_state(TaskState.READY)
        run.opened.append(str(my_task.id))
        if task.status:
            run.take_status(task.status)
        if task.duty.message:
            told = {"kepada": "pelapor", "pesan": task.duty.message, "teks": task.duty.public}
            run.effects.append(Effect("beritahu", told, self.node.id, self.node.process))

    def was_removed(self, my_task: Task) -> None:
        run = run_of(my_task)
        place = (str(my_task.id), self.node.id, self.node.process)
        if my_task.has_state(TaskState.COMPLETED):
            run.closed.append((*place, "completed", None))
        else:
            run.closed.append((*place, "cancelled", run.cause))


class ReceiveTask(Host, Waiting):
    def enter(self, my_task: Task) -> None:
        self.open(my_task)
        wait(my_task)


class ServiceTask(Element):
    def __init__(self, wf_spec: Any, bpmn_id: str, **attributes: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **attributes)
        self.parameters: tuple[tuple[str, Expression], ...] = ()

    def act(self, my_task: Task) -> None:
        run, operation = run_of(my_task), self.node.declared.operation or ""
        given = {name: run.value(my_task, expression) for name, expression in self.parameters}
        if operation == "status":
            if not isinstance(given.get("nilai"), str):
                run.fault(my_task, "status memerlukan nilai berupa teks.")
            run.take_status(given["nilai"])
        elif operation == "tetapkan_opd":
            run.assign(my_task, {"opd": given.get("opd")})
        run.effects.append(Effect(operation, given, self.node.id, self.node.process))
        if operation == "samarkan" and given.get("pesan"):
            told = {"kepada": "pelapor", "pesan": given["pesan"]}
            run.effects.append(Effect("beritahu", told, self.node.id, self.node.process))


class ScriptTask(Element):
    def __init__(self, wf_spec: Any, bpmn_id: str, **attributes: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **attributes)
        self.script: Script | None = None

    def act(self, my_task: Task) -> None:
        run = run_of(my_task)
        if self.script is None:
            return
        try:
            run.assign(my_task, run_script(self.script, run.names(my_task), run.functions))
        except EvaluationError as error:
            run.fault(my_task, error.text, involved(error, frozenset()))


class DecisionTask(Element):
    """Outputs become variables, whole; the table says which (`Decision.variables`)."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **attributes: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **attributes)
        self.table: DecisionTable | None = None

    def act(self, my_task: Task) -> None:
        run, table = run_of(my_task), self.table
        if table is None:
            return
        try:
            decision = decide(table, run.names(my_task), run.functions)
        except DecisionError as error:
            run.fault(my_task, error.text, error.names)
        except EvaluationError as error:
            run.fault(my_task, error.text, (error.missing,) if error.missing else ())
        run.decisions.append(DecisionTrace(self.node.id, self.node.decision or "", decision.policy,
                                           decision.inputs, decision.rows, decision.outputs))
        run.assign(my_task, decision.variables)


class Scope(Host):
    """A sub-process or call activity: `inner` is the key of what runs inside."""

    inner: str = ""

    def enter(self, my_task: Task) -> None:
        self.open(my_task)
        my_task._set_state(TaskState.STARTED)
        workflow = hold(my_task, self.inner)
        first = workflow.spec.begin
        start = Task(workflow, first, parent=workflow.task_tree, state=TaskState.FUTURE)
        first._update(start)


class SubProcess(Scope):
    """An embedded sub-process."""


class CallActivity(Scope):
    """A process called by key; it shares the caller's variables."""


def hold(my_task: Task, inner: str) -> BpmnSubWorkflow:
    """An empty sub-workflow under `my_task`, with its root only."""
    top = my_task.workflow.top_workflow
    spec = top.subprocess_specs[inner]
    workflow = BpmnSubWorkflow(spec, my_task.id, top, deserializing=True)
    workflow.task_tree = Task(workflow, spec.start, state=TaskState.COMPLETED)
    top.subprocesses[my_task.id] = workflow
    return workflow

