"""One push: everything it may know, and everything it notes down, handed to SpiffWorkflow as script engine.

SpiffWorkflow passes its script engine to every task as `task.workflow.script_engine`; ours evaluates with
the interpreter of `expressions.py` only, on our own variables: its `task.data` stay empty, so nothing is
ever merged. Rules: decisions 3 and 4; the SOP file contract, "Variables".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal, NoReturn

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.task import Task

from app.engine.expressions import EvaluationError, Expression, evaluate
from app.engine.functions import WORKING_FUNCTIONS, standard_functions
from app.engine.step import DecisionTrace, Effect, EngineFault, Firing, Json, Tools, Visit, WorkingTime

MOST_ELEMENTS = 500
"""Elements one push may enter; more is a loop without a wait, which pruning cannot help."""

Functions = dict[str, Callable[..., Json]]


class _NoEnvironment:
    """Stands where SpiffWorkflow keeps the environment that runs Python text from diagrams."""

    def evaluate(self, *_arguments: Any, **_options: Any) -> NoReturn:
        raise EngineFault("Ungkapan ini berada di tempat yang tidak didukung.")

    execute = evaluate
    call_service = evaluate


class Run(PythonScriptEngine):
    """The book of one push. `top` is set once the instance is there."""

    def __init__(self, compiled: Any, tools: Tools | None, state: dict[str, Any]) -> None:
        super().__init__(_NoEnvironment())
        self.compiled = compiled
        self.tools = tools
        self.state = state
        self.variables: dict[str, Json] = state["vars"]
        self.queue: deque[Task] = deque()
        self.entered = 0
        self.visits: list[Visit] = []
        self.flows: list[tuple[str, str]] = []
        self.effects: list[Effect] = []
        self.decisions: list[DecisionTrace] = []
        self.fired: list[Firing] = []
        self.opened: list[str] = []
        self.closed: list[tuple[str, str, str, Literal["completed", "cancelled"], str | None]] = []
        """(task id, element, process, how, cause)."""
        self.status: str | None = None
        self.cause: str | None = None
        """The element that is just now taking others away."""
        self._functions: Functions | None = None

    @property
    def functions(self) -> Functions:
        if self._functions is None:
            self._functions = standard_functions(self._tools())
        return self._functions

    @property
    def moment(self) -> datetime:
        return self._tools().now.astimezone(UTC)

    @property
    def calendar(self) -> WorkingTime:
        return self._tools().calendar

    @property
    def zone(self) -> str:
        return self._tools().calendar.zone

    def _tools(self) -> Tools:
        if self.tools is None:
            raise EngineFault("Keadaan ini hanya dibaca; tidak ada jam.")
        return self.tools

    def count(self, task: Task) -> None:
        """Bound the work of one push."""
        self.entered += 1
        if self.entered > MOST_ELEMENTS:
            self.fault(task, f"lebih dari {MOST_ELEMENTS} unsur dalam satu langkah: putaran tanpa menunggu.")

    def fault(self, task: Task, text: str, names: tuple[str, ...] = ()) -> NoReturn:
        node = task.task_spec.node
        raise EngineFault(f"{node.name}: {text}", element=node.id, process=node.process, names=names)

    def value(self, task: Task, expression: Expression, functions: Functions | None = None) -> Json:
        """The expression as seen from `task`: local scopes of multi-instance over the variables."""
        try:
            return evaluate(expression, self.names(task), functions or self.functions)
        except EvaluationError as error:
            self.fault(task, f"{expression.text}: {error.text}", involved(error, expression.names))

    def measured(self, task: Task, expression: Expression, given: Mapping[str, Json],
                 functions: Functions) -> tuple[Json, bool]:
        """As `measure`, for an element."""
        try:
            return self.measure(expression, given, functions)
        except EvaluationError as error:
            self.fault(task, f"{expression.text}: {error.text}", involved(error, expression.names))

    def measure(self, expression: Expression, given: Mapping[str, Json],
                functions: Functions) -> tuple[Json, bool]:
        """(value, whether working time was counted on the way)."""
        used: list[str] = []

        def noting(name: str) -> Callable[..., Json]:
            def call(*arguments: Json) -> Json:
                used.append(name)
                return functions[name](*arguments)
            return call

        noted = {**functions, **{name: noting(name) for name in WORKING_FUNCTIONS}}
        return evaluate(expression, given, noted), bool(used)

    def names(self, task: Task) -> Mapping[str, Json]:
        """What an expression at `task` may read."""
        scopes = local_scopes(task)
        if not scopes:
            return self.variables
        seen = dict(self.variables)
        for scope in reversed(scopes):
            seen.update(scope)
        return seen

    def assign(self, task: Task, values: Mapping[str, Json]) -> None:
        """Assign whole values where `task` stands: in its multi-instance child, else for the instance."""
        scopes = local_scopes(task)
        (scopes[0] if scopes else self.variables).update(values)

    def visit(self, task: Task, source: str | None, flow: str | None) -> None:
        node = task.task_spec.node
        self.visits.append(Visit(node.id, node.process, node.kind, source, flow))

    @contextmanager
    def taking_away(self, element: str) -> Iterator[None]:
        """Whatever is cancelled inside was taken away by `element`."""
        before, self.cause = self.cause, element
        yield
        self.cause = before

    def take_status(self, status: str) -> None:
        self.status = status
        self.state["status"] = status

    def removed(self, _workflow: Any, task: Task) -> None:
        """A task left the tree: its sub-process and subscription go with it (SpiffWorkflow leaves both)."""
        top = task.workflow.top_workflow
        inner = top.subprocesses.pop(task.id, None)
        if inner is not None:
            for child in inner.task_tree.children:
                inner._remove_task(child.id)
        task.task_spec.was_removed(task)


def involved(error: EvaluationError, read: frozenset[str]) -> tuple[str, ...]:
    """The data a failed evaluation is about: what was missing, then everything it read."""
    missing = [error.missing] if error.missing else []
    return tuple(dict.fromkeys([*missing, *sorted(read | error.read)]))


def tokens(workflow: Any) -> Iterator[Task]:
    """Every live token of an instance: hosts before their boundary events, before what runs inside them."""
    for task in workflow.task_tree.children:
        yield from _within(task)


def _within(task: Task) -> Iterator[Task]:
    yield task
    for child in task.children:
        yield from _within(child)
    inner = task.workflow.top_workflow.subprocesses.get(task.id)
    if inner is not None:
        yield from tokens(inner)


def local_scopes(task: Task) -> list[dict[str, Json]]:
    """Scopes of the multi-instance children around `task`, innermost first."""
    scopes = []
    for one in lineage(task):
        scope = one.internal_data.get("loc")
        if scope is not None:
            scopes.append(scope)
    return scopes


def lineage(task: Task) -> list[Task]:
    """The task, then outwards what holds it: wrapper, host, sub-process, call activity."""
    line = [task]
    current = task
    while True:
        parent = current.parent
        if parent is None or parent.task_spec is parent.workflow.spec.start:
            owner = current.workflow.parent_task_id
            if owner is None:
                return line
            parent = current.workflow.top_workflow.get_task_from_id(owner)
        line.append(parent)
        current = parent


def run_of(task: Task) -> Run:
    engine: Run = task.workflow.script_engine
    return engine
