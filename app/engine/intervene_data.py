"""Which data an instance will be asked for although nobody has answered them.

From every live token the SOP is read on: a name counts as missing when some way leads to an element that
reads it, without passing one that sets it, and it is not among the data now. What a message from outside
brings cannot be known: behind it nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from SpiffWorkflow.task import Task

from app.engine.compiled import CompiledSop
from app.engine.diagram import Node
from app.engine.intervene_reach import threads_of
from app.engine.names_read import ANY, reads, sets
from app.engine.persons import PROVEN_END
from app.engine.run import tokens
from app.engine.specs.activities import Scope
from app.engine.specs.events import BoundaryEvent
from app.engine.specs.gateways import Joining
from app.engine.specs.loops import Instances
from app.engine.specs.parser import CHILD
from app.engine.state import load
from app.engine.step import Json, OpenTask, Position, State
from app.engine.survey import Survey, take_stock
from app.engine.ways import Ways

_KEPT = 64
Wanted: TypeAlias = Mapping[str, frozenset[str]]
"""Name -> names of the elements that read it."""


@dataclass(frozen=True, slots=True)
class Missing:
    """`label`: as a form asks for it, where one does. `readers`: names of the elements that read it."""

    name: str
    label: str
    readers: tuple[str, ...] = ()
    value: Json = None
    """The earlier answer, of `Consequences.reused` only."""


def missing_later(compiled: CompiledSop, state: State) -> tuple[Missing, ...]:
    """By name. Raises `EngineFault` when the state is not of this SOP."""
    run, top = load(compiled, state, None)
    reading = _reading(compiled)
    found: dict[str, set[str]] = {}
    for task in tokens(top):
        for name, readers in reading.from_token(task).items():
            if name not in run.names(task):
                found.setdefault(name, set()).update(readers)
    labels = _labels(compiled)
    return tuple(Missing(name, labels.get(name, name), tuple(sorted(found[name]))) for name in sorted(found))


def answered_before(compiled: CompiledSop, skipped: Iterable[OpenTask], was: Position) -> tuple[Missing, ...]:
    """What the forms of skipped tasks would have asked and an earlier round has answered."""
    found: dict[str, Missing] = {}
    for task in skipped:
        known = {**was.variables, **task.scope}
        for one in compiled.task(task.process, task.element).fields:
            if one.type != "info" and known.get(one.id) is not None:
                found[one.id] = Missing(one.id, one.label, value=known[one.id])
    return tuple(found[name] for name in sorted(found))


def lacks_proof(compiled: CompiledSop, state: State) -> str | None:
    """The name of an end `selesai` at which the process would stop: some way leads there past every check of
    photos (past the work itself, where none was done yet) without photos that were accepted. None where
    there is no such way."""
    if not compiled.checks:
        return None
    run, top = load(compiled, state, None)
    proof: Mapping[str, bool] = run.state.get("proof", {})
    ways = _reading(compiled).ways
    starts = [ways.place(task.task_spec.node.process, task.task_spec.node.id)
              for task in tokens(top) if _goes_on(task)]
    unchecked = ways.reach(starts, lambda node: _is_aside(node) or (node.process, node.id) in compiled.checks,
                           joins=False)
    undone = ways.reach(starts, lambda node: _is_aside(node)
                        or compiled.key_of(node.process, node.id) in compiled.checked, joins=False)
    for place in sorted({*unchecked, *undone}):
        node = ways.nodes[place]
        if node.declared.end_reason != PROVEN_END or not compiled.needs_proof(node.process):
            continue
        wanted = [accepted for key, accepted in proof.items() if compiled.proves(node.process, key)]
        if place in (unchecked if wanted else undone) and not (wanted and all(wanted)):
            return node.name or node.id
    return None


def _goes_on(task: Task) -> bool:
    """Whether a token is on the main way of its scope. Of a sub-process the tokens inside tell."""
    spec = task.task_spec
    if isinstance(spec, Scope | Instances):
        return False
    name = spec.name.removesuffix(CHILD)
    return name in threads_of(task.workflow.spec).all[0].region


def _is_aside(node: Node) -> bool:
    return node.kind == "boundaryEvent" and not node.interrupting


class _Reading:
    """What may be read from each place of an SOP on, before it is set."""

    def __init__(self, survey: Survey, key: str) -> None:
        self.survey = survey
        self.ways = Ways(survey.processes[key], survey)
        self.wanted: list[dict[str, frozenset[str]]] = [{} for _ in self.ways.nodes]
        self.own = [self._own(place) for place in range(len(self.ways.nodes))]
        changed = True
        while changed:
            changed = False
            for place in reversed(range(len(self.ways.nodes))):
                now = _joined([self.own[place], self._onward(place)])
                if now != self.wanted[place]:
                    self.wanted[place] = now
                    changed = True

    def from_token(self, task: Task) -> Wanted:
        """What the token there may yet come to ask for. Its own deadline and timers were counted when it
        came; of a sub-process the tokens inside tell."""
        node = task.task_spec.node
        if isinstance(task.task_spec, BoundaryEvent):
            return {}
        place = self.ways.place(node.process, node.id)
        if isinstance(task.task_spec, Joining):
            return self.wanted[place]
        return self._onward(self.ways.exit_of(place))

    def _own(self, place: int) -> dict[str, frozenset[str]]:
        node = self.ways.nodes[place]
        if place in self.ways.leaving:
            return {}
        asked = [read for read in reads(node, self.ways.processes[node.process], self.survey) if read.strict]
        return {name: frozenset({node.name or node.id}) for read in asked
                for name in read.expression.names - read.own}

    def _onward(self, place: int) -> dict[str, frozenset[str]]:
        """What is asked for behind a place, less what it sets itself."""
        node = self.ways.nodes[place]
        inside = self.ways.exit_of(place) != place
        made = self._made(node, place)
        parts: list[Wanted] = []
        for after in self.ways.steps[place]:
            edge = self.ways.nodes[after].attached_to == node.id
            parts.append(self.wanted[after] if edge else _less(self.wanted[after], made))
        if inside and node.loop is not None:
            out = frozenset({node.loop.data_output}) if node.loop.data_output else frozenset[str]()
            parts.append(_less(self.wanted[self.ways.exit_of(place)], out))
        return _joined(parts)

    def _made(self, node: Node, place: int) -> frozenset[str]:
        if self.ways.exit_of(place) == place:
            return sets(node, self.survey)
        return frozenset({node.loop.input_item}) if node.loop and node.loop.input_item else frozenset()


@lru_cache(maxsize=_KEPT)
def _reading(compiled: CompiledSop) -> _Reading:
    """Once for each compiled SOP, which never changes."""
    return _Reading(take_stock(compiled.sources), compiled.key)


def _labels(compiled: CompiledSop) -> dict[str, str]:
    fields = (one for task in compiled.tasks.values() for one in task.fields)
    return {one.id: one.label for one in fields}


def _less(wanted: Wanted, made: frozenset[str]) -> Wanted:
    if ANY in made:
        return {}
    return {name: readers for name, readers in wanted.items() if name not in made}


def _joined(parts: Iterable[Wanted]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, readers in _items(parts):
        found[name] = found.get(name, frozenset()) | readers
    return found


def _items(parts: Iterable[Wanted]) -> Iterator[tuple[str, frozenset[str]]]:
    for part in parts:
        yield from part.items()
