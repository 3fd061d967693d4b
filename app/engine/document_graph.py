"""The flow of one SOP without what only BPMN needs: what is left are the symbols of the printed SOP.

Sub-processes are drawn out, merges and parallel gateways vanish, boundary events become ways out of the step
they sit on. What stays is a capsule (begin, end), a box (work) or a diamond (decision).
Source: PermenPANRB 35/2012 (five symbols); file order decides wherever something must come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from app.engine.assembly import enclosing_role
from app.engine.diagram import ACTIVITIES, GATEWAYS, Node, Process
from app.engine.time_words import limit_words

Symbol: TypeAlias = Literal["capsule", "box", "diamond"]
WayKind: TypeAlias = Literal["flow", "timer", "message", "event"]
_MAX_STEPS = 400


@dataclass(frozen=True, slots=True)
class Way:
    """How one symbol leads to another. `boundary`: the event on the source that opens it, None for a flow."""

    source: str
    target: str
    label: str = ""
    kind: WayKind = "flow"
    boundary: str | None = None
    default: bool = False
    together: str | None = None
    """The parallel gateway that opens several ways at once."""


@dataclass(slots=True)
class Graph:
    process: Process
    symbols: dict[str, Symbol] = field(default_factory=dict)
    """Element -> its symbol, in file order."""
    ways: list[Way] = field(default_factory=list)
    whole: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Boundary event on a sub-process -> the elements drawn inside it."""

    _out: dict[str, list[Way]] = field(default_factory=dict)
    _into: dict[str, list[Way]] = field(default_factory=dict)

    def add(self, way: Way) -> None:
        self.ways.append(way)
        self._out.setdefault(way.source, []).append(way)
        self._into.setdefault(way.target, []).append(way)

    def out(self, element: str) -> list[Way]:
        return self._out.get(element, [])

    def into(self, element: str) -> list[Way]:
        return self._into.get(element, [])


def read_graph(process: Process) -> Graph:
    """Pure; a process that is not whole yet (a draft) gives what can be told of it."""
    graph = Graph(process)
    reader = _Reader(process)
    for node in process.nodes.values():
        symbol = reader.symbol(node)
        if symbol is not None:
            graph.symbols[node.id] = symbol
    for name in graph.symbols:
        for way in dict.fromkeys(reader.ways(name)):
            if way.target in graph.symbols:
                graph.add(way)
    for node in process.nodes.values():
        if reader.opens_branch(node):
            inside = reader.inside(node.attached_to or "")
            graph.whole[node.id] = tuple(name for name in graph.symbols if name in inside)
    return graph


