"""Trying out a draft with the city's own calendar, roles and names; nothing is written, ever."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.sandbox import SandboxStopped, in_sandbox
from app.db.models import MessageTemplate, Role
from app.db.queries.directory import colleagues, named_codes
from app.domain.calendar import BusinessCalendar
from app.domain.words import told
from app.engine.declaration import Duty, Field, Option, Standard, Task
from app.engine.play import City, play_draft
from app.engine.play_sources import Files
from app.engine.play_write import write_missing
from app.engine.stepper import START
from app.services import city
from app.services.sop_catalog import KINDS, STATUSES
from app.services.sop_judge import Judged, judge, scenario_calendar
from app.services.sop_versions import published_files
from app.services.task_page import labels_of

YEARS_BEFORE, YEARS_AFTER = 1, 6
"""Years around the start whose days off are known in a try; further on only weekends are."""
KEPT = 24
KOMINFO = "KOMINFO"
MOST_NAMES = 4

_tasks: OrderedDict[str, dict[str, Task]] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Holder:
    """Who would get a task: role and unit by name, how many officers that is and some of their names.
    `fallen`: the role needs a unit but none is named, so that the task goes to Kominfo."""

    role: str
    unit: str
    count: int
    names: tuple[str, ...]
    fallen: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """The picture as `play_draft` tells it, what the city adds to it, and the declarations of its open
    tasks by the name steps call them. `stopped` says why there is no picture."""

    picture: Mapping[str, Any]
    tasks: Mapping[str, Task]
    holders: Mapping[str, Holder]
    messages: Mapping[str, str]
    """Message key -> the city's words, where it has some."""
    labels: Mapping[str, str]
    calendar: BusinessCalendar
    stopped: str | None = None


def try_out(
    session: Session, files: Files, main: str, given: Mapping[str, Any], *, now: datetime, keep: bool = False
) -> Tried:
    """Take the steps of `given` (`at`, `data`, `steps` as in a scenario) in memory. Never raises for what the
    draft or the steps say."""
    labels = _labels(session)
    calendar = _calendar(session, given.get("at"))
    known = City(calendar, scenario_calendar(calendar.zone), *_roles(session), labels)
    try:
        picture = in_sandbox(play_draft, dict(files), main, dict(given), known, keep=keep)
        if picture.get("wanting"):
            lent = [(one.name, one.content) for one in published_files(session, now)]
            picture = in_sandbox(play_draft, dict(files), main, dict(given), known, published=lent, keep=keep)
    except SandboxStopped as stopped:
        picture = {"stopped": stopped.text}
    if picture["stopped"] is not None:
        return Tried({}, {}, {}, {}, labels, calendar, picture["stopped"])
    tasks = {one["task"]: task_from(one["declared"]) for one in picture["open"]}
    _remember(files, main, tasks)
    holders = {one["task"]: _holder(session, one, labels, known.unit_variables) for one in picture["open"]}
    return Tried(picture, tasks, holders, _messages(session, picture), labels, calendar)


def judge_with_city(
    session: Session,
    files: Files,
    main: str,
    scenarios: Sequence[Mapping[str, Any]],
    *,
    zone: str,
    now: datetime,
) -> Judged:
    """`judge`, with the city's names and with the published SOPs where the draft needs them."""
    labels = _labels(session)
    lent = published_files(session, now)
    return judge(files, main, scenarios, zone=zone, published=lent, labels=labels)


def write_scenarios(
    session: Session,
    files: Files,
    main: str,
    scenarios: Sequence[Mapping[str, Any]],
    *,
    zone: str,
    now: datetime,
) -> Mapping[str, Any]:
    """Scenarios for what the given ones leave out, as `write_missing` tells them. Nothing is kept."""
    lent = [(one.name, one.content) for one in published_files(session, now)]
    given = [dict(one) for one in scenarios]
    try:
        told: Mapping[str, Any] = in_sandbox(
            write_missing, dict(files), main, given, scenario_calendar(zone), published=lent
        )
    except SandboxStopped as stopped:
        return {"written": [], "unreached": [], "finished": True, "stopped": stopped.text}
    return told


