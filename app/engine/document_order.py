"""Rows of the printed SOP and their order: the good way first, then every other way, in file order.

A step, the decision right after it and the end right after it share a row when one role does them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.engine.document_graph import Graph, Way, role_of

GOOD_END = "selesai"


@dataclass(slots=True)
class Strand:
    """Elements that share one row, first to last, and the ways that leave it for another."""

    elements: list[str]
    role: str | None
    ways: list[Way] = field(default_factory=list)
    together: str | None = None
    """The parallel gateway that opens this row with others at once."""

    @property
    def head(self) -> str:
        return self.elements[0]

    @property
    def is_end(self) -> bool:
        return not self.ways


def strands_in_order(graph: Graph) -> list[Strand]:
    strands = _strands(graph)
    return _Order(graph, strands).all()


def _strands(graph: Graph) -> dict[str, Strand]:
    """Head element -> its strand."""
    after = {name: following for name in graph.symbols
             if (following := _joined(graph, name)) is not None}
    followers = set(after.values())
    strands: dict[str, Strand] = {}
    for name in graph.symbols:
        if name in followers:
            continue
        elements = [name]
        while elements[-1] in after:
            elements.append(after[elements[-1]])
        strand = Strand(elements, role_of(graph.process, name))
        inside = set(elements)
        strand.ways = [way for one in elements for way in graph.out(one)
                       if way.target not in inside or way.target == name]
        strands[name] = strand
    return strands


def _joined(graph: Graph, name: str) -> str | None:
    """The decision or end that stands in the same row right below `name`."""
    flows = [way for way in graph.out(name) if way.kind == "flow"]
    if graph.symbols[name] != "box" or len(flows) != 1 or flows[0].label or flows[0].together:
        return None
    target = flows[0].target
    if graph.symbols[target] == "box" or role_of(graph.process, target) != role_of(graph.process, name):
        return None
    into = graph.into(target)
    return target if len(into) == 1 or all(_repeats_end(graph, way) for way in into) else None


def _repeats_end(graph: Graph, way: Way) -> bool:
    """An end that several steps of one role share is printed below each of them."""
    source, target = way.source, way.target
    return (not graph.out(target) and not way.label and not way.together and way.kind == "flow"
            and graph.symbols[source] == "box" and len([one for one in graph.out(source)
                                                        if one.kind == "flow"]) == 1
            and role_of(graph.process, source) == role_of(graph.process, target))


class _Order:
    def __init__(self, graph: Graph, strands: dict[str, Strand]) -> None:
        self.graph = graph
        self.strands = strands
        self.placed: dict[str, Strand] = {}
        self.settled = 0
        """So many of the first placed rows lead to placed rows only; that never changes again."""
        ends = [strand for strand in strands.values() if strand.is_end]
        good = [strand for strand in ends if self._reason(strand) == GOOD_END]
        self.goals = {strand.head for strand in good or ends}

    def all(self) -> list[Strand]:
        self._run(next(iter(self._starts()), None))
        while True:
            fresh = self._first_open()
            if fresh is None:
                fresh = next((name for name in self.strands if name not in self.placed), None)
            if fresh is None:
                return list(self.placed.values())
            self._run(fresh)

    def _starts(self) -> Iterable[str]:
        process = self.graph.process
        return (name for name in self.strands if process.nodes[name].kind == "startEvent")

    def _first_open(self) -> str | None:
        """The first way out of a placed row that leads to one not yet placed."""
        order = list(self.placed.values())
        for strand in order[self.settled:]:
            for way in [*_of(strand, True), *_of(strand, False)]:
                if way.target not in self.placed:
                    return way.target
            self.settled += 1
        return None

    def _run(self, name: str | None) -> None:
        while name is not None and name not in self.placed:
            self.placed[name] = self.strands[name]
            name = self._next(self.strands[name])

    def _next(self, strand: Strand) -> str | None:
        ways = [way for way in _of(strand, True) if way.target not in self.placed]
        for way in ways:
            if way.together:
                self._together(strand, way.together)
                return next((one.target for target in dict.fromkeys(way.target for way in ways)
                             for one in _of(self.strands[target], True) if one.target not in self.placed),
                            None)
        good = [way for way in ways if self._reaches(way.target)]
        chosen = good or ways
        default = next((way for way in chosen if way.default), None)
        return default.target if default else chosen[0].target if chosen else None

    def _together(self, strand: Strand, gateway: str) -> None:
        """Rows that run at the same time stand below each other."""
        for way in strand.ways:
            if way.together == gateway and way.target not in self.placed:
                self.placed[way.target] = self.strands[way.target]
                self.strands[way.target].together = gateway

    def _reaches(self, name: str) -> bool:
        """Whether a good end can still be reached without coming back to a placed row."""
        ahead, seen = [name], set(self.placed)
        while ahead:
            current = ahead.pop()
            if current in seen or current not in self.strands:
                continue
            if current in self.goals:
                return True
            seen.add(current)
            ahead.extend(way.target for way in _of(self.strands[current], True))
        return False

    def _reason(self, strand: Strand) -> str | None:
        return self.graph.process.nodes[strand.elements[-1]].declared.end_reason


def _of(strand: Strand, flows: bool) -> list[Way]:
    return [way for way in strand.ways if (way.kind == "flow") is flows]