class _Reader:
    def __init__(self, process: Process) -> None:
        self.process = process
        self.nodes = process.nodes
        self.side = self._side_branches()

    def symbol(self, node: Node) -> Symbol | None:
        if node.kind == "startEvent":
            return "capsule" if node.scope == self.process.key else None
        if node.kind == "endEvent":
            return "capsule" if self.is_final(node) else None
        if node.kind in GATEWAYS:
            splits = len(self.process.outgoing(node.id)) > 1
            return "diamond" if splits and node.kind != "parallelGateway" else None
        if node.kind == "boundaryEvent":
            return "capsule" if self.opens_branch(node) else None
        if node.kind == "intermediateCatchEvent":
            return None if self._after_event_gateway(node) else "box"
        if node.kind == "intermediateThrowEvent":
            return "box"
        return "box" if node.kind in ACTIVITIES and node.kind != "subProcess" else None

    def opens_branch(self, node: Node) -> bool:
        """A boundary event on a whole sub-process has no step to leave from: it begins a way of its own."""
        host = self.nodes.get(node.attached_to or "")
        return node.kind == "boundaryEvent" and host is not None and host.kind == "subProcess"

    def is_final(self, node: Node) -> bool:
        """Whether a way stops here: at the top, on a side branch, or where nothing but an end comes after."""
        if node.scope == self.process.key:
            return not self._only_after_scopes(node)
        return node.id in self.side or not self._goes_on(node.scope)

    def ways(self, name: str) -> Iterator[Way]:
        node = self.nodes[name]
        for flow in self.process.outgoing(name):
            label = flow.name
            if node.kind == "eventBasedGateway":
                label = label or self._event_words(self.nodes.get(flow.target))
            yield from self._ways(name, flow.target, label, "flow", None, flow.id == node.default, None, ())
        for event in self.process.boundaries(name):
            kind = _kind(event)
            for flow in self.process.outgoing(event.id):
                yield from self._ways(name, flow.target, "", kind, event.id, False, None, ())

    def inside(self, scope: str) -> set[str]:
        found: set[str] = set()
        for node in self.process.within(scope):
            found.add(node.id)
            if node.kind == "subProcess":
                found |= self.inside(node.id)
        return found

    def _ways(self, source: str, target: str, label: str, kind: WayKind, boundary: str | None, default: bool,
              together: str | None, seen: tuple[str, ...]) -> Iterator[Way]:
        node = self.nodes.get(target)
        if node is None or target in seen or len(seen) > _MAX_STEPS:
            return
        if self.symbol(node) is not None:
            yield Way(source, target, label, kind, boundary, default, together)
            return
        if node.kind == "parallelGateway" and len(self.process.outgoing(target)) > 1:
            together = target
        for following in self._through(node):
            yield from self._ways(source, following, label, kind, boundary, default, together,
                                  (*seen, target))

    def _through(self, node: Node) -> list[str]:
        """Where a token goes that meets an element which is not printed."""
        if node.kind == "subProcess":
            return [inner.id for inner in self.process.within(node.id) if inner.kind == "startEvent"]
        if node.kind == "endEvent":
            return [flow.target for flow in self.process.outgoing(node.scope)]
        return [flow.target for flow in self.process.outgoing(node.id)]

    def _goes_on(self, scope: str) -> bool:
        """Whether a printed step comes after a sub-process, not only the end of everything."""
        ahead, seen = [flow.target for flow in self.process.outgoing(scope)], {scope}
        while ahead:
            node = self.nodes.get(ahead.pop())
            if node is None or node.id in seen:
                continue
            seen.add(node.id)
            if node.kind == "endEvent":
                if node.scope != self.process.key:
                    ahead.extend(flow.target for flow in self.process.outgoing(node.scope))
            elif node.kind in ACTIVITIES or node.kind.startswith("intermediate"):
                return True
            else:
                ahead.extend(flow.target for flow in self.process.outgoing(node.id))
        return False

    def _only_after_scopes(self, node: Node) -> bool:
        """An end that is reached from sub-processes alone, whose own ends are printed already."""
        before = [self.nodes.get(flow.source) for flow in self.process.incoming(node.id)]
        return bool(before) and all(
            one is not None and one.kind == "subProcess" and not self._goes_on(one.id) for one in before)

    def _side_branches(self) -> set[str]:
        """Elements that only boundary events which do not interrupt lead to, within their scope."""
        main: set[str] = set()
        ahead = [node.id for node in self.nodes.values()
                 if node.kind == "startEvent"
                 or (not self.process.incoming(node.id) and not node.attached_to)]
        while ahead:
            name = ahead.pop()
            if name in main or name not in self.nodes:
                continue
            main.add(name)
            ahead.extend(flow.target for flow in self.process.outgoing(name))
            ahead.extend(event.id for event in self.process.boundaries(name) if event.interrupting)
        return self.nodes.keys() - main

    def _after_event_gateway(self, node: Node) -> bool:
        sources = [self.nodes.get(flow.source) for flow in self.process.incoming(node.id)]
        return bool(sources) and all(one is not None and one.kind == "eventBasedGateway" for one in sources)

    def _event_words(self, node: Node | None) -> str:
        if node is None:
            return ""
        if node.name != node.id:
            return node.name
        return limit_words(node.event.text) if node.event and node.event.text else ""


def _kind(event: Node) -> WayKind:
    found = event.event.kind if event.event else ""
    return "timer" if found == "timer" else "message" if found == "message" else "event"


def role_of(process: Process, element: str) -> str | None:
    """Role whose column an element stands in."""
    node = process.nodes.get(element)
    if node is None:
        return None
    if node.lane is None and node.attached_to and node.attached_to in process.nodes:
        return enclosing_role(process.nodes[node.attached_to], process)
    return enclosing_role(node, process)