def declared_task(
    session: Session, files: Files, main: str, given: Mapping[str, Any], task: str, *, now: datetime
) -> Task | None:
    """The declaration of a task that is open after `given`; None when it is not."""
    with _lock:
        known = _tasks.get(_mark(files, main), {}).get(task)
    return known or try_out(session, files, main, given, now=now).tasks.get(task)


def task_from(raw: Mapping[str, Any]) -> Task:
    """A declaration that came as JSON."""
    fields = tuple(
        Field(**{**one, "options": tuple(Option(**option) for option in one["options"])})
        for one in raw["fields"]
    )
    return Task(
        **{
            **raw,
            "fields": fields,
            "duty": Duty(**raw["duty"]),
            "standard": Standard(**raw["standard"]),
            "next_steps": tuple(raw["next_steps"]),
            "boundary": tuple(raw["boundary"]),
        }
    )


def _labels(session: Session) -> dict[str, str]:
    """Code -> name of everything a step may speak of."""
    return {**labels_of(named_codes(session)), **KINDS, **STATUSES, "pelapor": told("Pelapor")}


def _remember(files: Files, main: str, tasks: Mapping[str, Task]) -> None:
    mark = _mark(files, main)
    with _lock:
        _tasks[mark] = {**_tasks.pop(mark, {}), **tasks}
        while len(_tasks) > KEPT:
            _tasks.popitem(last=False)


def _mark(files: Files, main: str) -> str:
    whole = hashlib.sha256(main.encode())
    for name in sorted(files):
        content = files[name]
        whole.update(name.encode() + b"\0")
        whole.update(hashlib.sha256(content.encode() if isinstance(content, str) else content).digest())
    return whole.hexdigest()


def _calendar(session: Session, at: Any) -> BusinessCalendar:
    """The city's calendar with its days off written out, as another process has no database to ask."""
    calendar = city.calendar(session)
    year = int(str(at or START)[:4]) if str(at or START)[:4].isdigit() else int(START[:4])
    first = date(min(max(year - YEARS_BEFORE, 1), 9900), 1, 1)
    days = (first + timedelta(days=n) for n in range(366 * (YEARS_BEFORE + YEARS_AFTER)))
    named = {day: name for day in days if (name := calendar.holidays.get(day))}
    return replace(calendar, holidays=named)


def _roles(session: Session) -> tuple[Mapping[str, str], Mapping[str, str]]:
    rows = session.execute(select(Role.code, Role.unit_variable, Role.home_unit).order_by(Role.code)).all()
    return (
        {row.code: row.unit_variable for row in rows if row.unit_variable},
        {row.code: row.home_unit for row in rows if row.home_unit},
    )


def _holder(
    session: Session, task: Mapping[str, Any], labels: Mapping[str, str], unit_variables: Mapping[str, str]
) -> Holder:
    role, unit = task["role"], task["unit"]
    fallen = unit is None and role in unit_variables
    if role == "pelapor":
        return Holder(labels["pelapor"], "", 0, (), False)
    who = colleagues(session, "admin_kominfo" if fallen else role, KOMINFO if fallen else unit)
    names = tuple(name for _person, name in who[:MOST_NAMES])
    return Holder(
        labels.get(role, role), labels.get(unit or "", unit or ""), len(who), names, fallen
    )


def _messages(session: Session, picture: Mapping[str, Any]) -> Mapping[str, str]:
    pushes: Sequence[Mapping[str, Any]] = [push for entry in picture["log"] for push in entry["pushes"]]
    keys = {message["key"] for push in pushes for message in push["messages"]}
    rows = session.scalars(
        select(MessageTemplate).where(MessageTemplate.key.in_(keys)).order_by(MessageTemplate.key)
    )
    return {row.key: row.body or row.subject for row in rows}
