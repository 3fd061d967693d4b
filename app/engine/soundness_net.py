"""An SOP as one net: every called process put in place of its call, every scope with its tokens' ways.

A `Place` is an element at one spot of the net: what is called from two spots stands there twice. `Side`
branches are those a boundary event sets going without interrupting its host.
Rules: BPMN 2.0.2, 10.3 to 10.6; the SOP file contract, "Elements that run".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.engine.diagram import Event, Node, Process
from app.engine.survey import Survey

MOST_PLACES = 3_000
SCOPES = frozenset({"subProcess", "callActivity"})
RESTS = frozenset({"userTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"})
"""Elements at which a token waits for the world."""
JOINS = frozenset({"parallelGateway", "inclusiveGateway"})


class NotWalkable(Exception):
    """The drawing has faults that `refusals` names (or is too big): there is nothing to explore."""


@dataclass(frozen=True, slots=True)
class Track:
    """A sequence flow. `entry`: its place among the flows into its target."""

    id: str
    target: int
    entry: int
    condition: str | None
    default: bool


@dataclass(slots=True, eq=False)
class Place:
    number: int
    node: Node
    process: str
    owner: int | None
    """The sub-process or call activity it lies in."""
    around: tuple[int, ...] = ()
    """Multi-instance places it repeats with, innermost first; itself when it is one."""
    tracks: tuple[Track, ...] = ()
    entries: int = 0
    boundaries: tuple[int, ...] = ()
    host: int | None = None
    begin: int | None = None
    """Start event inside a sub-process or call activity."""
    sources: tuple[frozenset[int], ...] = ()
    """Of an inclusive join, for each entry: places from which a token can come to it."""

    @property
    def kind(self) -> str:
        return self.node.kind

    @property
    def event(self) -> Event | None:
        return self.node.event

    @property
    def is_join(self) -> bool:
        return self.entries > 1 and self.node.kind in JOINS


@dataclass(slots=True)
class Net:
    """`begin`: the start event of the whole. Places are found by their number."""

    process: Process
    begin: int = 0
    places: list[Place] = field(default_factory=list)

    def inside(self, owner: int | None) -> list[Place]:
        """Places directly in a scope."""
        return [place for place in self.places if place.owner == owner]

    def owners(self, place: Place) -> Iterator[Place]:
        """The sub-processes and call activities around a place, innermost first."""
        current = place.owner
        while current is not None:
            yield self.places[current]
            current = self.places[current].owner

    def region(self, start: Place, aside: Iterable[int] = ()) -> set[int]:
        """Places of its scope that the token setting out from `start` can reach: along flows and through
        boundary events that interrupt (and those in `aside`)."""
        also = set(aside)
        seen: set[int] = set()
        ahead = [start.number]
        while ahead:
            number = ahead.pop()
            if number in seen:
                continue
            seen.add(number)
            place = self.places[number]
            ahead.extend(track.target for track in place.tracks)
            ahead.extend(one for one in place.boundaries
                         if self.places[one].node.interrupting or one in also)
        return seen

    def all_within(self, numbers: Iterable[int]) -> set[int]:
        """These places, what lies inside them, and what their boundary events set going."""
        seen: set[int] = set()
        ahead = list(numbers)
        while ahead:
            number = ahead.pop()
            if number in seen:
                continue
            seen.add(number)
            place = self.places[number]
            ahead.extend(track.target for track in place.tracks)
            ahead.extend(place.boundaries)
            if place.begin is not None:
                ahead.append(place.begin)
        return seen

    def sides(self) -> list[Place]:
        """Boundary events that do not interrupt."""
        return [place for place in self.places
                if place.kind == "boundaryEvent" and not place.node.interrupting]


def net_of(process: Process, survey: Survey) -> Net:
    """Raises `NotWalkable`."""
    net = Net(process)
    net.begin = _Building(net, survey).scope(process, process.key, None, (), (process.key,))
    return net


class _Building:
    def __init__(self, net: Net, survey: Survey) -> None:
        self.net = net
        self.survey = survey

    def scope(self, process: Process, scope: str, owner: int | None, around: tuple[int, ...],
              calls: tuple[str, ...]) -> int:
        """Put down what lies in a scope; its start event."""
        nodes = process.within(scope)
        starts = [node.id for node in nodes if node.kind == "startEvent"]
        if len(starts) != 1:
            raise NotWalkable(f"{scope}: {len(starts)} starts")
        numbers: dict[str, int] = {}
        for node in nodes:
            number = numbers[node.id] = len(self.net.places)
            if number >= MOST_PLACES:
                raise NotWalkable("too many places")
            inner = (number, *around) if node.loop is not None else around
            self.net.places.append(Place(number, node, process.key, owner, inner))
        for node in nodes:
            self._connect(process, self.net.places[numbers[node.id]], numbers)
        for node in nodes:
            place = self.net.places[numbers[node.id]]
            if node.kind == "subProcess":
                place.begin = self.scope(process, node.id, place.number, place.around, calls)
            elif node.kind == "callActivity":
                place.begin = self._called(place, calls)
            elif node.kind == "inclusiveGateway":
                self._look_back(process, place, numbers)
        return numbers[starts[0]]

    def _called(self, place: Place, calls: tuple[str, ...]) -> int:
        called = self.survey.processes.get(place.node.called or "")
        if called is None or called.key in calls:
            raise NotWalkable(f"{place.node.id}: called process")
        return self.scope(called, called.key, place.number, place.around, (*calls, called.key))

    def _connect(self, process: Process, place: Place, numbers: dict[str, int]) -> None:
        node = place.node
        try:
            place.tracks = tuple(
                Track(flow.id, numbers[flow.target],
                      [one.id for one in process.incoming(flow.target)].index(flow.id),
                      flow.condition, flow.id == node.default)
                for flow in process.outgoing(node.id))
            place.boundaries = tuple(numbers[one.id] for one in process.boundaries(node.id))
            place.host = numbers[node.attached_to] if node.attached_to else None
        except (KeyError, ValueError) as error:
            raise NotWalkable(node.id) from error
        place.entries = len(process.incoming(node.id))
        if not place.tracks and node.kind != "endEvent":
            raise NotWalkable(node.id)

    def _look_back(self, process: Process, place: Place, numbers: dict[str, int]) -> None:
        places = self.net.places
        found = []
        for flow in process.incoming(place.node.id):
            seen: set[int] = set()
            ahead = [numbers[flow.source]]
            while ahead:
                number = ahead.pop()
                if number in seen or number == place.number:
                    continue
                seen.add(number)
                host = places[number].host
                ahead.extend(numbers[one.source] for one in process.incoming(places[number].node.id))
                ahead.extend(() if host is None else (host,))
            found.append(frozenset(seen))
        place.sources = tuple(found)
