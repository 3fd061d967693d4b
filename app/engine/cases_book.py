"""The book of cases being written: the map of the SOP, what is still to be shown, and walks on the engine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import thread_time
from typing import Any

from app.domain.words import told
from app.engine.cases_answers import as_plain
from app.engine.cases_data import MOST_GUESSES, Beginnings
from app.engine.cases_plan import Item, Ways
from app.engine.cases_walk import NotThere, Refused, Walking
from app.engine.cases_words import Phrase
from app.engine.compiled import CompiledSop
from app.engine.coverage import Coverage
from app.engine.soundness import explore
from app.engine.soundness_data import OTHER
from app.engine.soundness_trail import Turn
from app.engine.step import EngineFault, Json, WorkingTime
from app.engine.stepper import Difference
from app.engine.survey import take_stock

MOST_DRAINED = 25
SHARE_FOR_MAP = 0.4
"""Of the time, at most, to look at everything the SOP may come to."""


@dataclass(frozen=True, slots=True)
class Written:
    """`title`: where it has one of its own."""

    scenario: dict[str, Any]
    phrases: tuple[Phrase, ...]
    coverage: Coverage
    title: str = ""


class Astray(Exception):
    """The engine left the planned way at this turn."""

    def __init__(self, turn: Turn, walking: Walking | None, why: str) -> None:
        super().__init__(why)
        self.turn = turn
        self.walking = walking
        self.why = why


class Book:
    """`coverage`: what known scenarios and the cases so far pass. `finished`: there was time for all;
    only what this thread computed counts."""

    def __init__(self, compiled: CompiledSop, calendar: WorkingTime, known: Coverage,
                 budget_seconds: float) -> None:
        self.compiled = compiled
        self.calendar = calendar
        self.coverage = Coverage()
        self.coverage.merge(known)
        self.finished = True
        self.written: list[Written] = []
        self.whys: dict[Item, str] = {}
        """Why a way that was tried did not lead there."""
        self._until = thread_time() + budget_seconds
        self._refused = Refused()
        self._known: dict[tuple[object, ...], Walking] = {}
        self._fuller: dict[tuple[int, str, str], Turn] = {}
        survey = take_stock(compiled.sources)
        self.search = explore(survey.processes[compiled.key], survey, seconds=budget_seconds * SHARE_FOR_MAP)
        self.beginnings = Beginnings(compiled, survey)
        places = self.search.plan.net.places if self.search is not None else []
        found = self.search.explorations if self.search is not None else []
        self.ways = [Ways(one, places) for one in found]

    @property
    def wanted(self) -> set[Item]:
        """Flows and boundary events that no case passes yet."""
        found: set[Item] = {("flow", one[0], one[1]) for one in self.coverage.untouched_flows(self.compiled)}
        return found | {("boundary", *one) for one in self.coverage.untouched_boundaries(self.compiled)}

    def has_time(self) -> bool:
        self.finished = self.finished and thread_time() < self._until
        return self.finished

    def walked(self, turns: Sequence[Turn], force: Mapping[str, Json] | None = None) -> Walking:
        """Walk the turns from the start. `force`: data and answers of these names, whatever the plan says.
        Data the SOP misses on the way are brought from then on. Raises Astray."""
        for _ in range(MOST_GUESSES):
            try:
                return self._straight(self._settled(turns), force or {})
            except Astray as astray:
                fault = astray.__cause__
                if not isinstance(fault, EngineFault) or not self.beginnings.amended(fault):
                    raise
        return self._straight(self._settled(turns), force or {})

    def _settled(self, turns: Sequence[Turn]) -> list[Turn]:
        """The turns with every answer that was only chosen later where it was given."""
        found = list(turns)
        if self.search is None:
            return found
        later = {(self.search.plan.net.places[number].node.id, one.field)
                 for number, form in self.search.plan.forms.items() for one in form if one.later}
        for place in range(len(found)) if later else ():
            for name, value in found[place].assumed.items():
                given = next((before for before in range(place, -1, -1)
                              if (found[before].element or "", name) in later), None)
                if given is not None:
                    found[given] = self._answered(found[given], name, value)
        return found

    def _answered(self, turn: Turn, name: str, value: Json) -> Turn:
        """The turn with one answer more; always the same object, by which walks are known again."""
        key = (id(turn), name, repr(value))
        if key not in self._fuller:
            self._fuller[key] = replace(turn, answers={**turn.answers, name: value})
        return self._fuller[key]

    def _straight(self, turns: Sequence[Turn], force: Mapping[str, Json]) -> Walking:
        """Common beginnings are walked once."""
        brought = {name: value for name, value in force.items() if self.beginnings.is_brought(name)}
        assumed = {name: value for name, value in _assumed(turns).items()
                   if value != "lainnya" or name not in self.beginnings.data()}
        data = {**self.beginnings.data(), **assumed, **brought}
        mark: tuple[object, ...] = (json.dumps([data, force], sort_keys=True),)
        walking: Walking | None = None
        done = 0
        for place in range(len(turns), 0, -1):
            key = (*mark, *(id(turn) for turn in turns[:place]))
            if key in self._known:
                walking, done = self._known[key].copied(), place
                break
        for place, turn in enumerate(turns[done:], start=done + 1):
            walking = self._turned(walking, turn, data, force)
            self._known[(*mark, *(id(one) for one in turns[:place]))] = walking.copied()
        if walking is None:
            raise LookupError("a way has a start")
        return walking

    def _turned(self, walking: Walking | None, turn: Turn, data: Mapping[str, Json],
                force: Mapping[str, Json]) -> Walking:
        try:
            if walking is None:
                walking = Walking(self.compiled, self.calendar, data, self._refused)
                walking.begin()
            else:
                go_on(walking, turn, force)
        except (NotThere, EngineFault, Difference) as error:
            raise Astray(turn, walking, why(error)) from error
        return walking

    def keep(self, walking: Walking, title: str = "") -> bool:
        """Keep a walk if it passed something new; whether it did. One that ended without a reason cannot be
        told as a scenario."""
        if walking.ended and walking.stepper.at.end_reason is None:
            return False
        before = (len(self.wanted), sum(map(len, self.coverage.rows.values())))
        self.coverage.merge(walking.coverage)
        if (len(self.wanted), sum(map(len, self.coverage.rows.values()))) == before:
            return False
        own = Coverage()
        own.merge(walking.coverage)
        self.written.append(Written(walking.scenario(), tuple(walking.phrases), own, title))
        return True

    def drained(self, walking: Walking, most: int = MOST_DRAINED) -> None:
        """Bring what is still open to its end with ordinary answers, as far as `most` tasks do."""
        counted: dict[str, int] = {}
        for _ in range(most):
            if walking.ended or not walking.open:
                return
            task = min(walking.open, key=lambda one: counted.get(one.element, 0))
            count = counted[task.element] = counted.get(task.element, 0) + 1
            declared = self.compiled.task(task.process, task.element)
            choice = {one.id: one.options[(count - 1) % len(one.options)].value
                      for one in declared.fields if one.type == "choice" and one.options}
            try:
                walking.complete(task.element, choice if count > 1 else {})
            except (NotThere, EngineFault, Difference):
                return


def go_on(walking: Walking, turn: Turn, force: Mapping[str, Json] | None = None) -> None:
    """Do on the engine what the turn says. Raises NotThere, EngineFault or Difference."""
    if turn.kind == "complete":
        walking.complete(turn.element or "", {**turn.answers, **(force or {})})
    elif turn.kind == "message":
        walking.deliver(turn.name or "")
    elif turn.kind == "time":
        walking.ring(turn.element or "")


def why(error: Exception) -> str:
    """What to say of a way that could not be gone."""
    if isinstance(error, EngineFault):
        return error.text
    return told("Jalan ke sana tidak dapat ditempuh: kejadian lain selalu mendahuluinya.")


def _assumed(turns: Sequence[Turn]) -> dict[str, Json]:
    """What the way takes for granted of the data a report brings."""
    found: dict[str, Json] = {}
    for turn in turns:
        for name, value in turn.assumed.items():
            found.setdefault(name, "lainnya" if value == OTHER else as_plain(value))
    return found
