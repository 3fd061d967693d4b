"""Plans ways through an SOP, has the engine walk them, and keeps those that pass something new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.domain.words import told
from app.engine.cases_answers import as_plain
from app.engine.cases_book import Astray, Book, Written, go_on, why
from app.engine.cases_plan import ROOT, Item, Ways
from app.engine.cases_rows import data_for, fits, name_read
from app.engine.cases_walk import NotThere, Walking
from app.engine.decision_table import DecisionTable, Rule
from app.engine.matching import Anything, Constant
from app.engine.soundness_data import OTHER
from app.engine.soundness_trail import Exploration, Turn
from app.engine.step import EngineFault, Json
from app.engine.stepper import Difference

MOST_TRIES = 3
SHOWN_AFTER = 1
"""Tasks completed after a decision, so that the case shows what came of it."""
LATE = told("Waktu habis.")
ELSEWHERE = told("Mesin menempuh jalan lain dari yang direncanakan.")
Left = tuple[str, str | None, str, int | None, str, bool]
"""Kind, process, id, row, reason, whether it is impossible."""


class Writer(Book):
    """First the main ways, then what happens beside them, then rows of decisions that are still left."""

    def write(self) -> list[Written]:
        if self.ways:
            self._main()
            self._sides()
            self._rows()
        return self.written

    def left(self) -> Iterator[Left]:
        possible = set().union(*(way.everything() for way in self.ways)) if self.ways else set()
        for item in sorted(self.wanted):
            kind, process, element = item
            proven = item not in possible and self.search is not None and self.search.complete
            reason = self.whys.get(item) or told(
                "Jalan ke sana tidak dapat ditempuh dengan waktu yang tertulis.")
            if item not in possible:
                reason = told("Tidak ada jawaban atau kejadian yang membawa ke sana.")
            yield kind, process, element, None, reason if self.finished or proven else LATE, proven
        for name, table in sorted(self.compiled.decisions.items()):
            for rule in table.rules:
                if rule.number not in self.coverage.rows.get(name, ()):
                    yield self._row_left(name, table, rule)

    def _row_left(self, name: str, table: DecisionTable, rule: Rule) -> Left:
        offered = self.beginnings.offered()
        for column, cell in zip(table.inputs, rule.tests, strict=True):
            read = name_read(column)
            brought = read is None or self._is_brought_to(read, name)
            if brought or read not in offered or isinstance(cell.test, Anything):
                continue
            if not any(fits(cell.test, value) for value in offered[read or ""]):
                reason = told("Baris ini memerlukan %(name)s %(value)s, yang tidak pernah terjadi dalam SOP "
                              "ini.", name=_word(read), value=cell.text)
                return "row", None, name, rule.number, reason, True
        reason = told("Tidak ditemukan jalan yang sampai ke baris ini.") if self.finished else LATE
        return "row", None, name, rule.number, reason, False

    # --- the main ways

    def _main(self) -> None:
        ways, avoid = self.ways[0], set[int]()
        while self.has_time():
            wanted = self.wanted
            found = ways.to_news(wanted, avoid)
            if found is None:
                return
            turns, node = found
            passed = set().union(*(ways.items(turn) for turn in turns))
            try:
                walking = self.walked([*turns, *ways.to_end(node, wanted - passed, avoid)])
                self.drained(walking)
                if not self.keep(walking):
                    self._give_up(turns[-1], avoid, ways, ELSEWHERE)
            except Astray as astray:
                self._gone_astray(astray, avoid, ways)

    def _gone_astray(self, astray: Astray, avoid: set[int], ways: Ways) -> None:
        """Keep what was walked until there if it is of use; else do not go that way again."""
        kept = False
        if astray.walking is not None and not isinstance(astray.__cause__, EngineFault):
            self.drained(astray.walking)
            kept = self.keep(astray.walking)
        if not kept:
            self._give_up(astray.turn, avoid, ways, astray.why)

    def _give_up(self, turn: Turn, avoid: set[int], ways: Ways, reason: str) -> None:
        avoid.add(id(turn))
        for item in ways.items(turn):
            self.whys.setdefault(item, reason)

    # --- side branches

    def _sides(self) -> None:
        """Cases for what happens beside the main way: at each host all its side events, then what they set
        going."""
        hosts: dict[tuple[int, int | None], list[Ways]] = {}
        for ways in self.ways[1:]:
            side, origin = ways.exploration.side, ways.exploration.origin
            if side is not None and origin is not None:
                hosts.setdefault((id(origin.exploration), side.host), []).append(ways)
        for group in hosts.values():
            for _ in range(MOST_TRIES + len(group)):
                wanted = self.wanted
                if not self.has_time() or not any(ways.everything() & wanted for ways in group):
                    break
                if not self._side_case(group, wanted):
                    break

    def _side_case(self, group: list[Ways], wanted: set[Item]) -> bool:
        """One case at one host; whether it passed something new."""
        origin = group[0].exploration.origin
        if origin is None:
            return False
        try:
            walking = self.walked(origin.turns)
        except Astray as astray:
            self._told(group, wanted, astray.why)
            return False
        try:
            for ways, turns in self._side_ways(group, walking, wanted):
                for turn in turns:
                    go_on(walking, turn)
                wanted = wanted - set().union(*(ways.items(turn) for turn in turns))
            self._finish(walking, origin.exploration, origin.node)
        except (NotThere, EngineFault, Difference) as error:
            self._told(group, wanted, why(error))
            if isinstance(error, EngineFault):
                return False
        return self.keep(walking)

    def _told(self, group: Sequence[Ways], wanted: set[Item], reason: str) -> None:
        for ways in group:
            for item in ways.everything() & wanted:
                self.whys.setdefault(item, reason)

    def _side_ways(self, group: list[Ways], walking: Walking,
                   wanted: set[Item]) -> Iterator[tuple[Ways, list[Turn]]]:
        """First let every side event happen, in the order of their moments; then the ways from there."""
        useful = [ways for ways in group if ways.everything() & wanted]
        happened: list[Ways] = []
        for timer in sorted(walking.stepper.at.timers, key=lambda one: one.due):
            for ways in useful:
                if ways.exploration.side is not None and ways.exploration.side.node.id == timer.element:
                    walking.ring(timer.element)
                    happened.append(ways)
        for ways in useful:
            event = ways.exploration.side.event if ways.exploration.side is not None else None
            if event is not None and event.kind == "message" and event.name in walking.stepper.at.waiting:
                walking.deliver(event.name or "")
                happened.append(ways)
            elif event is not None and event.kind in {"error", "escalation"}:
                happened.append(ways)
        for ways in happened:
            found = ways.to_news(wanted)
            if found is None:
                turns = ways.to_end(ROOT, ())
            else:
                passed = set().union(*(ways.items(turn) for turn in found[0]))
                turns = [*found[0], *ways.to_end(found[1], wanted - passed)]
            yield ways, turns[1:]

    def _finish(self, walking: Walking, exploration: Exploration, node: int | None) -> None:
        """From the host on to the end, and from the host of that, if it lay on a side branch itself."""
        if node is not None:
            ways = next(one for one in self.ways if one.exploration is exploration)
            for turn in ways.to_end(node, ()):
                go_on(walking, turn)
        if exploration.origin is not None:
            self._finish(walking, exploration.origin.exploration, exploration.origin.node)
        self.drained(walking)

    # --- decision rows

    def _rows(self) -> None:
        for name, table in sorted(self.compiled.decisions.items()):
            for rule in table.rules:
                if rule.number not in self.coverage.rows.get(name, ()) and self.has_time():
                    self._row_case(name, table, rule)

    def _row_case(self, name: str, table: DecisionTable, rule: Rule) -> None:
        """A case up to the decision, with data that lead to this row."""
        offered = {one: values for one, values in self.beginnings.offered().items()
                   if not self._is_brought_to(one, name)}
        for tried, data in enumerate(data_for(table, rule, self.beginnings.data(), offered)):
            if tried == MOST_TRIES:
                return
            for turns in self._ways_to_decision(name, data):
                try:
                    walking = self.walked(turns, data)
                except Astray:
                    continue
                if rule.number in walking.coverage.rows.get(name, ()):
                    self.drained(walking, SHOWN_AFTER)
                    shown = ", ".join(f"{_word(key)} {_word(value)}" for key, value in data.items())
                    cell = rule.outputs[0].content
                    answer = ""
                    if isinstance(cell, Constant) and cell.kind == "text":
                        answer = f" → {_word(cell.value)}"
                    self.keep(walking, told("%(table)s, baris %(row)s: %(data)s%(answer)s", table=table.name,
                                            row=rule.number, data=shown or told("selainnya"), answer=answer))
                    return

    def _is_brought_to(self, name: str, decision: str) -> bool:
        """Whether what a report brings under this name may still stand when the decision is asked."""
        if self.search is None:
            return True
        if not self.beginnings.is_brought(name):
            return False
        net, control = self.search.plan.net, self.search.plan.control
        seen: set[int] = set()
        ahead = [net.begin]
        while ahead:
            place = net.places[ahead.pop()]
            if place.number in seen:
                continue
            seen.add(place.number)
            if place.node.decision == decision:
                return True
            if all(name != line for line, _expression in control.script_lines(place)):
                ahead.extend(track.target for track in place.tracks)
            ahead.extend((*place.boundaries, *(() if place.begin is None else (place.begin,))))
        return False

    def _ways_to_decision(self, name: str, data: Mapping[str, Json]) -> Iterator[list[Turn]]:
        if self.search is None:
            return
        places = [one.number for one in self.search.plan.net.places if one.node.decision == name]
        for ways in self.ways:
            for number in places:
                def good(turn: Turn, number: int = number) -> bool:
                    return number in turn.entered
                found = ways.to_turn(good, lambda turn: self._agrees(turn, data))
                if found is not None:
                    yield [*ways.exploration.before, *found[0]]

    def _agrees(self, turn: Turn, data: Mapping[str, Json]) -> bool:
        """Whether the turn does not answer otherwise what the row needs."""
        return all(data[name] == as_plain(value) or value == OTHER or not self._tells(name, data[name])
                   for name, value in turn.answers.items() if name in data)

    def _tells(self, name: str, value: Json) -> bool:
        return self.search is not None and value in self.search.plan.control.values(name)


def _word(value: Json) -> str:
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    return str(value).replace("_", " ")
