"""The data side of one push: what is set, what is asked, and a choice wherever something is not known.

A value not known yet is chosen when it is first asked for, and stays. Where not even that can be done (an
expression nobody can evaluate beforehand), both answers are possible and the push notes that it guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.persons import ACCEPTED
from app.engine.soundness_data import Ask, Open, Value
from app.engine.soundness_forms import Answer
from app.engine.soundness_net import Place
from app.engine.soundness_plan import Plan
from app.engine.soundness_tokens import Spot


class Choosing:
    """`choices` are taken in order, the first way where none is left; `asked` says how many ways there were
    each time; `guessed` counts choices that may be none."""

    def __init__(self, plan: Plan, spot: Spot, choices: Sequence[int]) -> None:
        self.plan = plan
        self.data = dict(spot.data)
        self.proof = dict(spot.proof)
        self.answers: dict[str, Value] = {}
        self.assumed: dict[str, Value] = {}
        """What nobody had set when it was first asked for."""
        self.choices = choices
        self.asked: list[int] = []
        self.guessed = 0

    def answer(self, place: Place) -> None:
        """A person completes a task: every answer that matters is chosen."""
        accepted: Value = False
        form = self.plan.forms.get(place.number, ())
        for one in form:
            self.data[one.slot] = None
        for one in form:
            if one.later:
                self.data.pop(one.slot, None)
                continue
            value = self._chosen_answer(one)
            self.data[one.slot] = self.answers[one.field] = value
            if one.field == ACCEPTED:
                accepted = value
        if place.number in self.plan.proof.checked:
            self.proof[place.number] = False
        for checked in self.plan.proof.checks.get(place.number, ()):
            if checked in self.proof:
                self.proof[checked] = accepted is True

    def _chosen_answer(self, one: Answer) -> Value:
        if one.visible_when is not None and not self.holds(one.visible_when):
            return one.blank
        needed = one.required or (one.required_when is not None and self.holds(one.required_when))
        values = one.values if needed else (*one.values, one.blank)
        return values[self.choose(len(values))] if values else one.blank

    def decide(self, place: Place) -> None:
        for slot in self.plan.writes[place.number]:
            self.data.pop(slot, None)
        rows = self.plan.rows[place.number]
        if rows:
            if len(rows) > 1:
                self.guessed += 1
            self.data.update(dict(rows[self.choose(len(rows))]))

    def assign(self, slot: str, name: str, ask: Ask) -> None:
        try:
            self.data[slot] = self.plan.control.kept(name, ask.value(self._given(ask)))
        except Open:
            self.data.pop(slot, None)

    def holds(self, ask: Ask | None) -> bool:
        if ask is not None:
            try:
                return bool(ask.value(self._given(ask)))
            except Open:
                pass
        self.guessed += 1
        return self.choose(2) == 0

    def _given(self, ask: Ask) -> tuple[Value, ...]:
        """Values of what the expression reads; one not known yet is chosen now, and stays."""
        found = []
        for name, slot in ask.reads:
            if slot not in self.data:
                values = self.plan.values(name, slot)
                if not values:
                    raise Open
                self.data[slot] = values[self.choose(len(values))]
                self.assumed.setdefault(name, self.data[slot])
            found.append(self.data[slot])
        return tuple(found)

    def choose(self, ways: int) -> int:
        at = len(self.asked)
        self.asked.append(ways)
        return self.choices[at] if at < len(self.choices) else 0
