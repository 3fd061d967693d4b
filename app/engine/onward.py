"""Walk a running instance on to some end, in memory: the proof that it does not stand in a blind alley.

Forms are answered with allowed answers, other ones each time the same task opens again, so that loops are
left; when nothing is open the clock moves to the next timer, or a message comes. Several temperaments are
tried, each for a bounded number of pushes. Nothing leaves memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Literal

from app.domain.words import told
from app.engine.answers import check_answers
from app.engine.compiled import CompiledSop
from app.engine.declaration import Field
from app.engine.functions import standard_functions
from app.engine.runner import complete, deliver, inspect, wake
from app.engine.sample_answers import sample_answers
from app.engine.step import EngineFault, OpenTask, Position, Refusal, State, Step, Tools

Temper = Literal["maju", "tolak", "tunggu"]
TEMPERS: tuple[Temper, ...] = ("maju", "tolak", "tunggu")
"""Accepts and chooses the first; refuses and chooses the last; lets every clock run out first."""
MOST_PUSHES = 150
VARIANTS = 12
"""Ways to fill one form before it counts as one that cannot be completed now."""
MOST_TIME = timedelta(days=3_660)
MOST_EFFORT = 6_000
"""Elements passed and pushes tried, all temperaments together: a bound on time that needs no clock."""


@dataclass(frozen=True, slots=True)
class Ended:
    """It came to an end with this reason after so many pushes. `fired`: timers on the way."""

    reason: str | None
    pushes: int
    fired: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """No way that was tried led to an end. `text` says where the first of them stopped (Indonesian)."""

    text: str
    element: str | None
    pushes: int


def some_end(
    compiled: CompiledSop, state: State, *, tools: Tools, pushes: int = MOST_PUSHES
) -> Ended | Stuck:
    """Whether an end can be reached from `state`. The state is not touched. Raises `EngineFault` when it
    cannot be loaded."""
    first: Stuck | None = None
    spent = effort = 0
    for temper in TEMPERS:
        walk = _Walk(compiled, state, tools, temper, MOST_EFFORT - effort)
        outcome = walk.run(pushes)
        spent, effort = spent + outcome.pushes, effort + walk.effort
        if isinstance(outcome, Ended):
            return Ended(outcome.reason, spent, outcome.fired)
        first = first or outcome
    return Stuck(first.text, first.element, spent) if first is not None else Stuck("", None, spent)


class _Walk:
    def __init__(self, compiled: CompiledSop, state: State, tools: Tools, temper: Temper, most: int) -> None:
        self.compiled, self.state, self.temper = compiled, state, temper
        self.now, self.calendar = tools.now, tools.calendar
        self.latest = tools.now + MOST_TIME
        self.position: Position = inspect(compiled, state)
        self.seen: Counter[tuple[str, str]] = Counter()
        self.pushes = self.fired = self.effort = 0
        self.most_effort = most
        self.fault: EngineFault | None = None

    def run(self, most: int) -> Ended | Stuck:
        while not self.position.ended and self.pushes < most and self.effort < self.most_effort:
            if not any(self._takes(step) for step in self._ways()):
                return self._stuck()
        if self.position.ended:
            return Ended(self.position.end_reason, self.pushes, self.fired)
        return Stuck(told("Setelah %(n)s langkah laporan ini belum juga sampai akhir.", n=most),
                     self._standing(), self.pushes)

    @property
    def tools(self) -> Tools:
        return Tools(self.now, self.calendar)

    def _ways(self) -> Iterator[Step | Refusal | EngineFault]:
        """What could happen now, in the order of this temperament."""
        if self.temper == "tunggu":
            yield from self._time()
        for task in sorted(self.position.open, key=lambda one: (one.opened, one.element, str(one.item))):
            yield from self._fill(task)
        if self.temper != "tunggu":
            yield from self._time()
        for message in sorted(self.position.waiting):
            yield self._try(partial(deliver, self.compiled, self.state, message, {}, tools=self.tools,
                                    by="pelapor"))

    def _time(self) -> Iterator[Step | Refusal | EngineFault]:
        due = self.position.next_wake
        if due is not None and due <= self.latest:
            before, self.now = self.now, max(self.now, due)
            step = self._try(partial(wake, self.compiled, self.state, tools=self.tools))
            if isinstance(step, Step) and step.state == self.state:
                step = EngineFault(told("Batas waktu tiba tetapi tidak ada yang bergerak."))
            if not isinstance(step, Step):
                self.now = before
            yield step

    def _fill(self, task: OpenTask) -> Iterator[Step | Refusal | EngineFault]:
        declared = self.compiled.task(task.process, task.element)
        names = {**self.position.variables, **task.scope}
        turn = self.seen[task.process, task.element]
        self.seen[task.process, task.element] += 1
        self.now += timedelta(minutes=1)
        tried = []
        for variant in range(VARIANTS):
            answers = sample_answers(declared.fields, turn + variant, names, self.now,
                                     refusing=self.temper == "tolak")
            if answers in tried or self._faulty(declared.fields, answers, names):
                continue
            tried.append(answers)
            yield self._try(partial(complete, self.compiled, self.state, task.id, answers,
                                    by=f"orang {self.pushes}", tools=self.tools))

    def _faulty(self, fields: Sequence[Field], answers: Mapping[str, object],
                names: Mapping[str, object]) -> bool:
        return bool(check_answers(fields, answers, names, standard_functions(self.tools)).faults)

    def _try(self, push: Callable[[], Step | Refusal]) -> Step | Refusal | EngineFault:
        self.effort += 1
        try:
            return push()
        except EngineFault as fault:
            self.fault = self.fault or fault
            return fault

    def _takes(self, answer: Step | Refusal | EngineFault) -> bool:
        step = answer.step if isinstance(answer, Refusal) else answer
        if not isinstance(step, Step):
            return False
        self.pushes += 1
        self.fired += len(step.fired)
        self.effort += len(step.visited)
        self.state, self.position = step.state, step.position
        return True

    def _stuck(self) -> Stuck:
        if self.fault is not None:
            return Stuck(self.fault.text, self.fault.element, self.pushes)
        said = told("Tidak ada jawaban yang dapat membawanya lebih jauh.")
        return Stuck(said, self._standing(), self.pushes)

    def _standing(self) -> str | None:
        return next((task.element for task in self.position.open), next(iter(self.position.tokens), None))
