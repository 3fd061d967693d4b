"""What may be answered in a form, as far as it decides where an SOP goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

from app.engine.persons import ACCEPTED
from app.engine.soundness_data import Ask, Value

MOST_TOGETHER = 128
"""Ways to fill in a form that are all tried at once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A field that matters: the variable it sets, what may be answered, and when it is shown and needed."""

    field: str
    slot: str
    values: tuple[Value, ...]
    blank: Value
    required: bool
    required_when: Ask | None
    visible_when: Ask | None
    later: bool = False
    """Chosen only when something asks for it: a long form has too many ways to be filled in at once."""

    @property
    def offered(self) -> tuple[Value, ...]:
        """All it may hold, whatever else is answered."""
        conditional = self.visible_when is not None or not self.required
        return (*self.values, self.blank) if conditional else self.values


def some_later(form: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """Where a form can be filled in too many ways, leave what nothing else in it depends on for later."""
    if prod(len(one.offered) for one in form) <= MOST_TOGETHER:
        return form
    asked = {slot for one in form for ask in (one.required_when, one.visible_when) if ask is not None
             for _name, slot in ask.reads}
    return tuple(
        replace(one, later=one.slot not in asked and one.field != ACCEPTED
                and one.visible_when is None and one.required_when is None)
        for one in form)
