"""Ways through what an SOP may come to, chosen so that few short ones pass everything.

What a way passes are `Item`s: flows and boundary events. The exploration of `soundness_search.py` gives the
map; the engine then walks the way for real.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from heapq import heappop, heappush
from typing import Literal, TypeAlias

from app.engine.soundness_net import Place
from app.engine.soundness_trail import Exploration, Turn

Item: TypeAlias = tuple[Literal["flow", "boundary"], str, str]
"""(what, process, id)."""
ROOT = -1
NEWS = 0.25
"""A turn that passes something new is this much of another's length: ways may bend a little for it."""
LENGTHS = {"message": 6.0, "time": 2.0}
"""An ordinary end is preferred to a withdrawal, and work to waiting."""


class Ways:
    """The map of one exploration. Nodes are its spots; `ROOT` is before the start."""

    def __init__(self, exploration: Exploration, places: list[Place]) -> None:
        self.exploration = exploration
        self._places = places
        self._items: dict[int, frozenset[Item]] = {}

    def items(self, turn: Turn) -> frozenset[Item]:
        found = self._items.get(id(turn))
        if found is None:
            passed: set[Item] = {("flow", process, flow) for process, flow in turn.flows}
            for number in turn.entered:
                if self._places[number].kind == "boundaryEvent":
                    passed.add(("boundary", self._places[number].process, self._places[number].node.id))
            found = self._items[id(turn)] = frozenset(passed)
        return found

    def everything(self) -> set[Item]:
        """All that some way passes."""
        return {item for node in range(ROOT, len(self.exploration.nodes))
                for turn, _after in self._on(node) for item in self.items(turn)}

    def to_news(self, wanted: Collection[Item], avoid: Collection[int] = ()) -> tuple[list[Turn], int] | None:
        """A shortest way from the start to a turn that passes something wanted; with where it leads. Turns in
        `avoid` (by identity) are not taken."""
        def news(turn: Turn) -> bool:
            return not self.items(turn).isdisjoint(wanted)
        return self.to_turn(news, lambda turn: id(turn) not in avoid)

    def to_turn(self, good: Callable[[Turn], bool],
                allowed: Callable[[Turn], bool] = lambda _turn: True) -> tuple[list[Turn], int] | None:
        """A shortest way to a good turn, by allowed ones."""
        came: dict[int, tuple[int, Turn] | None] = {ROOT: None}
        ahead = deque([ROOT])
        while ahead:
            node = ahead.popleft()
            for turn, after in self._on(node):
                if not allowed(turn):
                    continue
                if good(turn):
                    return [*self._back(came, node), turn], after
                if after not in came:
                    came[after] = (node, turn)
                    ahead.append(after)
        return None

    def to_end(self, start: int, wanted: Collection[Item], avoid: Collection[int] = ()) -> list[Turn]:
        """A short way from a node to an end, by way of what is wanted where that is near. Empty where there
        is none."""
        best: dict[int, float] = {start: 0.0}
        came: dict[int, tuple[int, Turn] | None] = {start: None}
        ahead = [(0.0, start)]
        while ahead:
            length, node = heappop(ahead)
            if length > best[node]:
                continue
            if node != ROOT and not self.exploration.nodes[node].spot.marking:
                return self._back(came, node)
            for turn, after in self._on(node):
                if id(turn) in avoid:
                    continue
                further = length + (
                    LENGTHS.get(turn.kind, 1.0) if self.items(turn).isdisjoint(wanted) else NEWS)
                if further < best.get(after, float("inf")):
                    best[after] = further
                    came[after] = (node, turn)
                    heappush(ahead, (further, after))
        return []

    def _on(self, node: int) -> list[tuple[Turn, int]]:
        return self.exploration.starts if node == ROOT else self.exploration.nodes[node].after

    @staticmethod
    def _back(came: dict[int, tuple[int, Turn] | None], node: int) -> list[Turn]:
        def turns() -> Iterator[Turn]:
            step = came[node]
            while step is not None:
                yield step[1]
                step = came[step[0]]
        return list(reversed(list(turns())))
