"""Steps and flows of an SOP version with their figures, and the picture of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from app.domain.bottleneck import Figures
from app.domain.durations import value
from app.engine.compiled import CompiledSop, Source
from app.engine.document import NothingToPrint, sop_document
from app.engine.drawing import draw
from app.engine.drawing_heat import Heat
from app.engine.words import element_words

REPORTER = "pelapor"
WHOLE, STEP, FLOW = "laporan", "langkah", "alur"
"""Kinds of places, as `StepTime` has them."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step and what it took. `place`: as the trace names it; `number` and `limit`: as the printed SOP has
    them."""

    place: str
    process: str
    element: str
    name: str
    number: str
    limit: str
    role: str
    figures: Figures

    @property
    def by_reporter(self) -> bool:
        return self.role == REPORTER


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. `source`, `target`: what its ends are called; its times: of the step before."""

    place: str
    process: str
    element: str
    source: str
    target: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Picture:
    """One process of the SOP, drawn; `svg` is empty when its file has no layout."""

    name: str
    svg: str


def figures(row: Row[Any]) -> Figures:
    """Sums and percentile buckets of `queries.bottlenecks` as figures."""
    return Figures(
        row.times, row.late, row.signed_late, row.again, row.dropped, row.waiting, row.working, row.elapsed,
        value(row.median), value(row.p90),
    )  # fmt: skip


def spent_by_city(steps: Iterable[Step]) -> int:
    """Working seconds of the city's steps."""
    return sum(step.figures.spent for step in steps if not step.by_reporter)


def ranked(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The city's steps, most working time first; those seen too seldom to judge come last."""
    own = [step for step in steps if not step.by_reporter and step.figures.spent]
    return tuple(sorted(own, key=lambda one: (not one.figures.enough, -one.figures.spent, one.place)))


def worst(steps: Iterable[Step]) -> Step | None:
    """Where most working time goes, seen often enough to say so."""
    return next((step for step in ranked(steps)[:1] if step.figures.enough), None)


def pictures(
    sop: CompiledSop, places: Sequence[Step | Flow], heat: Mapping[str, Heat], told: str, *, keyed: str,
    overview: int = 0,
) -> list[Picture]:
    """The SOP and each called process that has `places`. `heat`: by place; `told`: for screen readers;
    `keyed`: tells these pictures from others on the page; `overview`: pixels the whole is to be wide, 0 for
    full size."""
    warm: dict[str, dict[str, Heat]] = {sop.key: {}}
    for one in places:
        if one.place in heat:
            warm.setdefault(one.process, {})[one.element] = heat[one.place]
    return [
        Picture(sop.name if process == sop.key else process.replace("_", " ").capitalize(),
                _drawn(sop.sources, process, parts, told, f"{keyed}{place}", overview))
        for place, (process, parts) in enumerate(warm.items())
    ]  # fmt: skip


def steps_of(sop: CompiledSop, rows: Iterable[Row[Any]]) -> list[Step]:
    """Steps with figures, in the order of the printed SOP; what this version does not draw comes last."""
    printed = printed_steps(sop.sources, sop.key)[0]
    found = []
    for row in rows:
        if row.kind != STEP:
            continue
        process, element = place_of(row.place, sop.key)
        number, limit, order = printed.get((process, element), ("", "", len(printed)))
        task = sop.tasks.get((process, element))
        name = sop.elements.get((process, element), ("", ""))[1] or row.place
        role = (task.role if task else "") or ""
        found.append((order, Step(row.place, process, element, name, number, limit, role, figures(row))))
    return [step for _order, step in sorted(found, key=lambda one: (one[0], one[1].place))]


def place_of(place: str, main: str) -> tuple[str, str]:
    """Process and element of a place as the trace names it."""
    process, _, element = place.rpartition("/")
    return process or main, element


def flows_of(sop: CompiledSop, rows: Iterable[Row[Any]]) -> list[Flow]:
    """Flows with figures that this version draws, the most taken first."""
    drawn = {(process, flow): (source, target) for process, flow, source, target in sop.flows}
    found = []
    for row in rows:
        process, element = place_of(row.place, sop.key)
        if row.kind == FLOW and (process, element) in drawn:
            source, target = (_name(sop, process, end) for end in drawn[process, element])
            found.append(Flow(row.place, process, element, source, target, figures(row)))
    return sorted(found, key=lambda one: (-one.figures.times, one.place))


def _name(sop: CompiledSop, process: str, element: str) -> str:
    tag, name = sop.elements.get((process, element), ("", ""))
    return name if name and name != element else element_words(tag)


@lru_cache(maxsize=32)
def printed_steps(
    sources: tuple[Source, ...], key: str
) -> tuple[Mapping[tuple[str, str], tuple[str, str, int]], str]:
    """(process, element) -> number, *waktu* and place in the printed SOP; and the whole's *waktu*. Published
    files never change, so they are read once for as long as they are asked for."""
    try:
        document = sop_document(sources, key)
    except NothingToPrint:
        return {}, ""
    found: dict[tuple[str, str], tuple[str, str, int]] = {}
    for part in document.parts:
        for row in part.rows:
            for element in row.elements:
                time = row.time if element == row.elements[0] else ""
                found[part.key, element] = (row.number, time, len(found))
    return found, document.parts[0].total if document.parts else ""


def _drawn(sources: Sequence[Source], process: str, heat: Mapping[str, Heat], told: str, keyed: str,
           overview: int) -> str:
    wanted = re.compile(rb'<(?:\w+:)?process\b[^>]*\bid="' + re.escape(process.encode()) + rb'"')
    source = next((one for one in sources if wanted.search(one.content)), None)
    if source is None:
        return ""
    return draw(source.content, process=process, heat=heat, told=told, keyed=keyed, overview=overview)
