"""Change the city's calendar together with every open deadline that it moves: shown first, then all or none.

The change holds the calendar (so that no SOP begins meanwhile) and every running SOP in the order of ids,
counts each again with the new calendar, and compares with what the admin was shown. One that cannot be
counted stops the whole; nothing is written then.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.db import calendars, pushes
from app.db.calendars import StoredCalendar
from app.db.pushes import LockedInstance
from app.domain.actor import Actor
from app.domain.calendar import BusinessCalendar, CalendarFault
from app.domain.calendar_change import Change, check_past
from app.domain.city_calendar import CityCalendar, differing_days
from app.domain.errors import Conflict, Invalid
from app.engine import runner
from app.engine.compiler import CompiledSop
from app.engine.step import EngineFault, Step, Tools
from app.services import city, sop_versions, trail
from app.services.outcome import Pushed
from app.services.push import Push, carry_out
from app.tasks.operations import OperationRefused

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.*")
FARTHEST: Final = timedelta(days=3_660)
"""The longest a timer can be."""
TOTAL: Final = "total"


@dataclass(frozen=True, slots=True)
class Move:
    """One deadline that moves. `task`: the work item's id, or `total`; `name`: the task's, or empty."""

    number: str
    task: str
    name: str
    holder: str
    old: datetime
    new: datetime


@dataclass(frozen=True, slots=True)
class Blocked:
    """A report whose deadlines cannot be counted with the new calendar."""

    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do. `silent`: running SOPs of which only reminders move; `fingerprint` is the same
    as long as the same change would do the same."""

    change: str
    moves: tuple[Move, ...]
    silent: int
    blocked: tuple[Blocked, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Applied:
    revision: int
    moves: int


@dataclass(frozen=True, slots=True)
class _Recount:
    """A running SOP as the new calendar counts it. `moves`: (task id or `total`, old, new)."""

    locked: LockedInstance
    compiled: CompiledSop
    step: Step
    moves: tuple[tuple[str, datetime, datetime], ...]


@dataclass(slots=True)
class _Plan:
    stored: StoredCalendar
    rows: CityCalendar
    calendar: BusinessCalendar
    recounts: list[_Recount] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)


def preview(session: Session, change: Change, *, now: datetime) -> Preview:
    """Every open deadline that `change` would move. Writes and locks nothing. Raises Invalid."""
    plan = _plan(session, change, now)
    _count(session, plan, calendars.running_instances(session), now)
    return _shown(session, plan, change)


def apply(
    session: Session, change: Change, *, fingerprint: str, actor: Actor, now: datetime
) -> Applied | Preview:
    """Do what was shown under `fingerprint`. When it is no longer the same, or cannot be done whole, nothing
    is done, and what would be done now is returned. Raises Invalid."""
    calendars.lock_calendar(session)
    plan = _plan(session, change, now)
    _count(session, plan, calendars.lock_running_instances(session), now)
    shown = _shown(session, plan, change)
    if shown.blocked or shown.fingerprint != fingerprint:
        return shown
    by = actor.person_id
    revision = calendars.replace_rows(session, plan.stored.rows, plan.rows, by=by, now=now)
    for recount in plan.recounts:
        _write(session, recount, shown.change, plan.calendar, actor=actor, now=now)
    log = trail.begin_stream(session, city.stream_of_city(), "kota")
    facts = {"perubahan": shown.change, "revisi": revision, "batas_bergeser": len(shown.moves)}
    log.add("CalendarChanged", facts)
    log.write(session, origin=actor.origin(), now=now)
    return Applied(revision, len(shown.moves))


def _plan(session: Session, change: Change, now: datetime) -> _Plan:
    stored = calendars.read_calendar(session)
    old = city.in_force(stored.rows)
    today = old.local_day(now)
    rows = change.applied(stored.rows, today)
    try:
        new = city.in_force(rows)
        new.add_working_days(now, 1)
    except CalendarFault as fault:
        raise Invalid(str(fault)) from fault
    check_past(old, new, today)
    return _Plan(stored, rows, new)


def _count(session: Session, plan: _Plan, running: Sequence[LockedInstance], now: datetime) -> None:
    """Count again what the change reaches."""
    reach = [(one, *_days_of(one, plan.calendar)) for one in running]
    if not reach:
        return
    old = city.in_force(plan.stored.rows)
    first, last = min(each[1] for each in reach), max(each[2] for each in reach)
    changed = differing_days(old, plan.calendar, first, last)
    tools = Tools(now=now, calendar=plan.calendar)
    for locked, begins, ends in reach:
        if not any(begins <= day <= ends for day in changed):
            continue
        try:
            recount = _recount(session, locked, tools)
        except (EngineFault, OperationRefused, sop_versions.NoSuchSop) as fault:
            plan.blocked.append(Blocked(locked.number or locked.sop_key, fault.text))
            continue
        if recount is not None:
            plan.recounts.append(recount)


