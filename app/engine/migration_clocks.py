"""Every clock of an instance before and after it is moved to another version, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.engine.compiled import CompiledSop
from app.engine.step import Position, Timer


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline or timer. `element`: key in the old version; empty for the report's total. `before` or
    `after` is None for a timer that only one of the versions has and that was decided upon."""

    kind: Literal["tugas", "total", "waktu"]
    element: str
    before: datetime | None
    after: datetime | None


def compare_clocks(
    before: Position, after: Position, keys: Mapping[str, str], new: CompiledSop
) -> tuple[Clock, ...]:
    """Deadlines of open tasks and of the whole, then the timers which both versions know."""
    due = {task.id: task.due for task in after.open}
    clocks = [
        Clock("tugas", new.key_of(task.process, task.element), task.due, due.get(task.id))
        for task in before.open if task.due is not None or due.get(task.id) is not None
    ]
    if before.total_due is not None or after.total_due is not None:
        clocks.append(Clock("total", "", before.total_due, after.total_due))
    rings: dict[str, list[datetime]] = {}
    for timer in after.timers:
        rings.setdefault(_key(timer, new), []).append(timer.due)
    for timer in before.timers:
        key = _key(timer, new)
        kept = rings.get(keys.get(key, key))
        if kept:
            clocks.append(Clock("waktu", key, timer.due, kept.pop(0)))
    return tuple(clocks)


def _key(timer: Timer, sop: CompiledSop) -> str:
    return sop.key_of(timer.process, timer.element)
