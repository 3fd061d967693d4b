"""Which tokens of a scope may stand where at the same time, whatever the data say.

A scope (a process, a sub-process, a called process) has one thread that begins at its start event, and one
for each boundary event that does not interrupt. Of a thread every marking is found that it can come to; what
runs inside a sub-process counts as one step of its host. An operation may leave a thread only in one of
these markings, so that no join is ever left with a token too many or one that never comes.
Rules: BPMN 2.0.2, 10.6 and 13.4; `specs/gateways.py`, which moves the real tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TypeAlias

from app.engine.specs.activities import Host
from app.engine.specs.base import Element, Way
from app.engine.specs.events import BoundaryEvent, EndEvent, EventGateway, Waiting
from app.engine.specs.gateways import ExclusiveGateway, InclusiveGateway, Joining, ParallelGateway
from app.engine.specs.parser import SopProcessSpec

Spot: TypeAlias = tuple[str, str]
"""(element, flow it waits at when it is a join, else '')."""
Marking: TypeAlias = tuple[Spot, ...]
"""Sorted; a spot stands as often as it holds tokens."""
MOST_MARKINGS = 2_000
MOST_CONFIGURATIONS = 40_000
MOST_BRANCHES = 6
"""Ways out of an inclusive gateway of which every selection is tried; of more only one by one and all."""
_KEPT = 256


class _TooMuch(Exception):
    """The bounds are reached."""


@dataclass(frozen=True)
class Thread:
    """`begin`: the start event, or the boundary event that sets it going. `region`: elements its tokens may
    come to. `markings`: all it can come to at rest, or (not `complete`) those found within the bounds."""

    begin: str
    region: frozenset[str]
    markings: frozenset[Marking]
    complete: bool

    @property
    def is_single(self) -> bool:
        """Whether it is never more than one token: then several rounds of it do not concern each other."""
        return all(len(marking) <= 1 for marking in self.markings)

    def allows(self, before: Marking, after: Marking) -> bool:
        """Whether tokens may be moved so. A marking that is not known now is none to go on from."""
        if self.is_single:
            return all((spot,) in self.markings for spot in after)
        return before in self.markings and after in self.markings


@dataclass(frozen=True)
class Threads:
    """Of one scope. `after`: element -> elements a token may come to from there, itself only in a circle;
    `alone`: those it comes to without a fork or a join on the way; `steps`: those directly behind it."""

    all: tuple[Thread, ...]
    after: Mapping[str, frozenset[str]]
    alone: Mapping[str, frozenset[str]]
    steps: Mapping[str, tuple[str, ...]]

    def of(self, element: str) -> tuple[Thread, ...]:
        return tuple(thread for thread in self.all if element in thread.region)

    def always_before(self, element: str, place: str, thread: Thread) -> bool:
        """Whether no token of the thread can come to `place` without having passed `element`."""
        return element != place and place not in _reached(self.steps, thread.begin, element)

    def one_line(self, place: str, element: str, thread: Thread) -> bool:
        """Whether a token at `place` has come through `element` or will go on there, all by itself: then it
        may stand at either, whatever stands beside it. Asked where not every marking could be found."""
        if element in self.alone[place]:
            return True
        return place in self.alone[element] and self.always_before(element, place, thread)


@lru_cache(maxsize=_KEPT)
def threads_of(spec: SopProcessSpec) -> Threads:
    """Worked out once for each scope of a compiled SOP, which never changes."""
    elements = {element.name: element for element in spec.task_specs.values()
                if isinstance(element, Element) and element.wrapper is None}
    steps = {name: tuple(_next(element)) for name, element in elements.items()}
    after = {name: frozenset().union(*(_reached(steps, one) for one in steps[name])) for name in elements}
    alone = {name: _alone(elements, steps, name) for name in elements}
    begins: list[Element] = [spec.begin]
    begins += [element for element in elements.values()
               if isinstance(element, BoundaryEvent) and not element.node.interrupting]
    made = []
    for begin in begins:
        region = _reached(steps, begin.name)
        exploring = _Exploring(elements)
        made.append(Thread(begin.name, region, frozenset(exploring.markings(begin)), exploring.complete))
    return Threads(tuple(made), after, alone, steps)


def _next(element: Element) -> Iterator[str]:
    yield from (way.target for way in element.ways_out)
    if isinstance(element, Host):
        yield from (one.name for one in element.boundaries if one.node.interrupting)


def _reached(steps: Mapping[str, tuple[str, ...]], start: str, without: str | None = None) -> frozenset[str]:
    """What can be reached from `start`, itself included, without passing an element."""
    seen: set[str] = set()
    ahead = [start] if start != without else []
    while ahead:
        place = ahead.pop()
        if place not in seen:
            seen.add(place)
            ahead.extend(one for one in steps.get(place, ()) if one != without)
    return frozenset(seen)


def _alone(elements: Mapping[str, Element], steps: Mapping[str, tuple[str, ...]],
           start: str) -> frozenset[str]:
    through = {name: () if _divides(elements[name]) else steps[name] for name in elements}
    return frozenset().union(*(_reached(through, one) for one in through[start]))


def _divides(element: Element) -> bool:
    return isinstance(element, Joining) and (len(element.ways_in) > 1 or len(element.ways_out) > 1)


_Pending: TypeAlias = tuple[tuple[str, str], ...]
"""(element, flow) a token is about to arrive at, sorted."""


class _Exploring:
    def __init__(self, elements: dict[str, Element]) -> None:
        self.elements = elements
        self.left = MOST_CONFIGURATIONS
        self.complete = False

    def markings(self, begin: Element) -> set[Marking]:
        """All that the bounds allow to be found; each is truly reached."""
        found: set[Marking] = set()
        ahead: list[tuple[Marking, _Pending]] = [((), _pending(begin.ways_out))]
        try:
            while ahead and len(found) < MOST_MARKINGS:
                for marking in self._settled(*ahead.pop()):
                    if marking not in found:
                        found.add(marking)
                        ahead.extend((_without(marking, spot), pending) for spot in dict.fromkeys(marking)
                                     for pending in self._outcomes(spot[0]))
        except _TooMuch:
            return found
        self.complete = not ahead
        return found

    def _outcomes(self, name: str) -> Iterator[_Pending]:
        """How the token at a resting element may go on."""
        element = self.elements[name]
        if isinstance(element, Joining):
            return
        if isinstance(element, EventGateway):
            yield from (_pending(event.ways_out) for _way, event in element.catches)
            return
        yield _pending(element.ways_out)
        if isinstance(element, Host):
            yield from (_pending(one.ways_out) for one in element.boundaries if one.node.interrupting)

    def _settled(self, rest: Marking, pending: _Pending) -> Iterator[Marking]:
        """Every marking at rest that may come of tokens on their way."""
        seen: set[tuple[Marking, _Pending]] = set()
        ahead = [(rest, pending)]
        while ahead:
            now = ahead.pop()
            if now in seen:
                continue
            seen.add(now)
            self.left -= 1
            if self.left < 0:
                raise _TooMuch
            following = list(self._moved(*now))
            if now[1] or following:
                ahead.extend(following)
            else:
                yield now[0]

    def _moved(self, rest: Marking, pending: _Pending) -> Iterator[tuple[Marking, _Pending]]:
        if pending:
            (name, flow), on_the_way = pending[0], pending[1:]
            yield from self._arrived(self.elements[name], flow, rest, on_the_way)
            return
        for name in dict.fromkeys(name for name, _flow in rest):
            element = self.elements[name]
            if isinstance(element, InclusiveGateway) and _may_join(element, rest):
                yield from self._gathered(element, rest, ())

    def _arrived(self, element: Element, flow: str, rest: Marking,
                 pending: _Pending) -> Iterator[tuple[Marking, _Pending]]:
        if isinstance(element, Joining) and len(element.ways_in) > 1:
            waiting = _with(rest, (element.name, flow))
            full = {one for name, one in waiting if name == element.name} == {w.id for w in element.ways_in}
            if isinstance(element, ParallelGateway) and full:
                yield from self._gathered(element, waiting, pending)
            else:
                yield waiting, pending
        elif isinstance(element, Host | Waiting):
            yield _with(rest, (element.name, "")), pending
        elif isinstance(element, EndEvent):
            kind = element.node.event.kind if element.node.event is not None else ""
            yield ((), ()) if kind in {"terminate", "error"} else (rest, pending)
        else:
            for ways in _chosen(element):
                yield rest, _pending(ways, pending)

    def _gathered(self, join: Joining, rest: Marking,
                  pending: _Pending) -> Iterator[tuple[Marking, _Pending]]:
        for spot in dict.fromkeys(spot for spot in rest if spot[0] == join.name):
            rest = _without(rest, spot)
        for ways in _chosen(join):
            yield rest, _pending(ways, pending)


def _chosen(element: Element) -> Iterator[Sequence[Way]]:
    """The selections of its flows a token may take out of an element."""
    ways = element.ways_out
    if isinstance(element, ExclusiveGateway):
        yield from ([way] for way in ways)
    elif isinstance(element, InclusiveGateway) and len(ways) > 1:
        sizes = range(1, len(ways) + 1) if len(ways) <= MOST_BRANCHES else (1, len(ways))
        for size in sizes:
            yield from combinations(ways, size)
    else:
        yield ways


def _may_join(join: InclusiveGateway, rest: Marking) -> bool:
    """As `InclusiveGateway.may_join`."""
    filled = {flow for name, flow in rest if name == join.name}
    for name, _flow in rest:
        if name == join.name:
            continue
        reaches = {flow for flow, places in join.sources.items() if name in places}
        if reaches - filled and not reaches & filled:
            return False
    return True


def _pending(ways: Iterable[Way], others: _Pending = ()) -> _Pending:
    return tuple(sorted([*others, *((way.target, way.id) for way in ways)]))


def _with(marking: Marking, spot: Spot) -> Marking:
    return tuple(sorted((*marking, spot)))


def _without(marking: Marking, spot: Spot) -> Marking:
    place = marking.index(spot)
    return marking[:place] + marking[place + 1:]
