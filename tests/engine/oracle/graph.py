"""The plain graph of an SOP: what the XML is written from and what the interpreter walks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

Json: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Condition:
    """`name op value`, with `op` one of `==`, `!=`, `<`, `>`, `in`; no name: always true."""

    name: str | None
    op: str = "=="
    value: Json = None

    @property
    def text(self) -> str:
        return "True" if self.name is None else f"{self.name} {self.op} {self.value!r}"

    def holds(self, left: Json) -> bool:
        match self.op:
            case "==":
                return bool(left == self.value)
            case "!=":
                return bool(left != self.value)
            case "<":
                return bool(left < self.value)
            case ">":
                return bool(left > self.value)
        return left in self.value


@dataclass(frozen=True, slots=True)
class Assignment:
    """One script line: `name = value`, or `name = base + value`."""

    name: str
    base: str | None
    value: Json

    @property
    def text(self) -> str:
        left = "" if self.base is None else f"{self.base} + "
        return f"{self.name} = {left}{self.value!r}"


@dataclass(frozen=True, slots=True)
class Span:
    """When: a `duration` or `cycle` (n minutes), `tenggat` (n per cent), or a function of n by its name."""

    kind: str
    n: int
    turns: int | None = None
    """Cycle only: how often; None for ever."""
    replay: bool = False

    @property
    def text(self) -> str:
        if self.kind == "duration":
            return f"'{iso(self.n)}'"
        if self.kind == "cycle":
            return f"'R{'' if self.turns is None else self.turns}/{iso(self.n)}'"
        return f"{self.kind}({self.n})"

    @property
    def tag(self) -> str:
        return {"duration": "timeDuration", "cycle": "timeCycle"}.get(self.kind, "timeDate")


def iso(minutes: int) -> str:
    days, rest = divmod(minutes, 1440)
    hours, left = divmod(rest, 60)
    time = (f"{hours}H" if hours else "") + (f"{left}M" if left else "")
    return "P" + (f"{days}D" if days else "") + (f"T{time}" if time else "")


@dataclass(frozen=True, slots=True)
class Question:
    """A form field: a required choice among `options`, or an integer from 0 to 3 that may be left out."""

    id: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Multi:
    """Multi-instance: for each of the list `items`, as `item`; child's `output` collected into `outputs`."""

    sequential: bool
    items: str
    item: str
    outputs: str | None = None
    output: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One element. `kind` is the BPMN tag, except that gateways, ends and catches are told apart by it."""

    id: str
    kind: str
    """start end user script xor and or event timer message receive throw sub call boundary"""
    questions: tuple[Question, ...] = ()
    deadline: Span | None = None
    script: tuple[Assignment, ...] = ()
    timer: Span | None = None
    message: str | None = None
    error: str | None = None
    escalation: str | None = None
    terminate: bool = False
    reason: str | None = None
    host: str | None = None
    interrupting: bool = True
    multi: Multi | None = None
    called: str | None = None
    lane: str | None = None
    body: Graph | None = None

    def __deepcopy__(self, memo: dict[int, object]) -> Node:
        return self


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    condition: Condition | None = None
    default: bool = False


@dataclass
class Graph:
    """A process or the inside of a sub-process. Flows stand in file order."""

    id: str
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)

    def __deepcopy__(self, memo: dict[int, object]) -> Graph:
        return self

    @cached_property
    def outs(self) -> Mapping[str, tuple[Flow, ...]]:
        return {key: tuple(f for f in self.flows if f.source == key) for key in self.nodes}

    @cached_property
    def ins(self) -> Mapping[str, tuple[Flow, ...]]:
        return {key: tuple(f for f in self.flows if f.target == key) for key in self.nodes}

    @cached_property
    def sides(self) -> Mapping[str, tuple[Node, ...]]:
        """Boundary events by host."""
        return {key: tuple(n for n in self.nodes.values() if n.host == key) for key in self.nodes}

    def inputs_ahead(self, join: str, start: str) -> frozenset[str]:
        """Incoming flows of `join` that a token at the node `start` can still reach without passing `join`.

        A token in an activity may also leave by its boundary events.
        """
        found: set[str] = set()
        seen = {start}
        todo = [start]
        while todo:
            here = todo.pop()
            for flow in (*self.outs[here], *(f for side in self.sides[here] for f in self.outs[side.id])):
                if flow.target == join:
                    found.add(flow.id)
                elif flow.target not in seen:
                    seen.add(flow.target)
                    todo.append(flow.target)
        return frozenset(found)

    def everywhere(self) -> Iterator[Graph]:
        yield self
        for node in self.nodes.values():
            if node.body is not None:
                yield from node.body.everywhere()


@dataclass(frozen=True)
class Sop:
    """All processes of one file, the first is the one started, with what a report brings."""

    processes: tuple[Graph, ...]
    data: Mapping[str, Json]
    lanes: tuple[str, ...] = ()

    def __deepcopy__(self, memo: dict[int, object]) -> Sop:
        return self

    def process(self, key: str) -> Graph:
        return next(p for p in self.processes if p.id == key)
