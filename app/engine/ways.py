"""Where a token can go in a process with everything it calls, as a graph: for rules about paths.

A place is a number; a sub-process or call has two, where a token enters and where it leaves. Conditions are
not judged: every way out of a choice can be taken. Through a parallel join a token gets only when it can come
by every way in. What is thrown (error, escalation) leads to the boundary event that catches it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from app.engine.diagram import Node, Process
from app.engine.survey import Survey

Reached = Mapping[int, int | None]
"""Place -> the place it was reached from."""
Name = tuple[str, str, bool]
"""Process, element, whether a token comes out of it here."""


class Ways:
    """The places of `process` and of what it calls, and the steps between them."""

    def __init__(self, process: Process, survey: Survey) -> None:
        self.process = process
        self.processes: Mapping[str, Process] = {one.key: one for one in survey.unit(process.key)}
        self.nodes: list[Node] = []
        """The element at each place."""
        self.steps: list[list[int]] = []
        """Places a token may come to next, for each place."""
        self._numbers: dict[Name, int] = {}
        for one in self.processes.values():
            for node in one.nodes.values():
                self._note(one, node)

    def place(self, process: str, element: str, *, leaving: bool = False) -> int:
        """The number of a place; given when first asked for."""
        name = (process, element, leaving)
        if name not in self._numbers:
            self._numbers[name] = len(self.nodes)
            self.nodes.append(self.processes[process].nodes[element])
            self.steps.append([])
        return self._numbers[name]

    @cached_property
    def leaving(self) -> frozenset[int]:
        """Places where a token comes out of a sub-process or call."""
        return frozenset(number for (_process, _element, out), number in self._numbers.items() if out)

    @cached_property
    def elements(self) -> list[Node]:
        """Every element once."""
        return [node for place, node in enumerate(self.nodes) if place not in self.leaving]

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where the process itself begins."""
        return tuple(self._starts(self.process, self.process.key))

    @cached_property
    def before(self) -> list[set[int]]:
        found: list[set[int]] = [set() for _ in self.steps]
        for place, following in enumerate(self.steps):
            for one in following:
                found[one].add(place)
        return found

    def exit_of(self, place: int) -> int:
        """Where a token leaves the element it entered at `place`."""
        node = self.nodes[place]
        return self._numbers.get((node.process, node.id, True), place)

    def reach(self, starts: Iterable[int], blocked: Callable[[Node], bool] | None = None, *,
              joins: bool = True) -> dict[int, int | None]:
        """Every place a token setting out from `starts` can come to without passing a blocked element.
        Without `joins` one way in is enough at a parallel join."""
        found: dict[int, int | None] = {}
        arrived: dict[int, set[int]] = {}
        ahead: deque[tuple[int, int | None]] = deque((place, None) for place in starts)
        while ahead:
            place, source = ahead.popleft()
            if place in found:
                continue
            node = self.nodes[place]
            if blocked is not None and place not in self.leaving and blocked(node):
                continue
            if joins and source is not None and node.kind == "parallelGateway":
                come = arrived.setdefault(place, set())
                come.add(source)
                if len(come) < len(self.before[place]):
                    continue
            found[place] = source
            ahead.extend((one, place) for one in self.steps[place])
        return found

    def trail(self, reached: Reached, place: int) -> tuple[str, ...]:
        """Ids of the elements and flows on the way to a reached place, in order."""
        places: list[int] = []
        current: int | None = place
        while current is not None:
            places.append(current)
            current = reached[current]
        ids: list[str] = []
        for number in reversed(places):
            node = self.nodes[number]
            if ids:
                flows = self.processes[node.process].incoming(node.id)
                ids.extend(flow.id for flow in flows if flow.source == ids[-1])
            if not ids or ids[-1] != node.id:
                ids.append(node.id)
        return tuple(ids)

    def _note(self, process: Process, node: Node) -> None:
        place = self.place(process.key, node.id)
        inner = list(self._inside(process, node))
        leaving = self.place(process.key, node.id, leaving=True) if inner else place
        self.steps[place].extend(inner)
        for flow in process.outgoing(node.id):
            if flow.target in process.nodes:
                self.steps[leaving].append(self.place(process.key, flow.target))
        for boundary in process.boundaries(node.id):
            thrown = boundary.event is not None and boundary.event.kind in {"error", "escalation"}
            for source in self._throwers(process, node, boundary) if thrown else (place,):
                self.steps[source].append(self.place(process.key, boundary.id))
        if node.kind == "endEvent" and not _throws(node, "error"):
            self.steps[place].extend(self._after(process, node.scope))

    def _after(self, process: Process, scope: str) -> Iterator[int]:
        """Where a token goes on that ended in a scope."""
        if scope in process.nodes:
            yield self.place(process.key, scope, leaving=True)
            return
        for one in self.processes.values():
            for node in one.nodes.values():
                if node.kind == "callActivity" and node.called == process.key:
                    yield self.place(one.key, node.id, leaving=True)

    def _inside(self, process: Process, node: Node) -> Iterator[int]:
        if node.kind == "subProcess":
            yield from self._starts(process, node.id)
        elif node.kind == "callActivity" and node.called is not None and node.called in self.processes:
            yield from self._starts(self.processes[node.called], node.called)

    def _starts(self, process: Process, scope: str) -> Iterator[int]:
        for node in process.within(scope):
            if node.kind == "startEvent":
                yield self.place(process.key, node.id)

    def _throwers(self, process: Process, host: Node, boundary: Node) -> Iterator[int]:
        event = boundary.event
        for one, node in self._content(process, host, frozenset()):
            if event is not None and _throws(node, event.kind) and (
                    event.name is None or (node.event is not None and node.event.name == event.name)):
                yield self.place(one.key, node.id)

    def _content(self, process: Process, host: Node,
                 seen: frozenset[str]) -> Iterator[tuple[Process, Node]]:
        """Everything inside a sub-process or call, all levels."""
        called = self.processes.get(host.called or "") if host.kind == "callActivity" else None
        if called is not None and called.key in seen:
            return
        owner, scope = (called, called.key) if called is not None else (process, host.id)
        for node in owner.within(scope):
            yield owner, node
            if node.kind in {"subProcess", "callActivity"}:
                yield from self._content(owner, node, seen | {owner.key} if called is not None else seen)


def _throws(node: Node, kind: str) -> bool:
    return node.kind in {"endEvent", "intermediateThrowEvent"} and any(
        event.kind == kind for event in node.events)
