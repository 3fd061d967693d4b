"""One SOP moved by hand in memory, with a clock of its own: it stores nothing and sends nothing.

The pushes are those of the city's work; after each the state goes through JSON, which proves that it can be
kept. Walks of scenarios (`walk.py`) and trying out a draft (`play.py`) both stand on this.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

from app.engine import runner
from app.engine.compiled import CompiledSop
from app.engine.coverage import Coverage
from app.engine.scenario import Advance, Complete, Deliver
from app.engine.step import Json, OpenTask, Position, Refusal, State, Step, Tools, WorkingTime
from app.engine.walk_city import HOME_UNITS, UNIT_VARIABLES, report_data, unit_of

START = "2026-01-05T09:00:00"
"""A Monday morning, for scenarios that do not say when they begin; in the city's zone."""
MAX_WAKES = 20_000
FIRST_STATUS = "diterima"
Watch = Callable[[datetime, Step], None]
"""Told of every push that counts, with the clock it happened at."""


class Difference(Exception):
    """What was asked for cannot be had here; the text is Indonesian."""


class Stepper:
    """Where one SOP stands, and the few things that can be done to it. EngineFault passes through."""

    def __init__(
        self,
        compiled: CompiledSop,
        calendar: WorkingTime,
        *,
        at: datetime | None = None,
        data: Mapping[str, Json] | None = None,
        unit_variables: Mapping[str, str] = UNIT_VARIABLES,
        home_units: Mapping[str, str] = HOME_UNITS,
        watch: Watch | None = None,
        seconds: float | None = None,
    ) -> None:
        """`seconds`: of computing time that timers may take, where it must end; else only their number is
        bounded."""
        self.compiled = compiled
        self.calendar = calendar
        self.data = dict(data or {})
        self.unit_variables = unit_variables
        self.home_units = home_units
        self.watch = watch
        self._until = None if seconds is None else process_time() + seconds
        self.zone = ZoneInfo(calendar.zone)
        self.now = self._aware(at or datetime.fromisoformat(START))
        self.state: State = {}
        self.position: Position | None = None
        self.units: dict[str, str | None] = {}
        self.gone: dict[str, str] = {}
        self.sent: list[tuple[str, str]] = []
        self.path: list[tuple[str, str]] = []
        """(process, element) of user tasks completed, in order."""
        self.coverage = Coverage()

    @property
    def tools(self) -> Tools:
        return Tools(now=self.now, calendar=self.calendar)

    @property
    def at(self) -> Position:
        if self.position is None:
            raise Difference("SOP tidak dapat dimulai.")
        return self.position

    @property
    def status(self) -> str:
        """The public status, as the reporter reads it."""
        position = self.at
        if position.ended and position.end_reason:
            return position.end_reason
        return position.status or FIRST_STATUS

    def begin(self) -> None:
        """Start it with what a report brings."""
        data = {**report_data(self.now.astimezone(self.zone), self.data), **self.data}
        self._take(runner.start(self.compiled, data, tools=self.tools, by="pelapor"))
        self._wake_until(self.now)

    def do(self, act: Complete | Deliver) -> Refusal | None:
        """A deed; None when it was accepted. A refusal leaves everything as it was, but for a timer that was
        due before it. Raises Difference where the name fits several open tasks."""
        answer = self._try(act)
        if isinstance(answer, Refusal):
            if answer.step is not None:
                self._take(answer.step)
            return answer
        self._take(answer)
        self._wake_until(self.now)
        return None

    def advance(self, act: Advance) -> None:
        """Move the clock; what is due on the way happens at its own moment. Raises Difference."""
        target = self.now
        try:
            if act.to is not None:
                target = self._aware(act.to)
            for unit, amount in act.spans:
                if unit == "working_days":
                    target = self.calendar.add_working_days(target, int(amount)) if amount else target
                else:
                    target += timedelta(**{unit: amount})
        except (OverflowError, ValueError) as error:
            raise Difference(f"Jam tidak dapat dimajukan sejauh itu: {error}") from error
        if target < self.now:
            raise Difference(
                f"Jam tidak dapat mundur ke {target.isoformat()}; sekarang {self.now.isoformat()}."
            )
        self._wake_until(target)
        self.now = target

    def person(self, act: Complete, task_id: str) -> str:
        """Who acts when nobody is named: the reporter on their own task, else somebody new."""
        if act.by is not None:
            return act.by
        role = next((task.role for task in self.at.open if task.id == task_id), None)
        return "pelapor" if role == "pelapor" else f"{role or 'petugas'} {len(self.path) + 1}"

    def _try(self, act: Complete | Deliver) -> Step | Refusal:
        if isinstance(act, Deliver):
            return runner.deliver(
                self.compiled,
                self.state,
                act.message,
                dict(act.data),
                tools=self.tools,
                by=act.by or "pelapor",
            )
        task = self._find(act)
        if isinstance(task, Refusal):
            return task
        return runner.complete(
            self.compiled, self.state, task, dict(act.answers), by=self.person(act, task), tools=self.tools
        )

    def _find(self, act: Complete) -> str | Refusal:
        found = [task for task in self.at.open if _is_called(task, act.task)]
        if act.has_of:
            found = [task for task in found if task.item == act.of or str(task.item) == str(act.of)]
        if not found:
            if act.task in self.gone and not act.has_of:
                return self.gone[act.task]
            waiting = names_of(self.at.open) or "–"
            return Refusal("NotOpen", f"“{act.task}” tidak terbuka. Yang terbuka: {waiting}.")
        if len(found) > 1:
            items = ", ".join(str(task.item) for task in found)
            raise Difference(f"“{act.task}” terbuka {len(found)} kali; pilih dengan `of:` ({items}).")
        return found[0].id

    def _wake_until(self, target: datetime) -> None:
        """Fire every timer due until `target`, each at its own moment, in order."""
        for _ in range(MAX_WAKES):
            due = self.at.next_wake
            if due is None or due > target:
                return
            if self._until is not None and process_time() > self._until:
                raise Difference("Terlalu banyak pengatur waktu berbunyi untuk dijalankan di sini.")
            self.now = max(self.now, due)
            before = self.state
            self._take(runner.wake(self.compiled, self.state, tools=self.tools))
            if self.at.next_wake == due and self.state == before:
                raise Difference(f"Pengatur waktu yang jatuh tempo {due.isoformat()} tidak bergerak.")
        raise Difference(f"Lebih dari {MAX_WAKES} pengatur waktu berbunyi dalam satu langkah.")

    def _take(self, step: Step) -> None:
        """Accept a push: keep its state as JSON, note what it touched, carry out what it asks."""
        self.state = json.loads(json.dumps(step.state, allow_nan=False))
        self.position = step.position
        self.coverage.note(step)
        for closed in step.closed:
            self.gone[closed.element] = self.gone[f"{closed.process}/{closed.element}"] = closed.id
            if closed.reason == "completed":
                self.path.append((closed.process, closed.element))
        for task in step.opened:
            self._open(task, step.position)
        if self.watch is not None:
            self.watch(self.now, step)
        for effect in step.effects:
            if effect.operation == "beritahu":
                given = effect.parameters
                self.sent.append((str(given.get("kepada")), str(given.get("pesan"))))
            elif effect.operation == "perpanjang":
                self._extend(effect.parameters)

    def _open(self, task: OpenTask, position: Position) -> None:
        self.units[task.id] = unit_of(task, position, self.unit_variables, self.home_units)
        message = self.compiled.task(task.process, task.element).duty.message
        if message:
            self.sent.append(("pelapor", message))

    def _extend(self, given: Mapping[str, Json]) -> None:
        try:
            until = datetime.fromisoformat(str(given.get("sampai")))
        except ValueError:
            raise Difference(f"perpanjang: “{given.get('sampai')}” bukan saat.") from None
        answer = runner.extend(self.compiled, self.state, str(given.get("tugas")), until, tools=self.tools)
        if isinstance(answer, Refusal):
            raise Difference(f"perpanjang “{given.get('tugas')}” ditolak: {answer.text}")
        self._take(answer)

    def _aware(self, moment: datetime) -> datetime:
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=self.zone)


def names_of(tasks: Iterable[OpenTask]) -> str:
    """Their ids, for a sentence."""
    return ", ".join(sorted(task.element for task in tasks))


def _is_called(task: OpenTask, name: str) -> bool:
    return name in (task.element, f"{task.process}/{task.element}")
