"""The way a report took, event after event, on the diagrams of the very versions that ran it.

One figure per SOP, version and process; a called process has its own. Each event says what it adds to which
figure, so that a script can play them, and the last picture is drawn here.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from app.engine.compiled import CompiledSop
from app.engine.drawing import draw
from app.engine.runner import inspect
from app.services.versions_run import MOVES, Versions

_ENDS = frozenset({"ReportClosed", "ProcessEnded"})


@dataclass(slots=True)
class Figure:
    """One diagram. `done`, `flows`, `now`: element ids as they stand in the end; `svg` may be empty when the
    file carries no layout. `since`, `until`: places of the first and last event that touch it."""

    id: str
    sop: CompiledSop
    version: uuid.UUID
    process: str
    since: int
    until: int = 0
    done: set[str] = field(default_factory=set)
    flows: set[str] = field(default_factory=set)
    now: tuple[str, ...] = ()
    svg: str = ""

    @property
    def main(self) -> bool:
        return self.process == self.sop.key

    @property
    def name(self) -> str:
        """What the process is called; a called one by its caller's word for it."""
        return self.sop.name if self.main else self.process.replace("_", " ").capitalize()

    def named(self, elements: Iterable[str]) -> list[str]:
        """What these are called in the diagram; what holds steps only where no step is among them, and a
        place without a name by its id only when alone."""
        found = [(*self.sop.elements.get((self.process, one), ("", "")), one) for one in elements]
        inner = [one for one in found if one[0] != "subProcess"] or found
        known = [(name, one) for _kind, name, one in inner]
        return [name for name, _id in known if name] or [one for _name, one in known]


@dataclass(slots=True)
class Mark:
    """What one event adds to a figure, and where it stands from then on."""

    figure: str
    done: list[str]
    flows: list[str]
    now: tuple[str, ...]


@dataclass(slots=True)
class _Run:
    """An instance while its story is walked."""

    row: Row[Any]
    version: uuid.UUID
    open: dict[str, tuple[str, str]] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    ended: bool = False


