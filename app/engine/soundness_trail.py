"""How the exploration came to where it is, and how markings compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.engine.soundness_data import Value
from app.engine.soundness_net import Place
from app.engine.soundness_pushes import Kind
from app.engine.soundness_tokens import Marking, Spot


@dataclass(frozen=True, slots=True)
class Turn:
    """One push on the way: what happened, with which answers, and which places tokens came to. `assumed`:
    data that nobody had set when they were first asked for."""

    kind: Kind
    element: str | None
    name: str | None
    answers: Mapping[str, Value]
    assumed: Mapping[str, Value]
    entered: tuple[int, ...]
    flows: tuple[tuple[str, str], ...] = ()
    """(process, flow)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`kind`: deadlock, twice, loop, uncaught, unproven, no-way, growth, alike, unreasoned, endless, back
    or shared.
    `missing`: entries of a join at which nothing comes."""

    kind: str
    place: Place
    turns: tuple[Turn, ...]
    missing: tuple[int, ...] = ()


@dataclass(slots=True)
class Reached:
    """A spot, by which turn from which other it was reached first, and all that leads on from it."""

    spot: Spot
    parent: int | None
    turn: Turn
    after: list[tuple[Turn, int]] = field(default_factory=list)


@dataclass(slots=True)
class Exploration:
    """Everything the whole (or the side branch `side`) may come to. `origin`: where its host was reached."""

    side: Place | None
    origin: Opening | None
    nodes: list[Reached] = field(default_factory=list)
    starts: list[tuple[Turn, int]] = field(default_factory=list)

    @property
    def before(self) -> tuple[Turn, ...]:
        return () if self.origin is None else self.origin.turns


@dataclass(frozen=True, slots=True)
class Opening:
    """The first time something was reached: by which turns, in which exploration, at which of its spots."""

    turns: tuple[Turn, ...]
    exploration: Exploration
    node: int | None


@dataclass(frozen=True, slots=True)
class Way:
    """The turns that led to where we are, put together only when somebody asks."""

    nodes: list[Reached]
    parent: int | None
    before: tuple[Turn, ...]
    turn: Turn

    def turns(self) -> tuple[Turn, ...]:
        found = [self.turn]
        parent = self.parent
        while parent is not None:
            found.append(self.nodes[parent].turn)
            parent = self.nodes[parent].parent
        return (*self.before, *reversed(found))


def places_in(marking: Marking) -> Iterator[int]:
    for item in marking:
        yield item[0]
        yield from places_in(item[3])


def most_alike(marking: Marking) -> tuple[int, int]:
    """(how many, place) of the place that holds most tokens in one scope."""
    counted = Counter((item[0], item[1]) for item in marking)
    most = max(((count, place) for (place, _entry), count in counted.items()), default=(0, 0))
    return max([most, *(most_alike(item[3]) for item in marking if item[3])])


def grew(old: Marking, new: Marking) -> bool:
    """Whether `new` is `old` with tokens added."""
    return old != new and _covers(old, new)


def _covers(old: Marking, new: Marking) -> bool:
    left = list(new)
    for item in old:
        match = next((one for one in left if one == item), None) or next(
            (one for one in left if one[0] == item[0] and item[3] and _covers(item[3], one[3])), None)
        if match is None:
            return False
        left.remove(match)
    return True


def once_round(entered: tuple[int, ...], place: int) -> tuple[int, ...]:
    """Of a circle one round: up to where it comes to `place` again."""
    rounds = [index for index, number in enumerate(entered) if number == place]
    return entered[:rounds[1] + 1] if len(rounds) > 1 else entered


def stuck_joins(marking: Marking, places: Sequence[Place]) -> Iterator[tuple[Place, tuple[int, ...]]]:
    """Joins in a scope where nothing but joins is left, each with the entries at which nothing waits."""
    if marking and all(places[item[0]].is_join for item in marking):
        for number in dict.fromkeys(item[0] for item in marking):
            filled = {item[1] for item in marking if item[0] == number}
            missing = (entry for entry in range(places[number].entries) if entry not in filled)
            yield places[number], tuple(missing)
    for item in marking:
        yield from stuck_joins(item[3], places)


def endless(whole: Exploration) -> int | None:
    """The first node from which no end can be reached."""
    origins: list[list[int]] = [[] for _ in whole.nodes]
    for number, node in enumerate(whole.nodes):
        for _turn, after in node.after:
            origins[after].append(number)
    good = {number for number, node in enumerate(whole.nodes) if not node.spot.marking}
    ahead = list(good)
    while ahead:
        for origin in origins[ahead.pop()]:
            if origin not in good:
                good.add(origin)
                ahead.append(origin)
    return next((number for number in range(len(whole.nodes)) if number not in good), None)
