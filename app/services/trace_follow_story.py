"""One report's story, read on from where it was left: what it says of the report, how long its steps took.

Written so that reading in any slices comes to the same as reading at once: all that must be remembered
between two slices is in `Gathered.notes`, and what is read besides the events no longer changes once they
are written (a closed task, a total clock that stands still).
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from app.domain.calendar import BusinessCalendar
from app.domain.traits import ENDED, gone_on, way_id
from app.engine.asides import asides
from app.engine.compiled import CompiledSop
from app.services.trace_follow_flows import Ended, led_to, passed
from app.services.trace_follow_notes import Gathered, Run
from app.services.trace_follow_times import Tally, Took
from app.services.versions_run import MOVES

READINGS = frozenset({"TraceRead", "TraceExported"})
"""Events of people who look on and do not act."""
REOPENED = "dibuka_kembali"
TAKEN_BACK = "SopMovedBack"
DONE = "selesai"

UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)
"""What reading an event raises that has not the shape any event was ever written in."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Sops = Callable[[str], CompiledSop | None]


class Story:
    """Reads one report on. `instances`: its SOPs; `tasks`: by id; what it finds goes into `tally`."""

    def __init__(
        self, gathered: Gathered, instances: Sequence[Row[Any]], tasks: Mapping[str, Row[Any]], sops: Sops,
        tally: Tally, calendar: BusinessCalendar, zone: ZoneInfo,
    ) -> None:  # fmt: skip
        self.it = gathered
        self.notes = gathered.notes
        self._instances = instances
        self._tasks = tasks
        self._sops = sops
        self._tally = tally
        self._calendar = calendar
        self._zone = zone
        self._moment: datetime | None = None
        self._month = date.min

    def take(self, event: Row[Any]) -> None:
        """Read one event on; those of a report come in the order of their chain."""
        it, data = self.it, event.data
        it.seq = event.stream_seq
        if event.actor_kind == "person" and event.actor_id and event.type not in READINGS:
            _once(it.persons, str(event.actor_id))
            if event.type in ("TaskClaimed", "TaskCompleted") and self.notes.taken is None:
                self.notes.taken = event.at.isoformat()
        if event.type == "ProcessStarted":
            self._begin(event)
        run = self._run_of(event)
        if run is not None and event.type in MOVES:
            self._move(run, event)
        self._note_changes(event)
        if run is None:
            return
        sop = self._sops(run.version)
        it.counts["escalated"] += _escalations(sop, data)
        ended = self._end_steps(run, sop, event)
        self._take_flows(run, sop, ended, event)
        self._open_steps(run, sop, data)
        if event.type in ("ReportClosed", "ProcessEnded"):
            self._end(run, event)

    def _begin(self, event: Row[Any]) -> None:
        used, key = {run.id for run in self.notes.runs}, event.data.get("sop")
        rows = [row for row in self._instances if row.sop_key == key and str(row.id) not in used]
        if rows:
            row = min(rows, key=lambda one: abs(one.started_at - event.at))
            version = str(event.data["versi"])
            self.notes.runs.append(Run(str(row.id), row.sop_key, version, row.main))
            self.it.ended = False
            _once(self.it.versions, version)

    def _run_of(self, event: Row[Any]) -> Run | None:
        """The SOP an event speaks of: by its tasks, else by its key, else by the timers that rang."""
        data, live = event.data, [one for one in self.notes.runs if not one.ended]
        if event.type == "ProcessStarted":
            return live[-1] if live and live[-1].version == data.get("versi") else None
        for task in _tasks_of(data):
            row = self._tasks.get(task)
            named = None if row is None else str(row.instance_id)
            for one in live:
                if one.id == named:
                    return one
        for one in live:
            if one.sop == data.get("sop"):
                return one
        if event.type == "ProcessEnded":
            return next((one for one in reversed(live) if not one.main), None)
        for ring in data.get("timer", ()):
            for one in live:
                sop = self._sops(one.version)
                if sop is not None and _place(str(ring[0]), sop.key) in sop.elements:
                    return one
        return next((one for one in live if one.main), live[-1] if live else None)

    def _move(self, run: Run, event: Row[Any]) -> None:
        renamed: Mapping[str, str] = event.data.get("petaan") or {}
        run.version = str(event.data["ke"])
        _once(self.it.versions, run.version)
        if event.type != TAKEN_BACK:
            self.it.counts["migrated"] += 1
        run.done = list(dict.fromkeys(_renamed(one, renamed) for one in run.done))
        run.carried = {renamed.get(one, one): took for one, took in run.carried.items()}
        for task in self.notes.open.values():
            if task[1] == run.id:
                task[0], task[3] = renamed.get(task[0], task[0]), ""
        if run.main:
            way: list[str] = []
            for step in self.notes.way:
                way = gone_on(way, renamed.get(step, step))
            self.notes.way = way

    def _note_changes(self, event: Row[Any]) -> None:
        it, data = self.it, event.data
        if _after(data.get("status")) == REOPENED:
            it.counts["reopened"] += 1
        unit = _after(data.get("opd"))
        if unit is not None:
            if event.type == "ProcessStarted" and not it.units:
                self.notes.intake = unit
            if self.notes.opd not in (None, unit, self.notes.intake):
                it.counts["bounced"] += 1
            _once(it.units, unit)
            self.notes.opd = unit
        if event.type == "DeadlineMoved":
            moved = [(old, at) for _task, old, at in data.get("tugas", ())]
            moved += [tuple(data["total"])] if data.get("total") else []
            it.late = it.late or any(_passed(old, event.at) for old, _new in moved)
        elif event.type == "TotalDeadlineMoved" and data.get("jenis") != "jeda":
            it.late = it.late or _passed(data.get("dari"), event.at)

    def _end_steps(self, run: Run, sop: CompiledSop | None, event: Row[Any]) -> Ended:
        """Count the steps this event ended."""
        data, found = event.data, Ended({}, set(), {})
        ended = [(data.get("tugas"), False)] if event.type == "TaskCompleted" else []
        ended += [(task, True) for task, _step, _cause in data.get("ditutup", ())]
        side = frozenset() if sop is None else asides(sop).tasks
        for task, dropped in ended:
            note, row = self.notes.open.pop(str(task), None), self._tasks.get(str(task))
            if note is None or row is None or row.closed_at is None:
                continue
            step, again = str(note[0]), bool(note[2])
            took = Took.between(
                self._calendar, row.opened_at, row.claimed_at, row.closed_at, due=row.due_at,
                promised=row.first_due_at, dropped=dropped,
            )  # fmt: skip
            found.cause = found.cause or took
            found.times[step] = took
            self.it.late = self.it.late or took.late
            self._count("langkah", run, step, row.unit_code, took, event.at, again=again)
            if not dropped:
                _once(run.done, _part(step, row.scope))
            if dropped:
                found.taken_away[step] = str(note[3])
            if any(one[0] == step and one[1] == run.id for one in self.notes.open.values()):
                found.open.add(step)
                continue
            found.open.discard(step)
            if run.main and step not in side:
                self.notes.way = gone_on(self.notes.way, step)
        return found

    def _take_flows(self, run: Run, sop: CompiledSop | None, ended: Ended, event: Row[Any]) -> None:
        if sop is None:
            return

        def waited(step: str) -> Took | None:
            for task, note in self.notes.open.items():
                row = self._tasks.get(task)
                if note[:2] == [step, run.id] and row is not None:
                    return Took.between(
                        self._calendar, row.opened_at, None, event.at, due=None, promised=None
                    )
            return None

        for name, took in passed(sop, event.data.get("jalan", ()), ended, run.carried, waited):
            again = name in run.flows
            if not again:
                run.flows.append(name)
            self._count("alur", run, name, self.notes.opd, took, event.at, again=again)

    def _open_steps(self, run: Run, sop: CompiledSop | None, data: Mapping[str, Any]) -> None:
        side = frozenset() if sop is None else asides(sop).tasks
        for task, step, _due in data.get("dibuka", ()):
            row = self._tasks.get(task)
            if row is None:
                continue
            again = step not in side and _part(step, row.scope) in run.done
            self.it.counts["returned"] += again
            flow = "" if sop is None else led_to(sop, step, run.carried)
            self.notes.open[task] = [step, run.id, int(again), flow]

    def _end(self, run: Run, event: Row[Any]) -> None:
        run.ended = True
        if run.main:
            self._close(run, event)
        if all(one.ended for one in self.notes.runs):
            self.it.ended = True

    def _close(self, run: Run, event: Row[Any]) -> None:
        """The report's own time, and its way."""
        reason = str(event.data.get("alasan", ""))
        row = next((one for one in self._instances if str(one.id) == run.id), None)
        taken = None if self.notes.taken is None else datetime.fromisoformat(self.notes.taken)
        took = Took.between(
            self._calendar, min(self.it.received, event.at), taken, event.at,
            due=None if row is None else row.due_at, promised=None if row is None else row.first_due_at,
            dropped=reason != DONE,
        )  # fmt: skip
        self.it.late = self.it.late or took.late
        self._count("laporan", run, "", self.notes.opd, took, event.at)
        steps = [*self.notes.way, f"{ENDED}{reason}"]
        self.it.path_id = way_id(run.sop, steps)
        self._tally.end_way(self.it.path_id, run.sop, steps)

    def _count(
        self, kind: str, run: Run, place: str, unit: str | None, took: Took, at: datetime, *,
        again: bool = False,
    ) -> None:  # fmt: skip
        if at != self._moment:
            self._moment, self._month = at, at.astimezone(self._zone).date().replace(day=1)
        self._tally.count(
            run.version, unit or "", self.it.kelurahan, self._month, kind, place, took, again=again
        )


