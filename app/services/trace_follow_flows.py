"""Which sequence flows a report took, and how long the step before each took.

The trace tells of a flow when what it leads to is over: of one into a gateway at once, of one into a step
only when that step ends, of one into a step that was taken away not at all. So for every element that was
passed the time is remembered that its tokens carry: that of the last step before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.engine.asides import asides
from app.engine.compiled import CompiledSop
from app.services.trace_follow_times import NO_TIME, Took

KEPT = 200
_HOLDERS = frozenset({"subProcess", "callActivity"})

Carried = dict[str, Took]
"""Element -> the time its tokens carry; what was passed last comes last."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A sequence flow by the keys the trace uses. `kind`: BPMN tag of what it leads to."""

    key: str
    source: str
    target: str
    kind: str


@dataclass(frozen=True, slots=True)
class Arrows:
    """Those of an SOP in the order of its diagram, and by what they lead to."""

    all: tuple[Arrow, ...]
    into: Mapping[str, Sequence[Arrow]]


@lru_cache(maxsize=KEPT)
def arrows(sop: CompiledSop) -> Arrows:
    """Read once per compiled SOP."""
    found = tuple(
        Arrow(
            sop.key_of(process, flow), sop.key_of(process, source), sop.key_of(process, target),
            sop.elements[(process, target)][0],
        )
        for process, flow, source, target in sop.flows
    )  # fmt: skip
    into: dict[str, list[Arrow]] = {}
    for one in found:
        into.setdefault(one.target, []).append(one)
    return Arrows(found, into)


@dataclass(slots=True)
class Ended:
    """The steps one event ended. `times`: of each; `open`: those of which other parts are still open;
    `taken_away`: flow into each that was not done; `cause`: of the one that made the push."""

    times: dict[str, Took]
    open: set[str]
    taken_away: dict[str, str]
    cause: Took | None = None


def passed(
    sop: CompiledSop, way: Sequence[Any], ended: Ended, carried: Carried, waited: Callable[[str], Took | None]
) -> Iterator[tuple[str, Took]]:
    """The flows of one event (`way`: its `jalan`) with the time of the step before each. `carried` is kept up
    to date; `waited`: how long a step that is still open took so far."""
    table, hosts = arrows(sop), asides(sop).hosts
    before = NO_TIME if ended.cause is None else ended.cause
    reached: set[str] = set()
    for one in way:
        if isinstance(one, str):
            host = hosts.get(one)
            time = None if host is None else ended.times.get(host) or waited(host)
            _carry(carried, one, time or before)
        elif isinstance(one, int) and one < len(table.all):
            arrow = table.all[one]
            time = carried.get(arrow.source, before)
            if arrow.target not in reached and arrow.target not in ended.open:
                yield arrow.key, time
            if arrow.target in ended.times:
                reached.add(arrow.target)
                time = ended.times[arrow.target]
            elif arrow.kind in _HOLDERS:
                time = ended.cause or time
            _carry(carried, arrow.target, time)
    for step, flow in ended.taken_away.items():
        source = next((one.source for one in table.into.get(step, ()) if one.key == flow), None)
        if source is not None and step not in reached and step not in ended.open:
            yield flow, carried.get(source, before)


def led_to(sop: CompiledSop, step: str, carried: Carried) -> str:
    """The flow by which a step was reached just now: of those that lead to it, the one from what was passed
    last. Empty where none was."""
    places = {element: place for place, element in enumerate(carried)}
    found = [one for one in arrows(sop).into.get(step, ()) if one.source in places]
    return max(found, key=lambda one: places[one.source]).key if found else ""


def _carry(carried: Carried, element: str, time: Took) -> None:
    carried.pop(element, None)
    carried[element] = time
