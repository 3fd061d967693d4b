"""Walks one SOP through a scenario in memory with a movable clock: it stores nothing and sends nothing.

The same pushes are used as in the city's work; after each the state goes through JSON, so that a walk also
proves that it can be kept. The first difference ends the walk.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.engine import runner
from app.engine.compiled import CompiledSop
from app.engine.coverage import Coverage, Walked
from app.engine.scenario import Advance, Complete, Deliver, Expect, Refuse, Scenario
from app.engine.step import (
    EngineFault,
    Json,
    OpenTask,
    Position,
    Refusal,
    State,
    Step,
    Tools,
    WorkingTime,
)
from app.engine.walk_checks import differences
from app.engine.walk_city import HOME_UNITS, UNIT_VARIABLES, report_data, unit_of

START = "2026-01-05T09:00:00"
"""A Monday morning, for scenarios that do not say when they begin; in the city's zone."""
MAX_WAKES = 20_000
FIRST_STATUS = "diterima"


class Difference(Exception):
    """The walk and the scenario part here; the text is Indonesian."""


def walk(
    compiled: CompiledSop,
    scenario: Scenario,
    calendar: WorkingTime,
    *,
    unit_variables: Mapping[str, str] = UNIT_VARIABLES,
    home_units: Mapping[str, str] = HOME_UNITS,
) -> Walked:
    """Run a scenario and report its first difference. Never raises for what a scenario or SOP says."""
    walker = _Walker(compiled, scenario, calendar, unit_variables, home_units)
    number: int | None = None
    try:
        walker.begin()
        for number, act in enumerate(scenario.acts, start=1):  # noqa: B007 - told in the difference
            walker.perform(act)
        number = None
        walker.finish()
    except Difference as difference:
        return walker.outcome(str(difference), number)
    except EngineFault as fault:
        place = f" pada “{fault.element}”" if fault.element else ""
        return walker.outcome(f"SOP berhenti{place}: {fault.text}", number)
    return walker.outcome(None, None)


class _Walker:
    def __init__(
        self,
        compiled: CompiledSop,
        scenario: Scenario,
        calendar: WorkingTime,
        unit_variables: Mapping[str, str],
        home_units: Mapping[str, str],
    ) -> None:
        self.compiled = compiled
        self.scenario = scenario
        self.calendar = calendar
        self.unit_variables = unit_variables
        self.home_units = home_units
        self.zone = ZoneInfo(calendar.zone)
        self.now = self._aware(scenario.at or datetime.fromisoformat(START))
        self.state: State = {}
        self.position: Position | None = None
        self.units: dict[str, str | None] = {}
        self.gone: dict[str, str] = {}
        self.sent: list[tuple[str, str]] = []
        self.path: list[tuple[str, str]] = []
        self.coverage = Coverage()

    @property
    def tools(self) -> Tools:
        return Tools(now=self.now, calendar=self.calendar)

    @property
    def at(self) -> Position:
        if self.position is None:
            raise Difference("SOP tidak dapat dimulai.")
        return self.position

    def outcome(self, difference: str | None, step: int | None) -> Walked:
        end = self.position.end_reason if self.position is not None else None
        return Walked(difference, step, end, tuple(element for _, element in self.path), self.coverage)

    def begin(self) -> None:
        data = {**report_data(self.now.astimezone(self.zone), self.scenario.data), **self.scenario.data}
        self._take(runner.start(self.compiled, data, tools=self.tools, by="pelapor"))
        self._wake_until(self.now)

    def perform(self, act: Complete | Deliver | Advance | Expect | Refuse) -> None:
        if isinstance(act, Advance):
            self._advance(act)
        elif isinstance(act, Expect):
            found = differences(act.wanted, self.at, self.status, self.units, self.sent, self.zone)
            if found:
                raise Difference(found[0])
        elif isinstance(act, Refuse):
            self._refuse(act)
        else:
            answer = self._try(act)
            if isinstance(answer, Refusal):
                raise Difference(_refusal_words(act, answer))
            self._take(answer)
            self._wake_until(self.now)

    def finish(self) -> None:
        wanted, position = self.scenario.end, self.at
        if wanted is None and position.ended:
            raise Difference(
                f"Seharusnya masih berjalan; ternyata sudah berakhir dengan “{position.end_reason}”."
            )
        if wanted is not None and not position.ended:
            still = names_of(position.open) or ", ".join(position.tokens) or "tidak ada tugas terbuka"
            raise Difference(f"Seharusnya berakhir dengan “{wanted}”; ternyata masih berjalan ({still}).")
        if wanted is not None and position.end_reason != wanted:
            raise Difference(
                f"Seharusnya berakhir dengan “{wanted}”; ternyata dengan “{position.end_reason}”."
            )
        if self.scenario.path is not None:
            self._compare_path(self.scenario.path)

    def _compare_path(self, wanted: tuple[str, ...]) -> None:
        walked = [
            f"{process}/{element}" if at < len(wanted) and "/" in wanted[at] else element
            for at, (process, element) in enumerate(self.path)
        ]
        if list(wanted) != walked:
            planned, taken = ", ".join(wanted) or "(kosong)", ", ".join(walked) or "(kosong)"
            raise Difference(f"Jalur seharusnya {planned}; ternyata {taken}.")

    @property
    def status(self) -> str:
        position = self.at
        if position.ended and position.end_reason:
            return position.end_reason
        return position.status or FIRST_STATUS

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
            self.compiled, self.state, task, dict(act.answers), by=self._person(act, task), tools=self.tools
        )

    def _person(self, act: Complete, task_id: str) -> str:
        """Who acts when the scenario names nobody: the reporter on their own task, else somebody new."""
        if act.by is not None:
            return act.by
        role = next((task.role for task in self.at.open if task.id == task_id), None)
        return "pelapor" if role == "pelapor" else f"{role or 'petugas'} {len(self.path) + 1}"

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

    def _refuse(self, act: Refuse) -> None:
        answer = self._try(act.act)
        name = act.act.task if isinstance(act.act, Complete) else act.act.message
        if not isinstance(answer, Refusal):
            raise Difference(f"“{name}” seharusnya ditolak{_because(act.because)}; ternyata diterima.")
        if act.because is not None and answer.name != act.because:
            raise Difference(
                f"“{name}” seharusnya ditolak karena {act.because}; "
                f"ternyata karena {answer.name}: {answer.text}"
            )
        if answer.step is not None:
            self._take(answer.step)

    def _advance(self, act: Advance) -> None:
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

    def _wake_until(self, target: datetime) -> None:
        """Fire every timer due until `target`, each at its own moment, in order."""
        for _ in range(MAX_WAKES):
            due = self.at.next_wake
            if due is None or due > target:
                return
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
    return ", ".join(sorted(task.element for task in tasks))


def _is_called(task: OpenTask, name: str) -> bool:
    return name in (task.element, f"{task.process}/{task.element}")


def _because(name: str | None) -> str:
    return f" karena {name}" if name else ""


def _refusal_words(act: Complete | Deliver, refusal: Refusal) -> str:
    name = act.task if isinstance(act, Complete) else act.message
    faults = "".join(f"\n  {field}: {fault}" for field, fault in refusal.faults.items())
    return f"“{name}” ditolak ({refusal.name}): {refusal.text}{faults}"