def _recount(session: Session, locked: LockedInstance, tools: Tools) -> _Recount | None:
    """None: the new calendar changes nothing here."""
    compiled = sop_versions.compiled(session, locked.sop_version_id)
    state = locked.state or {}
    step = runner.recalculate(compiled, state, tools=tools)
    if step.state == state:
        return None
    moves = [(task, old, new) for task, old, new in step.moved if old is not None and new is not None]
    total = step.position.total_due
    if locked.total_due_at is not None and total is not None and total != locked.total_due_at:
        moves.append((TOTAL, locked.total_due_at, total))
    return _Recount(locked, compiled, step, tuple(moves))


def _write(
    session: Session,
    recount: _Recount,
    change: str,
    calendar: BusinessCalendar,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Push one. Its stream may have grown since, by another SOP of the same report."""
    locked = pushes.lock_instance(session, recount.locked.id)
    if locked is None or locked.revision != recount.locked.revision:
        raise RuntimeError(f"instance {recount.locked.id} was pushed by somebody else under the lock")
    tasks = [[task, old.isoformat(), new.isoformat()] for task, old, new in recount.moves if task != TOTAL]
    total = [[old.isoformat(), new.isoformat()] for task, old, new in recount.moves if task == TOTAL]
    facts = {"sebab": "kalender", "perubahan": change, "tugas": tasks, "total": total[0] if total else None}
    push = Push(
        event="DeadlineMoved",
        facts=facts,
        personal={},
        pull=lambda _compiled, _state, _tools: recount.step,
        action={"verb": "recalculate"},
        change=change,
    )
    around = pushes.around(session, locked.report_id)
    tools = Tools(now=now, calendar=calendar)
    try:
        outcome = carry_out(session, locked, push, around=around, actor=actor, now=now, tools=tools)
    except (EngineFault, OperationRefused, sop_versions.NoSuchSop) as fault:
        number = locked.number or locked.sop_key
        raise Conflict(f"{number}: {fault.text}") from fault
    if not isinstance(outcome, Pushed):
        raise RuntimeError(f"instance {locked.id} was not counted again: {outcome}")


def _shown(session: Session, plan: _Plan, change: Change) -> Preview:
    found = [(one.locked.number or one.locked.sop_key, *move) for one in plan.recounts for move in one.moves]
    names = calendars.names_of_tasks(session, [task for _, task, _, _ in found if task != TOTAL])
    moves = []
    for number, task, old, new in found:
        row = names.get(task)
        holder = "" if row is None else ", ".join(part for part in (row.role_name, row.unit_name) if part)
        moves.append(Move(number, task, "" if row is None else row.name, holder, old, new))
    moves.sort(key=lambda move: (move.number, move.task == TOTAL, move.new, move.task))
    silent = sum(1 for one in plan.recounts if not one.moves)
    reached = sorted(str(one.locked.id) for one in plan.recounts)
    print_of: list[Any] = [str(plan.stored.mark), change.words(), reached]
    print_of += [[m.number, m.task, m.old.isoformat(), m.new.isoformat()] for m in moves]
    print_of += [[one.number, one.text] for one in plan.blocked]
    fingerprint = hashlib.sha256(json.dumps(print_of).encode()).hexdigest()
    return Preview(change.words(), tuple(moves), silent, tuple(plan.blocked), fingerprint)


def _days_of(locked: LockedInstance, calendar: BusinessCalendar) -> tuple[date, date]:
    """From the day a running SOP began to the last day its state names: no clock of it counts days outside.
    One day more on either side, for moments that are written in another zone."""
    first = calendar.local_day(locked.started_at)
    last = max([first, *_days_named(locked.state)])
    return first - timedelta(days=1), min(last, first + FARTHEST) + timedelta(days=1)


def _days_named(value: Any) -> Iterator[date]:
    if isinstance(value, str):
        if _MOMENT.fullmatch(value):
            with suppress(ValueError):
                yield date.fromisoformat(value[:10])
    elif isinstance(value, dict):
        for each in value.values():
            yield from _days_named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _days_named(each)
