"""The report's total deadline, and the clock that `pauses="total"` stops and an extension puts off.

Kept as `total: {due, unit, given, held, paused?}`: `held` are the seconds the clock stood still so far, in
the deadline's own measure. The rule is evaluated once, as from the start of the instance, as soon as all
the values it reads are there. Rule: the SOP file contract, "User task".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from SpiffWorkflow.task import Task

from app.engine.clockwork import functions_at, moment
from app.engine.evaluator import EvaluationError
from app.engine.expressions import Expression, parse
from app.engine.run import Run, tokens
from app.engine.specs.activities import UserTask
from app.engine.step import EngineFault
from app.engine.timers import TimerError, arm


def settle_total(run: Run, top: Any) -> None:
    """To be called at the end of a push: set the deadline when it can be, stop or start its clock."""
    rule = total_rule(run)
    if rule is None:
        return
    total = run.state.get("total")
    if total is None and rule.names <= run.variables.keys():
        total = {"given": {name: run.variables[name] for name in sorted(rule.names)}, "held": 0}
        run.state["total"] = total
        _compute(run, rule, total)
    if total is None:
        return
    pausing = any(isinstance(task.task_spec, UserTask) and pauses(task) for task in tokens(top))
    if pausing:
        total.setdefault("paused", run.moment.isoformat())
    elif "paused" in total:
        total["held"] += _between(run, moment(total.pop("paused")), run.moment, total["unit"])
        _compute(run, rule, total)


def extend_total(run: Run, moves: Sequence[tuple[str, datetime | None, datetime | None]]) -> None:
    """An approved extension holds the total clock for as long as it puts a task off, at most the longest."""
    rule, total = total_rule(run), run.state.get("total")
    if rule is None or total is None:
        return
    put_off = [_between(run, old, new, total["unit"]) for _id, old, new in moves if old and new and new > old]
    if put_off:
        total["held"] += max(put_off)
        _compute(run, rule, total)


def recount_total(run: Run) -> None:
    """The calendar changed. A clock that has run out stays so."""
    rule, total = total_rule(run), run.state.get("total")
    if rule is None or total is None:
        return
    reached = moment(total["paused"]) if "paused" in total else run.moment
    if moment(total["due"]) > reached:
        _compute(run, rule, total)


def rule_text(run: Run) -> str | None:
    """The rule the total deadline is counted by: the SOP's, unless the report was moved here with another
    (`rule` in the state; empty: with none)."""
    kept: str | None = run.state.get("rule")
    return run.compiled.total if kept is None else kept or None


def total_rule(run: Run) -> Expression | None:
    text = rule_text(run)
    return None if text is None else parse(text)


def pauses(task: Task) -> bool:
    """Whether an open task holds the total clock: as drawn when it opened."""
    drawn = task.task_spec.declared.pauses == "total"
    return bool(task.internal_data.get("pauses", drawn))


def _compute(run: Run, rule: Expression, total: dict[str, Any]) -> None:
    start = moment(run.state["start"])
    try:
        value, working = run.measure(rule, total["given"], functions_at(run, start))
        due = arm(value, start, run.zone).at
    except (EvaluationError, TimerError) as error:
        raise EngineFault(f"Tenggat total '{rule.text}': {error}", process=run.compiled.key) from error
    total["unit"] = "kerja" if working else "jam"
    if total["held"]:
        due = (run.calendar.add_working_time(due, total["held"]) if working
               else due + timedelta(seconds=total["held"]))
    total["due"] = due.isoformat()


def _between(run: Run, start: datetime, end: datetime, unit: str) -> float:
    return run.calendar.working_seconds(start, end) if unit == "kerja" else (end - start).total_seconds()
