"""A try becomes a scenario: the steps that were taken, and after each what was true then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.calendar import BusinessCalendar
from app.engine.scenario_days import differing, write_days
from app.engine.step import Json, OpenTask
from app.engine.stepper import Stepper
from app.engine.walk_city import HOME_UNITS, UNIT_VARIABLES, unit_of


@dataclass(slots=True)
class Keeper:
    """Writes the steps down while they are taken."""

    stepper: Stepper
    steps: list[dict[str, Json]] = field(default_factory=list)
    told: int = 0
    """Messages whose sending was expected already."""
    accepted: Mapping[str, Json] = field(default_factory=dict)
    """The form completed last, as it counts."""
    latest: datetime | None = None
    """The latest moment the walk depends on so far."""

    def begun(self) -> None:
        """It was started."""
        self._expect()

    def took(self, raw: Mapping[str, Json]) -> None:
        """A step was accepted. What was expected before is written anew."""
        if "expect" in raw:
            return
        self.steps.append(self._asked(raw) if "complete" in raw else dict(raw))
        if "refuse" not in raw:
            self._expect()

    def scenario(self, at: datetime, data: Mapping[str, Json], usual: BusinessCalendar) -> dict[str, Json]:
        """The whole scenario. `usual`: the calendar scenarios are walked with."""
        stepper, position = self.stepper, self.stepper.at
        scenario: dict[str, Json] = {
            "sop": stepper.compiled.key, "at": at.isoformat(), "data": dict(data), "steps": self.steps,
            "path": [element if process == stepper.compiled.key else f"{process}/{element}"
                     for process, element in stepper.path],
        }
        if isinstance(stepper.calendar, BusinessCalendar):
            last = usual.local_day(max(self.latest or stepper.now, stepper.now))
            scenario["calendar"] = write_days(differing(usual, stepper.calendar, usual.local_day(at), last))
        if position.ended:
            scenario["end"] = position.end_reason
        return scenario

    def _asked(self, raw: Mapping[str, Json]) -> dict[str, Json]:
        """A completed form without answers to what was not asked."""
        given = raw.get("answers")
        if not isinstance(given, Mapping) or not given:
            return dict(raw)
        kept = {name: one for name, one in given.items() if self.accepted.get(name) not in (None, [])}
        return {**raw, "answers": kept or dict(given)}

    def _expect(self) -> None:
        stepper, position = self.stepper, self.stepper.at
        dues = [task.due for task in position.open if task.due]
        bells = [timer.due for timer in position.timers]
        self.latest = max([one for one in (*dues, *bells, stepper.now, self.latest) if one is not None])
        wanted: dict[str, Json] = {"status": stepper.status}
        if not position.ended:
            names = [self._name(task) for task in position.open]
            wanted = {"open": names, **wanted}
            roles = {self._name(task): self._role(task) for task in position.open}
            due = {self._name(task): task.due.astimezone(stepper.zone).date().isoformat()
                   for task in position.open if task.due}
            once = {name for name in names if names.count(name) == 1}
            wanted["roles"] = {name: role for name, role in roles.items() if name in once}
            wanted["due"] = {name: day for name, day in due.items() if name in once}
        sent = [list(pair) for pair in stepper.sent[self.told:]]
        self.told = len(stepper.sent)
        wanted["sent"] = [pair for at, pair in enumerate(sent) if pair not in sent[:at]]
        self.steps.append({"expect": {key: value for key, value in wanted.items() if value not in ({}, [])
                                      or key == "open"}})

    def _name(self, task: OpenTask) -> str:
        own = task.process == self.stepper.compiled.key
        return task.element if own else f"{task.process}/{task.element}"

    def _role(self, task: OpenTask) -> str:
        """Role and unit; the role alone where this city's unit is not what every city's would be."""
        unit = self.stepper.units.get(task.id)
        usual = unit_of(task, self.stepper.at, UNIT_VARIABLES, HOME_UNITS)
        return f"{task.role}@{unit}" if unit and unit == usual else task.role
