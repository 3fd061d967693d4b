"""One push of the exploration: something from outside happens, then tokens move until nothing can.

The same rules as in `specs/`, on plain values; what is not known is chosen. A push is run again for every
series of choices, so that each run is straight.
Rules: BPMN 2.0.2, 13; the SOP file contract, "Variables", "End events", "Photo proof".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from app.engine.diagram import Event
from app.engine.run import MOST_ELEMENTS
from app.engine.soundness_choices import Choosing
from app.engine.soundness_net import RESTS, SCOPES, Place, Track
from app.engine.soundness_plan import Plan
from app.engine.soundness_pushes import Circle, Halted, Push, heard_at
from app.engine.soundness_tokens import Scope, Spot, Token, put_away, remove, taken_apart

LOOKED_AFTER = 30
"""Elements entered after which a push looks whether it goes in a circle."""


class Move(Choosing):
    """One run. `entered` are the places tokens came to, in order, `flows` how; `doubled` a join that two
    tokens came to by the same flow; `circled`: nothing new came of it."""

    def __init__(self, plan: Plan, spot: Spot, choices: Sequence[int] = ()) -> None:
        super().__init__(plan, spot, choices)
        self.places = plan.net.places
        self.root = taken_apart(spot.marking)
        self.reasoned = spot.reasoned
        self.entered: list[int] = []
        self.flows: list[tuple[str, str]] = []
        self.touched: set[int] = set()
        """Boundary events that happened and set nothing going here: their branch is explored elsewhere."""
        self.doubled: Place | None = None
        self.circled = False
        self._queue: deque[Token] = deque()

    def spot(self) -> Spot:
        kept: set[str] = set()
        for token in self.root.everything():
            kept |= self.plan.at_rest[token.place]
        data = tuple(sorted((slot, value) for slot, value in self.data.items() if slot in kept))
        return Spot(put_away(self.root), data, tuple(sorted(self.proof.items())), self.reasoned)

    # --- what happens from outside

    def start(self, place: int) -> None:
        self._enter(self.root, place, 0)
        self._settle()

    def branch(self, side: Place) -> None:
        """A side branch by itself."""
        self.entered.append(side.number)
        self._travel(self.root, side)
        self._settle()

    def push(self, push: Push) -> None:
        if push.kind == "message":
            self._deliver(push.name or "")
        else:
            token = self._find(push.way)
            if push.kind == "complete":
                self.answer(self.places[token.place])
                self._leave(token)
            elif push.place is not None:
                self._happen(token, self.places[push.place])
        self._settle()

    def _find(self, way: tuple[int, ...]) -> Token:
        scope, token = self.root, self.root.tokens[way[0]]
        for index in way[1:]:
            scope = token.inner or scope
            token = scope.tokens[index]
        return token

    def _deliver(self, name: str) -> None:
        hearing = [(token, place) for token in self.root.everything()
                   for place in heard_at(self.plan, token.place, name)]
        for token, place in hearing:
            if token.live:
                self._happen(token, place)

    def _happen(self, token: Token, event: Place) -> None:
        """The event happened at a live token: itself, one behind its gateway, or one on its edge."""
        at = self.places[token.place]
        if event.host is None:
            if event is not at:
                self.entered.append(event.number)
                self.flows += [(at.process, one.id) for one in at.tracks if one.target == event.number]
            self._travel(token.scope, event)
            remove(token)
            return
        self._strike(token, event)

    def _strike(self, host: Token, boundary: Place) -> None:
        if boundary.node.interrupting:
            self.entered.append(boundary.number)
            scope = host.scope
            remove(host)
            self._travel(scope, boundary)
            return
        self.touched.add(boundary.number)
        region = self.plan.regions.get(boundary.number)
        if region is None or boundary.number in host.happened:
            return
        if any(one.place in region for one in host.scope.tokens if one is not host):
            return
        self.entered.append(boundary.number)
        host.happened.add(boundary.number)
        self._travel(host.scope, boundary)

    # --- until nothing moves

    def _settle(self) -> None:
        seen: dict[object, int] = {}
        while True:
            while self._queue:
                token = self._queue.popleft()
                if token.live:
                    self._act(token)
                if len(self.entered) > LOOKED_AFTER:
                    self._look_for_circle(seen)
            if not self._join_inclusive():
                return

    def _look_for_circle(self, seen: dict[object, int]) -> None:
        waiting = tuple(token.place for token in self._queue if token.live)
        if not waiting:
            return
        now = (put_away(self.root), waiting, tuple(sorted(self.data.items(), key=lambda one: one[0])))
        place = self.places[waiting[0]]
        if len(self.entered) > MOST_ELEMENTS:
            raise Halted("loop", place)
        if now in seen:
            if seen[now] == self.guessed:
                raise Halted("loop", place)
            raise Circle
        seen[now] = self.guessed

    def _join_inclusive(self) -> bool:
        for scope in self.root.scopes():
            for token in scope.tokens:
                place = self.places[token.place]
                if place.is_join and place.kind == "inclusiveGateway" and self._may_join(token, place):
                    self._gather([one for one in scope.tokens if one.place == token.place])
                    return True
        return False

    def _may_join(self, token: Token, place: Place) -> bool:
        filled = {one.entry for one in token.scope.tokens if one.place == token.place}
        for other in token.scope.tokens:
            if other.place == token.place:
                continue
            reaches = {entry for entry, sources in enumerate(place.sources) if other.place in sources}
            if reaches - filled and not reaches & filled:
                return False
        return True

    def _gather(self, tokens: list[Token]) -> None:
        first: dict[int, Token] = {}
        for token in tokens:
            first.setdefault(token.entry, token)
        used = list(first.values())
        for token in used[:-1]:
            remove(token)
        used[-1].waits = False
        self._queue.append(used[-1])

    # --- one token

    def _enter(self, scope: Scope, number: int, entry: int) -> None:
        place = self.places[number]
        token = Token(number, scope, entry if place.is_join else -1)
        scope.tokens.append(token)
        self.entered.append(number)
        loop = place.node.loop
        if loop is not None:
            for name in self.plan.local[number]:
                self.data.pop(f"{name}@{number}", None)
            if loop.cardinality is None and not self._repeats_checked(place) and self.choose(2):
                self._queue.append(token)
                return
        if place.kind in RESTS:
            token.waits = True
        elif place.kind in SCOPES and place.begin is not None:
            token.waits = True
            token.inner = Scope(token)
            self._enter(token.inner, place.begin, 0)
        elif place.is_join:
            token.waits = True
            self._arrive_at_join(token, place)
        else:
            self._queue.append(token)

    def _repeats_checked(self, place: Place) -> bool:
        return any(place.number in self.places[one].around for one in self.plan.proof.checked)

    def _arrive_at_join(self, token: Token, place: Place) -> None:
        here = [one for one in token.scope.tokens if one.place == token.place]
        if place.kind == "parallelGateway":
            if sum(one.entry == token.entry for one in here) > 1:
                self.doubled = self.doubled or place
            if len({one.entry for one in here}) == place.entries:
                self._gather(here)

    def _act(self, token: Token) -> None:
        place = self.places[token.place]
        match place.kind:
            case "scriptTask" | "serviceTask":
                for line in self.plan.lines[place.number]:
                    self.assign(line.slot, line.name, line.ask)
            case "businessRuleTask":
                self.decide(place)
            case "intermediateThrowEvent":
                if place.event is not None:
                    self._throw(token, place.event)
            case "endEvent":
                self._end(token, place)
                return
        if token.live:
            self._leave(token)

    def _leave(self, token: Token) -> None:
        """The token goes on; a multi-instance has collected what its children answered."""
        place = self.places[token.place]
        loop = place.node.loop
        if loop is not None and loop.data_output:
            self.data.pop(self.plan.outer(place, loop.data_output), None)
        self._travel(token.scope, place, [place.tracks[track] for track in self._chosen_tracks(place)])
        remove(token)

    def _travel(self, scope: Scope, place: Place, tracks: Sequence[Track] | None = None) -> None:
        for track in place.tracks if tracks is None else tracks:
            self.flows.append((place.process, track.id))
            self._enter(scope, track.target, track.entry)

    def _chosen_tracks(self, place: Place) -> list[int]:
        everything = list(range(len(place.tracks)))
        if place.kind not in {"exclusiveGateway", "inclusiveGateway"}:
            return everything
        conditions = self.plan.conditions[place.number]
        chosen: list[int] = []
        unsure = False
        for index in everything:
            ask, track = conditions[index], place.tracks[index]
            if track.default:
                continue
            before = self.guessed
            if (ask is None and track.condition is None) or self.holds(ask):
                chosen.append(index)
                if place.kind == "exclusiveGateway":
                    return chosen
            unsure = unsure or self.guessed > before
        chosen = chosen or [index for index in everything if place.tracks[index].default]
        if not chosen and unsure:
            raise Circle
        if not chosen:
            raise Halted("no-way", place)
        return chosen

    def _end(self, token: Token, place: Place) -> None:
        scope, event = token.scope, place.event
        reason = place.node.declared.end_reason
        if reason and reason != "cabang":
            self._reach_end(place)
        if event is not None and event.kind in {"error", "escalation"}:
            if not self._throw(token, event) and event.kind == "error":
                raise Halted("uncaught", place)
            if not token.live:
                return
        if event is not None and event.kind == "terminate":
            for other in list(scope.tokens):
                if other is not token:
                    remove(other)
        remove(token)
        if scope.owner is not None and not scope.tokens and scope.owner.live:
            scope.owner.inner = None
            self._queue.append(scope.owner)

    def _reach_end(self, place: Place) -> None:
        if place.number in self.plan.proof.needed:
            wanted = [accepted for number, accepted in self.proof.items()
                      if number in self.plan.proof.counting_for(place)]
            if not wanted or not all(wanted):
                raise Halted("unproven", place)
        self.reasoned = True

    def _throw(self, token: Token, event: Event) -> bool:
        host = token.scope.owner
        while host is not None:
            catcher = self.plan.catcher(self.places[host.place], event.kind, event.name)
            if catcher is not None:
                self._strike(host, catcher)
                return True
            host = host.scope.owner
        return False
