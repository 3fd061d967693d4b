"""What an operation acts on: tokens of a running instance, and the steps they may be taken to.

A token is named by the id of its open task, any other by `#` and its row in the state. A step is named by its
key (`CompiledSop.key_of`); where the same step lives in several sub-processes at once, `@` and the token that
holds the one that is meant follow: `periksa@#3`. Names of tokens hold for one state only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.task import Task

from app.engine.compiled import CompiledSop
from app.engine.intervene_reach import Marking, Thread, Threads, threads_of
from app.engine.run import tokens
from app.engine.specs.activities import Host, UserTask
from app.engine.specs.base import Element
from app.engine.specs.events import BoundaryEvent, EventGateway, Waiting
from app.engine.specs.gateways import Joining


@dataclass(frozen=True, eq=False)
class Scope:
    """A live scope. `owner`: the name of the token it runs in; None for the whole."""

    workflow: Any
    owner: str | None
    host: Task | None

    @property
    def threads(self) -> Threads:
        return threads_of(self.workflow.spec)

    @property
    def standing(self) -> list[Task]:
        """Its tokens, without boundary events and without what runs inside them."""
        return list(self.workflow.task_tree.children)

    def marking(self, thread: Thread, without: tuple[Task, ...] = (), more: str | None = None) -> Marking:
        """The spots of the tokens that stand where the thread's may."""
        spots = [spot_of(task) for task in self.standing
                 if task not in without and task.task_spec.name in thread.region]
        if more is not None:
            spots.append((more, ""))
        return tuple(sorted(spots))


class Instance:
    """The tokens and scopes of a loaded instance by their names, as they stood when it was loaded."""

    def __init__(self, compiled: CompiledSop, top: Any) -> None:
        self.compiled = compiled
        self.top = top
        self.names: dict[Any, str] = {}
        self.tokens: dict[str, Task] = {}
        for row, task in enumerate(tokens(top)):
            name = str(task.id) if isinstance(task.task_spec, UserTask) else f"#{row}"
            self.names[task.id] = name
            self.tokens[name] = task

    def scopes(self) -> list[Scope]:
        """Every live scope, outer ones first."""
        found = [Scope(self.top, None, None)]
        for task in tokens(self.top):
            inner = self.top.subprocesses.get(task.id)
            if inner is not None:
                found.append(Scope(inner, self.names.get(task.id), task))
        return found

    def scope_of(self, task: Task) -> Scope:
        return next(scope for scope in self.scopes() if scope.workflow is task.workflow)

    def is_live(self, task: Task) -> bool:
        return task.id in task.workflow.tasks and any(one is task for one in tokens(self.top))

    def whole_of(self, task: Task) -> Task:
        """The token that stands in the scope: of a child of a multi-instance, the whole."""
        while task not in task.workflow.task_tree.children:
            task = task.parent
        return task

    def key(self, element: Element) -> str:
        return self.compiled.key_of(element.node.process, element.node.id)

    def places(self, scope: Scope) -> Iterator[Element]:
        """The steps of a scope a token may be taken to, in the order of the file."""
        for element in scope.workflow.spec.task_specs.values():
            if isinstance(element, Element) and is_step(element, scope):
                yield element

    def found(self, target: str) -> list[tuple[Scope, Element]]:
        """Where a step lives now: one place for each live scope it is drawn in."""
        key, _, owner = target.partition("@")
        return [(scope, element) for scope in self.scopes() for element in self.places(scope)
                if self.key(element) == key and owner in ("", scope.owner or "")]

    def target(self, scope: Scope, element: Element) -> str:
        """The name of a step, with its scope where that is needed to tell it from others."""
        key = self.key(element)
        return key if len(self.found(key)) == 1 or scope.owner is None else f"{key}@{scope.owner}"


def is_step(element: Element, scope: Scope) -> bool:
    """Whether a token may rest here by itself: no join, no event behind a gateway or on an edge."""
    if element.wrapper is not None or isinstance(element, BoundaryEvent):
        return False
    if not isinstance(element, Host | Waiting):
        return False
    specs = scope.workflow.spec.task_specs
    return not any(isinstance(specs[way.source], EventGateway) for way in element.ways_in)


def spot_of(task: Task) -> tuple[str, str]:
    spec = task.task_spec
    waits = isinstance(spec, Joining) and len(spec.ways_in) > 1
    return (spec.name, task.internal_data.get("via", "") if waits else "")


def name_of(element: Element) -> str:
    return element.node.name or element.node.id
