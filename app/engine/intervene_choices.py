"""Everything an officer may do to an instance now, and why the rest may not be: each one tried on a copy.

Of tasks that are alike (many units asked the same at once) one is tried for all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.task import Task

from app.engine.compiled import CompiledSop
from app.engine.intervene import move_token, send_back, skip
from app.engine.intervene_places import Instance, Scope, name_of, spot_of
from app.engine.intervene_rules import ENDED, concerns, is_behind, why_not_taken
from app.engine.position import item_of
from app.engine.run import lineage
from app.engine.specs.activities import UserTask
from app.engine.specs.base import Element
from app.engine.specs.events import BoundaryEvent
from app.engine.state import load
from app.engine.step import Json, Refusal, State, Step, Tools

MOST_WALKED = 40
"""As in `intervene`, where it is more: what is offered here beyond that may still be refused there."""


@dataclass(frozen=True, slots=True)
class Target:
    """A step. `target`: what `move_token` and `send_back` take. `inside`: name of the sub-process or call it
    lies in, '' for the process itself. `refused`: why not, None where it may be."""

    target: str
    element: str
    process: str
    name: str
    kind: str
    inside: str
    refused: str | None


@dataclass(frozen=True, slots=True)
class Token:
    """Something that waits. `token`: what `skip` and `move_token` take; of an open task its id."""

    token: str
    task_id: str | None
    element: str
    process: str
    name: str
    kind: str
    item: Json
    skip_refused: str | None
    move_refused: str | None
    """Why it cannot be moved anywhere; then `moves` is empty."""
    moves: tuple[Target, ...]
    """The other steps of its branch."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Tokens with enclosing ones first, steps in the order of the file. `backs`: steps that were passed, each
    with why it cannot be opened again where that is so; steps that lie ahead are left out."""

    cancel_refused: str | None
    tokens: tuple[Token, ...]
    backs: tuple[Target, ...]


def choices(compiled: CompiledSop, state: State, *, tools: Tools,
            past: Collection[str] = ()) -> Choices:
    """What may be done at `tools.now`; what is offered has been tried on a copy. `past`: as in `send_back`.
    Raises `EngineFault` when the state is not of this SOP."""
    _run, top = load(compiled, state, tools)
    if not top.task_tree.children:
        return Choices(ENDED, (), ())
    trying = _Trying(compiled, state, tools, Instance(compiled, top), past)
    live = [(name, task) for name, task in trying.instance.tokens.items()
            if not isinstance(task.task_spec, BoundaryEvent)]
    return Choices(None, tuple(trying.token(name, task) for name, task in live), tuple(trying.backs()))


class _Trying:
    def __init__(self, compiled: CompiledSop, state: State, tools: Tools, instance: Instance,
                 past: Collection[str]) -> None:
        self.compiled, self.state, self.tools = compiled, state, tools
        self.instance, self.past = instance, past
        self.known: dict[Hashable, str | None] = {}

    def token(self, name: str, task: Task) -> Token:
        spec, fixed, alike = task.task_spec, why_not_taken(task), _alike(task)
        scope = self.instance.scope_of(task)
        moves = () if fixed else tuple(
            self._target(scope, element, self._move(name, alike, self.instance.target(scope, element)))
            for element in self.instance.places(scope) if concerns(scope, task, element))
        skipped = self._refused(("skip", alike), lambda: skip(
            self.compiled, self.state, name, tools=self.tools, by="", walked=MOST_WALKED))
        return Token(
            token=name, task_id=name if isinstance(spec, UserTask) else None, element=spec.node.id,
            process=spec.node.process, name=name_of(spec), kind=spec.node.kind, item=item_of(task),
            skip_refused=skipped, move_refused=fixed, moves=moves,
        )

    def backs(self) -> list[Target]:
        return [self._target(scope, element, self._back(scope, element))
                for scope in self.instance.scopes() for element in self.instance.places(scope)
                if is_behind(self.instance, scope, element, self.past)]

    def _move(self, token: str, alike: Hashable, target: str) -> str | None:
        return self._refused(("move", alike, target.partition("@")[0]), lambda: move_token(
            self.compiled, self.state, token, target, tools=self.tools, by="", walked=MOST_WALKED))

    def _back(self, scope: Scope, element: Element) -> str | None:
        alike = None if scope.host is None else (_alike(scope.host), _standing(scope.workflow))
        return self._refused(("back", alike, self.instance.key(element)), lambda: send_back(
            self.compiled, self.state, self.instance.target(scope, element), tools=self.tools, by="",
            past=self.past, walked=MOST_WALKED))

    def _refused(self, mark: Hashable, attempt: Callable[[], Step | Refusal]) -> str | None:
        if mark not in self.known:
            answer = attempt()
            self.known[mark] = answer.text if isinstance(answer, Refusal) else None
        return self.known[mark]

    def _target(self, scope: Scope, element: Element, refused: str | None) -> Target:
        inside = "" if scope.host is None else name_of(scope.host.task_spec)
        return Target(self.instance.target(scope, element), element.node.id, element.node.process,
                      name_of(element), element.node.kind, inside, refused)


def _alike(task: Task) -> Hashable:
    """The same for tokens which differ in nothing but the item of a multi-instance they stand for."""
    return tuple((one.task_spec.name, _standing(one.workflow)) for one in lineage(task))


def _standing(workflow: Any) -> Hashable:
    return tuple(sorted(spot_of(one) for one in workflow.task_tree.children))
