"""Write down what a push does to clocks: the deadlines of tasks that move, the report's total deadline."""

from __future__ import annotations

from datetime import datetime
from textwrap import shorten
from typing import Any

from sqlalchemy.orm import Session

from app.db import clocks
from app.engine.step import Position
from app.services.step_record import Record, iso, reckoned

LONGEST_SOURCE = 500
"""Characters of a legal source that are kept with a report."""


def write_moves(session: Session, record: Record) -> None:
    """Move the deadlines of open tasks that this push put off, or that the calendar moves."""
    gone = {task.id for task in record.step.closed}
    moves = [move for move in record.step.moved if move[0] not in gone]
    if not moves:
        return
    open_tasks = {task.id: task for task in record.step.position.open}
    moved = []
    for task_id, old, new in moves:
        row = {"id": task_id, "due_at": new, "entry": _entry(record, old, new)}
        task = open_tasks[task_id]
        if record.change and new is not None:
            row["more"] = {"dilewati": [], **reckoned(task.due_rule or "", task.opened, new, record.tools)}
        moved.append(row)
    clocks.move_due_dates(session, moved, kind="kalender" if record.change else "perpanjangan")
    if not record.change:
        record.trail.add(
            "DeadlineMoved",
            {"tugas": [[task_id, iso(old), iso(new)] for task_id, old, new in moves]},
        )


def _entry(record: Record, old: datetime | None, new: datetime | None) -> dict[str, Any]:
    """How the arithmetic of a deadline keeps that it was moved."""
    entry = {"pada": iso(record.tools.now), "dari": iso(old), "menjadi": iso(new)}
    return {**entry, "sebab": record.change} if record.change else entry


def write_total_clock(session: Session, record: Record) -> None:
    """Start, move or stop the report's total deadline when this push did so. The engine keeps the clock; it
    stands still while a task that waits for the reporter is open."""
    position, now = record.step.position, record.tools.now
    due, rule = position.total_due, position.total_rule
    if due is None or rule is None:
        return
    if record.total_before is None:
        begin = received(position, now)
        clock = {
            "instance_id": record.instance_id,
            "rule": rule,
            "started_at": begin,
            "due_at": due,
            "arithmetic": reckoned(rule, begin, due, record.tools, _source(position)),
        }
        clocks.start_total_clock(session, clock)
    elif due != record.total_before:
        kind, entry = _why_moved(record, due)
        moved = {"id": record.instance_id, "due_at": due, "entry": entry}
        if record.change:
            begin = received(position, now)
            skipped = reckoned(rule, begin, due, record.tools).get("dilewati", [])
            moved["more"] = {"dilewati": skipped}
        clocks.move_due_dates(session, [moved], kind=kind)
        if not record.change:
            record.trail.add("TotalDeadlineMoved", {"jenis": kind, **entry})
    if position.ended:
        clocks.stop_total_clock(session, record.instance_id, now=now)


def _why_moved(record: Record, due: datetime) -> tuple[str, dict[str, Any]]:
    """What put the total deadline off, as its arithmetic keeps it: the wait for the reporter that is over
    (from when to when, and in which step), or an approved extension."""
    now = iso(record.tools.now)
    if record.change:
        return "kalender", _entry(record, record.total_before, due)
    if record.paused_before is None or record.step.position.total_paused:
        return "perpanjangan", _entry(record, record.total_before, due)
    closed = (record.compiled.task(task.process, task.element) for task in record.step.closed)
    why = ", ".join(sorted({task.name for task in closed if task.pauses == "total"}))
    return "jeda", {"dari": iso(record.paused_before), "sampai": now, "sebab": why, "menjadi": iso(due)}


def _source(position: Position) -> str:
    """The legal source that the SOP's table of limits named, kept once per report: with its total."""
    value = position.variables.get("sumber")
    return shorten(value, LONGEST_SOURCE, placeholder=" …") if isinstance(value, str) else ""


def received(position: Position, now: datetime) -> datetime:
    """When the report was received; a letter typed in later keeps its true date in `diterima`."""
    value = position.variables.get("diterima")
    return datetime.fromisoformat(value) if isinstance(value, str) else now