class Walk:
    """Walks the story once. `take` wants every event in order, after `versions` passed it."""

    def __init__(
        self, instances: Sequence[Row[Any]], tasks: Mapping[str, uuid.UUID], versions: Versions
    ) -> None:
        self._waiting = sorted(instances, key=lambda row: row.started_at)
        self._tasks = tasks
        self._versions = versions
        self._runs: dict[uuid.UUID, _Run] = {}
        self._last: dict[str, Mark] = {}
        self.figures: list[Figure] = []

    def take(self, event: Row[Any]) -> list[Mark]:
        """What this event adds."""
        run = self._run_of(event)
        if run is None:
            return []
        data = event.data
        found: dict[str, tuple[list[str], list[str]]] = {}
        if event.type in MOVES:
            self._move(run, event, found)
        sop = self._versions.ran[run.row.sop_key]
        for process, elements, flow in self._steps(sop, data):
            done, flows = found.setdefault(process, ([], []))
            done += elements
            flows += [flow] if flow else []
        before = set(run.open.values())
        self._tokens(run, event)
        touched = {process for process, _element in before ^ set(run.open.values())}
        if event.type in _ENDS:
            run.ended = True
            run.open.clear()
            touched |= set(run.figures)
        return [
            self._mark(run, sop, process, *found.get(process, ([], [])), seq=event.stream_seq)
            for process in dict.fromkeys([*found, *sorted(touched)])
        ]

    def name(self, where: str) -> str:
        """What an element is called in the diagram that has it."""
        for key, sop in self._versions.all():
            found = sop.elements.get(_place(where, key))
            if found is not None and found[1]:
                return found[1]
        return where

    def timer(self, where: str) -> str:
        """What a timer is called, and the task on which it sits."""
        for key, sop in self._versions.all():
            process, element = _place(where, key)
            host = next((one for one in sop.tasks.values()
                         if one.process == process and element in one.boundary), None)
            if host is not None:
                return f"{self.name(where)}, {host.name}"
        return self.name(where)

    def finish(self) -> list[Figure]:
        """Put the tokens of today where the report still runs, and draw every figure."""
        for run in self._runs.values():
            if run.row.state is None:
                continue
            sop = self._versions.ran[run.row.sop_key]
            tokens = inspect(sop, run.row.state).tokens
            for process, figure in run.figures.items():
                figure.now = tuple(one for one in dict.fromkeys(tokens) if (process, one) in sop.elements)
                self._last[figure.id].now = figure.now
        for figure in self.figures:
            figure.svg = _drawn(figure)
        return self.figures

    def _run_of(self, event: Row[Any]) -> _Run | None:
        data, live = event.data, [one for one in self._runs.values() if not one.ended]
        if event.type == "ProcessStarted":
            row = next((one for one in self._waiting if one.sop_key == data.get("sop")), None)
            if row is None:
                return None
            self._waiting.remove(row)
            return self._runs.setdefault(row.id, _Run(row, uuid.UUID(str(data["versi"]))))
        if event.type in MOVES:
            return next((one for one in live if one.row.sop_key == data.get("sop")), None)
        named = [data.get("tugas"), *(one[0] for one in (*data.get("dibuka", ()), *data.get("ditutup", ())))]
        for task in named:
            owner = self._tasks.get(task) if isinstance(task, str) else None
            if owner in self._runs:
                return self._runs[owner]
        if event.type == "ReportClosed":
            return next((one for one in live if one.row.main), None)
        if not (data.get("jalan") or data.get("timer") or event.type == "ProcessEnded"):
            return None
        for ring in data.get("timer", ()):
            for run in live:
                sop = self._versions.ran[run.row.sop_key]
                if _place(str(ring[0]), sop.key) in sop.elements:
                    return run
        if event.type == "ProcessEnded":
            return next((one for one in reversed(live) if not one.row.main), None)
        return next((one for one in live if one.row.main), live[-1] if live else None)

    def _steps(
        self, sop: CompiledSop, data: Mapping[str, Any]
    ) -> Iterator[tuple[str, list[str], str | None]]:
        """Process, elements reached, flow taken."""
        for step in data.get("jalan", ()):
            if isinstance(step, str):
                process, element = _place(step, sop.key)
                yield process, [element], None
            elif step < len(sop.flows):
                process, flow, source, target = sop.flows[step]
                yield process, [source, target], flow

    def _tokens(self, run: _Run, event: Row[Any]) -> None:
        data = event.data
        if event.type == "TaskCompleted":
            run.open.pop(str(data.get("tugas")), None)
        for task, _element, _cause in data.get("ditutup", ()):
            run.open.pop(task, None)
        for task, element, _due in data.get("dibuka", ()):
            run.open[task] = _place(element, run.row.sop_key)

    def _move(self, run: _Run, event: Row[Any], found: dict[str, tuple[list[str], list[str]]]) -> None:
        """From here on the figures are those of the other version; what was passed keeps its mark."""
        renamed: Mapping[str, str] = event.data.get("petaan", {})
        run.version = uuid.UUID(str(event.data["ke"]))
        earlier, run.figures = run.figures, {}
        sop = self._versions.ran[run.row.sop_key]
        for process, figure in earlier.items():
            done = [renamed.get(one, one) for one in sorted(figure.done)]
            flows = [one for one in sorted(figure.flows) if (process, one) in sop.flow_numbers]
            found[process] = ([one for one in done if (process, one) in sop.elements], flows)
        run.open = {
            task: (process, renamed.get(element, element)) for task, (process, element) in run.open.items()
        }

    def _mark(
        self, run: _Run, sop: CompiledSop, process: str, done: list[str], flows: list[str], *, seq: int
    ) -> Mark:
        figure = run.figures.get(process)
        if figure is None:
            figure = Figure(f"g{len(self.figures) + 1}", sop, run.version, process, seq)
            run.figures[process] = figure
            self.figures.append(figure)
        figure.done |= set(done)
        figure.flows |= set(flows)
        figure.until = seq
        figure.now = tuple(sorted({element for where, element in run.open.values() if where == process}))
        mark = Mark(figure.id, list(dict.fromkeys(done)), flows, figure.now)
        self._last[figure.id] = mark
        return mark


def _place(name: str, main: str) -> tuple[str, str]:
    process, _, element = name.rpartition("/")
    return process or main, element


def _drawn(figure: Figure) -> str:
    wanted = re.compile(rb'<(?:\w+:)?process\b[^>]*\bid="' + re.escape(figure.process.encode()) + rb'"')
    source = next((one for one in figure.sop.sources if wanted.search(one.content)), None)
    if source is None:
        return ""
    return draw(
        source.content,
        process=figure.process,
        done=figure.done,
        current=frozenset(figure.now),
        flows_done=figure.flows,
        keyed=figure.id,
    )
