"""What a BPMN file draws, as plain values: read once (`reader.py`), checked (`refusals.py`), then compiled.

Every text is kept as written; nothing here has been checked yet. A `Node` is a flow element (event, activity
or gateway); its `scope` is the id of the process or sub-process it is drawn in directly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from app.engine.declaration import Document, Duty, Field, Standard

ACTIVITIES = frozenset({"userTask", "serviceTask", "scriptTask", "businessRuleTask", "receiveTask",
                        "subProcess", "callActivity"})
HOSTS = frozenset({"userTask", "receiveTask", "subProcess", "callActivity"})
"""Activities that may carry boundary events."""
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent",
                    "boundaryEvent"})
Thing = TypeVar("Thing")
RUNNABLE = ACTIVITIES | GATEWAYS | EVENTS


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. `condition` is None when it has no condition element."""

    id: str
    source: str
    target: str
    condition: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event definition. `kind` is the BPMN tag without `EventDefinition`: `timer`, `message`, `error` …

    `name`: message name, error code or escalation code (None: any code, or nothing named).
    `text`: expression of a timer; `place`: the tag it stood in (`timeDate`, `timeDuration`, `timeCycle`).
    """

    kind: str
    name: str | None = None
    text: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """Multi-instance characteristics; names are variables, `cardinality` and `condition` expressions."""

    sequential: bool
    cardinality: str | None = None
    data_input: str | None = None
    input_item: str | None = None
    data_output: str | None = None
    output_item: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """The `sop:` extension elements of one node."""

    task: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()
    has_form: bool = False
    duty: Duty | None = None
    duty_missing: tuple[str, ...] = ()
    standard: Standard | None = None
    operation: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    end_reason: str | None = None
    catch_up: str = "collapse"


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    kind: str
    """BPMN tag without prefix."""
    name: str
    process: str
    scope: str
    lane: str | None = None
    documentation: str = ""
    events: tuple[Event, ...] = ()
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None
    loop: Loop | None = None
    called: str | None = None
    decision: str | None = None
    script: str | None = None
    declared: Declared = Declared()

    @property
    def event(self) -> Event | None:
        return self.events[0] if self.events else None


@dataclass(frozen=True, slots=True)
class Lane:
    id: str | None
    name: str
    refs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Process:
    """One `bpmn:process` with everything in it; sub-processes are nodes and scopes of their own."""

    key: str
    name: str
    file: str
    executable: bool = True
    total: str | None = None
    subject: str = "laporan"
    """`laporan`, or `sop` when no report of a citizen stands behind the process."""
    document: Document = field(default_factory=Document)
    has_document: bool = False
    nodes: Mapping[str, Node] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()
    lanes: tuple[Lane, ...] = ()
    refused: frozenset[str] = frozenset()
    """Ids of elements drawn in it that do not run: arrows to and from them are not broken."""

    def scopes(self) -> Iterator[str]:
        """The process itself, then its sub-processes in file order."""
        yield self.key
        for node in self.nodes.values():
            if node.kind == "subProcess":
                yield node.id

    def within(self, scope: str) -> list[Node]:
        return [node for node in self.nodes.values() if node.scope == scope]

    def outgoing(self, element: str) -> list[Flow]:
        """In file order."""
        return self._by_source.get(element, [])

    def incoming(self, element: str) -> list[Flow]:
        return self._by_target.get(element, [])

    def boundaries(self, element: str) -> list[Node]:
        return self._by_host.get(element, [])

    @cached_property
    def _by_source(self) -> Mapping[str, list[Flow]]:
        return _grouped(self.flows, lambda flow: flow.source)

    @cached_property
    def _by_target(self) -> Mapping[str, list[Flow]]:
        return _grouped(self.flows, lambda flow: flow.target)

    @cached_property
    def _by_host(self) -> Mapping[str, list[Node]]:
        events = [node for node in self.nodes.values() if node.kind == "boundaryEvent"]
        return _grouped(events, lambda node: node.attached_to or "")


def _grouped(things: Iterable[Thing], key: Callable[[Thing], str]) -> dict[str, list[Thing]]:
    groups: dict[str, list[Thing]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return groups


@dataclass(frozen=True, slots=True)
class Diagram:
    """One BPMN file."""

    file: str
    processes: tuple[Process, ...] = ()