def tasks_in(events: Iterable[Row[Any]]) -> list[uuid.UUID]:
    """Every task that events name; one that cannot be read names none."""
    found: set[str] = set()
    for event in events:
        with suppress(*UNREADABLE):
            found.update(_tasks_of(event.data))
    return [uuid.UUID(one) for one in sorted(found)]


def _tasks_of(data: Mapping[str, Any]) -> list[str]:
    named = [data.get("tugas"), *(one[0] for one in (*data.get("dibuka", ()), *data.get("ditutup", ())))]
    # `TaskFellToKominfo` names the step there, not the task.
    return [one for one in named if isinstance(one, str) and _ID.fullmatch(one)]


def _escalations(sop: CompiledSop | None, data: Mapping[str, Any]) -> int:
    if sop is None:
        return 0
    return sum(ring[0] in asides(sop).escalating for ring in data.get("timer", ()))


def _after(pair: Any) -> str | None:
    return pair[1] if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], str) else None


def _passed(limit: Any, at: datetime) -> bool:
    return isinstance(limit, str) and datetime.fromisoformat(limit) < at


def _part(step: str, scope: Mapping[str, Any] | None) -> str:
    """A step, or one part of a step that is done for each of many."""
    if not scope:
        return step
    told = json.dumps(scope, sort_keys=True, default=str)
    return f"{step}#{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def _renamed(done: str, renamed: Mapping[str, str]) -> str:
    step, mark, part = done.partition("#")
    return f"{renamed.get(step, step)}{mark}{part}"


def _place(name: str, main: str) -> tuple[str, str]:
    process, _, element = name.rpartition("/")
    return process or main, element


def _once(known: list[str], one: str) -> None:
    if one not in known:
        known.append(one)
