"""What every place of a net asks and sets, which data still matter there, and which branches go aside.

A side branch that neither takes others away nor sets what others read is explored by itself: beside it, the
rest is as it would be without it. The others are walked with the rest, one at a time for each opening.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.engine.decisions import DecisionTable
from app.engine.expressions import Expression
from app.engine.matching import Constant
from app.engine.persons import ACCEPTED
from app.engine.soundness_data import Ask, Control, Value, frozen, read_expression, spots
from app.engine.soundness_forms import Answer, some_later
from app.engine.soundness_net import SCOPES, Net, Place
from app.engine.soundness_proof import Proof
from app.engine.survey import Survey

AUTOMATIC = frozenset({"serviceTask", "scriptTask", "businessRuleTask", "exclusiveGateway", "endEvent",
                       "intermediateThrowEvent"})
"""What two tokens may pass one after the other without anybody's work being doubled."""


@dataclass(frozen=True, slots=True)
class Line:
    slot: str
    name: str
    ask: Ask


class Plan:
    """Everything the exploration looks up, by number of place."""

    def __init__(self, net: Net, survey: Survey) -> None:
        self.net = net
        self.survey = survey
        self.control = Control(net)
        self.local = self._local_names()
        self.proof = Proof(net)
        self._shared: dict[tuple[Expression, tuple[tuple[str, str], ...]], Ask] = {}
        self.forms = {place.number: self._form(place) for place in net.places if place.kind == "userTask"}
        self.lines = {place.number: self._lines(place) for place in net.places
                      if place.kind in {"scriptTask", "serviceTask"}}
        self.rows = {place.number: self._rows(place) for place in net.places
                     if place.kind == "businessRuleTask"}
        self.conditions = {place.number: self._conditions(place) for place in net.places}
        self.reads = [self._reads(place) for place in net.places]
        self.writes = [self._writes(place) for place in net.places]
        self.meets = {side.number: shared for side in net.sides() if (shared := self._meeting(side))}
        """Side branches that come to places of the main way, with these places."""
        self.back = frozenset(side for side, shared in self.meets.items()
                              if any(net.places[number].kind not in AUTOMATIC for number in shared))
        """Of those the ones that come to work, waits or joins of the main way: they go no further here."""
        self.aside = self._aside()
        self.regions = {side.number: net.region(side) for side in net.sides()
                        if side.number not in self.back and side.number not in self.aside}
        """Side branches that are walked with the rest, with the places they pass."""
        self.set_somewhere = frozenset().union(*self.writes)
        self.live_before: list[frozenset[str]] = [frozenset()] * len(net.places)
        self._follow_live()
        self.at_rest = [self._resting(place) for place in net.places]
        self.forms = {number: self._telling(number, form) for number, form in self.forms.items()}

    def spot(self, place: Place, name: str) -> str:
        return spots(place, self.local, name)

    def outer(self, place: Place, name: str) -> str:
        """The variable as seen by a multi-instance as a whole."""
        return next((f"{name}@{number}" for number in place.around[1:] if name in self.local[number]), name)

    # --- data

    def _local_names(self) -> dict[int, frozenset[str]]:
        local: dict[int, set[str]] = {}
        for place in self.net.places:
            written = {one.id for one in place.node.declared.fields}
            written |= {name for name, _line in self.control.script_lines(place)}
            table = self._table(place)
            written |= table.sets if table is not None else frozenset()
            written |= {"opd"} if self.control.unit_set(place) is not None else set()
            for number in place.around:
                local.setdefault(number, set()).update(written)
            if place.node.loop is not None and place.node.loop.input_item:
                local.setdefault(place.number, set()).add(place.node.loop.input_item)
        return {number: frozenset(names & self.control.names) for number, names in local.items()}

    def _table(self, place: Place) -> DecisionTable | None:
        return self.survey.decisions.get(place.node.decision or "")

    def _ask(self, place: Place, expression: Expression | None) -> Ask | None:
        if expression is None:
            return None
        reads = tuple((name, self.spot(place, name)) for name in sorted(expression.names))
        return self._shared.setdefault((expression, reads), Ask(expression, reads))

    def _form(self, place: Place) -> tuple[Answer, ...]:
        return tuple(
            Answer(one.id, self.spot(place, one.id), self.control.answers(one),
                   () if one.type in {"choices", "photo", "file"} and not one.personal else None,
                   one.required, self._ask(place, read_expression(one.required_when)),
                   self._ask(place, read_expression(one.visible_when)))
            for one in place.node.declared.fields
            if one.type != "info" and (one.id in self.control.names
                                       or (place.number in self.proof.checks and one.id == ACCEPTED)))

    def _telling(self, number: int, form: tuple[Answer, ...]) -> tuple[Answer, ...]:
        """The answers that matter afterwards, and those that decide about them."""
        place = self.net.places[number]
        wanted: set[str] = set()
        for around in (place, *self.net.owners(place)):
            wanted |= self._after(around)
        if self._runs_beside():
            wanted |= frozenset().union(*self.reads)
        kept: list[Answer] = []
        for one in reversed(form):
            if one.slot in wanted or (number in self.proof.checks and one.field == ACCEPTED):
                kept.append(one)
                for ask in (one.required_when, one.visible_when):
                    wanted |= {slot for _name, slot in ask.reads} if ask is not None else set()
        return some_later(tuple(reversed(kept)))

    def values(self, name: str, slot: str) -> tuple[Value, ...]:
        """What a variable that nobody has chosen yet may hold."""
        offered = [one for form in self.forms.values() for one in form if one.slot == slot and one.later]
        found: dict[Value, None] = {}
        if not offered or len(offered) < sum(slot in written for written in self.writes):
            found.update(dict.fromkeys(self.control.values(name)))
        found.update((value, None) for one in offered for value in one.offered)
        return tuple(found)

    def _runs_beside(self) -> bool:
        """Whether several tokens may be on their way at once: what one sets another may read."""
        return bool(self.regions) or any(
            place.kind in {"parallelGateway", "inclusiveGateway"} and len(place.tracks) > 1
            for place in self.net.places)

    def _lines(self, place: Place) -> tuple[Line, ...]:
        lines = [(name, line) for name, line in self.control.script_lines(place)]
        handed = self.control.unit_set(place)
        if handed is not None:
            lines.append(("opd", handed))
        return tuple(Line(self.spot(place, name), name, ask) for name, line in lines
                     if name in self.control.names and (ask := self._ask(place, line)) is not None)

    def _rows(self, place: Place) -> tuple[tuple[tuple[str, Value], ...], ...]:
        """What a decision may set, once for each different answer; a missing value is left open."""
        table = self._table(place)
        if table is None or not table.sets & self.control.names:
            return ()
        if table.several or table.aggregation is not None:
            return ()
        found: dict[tuple[tuple[str, Value], ...], None] = {}
        answers = [list(zip(table.outputs, rule.outputs, strict=True)) for rule in table.rules]
        answers.append([(one, one.default) for one in table.outputs if one.default is not None])
        for answer in answers:
            cells = tuple((self.spot(place, output.name), frozen(cell.content.value))
                          for output, cell in answer
                          if output.name in self.control.names and isinstance(cell.content, Constant))
            if cells:
                found.setdefault(cells)
        return tuple(found)

    def _conditions(self, place: Place) -> tuple[Ask | None, ...]:
        return tuple(self._ask(place, read_expression(track.condition)) for track in place.tracks)

    def _reads(self, place: Place) -> frozenset[str]:
        asks: list[Ask | None] = []
        own: set[str] = set()
        if place.kind in {"exclusiveGateway", "inclusiveGateway"} and len(place.tracks) > 1:
            asks = [ask for track, ask in zip(place.tracks, self.conditions[place.number], strict=True)
                    if not track.default]
        for one in self.forms.get(place.number, ()):
            own.add(one.slot)
            asks += [one.required_when, one.visible_when]
        read = {slot for ask in asks if ask is not None for _name, slot in ask.reads} - own
        for line in self.lines.get(place.number, ()):
            read |= {slot for _name, slot in line.ask.reads} - own
            own.add(line.slot)
        return frozenset(read)

    def _writes(self, place: Place) -> frozenset[str]:
        found = {one.slot for one in self.forms.get(place.number, ())}
        found |= {line.slot for line in self.lines.get(place.number, ())}
        table = self._table(place)
        if table is not None:
            found |= {self.spot(place, name) for name in table.sets & self.control.names}
        loop = place.node.loop
        if loop is not None and loop.data_output in self.control.names:
            found.add(self.outer(place, loop.data_output or ""))
        return frozenset(found)

    def _follow_live(self) -> None:
        """Which variables may still be read before they are set again, from each place on."""
        live = self.live_before
        changed = True
        while changed:
            changed = False
            for place in reversed(self.net.places):
                after = self._after(place)
                if place.begin is not None:
                    now = live[place.begin] | after
                else:
                    now = self.reads[place.number] | (after - self.writes[place.number])
                now |= self._at_boundaries(place)
                if now != live[place.number]:
                    live[place.number] = now
                    changed = True

    def _after(self, place: Place) -> frozenset[str]:
        return frozenset().union(*(self.live_before[track.target] for track in place.tracks))

    def _at_boundaries(self, place: Place) -> frozenset[str]:
        return frozenset().union(*(self.live_before[one] for one in place.boundaries
                                   if one not in self.aside and one not in self.back))

    def _resting(self, place: Place) -> frozenset[str]:
        if place.kind in SCOPES or place.is_join:
            return self._after(place) | self._at_boundaries(place)
        return self.live_before[place.number]

    # --- side branches

    def _meeting(self, side: Place) -> tuple[int, ...]:
        """Where a side branch meets the way its host lies on, if it does so before an end."""
        place = self.net.places
        threads = [one for one in place if one.owner == side.owner
                   and (one.kind == "startEvent" or (one in self.net.sides() and one is not side))]
        own = self.net.region(side)
        shared: set[int] = {side.host} & own if side.host is not None else set()
        for thread in threads:
            region = self.net.region(thread)
            if side.host in region:
                shared |= own & region
        if all(self._is_harmless(number) for number in shared):
            return ()
        return tuple(sorted(shared))

    def _is_harmless(self, number: int) -> bool:
        """An end, or a meeting of ways that only leads to one."""
        place = self.net.places[number]
        return place.kind == "endEvent" or (place.kind == "exclusiveGateway" and len(place.tracks) == 1)

    def _aside(self) -> frozenset[int]:
        found = set()
        for side in self.net.sides():
            if side.number not in self.back and self._keeps_to_itself(side):
                found.add(side.number)
        return frozenset(found)

    def _keeps_to_itself(self, side: Place) -> bool:
        whole = self.net.all_within([side.number])
        elsewhere = [one.number for one in self.net.places if one.number not in whole]
        read = frozenset().union(*(self.reads[number] for number in elsewhere))
        if any(self.writes[number] & read for number in whole):
            return False
        return not any(self._reaches_out(self.net.places[number], whole, side) for number in whole)

    def _reaches_out(self, place: Place, whole: Iterable[int], side: Place) -> bool:
        if self.proof.concerns(place.number):
            return True
        event = place.event
        if place.kind not in {"endEvent", "intermediateThrowEvent"} or event is None:
            return False
        if event.kind == "terminate":
            return place.owner == side.owner
        inside = set(whole)
        return not any(self.catcher(owner, event.kind, event.name) is not None
                       for owner in self.net.owners(place) if owner.number in inside)

    def catcher(self, host: Place, kind: str, name: str | None) -> Place | None:
        """The boundary event of a host that catches: of that very code before one of any."""
        found = [self.net.places[one] for one in host.boundaries]
        fitting = [one for one in found if one.event is not None and one.event.kind == kind
                   and one.event.name in (None, name)]
        fitting.sort(key=lambda one: one.event is not None and one.event.name is None)
        return fitting[0] if fitting else None
