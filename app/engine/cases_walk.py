"""A case while it is being walked: every act on the real engine, written down as a scenario's step.

Uses the same `Stepper` as a scenario's walk, so what is written is what happened. A `Walking` can be copied
at any point: cases with a common beginning walk it once.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.engine.answers import check_answers, defaults
from app.engine.cases_answers import Functions, as_plain, plausible_answers
from app.engine.cases_words import Phrase, answered, message_came, moment_passed
from app.engine.compiled import CompiledSop
from app.engine.coverage import Coverage
from app.engine.declaration import Task
from app.engine.functions import standard_functions
from app.engine.scenario import Advance, Complete, Deliver
from app.engine.soundness_data import OTHER
from app.engine.step import Json, OpenTask, Refusal, Step, Timer, WorkingTime
from app.engine.stepper import Stepper

MESSAGE_DATA: Mapping[str, Mapping[str, Json]] = {
    "balasan_pelapor": {"isi": "Sudah saya lengkapi."},
    "keberatan": {"alasan_keberatan": "Pekerjaannya belum tuntas."},
}
"""What the tracking page sends with the reporter's messages."""
MOST_WORKING_DAYS = 130


class NotThere(Exception):
    """The engine does not stand where the plan thought it would."""


@dataclass(slots=True)
class Refused:
    """Refusals already shown in some case: one of each is enough. Shared by all walks."""

    same_person: set[tuple[str, str]] = field(default_factory=set)
    incomplete: set[tuple[str, str]] = field(default_factory=set)


