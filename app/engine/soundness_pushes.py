"""What may happen from outside, and how a push may fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.engine.soundness_net import Place
from app.engine.soundness_plan import Plan
from app.engine.soundness_tokens import Marking

Kind = Literal["complete", "time", "message", "start"]
Trouble = Literal["loop", "uncaught", "unproven", "no-way", "twice"]


@dataclass(frozen=True, slots=True)
class Push:
    """What happens from outside. `way`: indexes of the token, from the outermost scope in. `place`: the
    boundary or catch event whose moment came. `name`: of a message."""

    kind: Kind
    way: tuple[int, ...] = ()
    place: int | None = None
    name: str | None = None

    def at(self, marking: Marking) -> int:
        """The place of the token that is pushed."""
        for index in self.way[:-1]:
            marking = marking[index][3]
        return marking[self.way[-1]][0]


class Halted(Exception):
    """The engine would stop here."""

    def __init__(self, trouble: Trouble, place: Place) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.place = place


class Circle(Exception):
    """Nothing new comes of going on: only choices that may be none lead round again."""


def pushes_of(plan: Plan, marking: Marking) -> Iterator[Push]:
    """All that may happen while tokens rest so: of tokens that are alike one stands for all, and a message
    is heard by everybody who waits for it."""
    names: dict[str, None] = {}
    yield from _pushes_within(plan, marking, (), names)
    for name in names:
        yield Push("message", name=name)


def _pushes_within(plan: Plan, marking: Marking, way: tuple[int, ...],
                   names: dict[str, None]) -> Iterator[Push]:
    for index, item in enumerate(marking):
        if index and item == marking[index - 1]:
            continue
        place, here = plan.net.places[item[0]], (*way, index)
        if place.kind == "userTask":
            yield Push("complete", here)
        for event in _timers_at(plan, place):
            yield Push("time", here, event.number)
        for heard in heard_at(plan, place.number):
            if heard.number not in plan.aside and heard.number not in plan.back:
                names.setdefault((heard.event.name if heard.event else None) or "")
        if item[3]:
            yield from _pushes_within(plan, item[3], here, names)


def _timers_at(plan: Plan, place: Place) -> list[Place]:
    edge = [plan.net.places[one] for one in place.boundaries
            if one not in plan.aside and one not in plan.back]
    return [one for one in (*_awaited(plan, place), *edge)
            if one.event is not None and one.event.kind == "timer"]


def heard_at(plan: Plan, number: int, name: str | None = None) -> list[Place]:
    """Events at a resting place that a message makes happen: its own, those behind a gateway, on its edge.
    Without a name: of any message."""
    place = plan.net.places[number]
    events = [*_awaited(plan, place), *(plan.net.places[one] for one in place.boundaries)]
    return [one for one in events if one.event is not None and one.event.kind == "message"
            and name in (None, one.event.name)]


def _awaited(plan: Plan, place: Place) -> list[Place]:
    """The events a token at this place waits for itself."""
    if place.kind == "eventBasedGateway":
        return [plan.net.places[track.target] for track in place.tracks]
    return [place]
