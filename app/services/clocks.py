"""The report's total clock: started by the SOP's rule, stopped while the city waits for the reporter.

Stage deadlines belong to tasks and are moved by the engine only; this is the other clock, never mixed with
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.db.pushes import LockedInstance
from app.engine.compiler import CompiledSop
from app.engine.expressions import evaluate, parse
from app.engine.functions import WORKING_FUNCTIONS, standard_functions
from app.engine.step import EngineFault, Position, Tools


@dataclass(frozen=True, slots=True)
class TotalClock:
    """How the total clock stands after a push. `begun`: the rule could be evaluated for the first time;
    `moved`: a pause ended and the date moved by it, `pause` says from when to when."""

    due_at: datetime | None
    paused_at: datetime | None
    begun: bool = False
    moved: bool = False
    pause: dict[str, Any] | None = None


def total_clock(
    compiled: CompiledSop,
    position: Position,
    *,
    tools: Tools,
    started_at: datetime,
    due_at: datetime | None,
    paused_at: datetime | None,
) -> TotalClock:
    """The total clock after a push that left the instance at `position`.

    The rule is evaluated once, as of the receipt, at the first push after which all its names have a value.
    """
    begun = False
    if due_at is None:
        due_at = _evaluated(compiled, position, tools, received(position, started_at))
        if due_at is None:
            return TotalClock(None, None)
        begun = True
    waits = any(compiled.task(task.process, task.element).pauses == "total" for task in position.open)
    if waits and paused_at is None:
        return TotalClock(due_at, tools.now, begun)
    if waits or paused_at is None:
        return TotalClock(due_at, paused_at, begun)
    resumed = _moved(compiled, due_at, paused_at, tools)
    pause = {"dari": paused_at.isoformat(), "sampai": tools.now.isoformat(), "menjadi": resumed.isoformat()}
    return TotalClock(resumed, None, begun, True, pause)


def total_clock_after(
    compiled: CompiledSop, position: Position, locked: LockedInstance, tools: Tools
) -> TotalClock:
    """The same for a running instance."""
    return total_clock(
        compiled,
        position,
        tools=tools,
        started_at=locked.started_at,
        due_at=locked.total_due_at,
        paused_at=locked.total_paused_at,
    )


def received(position: Position, started_at: datetime) -> datetime:
    """When the report was received; a letter typed in later keeps its true date in `diterima`."""
    value = position.variables.get("diterima")
    return datetime.fromisoformat(value) if isinstance(value, str) else started_at


def _evaluated(
    compiled: CompiledSop, position: Position, tools: Tools, started_at: datetime
) -> datetime | None:
    if compiled.total is None:
        return None
    rule = parse(compiled.total)
    if any(position.variables.get(name) is None for name in rule.names):
        return None
    functions = standard_functions(Tools(now=started_at, calendar=tools.calendar))
    value = evaluate(rule, position.variables, functions)
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError) as wrong:
        raise EngineFault(
            f"Batas waktu total “{compiled.total}” bukan tanggal dan waktu.",
            process=compiled.key,
            names=tuple(sorted(rule.names)),
        ) from wrong


def _moved(compiled: CompiledSop, due_at: datetime, paused_at: datetime, tools: Tools) -> datetime:
    rule = parse(compiled.total or "None")
    if rule.functions & WORKING_FUNCTIONS:
        lost = tools.calendar.working_seconds(paused_at, tools.now)
        return tools.calendar.add_working_time(due_at, lost)
    return due_at + max(tools.now - paused_at, timedelta(0))