class Walking:
    """`steps`: of the scenario so far; `phrases`: what a title may tell of it."""

    def __init__(self, compiled: CompiledSop, calendar: WorkingTime, data: Mapping[str, Json],
                 refused: Refused) -> None:
        self.compiled = compiled
        self.data = dict(data)
        self.refused = refused
        self.steps: list[dict[str, Any]] = []
        self.phrases: list[Phrase] = []
        self.stepper = Stepper(compiled, calendar, data=self.data)
        self.began = self.stepper.now
        self._seen: set[str] = set()
        self._sent = 0
        self._fired: list[str] = []
        self.stepper.watch = self._watch

    def begin(self) -> None:
        self.stepper.begin()
        self._expect()

    def copied(self) -> Walking:
        """The same walk, to go on another way. What was refused on the way is not tried again."""
        other = copy.copy(self)
        other.stepper = copy.copy(self.stepper)
        stepper = other.stepper
        stepper.units, stepper.gone = dict(stepper.units), dict(stepper.gone)
        stepper.sent, stepper.path = list(stepper.sent), list(stepper.path)
        stepper.coverage = Coverage()
        stepper.coverage.merge(self.coverage)
        other.steps = [step for step in self.steps if "refuse" not in step]
        other.phrases = list(self.phrases)
        other._seen = set(self._seen)
        other._fired = []
        stepper.watch = other._watch
        return other

    @property
    def coverage(self) -> Coverage:
        return self.stepper.coverage

    @property
    def ended(self) -> bool:
        return self.stepper.at.ended

    @property
    def open(self) -> tuple[OpenTask, ...]:
        return self.stepper.at.open

    # --- acts

    def complete(self, element: str, wanted: Mapping[str, Any]) -> None:
        """Complete the open tasks of an element: one, or all children where it is repeated. Raises
        NotThere."""
        found = [task for task in self.open if task.element == element]
        if not found:
            raise NotThere(element)
        repeated = any(task.scope for task in found)
        for task in found if repeated else found[:1]:
            if any(one.id == task.id for one in self.open):
                self._complete(task, wanted)

    def _complete(self, task: OpenTask, wanted: Mapping[str, Any]) -> None:
        declared = self.compiled.task(task.process, task.element)
        names = {**self.stepper.at.variables, **task.scope}
        functions = standard_functions(self.stepper.tools)
        choice = {name: self._said(declared, name, value, names) for name, value in wanted.items()
                  if any(one.id == name for one in declared.fields)}
        today = self.stepper.now.astimezone(self.stepper.zone).date()
        answers = plausible_answers(declared, names, choice, functions=functions, today=today)
        offered = defaults(declared.fields, names, functions)
        answers = {name: value for name, value in answers.items()
                   if name not in offered or value != offered[name]}
        deed: dict[str, Any] = {"complete": self._name(task), "by": self._person(task), "answers": answers}
        if sum(one.element == task.element for one in self.open) > 1 and task.item is not None:
            deed["of"] = task.item
        self._show_refusals(task, deed, self._lacking(declared, answers, names, functions))
        self._do(deed)
        self.phrases.extend(answered(declared, answers, wanted))

    @staticmethod
    def _lacking(declared: Task, answers: Mapping[str, Json], names: Mapping[str, Json],
                 functions: Functions) -> dict[str, Json] | None:
        """The answers less one that is needed."""
        for name in answers:
            less = {**answers, name: None}
            if name in check_answers(declared.fields, less, names, functions).faults:
                return less
        return None

    def _said(self, declared: Task, name: str, value: Any, names: Mapping[str, Json]) -> Json:
        """An answer of the plan as a person gives it; what stands for all others becomes one of them."""
        if value == OTHER:
            free = plausible_answers(declared, names)
            return free.get(name, "lain")
        return as_plain(value)

    def _show_refusals(self, task: OpenTask, deed: Mapping[str, Any],
                       less: Mapping[str, Json] | None) -> None:
        """Once for every task: that its own worker, and an incomplete form, are refused."""
        place = (task.process, task.element)
        if task.barred and place not in self.refused.same_person:
            self.refused.same_person.add(place)
            self._refuse({**deed, "by": sorted(task.barred)[0]}, "SamePerson")
        if less is not None and place not in self.refused.incomplete:
            self.refused.incomplete.add(place)
            self._refuse({**deed, "answers": less}, "InvalidAnswers")

    def _refuse(self, deed: dict[str, Any], because: str) -> None:
        answer = self.stepper.do(_act(deed))
        if not isinstance(answer, Refusal) or answer.name != because:
            raise NotThere(f"{deed.get('complete')} is not refused as {because}")
        self.steps.append({"refuse": {**deed, "because": because}})

    def deliver(self, message: str) -> None:
        """Raises NotThere where nobody waits for it."""
        if message not in self.stepper.at.waiting:
            raise NotThere(message)
        step: dict[str, Any] = {"deliver": message}
        data = MESSAGE_DATA.get(message)
        if data is not None:
            step["data"] = dict(data)
        self._do(step)
        self.phrases.append(message_came(message))

    def ring(self, element: str) -> None:
        """Let time pass until this timer happens. Raises NotThere where it does not wait, or something else
        takes it away before."""
        timer = next((one for one in self.stepper.at.timers if one.element == element), None)
        if timer is None:
            raise NotThere(element)
        self.advance_to(timer)

    def advance_to(self, timer: Timer) -> None:
        span = self._span(timer.due)
        self._fired = []
        amounts = tuple((unit, float(amount)) for unit, amount in span.items() if unit != "to")
        self.stepper.advance(Advance(spans=amounts) if amounts else Advance(to=timer.due))
        self.steps.append({"advance": span})
        self._expect()
        if timer.element not in self._fired:
            raise NotThere(timer.element)
        self.phrases.append(moment_passed(self.compiled, timer))

    def _watch(self, _now: datetime, step: Step) -> None:
        self._fired += [firing.element for firing in step.fired]

    def _span(self, due: datetime) -> dict[str, Json]:
        """How a person would say the wait: working days, days or hours where they fit, else the moment."""
        now, calendar = self.stepper.now, self.stepper.calendar
        low, high = 1, MOST_WORKING_DAYS
        while low <= high:
            middle = (low + high) // 2
            there = calendar.add_working_days(now, middle)
            if there == due:
                return {"working_days": middle}
            low, high = (middle + 1, high) if there < due else (low, middle - 1)
        for unit, size in (("days", timedelta(days=1)), ("hours", timedelta(hours=1))):
            if due > now and (due - now) % size == timedelta():
                return {unit: (due - now) // size}
        return {"to": due.astimezone(self.stepper.zone).isoformat()}

    def _do(self, deed: dict[str, Any]) -> None:
        answer = self.stepper.do(_act(deed))
        if answer is not None:
            raise NotThere(f"{deed}: {answer.name} {answer.text} {dict(answer.faults)}")
        self.steps.append(deed)
        self._expect()

    # --- what is expected

    def _expect(self) -> None:
        """Where it stands now: open tasks and status; of new tasks also role and day due; what was sent."""
        position = self.stepper.at
        fresh = [task for task in position.open if task.id not in self._seen]
        self._seen |= {task.id for task in fresh}
        wanted: dict[str, Any] = {"open": sorted(self._name(task) for task in position.open),
                                  "status": self.stepper.status}
        roles: dict[str, list[str]] = {}
        due: dict[str, list[str]] = {}
        for task in position.open:
            if any(one.element == task.element for one in fresh):
                roles.setdefault(self._name(task), []).append(self._role(task))
                day = "tanpa batas" if task.due is None else \
                    task.due.astimezone(self.stepper.zone).date().isoformat()
                due.setdefault(self._name(task), []).append(day)
        for key, told in (("roles", roles), ("due", due)):
            if told:
                wanted[key] = {name: many[0] if len(set(many)) == 1 else sorted(many)
                               for name, many in told.items()}
        sent = list(dict.fromkeys(self.stepper.sent[self._sent:]))
        self._sent = len(self.stepper.sent)
        if sent:
            wanted["sent"] = [list(pair) for pair in sent]
        if self.steps and "expect" in self.steps[-1]:
            self.steps.pop()
        self.steps.append({"expect": wanted})

    def _role(self, task: OpenTask) -> str:
        unit = self.stepper.units.get(task.id)
        return f"{task.role}@{unit}" if unit else task.role

    def _name(self, task: OpenTask) -> str:
        """The element's id; with its process where another open task has the same."""
        twins = {one.process for one in self.open if one.element == task.element}
        return f"{task.process}/{task.element}" if len(twins) > 1 else task.element

    def _person(self, task: OpenTask) -> str:
        """One person for each role, another where that one may not."""
        if task.role == "pelapor":
            return "pelapor"
        name, number = task.role or "petugas", 1
        while name in task.barred:
            number += 1
            name = f"{task.role or 'petugas'}_{number}"
        return name

    def scenario(self) -> dict[str, Any]:
        """As the contract writes it."""
        stepper = self.stepper
        end = stepper.at.end_reason if stepper.at.ended else None
        path = [f"{process}/{element}" if process != self.compiled.key else element
                for process, element in stepper.path]
        written: dict[str, Any] = {"sop": self.compiled.key,
                                   "at": self.began.astimezone(stepper.zone).isoformat(),
                                   "data": self.data, "steps": copy.deepcopy(self.steps)}
        if end is not None:
            written["end"] = end
        return {**written, "path": path}


def _act(deed: Mapping[str, Any]) -> Complete | Deliver:
    if "deliver" in deed:
        return Deliver(deed["deliver"], deed.get("data", {}))
    return Complete(deed["complete"], deed.get("by"), deed["answers"], deed.get("of"), "of" in deed)
