"""Breadth first through everything an SOP may come to, so that the first way found is a shortest one.

What goes wrong is kept as a `Problem`, once for each place and kind. Nothing is claimed of what lies beyond
the bounds: `complete` says whether all was seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter, thread_time

from app.engine.soundness_moves import Move
from app.engine.soundness_net import Place
from app.engine.soundness_order import is_quiet, may_be_quiet
from app.engine.soundness_plan import Plan
from app.engine.soundness_pushes import Circle, Halted, Push, pushes_of
from app.engine.soundness_tokens import Spot
from app.engine.soundness_trail import (
    Exploration,
    Opening,
    Problem,
    Reached,
    Turn,
    Way,
    endless,
    grew,
    most_alike,
    once_round,
    places_in,
    stuck_joins,
)

MOST_SPOTS = 20_000
MOST_SECONDS = 0.8
"""Of processor time; on a busy machine it may take so many times as long."""
PATIENCE = 3
DOUBTS = frozenset({"alike", "shared", "unreasoned"})
"""Problems that may be meant so."""
MOST_SERIES = 3_000
"""Series of choices tried for one push."""
MOST_ALIKE = 3
"""Tokens at one place; with more the exploration goes no further there."""


class Search:
    """`touched`: places some token came to. `in_turn`: of work side by side that does not concern each other
    only one order is walked; a token that comes twice to one join may then be overlooked."""

    def __init__(self, plan: Plan, *, spots: int = MOST_SPOTS, seconds: float = MOST_SECONDS,
                 in_turn: bool = False) -> None:
        self.plan = plan
        self.in_turn = in_turn
        self.places = plan.net.places
        self.problems: dict[tuple[str, int], Problem] = {}
        self.touched: set[int] = set()
        self.complete = True
        self.count = 0
        self._spots = spots
        self._until = thread_time() + seconds
        self._at_last = perf_counter() + seconds * PATIENCE
        self.explorations: list[Exploration] = []
        self._opened: dict[int, Opening] = {}
        """Place -> the first time a token rested there."""
        self._happened: dict[int, Opening] = {}
        self._came: dict[int, Way] = {}

    def run(self) -> None:
        """The whole, then every side branch that goes by itself."""
        self._explore(Exploration(None, None))
        explored: set[int] = set()
        while ready := [side for side in self.plan.net.sides()
                        if side.number not in explored and self._is_reached(side)]:
            for side in ready:
                explored.add(side.number)
                origin = self._way_to(side)
                if side.number in self.plan.meets:
                    self._meets_again(side, origin.turns)
                if side.number in self.plan.aside:
                    self._explore(Exploration(side, origin))

    @property
    def is_broken(self) -> bool:
        """Whether anything was found that keeps tokens from going on as drawn."""
        return any(one.kind not in DOUBTS for one in self.problems.values())

    def way_to(self, number: int) -> tuple[Turn, ...]:
        """The turns by which a token first came to a place, up to there; none where none did."""
        if number not in self._came:
            return ()
        *before, last = self._came[number].turns()
        until = last.entered.index(number) + 1
        return (*before, replace(last, entered=last.entered[:until]))

    def _is_late(self) -> bool:
        return thread_time() > self._until or perf_counter() > self._at_last

    def _is_reached(self, side: Place) -> bool:
        if side.event is not None and side.event.kind in {"timer", "message"}:
            return side.host in self._opened
        return side.number in self._happened

    def _way_to(self, side: Place) -> Opening:
        timed = side.event is not None and side.event.kind in {"timer", "message"}
        return self._opened[side.host or 0] if timed else self._happened[side.number]

    def _meets_again(self, side: Place, before: tuple[Turn, ...]) -> None:
        back = side.number in self.plan.back
        if back:
            self.touched |= self.plan.net.all_within([side.number])
        shared = set(self.plan.meets[side.number])
        entered = [side.number]
        ahead: deque[tuple[int, ...]] = deque([(side.number,)])
        seen: set[int] = set()
        while ahead:
            way = ahead.popleft()
            if way[-1] in shared:
                entered = list(way)
                break
            if way[-1] not in seen:
                seen.add(way[-1])
                ahead.extend((*way, track.target) for track in self.places[way[-1]].tracks)
        turn = Turn("time", self.places[side.number].node.id, None, {}, {}, tuple(entered))
        self._report("back" if back else "shared", side, (*before, turn))

    # --- one exploration

    def _explore(self, whole: Exploration) -> None:
        self.explorations.append(whole)
        known: dict[Spot, int] = {}
        ahead: deque[int] = deque()
        first = Push("start", place=None if whole.side is None else whole.side.number)
        self._take(first, Spot(()), None, whole, known, ahead)
        while ahead:
            if self.count >= self._spots or self._is_late():
                self.complete = False
                return
            number = ahead.popleft()
            spot = whole.nodes[number].spot
            pushes = list(pushes_of(self.plan, spot.marking))
            alone = self._alone(pushes, spot, known) if self.in_turn else None
            for push in pushes if alone is None else [alone]:
                self._take(push, spot, number, whole, known, ahead)
        self._look_for_endless(whole)

    def _take(self, push: Push, spot: Spot, parent: int | None, whole: Exploration, known: dict[Spot, int],
              ahead: deque[int]) -> None:
        """Everything that may come of one push."""
        nodes = whole.nodes
        for move, trouble in self._series(push, spot):
            turn = self._turn(push, spot, move, trouble)
            self.touched.update(move.entered)
            way = Way(nodes, parent, whole.before, turn)
            for number in move.entered:
                self._came.setdefault(number, way)
            for number in move.touched:
                self.touched.add(number)
                if number not in self._happened:
                    self._happened[number] = Opening(way.turns(), whole, None)
            if move.doubled is not None:
                self._report("twice", move.doubled, way)
            if trouble is not None:
                if trouble.trouble != "no-way" or self._is_known(trouble.place):
                    self._report(trouble.trouble, trouble.place, way)
                continue
            after = move.spot()
            if after not in known:
                known[after] = len(nodes)
                nodes.append(Reached(after, parent, turn))
                self.count += 1
                if self._judge(after, way, whole, parent):
                    ahead.append(known[after])
            (whole.starts if parent is None else nodes[parent].after).append((turn, known[after]))

    def _alone(self, pushes: list[Push], spot: Spot, known: dict[Spot, int]) -> Push | None:
        """A task whose completion makes no difference to anything else that may happen here, and leads to
        somewhere new: whatever comes of the others comes also after it."""
        for push in pushes:
            if push.kind != "complete" or len(pushes) == 1:
                continue
            place = self.places[push.at(spot.marking)]
            if not may_be_quiet(self.plan, place):
                continue
            runs = list(self._series(push, spot))
            quiet = all(trouble is None and is_quiet(self.plan, move, place, spot) for move, trouble in runs)
            if quiet and any(move.spot() not in known for move, _trouble in runs):
                return push
        return None

    def _series(self, push: Push, spot: Spot) -> Iterator[tuple[Move, Halted | None]]:
        """The runs of a push, one for each series of choices."""
        choices: list[int] = []
        for _ in range(MOST_SERIES):
            move, trouble = Move(self.plan, spot, choices), None
            try:
                if push.kind != "start":
                    move.push(push)
                elif push.place is None:
                    move.start(self.plan.net.begin)
                else:
                    move.branch(self.places[push.place])
            except Halted as halted:
                trouble = halted
            except Circle:
                move.circled = True
            if not move.circled:
                yield move, trouble
            taken = [*choices, *[0] * (len(move.asked) - len(choices))]
            while taken and taken[-1] + 1 >= move.asked[len(taken) - 1]:
                taken.pop()
            if not taken:
                return
            taken[-1] += 1
            choices = taken
        self.complete = False

    def _is_known(self, gateway: Place) -> bool:
        """Whether the SOP itself sets all that the gateway asks; else lint's rule has to judge."""
        return self.plan.reads[gateway.number] <= self.plan.set_somewhere

    def _turn(self, push: Push, spot: Spot, move: Move, trouble: Halted | None) -> Turn:
        kind, name = push.kind, push.name
        event = None if push.place is None else self.places[push.place].event
        if kind == "start" and event is not None and event.kind in {"timer", "message"}:
            kind, name = ("time", None) if event.kind == "timer" else ("message", event.name)
        entered = tuple(move.entered)
        if trouble is not None and trouble.trouble == "loop":
            entered = once_round(entered, trouble.place.number)
        return Turn(kind, self._element(push, spot), name, move.answers, move.assumed,
                    entered, tuple(move.flows))

    def _element(self, push: Push, spot: Spot) -> str | None:
        if push.place is not None:
            return self.places[push.place].node.id
        return self.places[push.at(spot.marking)].node.id if push.way else None

    # --- what a spot says

    def _judge(self, spot: Spot, way: Way, whole: Exploration, parent: int | None) -> bool:
        """Report what is wrong here; whether to go on from here."""
        nodes = whole.nodes
        if not spot.marking:
            if not spot.reasoned and not way.before:
                self._report("unreasoned", self.places[way.turn.entered[-1]], way)
            return False
        for number in places_in(spot.marking):
            if number not in self._opened:
                self._opened[number] = Opening(way.turns(), whole, len(nodes) - 1)
        for place, missing in stuck_joins(spot.marking, self.places):
            self._report("deadlock", place, way, missing)
        alike = most_alike(spot.marking)
        if alike[0] > 1:
            while parent is not None:
                node = nodes[parent]
                if node.spot.data == spot.data and grew(node.spot.marking, spot.marking):
                    self._report("growth", self.places[alike[1]], way)
                    return False
                parent = node.parent
            if not self.places[alike[1]].is_join and not self._is_beside(alike[1]):
                self._report("alike", self.places[alike[1]], way)
        if alike[0] > MOST_ALIKE:
            self.complete = False
            return False
        return True

    def _is_beside(self, number: int) -> bool:
        """Whether a place lies on a side branch, which may well be set going again."""
        return any(number in region for region in self.plan.regions.values())

    def _look_for_endless(self, whole: Exploration) -> None:
        """A way on which no end can be reached any more, though nothing stands still."""
        lost = endless(whole) if self.complete and not self.is_broken else None
        if lost is not None:
            node = whole.nodes[lost]
            place = self.places[next(places_in(node.spot.marking))]
            self._report("endless", place, Way(whole.nodes, node.parent, whole.before, node.turn))

    def _report(self, kind: str, place: Place, way: Way | tuple[Turn, ...],
                missing: tuple[int, ...] = ()) -> None:
        if (kind, place.number) not in self.problems:
            turns = way.turns() if isinstance(way, Way) else way
            self.problems[(kind, place.number)] = Problem(kind, place, turns, missing)
