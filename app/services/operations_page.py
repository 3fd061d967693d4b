"""Everything the pages of operations show: what may be done to a report now, and what was done."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db import pushes
from app.db.queries import operations as queries
from app.db.queries import operations_list as listed
from app.db.queries.history import instances_of
from app.domain.actor import Actor
from app.domain.errors import NotFound, NotPermitted
from app.domain.permissions import Permission
from app.engine.intervene_choices import Choices, Token, choices
from app.engine.step import EngineFault
from app.services import sop_versions
from app.services.operations import WAITS
from app.services.operations_plan import Seen, look, passed, planned
from app.services.operations_shape import SEND_BACK, Planned
from app.services.operations_told import Said, people_in, picture_changes
from app.services.report_access import may_read


@dataclass(frozen=True, slots=True)
class Place:
    """Where the report stands: an open task (`item`), or something else that is waited for. `people`: who
    could be given the task (id, name); `units`: where else people have its role."""

    token: Token
    item: Row[Any] | None
    people: Sequence[tuple[str, str]]
    units: Sequence[str]


@dataclass(frozen=True, slots=True)
class Running:
    """An SOP of the report that still runs."""

    instance_id: uuid.UUID
    name: str
    main: bool


@dataclass(frozen=True, slots=True)
class RunningSops:
    """`current`: the one that is looked at, None when none runs."""

    all: tuple[Running, ...]
    current: Running | None


@dataclass(frozen=True, slots=True)
class Desk:
    """What may be done to the SOP that is looked at. `unreadable`: why its state cannot be read."""

    running: tuple[Running, ...]
    current: Running | None
    places: tuple[Place, ...]
    choices: Choices | None
    incident: Row[Any] | None
    suspended_at: datetime | None
    unreadable: str


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation over one report. `now`: what it would mean at this moment, while it waits; `same`: that
    is what was shown to who asked. `told`: what changed, once it was done; `target`: the step it goes to, in
    words, where one was chosen."""

    operation: Row[Any]
    report: Row[Any]
    now: Planned | None
    same: bool
    told: tuple[Said, ...]
    target: str
    own: bool
    may_agree: bool


def running_of(
    session: Session, report_id: uuid.UUID, chosen: uuid.UUID | None, *, actor: Actor
) -> RunningSops:
    """The SOPs of a report that still run; looked at is `chosen`, else the main one. Raises NotFound,
    NotPermitted."""
    if not actor.may(Permission.OPERATE):
        raise NotPermitted
    if not may_read(session, report_id, actor=actor):
        raise NotFound
    running = tuple(
        Running(row.id, _name(session, row), row.main)
        for row in instances_of(session, report_id) if row.ended_at is None
    )  # fmt: skip
    current = next((one for one in running if one.instance_id == chosen), None)
    return RunningSops(running, current or next(iter(running), None))


def desk_of(
    session: Session,
    report_id: uuid.UUID,
    chosen: uuid.UUID | None,
    *,
    tried: bool = True,
    actor: Actor,
    now: datetime,
) -> Desk:
    """What may be done to a report's running SOP. `tried`: with every step it could be taken to, each tried
    on a copy; without, only its open tasks. Raises NotFound, NotPermitted."""
    sops = running_of(session, report_id, chosen, actor=actor)
    running, current = sops.all, sops.current
    locked = None if current is None else pushes.instance(session, current.instance_id)
    if locked is None or locked.state is None:
        return Desk(running, None, (), None, None, None, "")
    incident = queries.open_incident(session, locked.id)
    try:
        seen = look(session, locked, now=now)
        past = passed(session, seen, SEND_BACK) if tried else ()
        found = choices(seen.compiled, locked.state, tools=seen.tools, past=past) if tried else _tasks(seen)
    except EngineFault as fault:
        return Desk(running, current, (), None, incident, locked.suspended_at, fault.text)
    places = _places(session, seen, found)
    return Desk(running, current, places, found, incident, locked.suspended_at, "")


def operation_view(
    session: Session, operation_id: uuid.UUID, *, labels: Mapping[str, str], actor: Actor, now: datetime
) -> OperationView:
    """One operation over a single report. Raises NotFound."""
    operation = listed.operation(session, operation_id)
    rows = listed.reports_of(session, operation_id) if operation is not None else []
    if operation is None or len(rows) != 1 or not may_read(session, rows[0].report_id, actor=actor):
        raise NotFound
    [report] = rows
    compiled = sop_versions.compiled(session, report.sop_version_id)
    names = {element: name for (_process, element), (_tag, name) in compiled.elements.items() if name}
    plan, same = None, True
    if operation.state == WAITS:
        locked = pushes.instance(session, report.instance_id)
        if locked is None:
            raise NotFound
        plan = planned(session, locked, operation.kind, operation.parameters, actor=actor, now=now)
        same = plan.still(report.revision, report.consequences)
    own = str(operation.asked_by) == actor.person_id
    return OperationView(
        operation, report, plan, same, _told(session, report, names, labels), _target(operation, names), own,
        may_agree=operation.state == WAITS and not own and actor.may(Permission.OPERATE_SECOND),
    )  # fmt: skip


def _target(operation: Row[Any], names: Mapping[str, str]) -> str:
    """`cek/periksa@#3` is the step `periksa`."""
    step = str(operation.parameters.get("ke") or "").partition("@")[0].rpartition("/")[2]
    return names.get(step, step)


def _told(
    session: Session, report: Row[Any], names: Mapping[str, str], labels: Mapping[str, str]
) -> tuple[Said, ...]:
    if report.before is None or report.after is None:
        return ()
    people = listed.names_of(session, people_in(report.before, report.after))
    changes = picture_changes(
        report.before, report.after, name=lambda one: names.get(one, one), labels=labels, people=people
    )
    return tuple(changes)


def _tasks(seen: Seen) -> Choices:
    """The open tasks alone, with nothing tried."""
    tokens = (
        Token(one.id, one.id, one.element, one.process, one.name, "userTask", one.item, None, None, ())
        for one in seen.position.open
    )
    return Choices(None, tuple(tokens), ())


def _places(session: Session, seen: Seen, found: Choices) -> tuple[Place, ...]:
    items = {str(item.id): item for item in seen.items}
    open_ = {task.id: task for task in seen.position.open}
    roles = sorted({task.role for task in open_.values()} | {item.role_code for item in seen.items})
    able = queries.able(session, roles)
    places = []
    for token in found.tokens:
        task, item = open_.get(token.task_id or ""), items.get(token.task_id or "")
        people: list[tuple[str, str]] = []
        units: list[str] = []
        if task is not None and item is not None and item.role_code != "pelapor":
            people = [
                (str(one.id), one.display_name) for one in able
                if (one.role_code, one.unit_code) == (item.role_code, item.unit_code)
                and str(one.id) not in task.barred and one.id != item.claimed_by
            ]  # fmt: skip
            there = (one.unit_code for one in able if one.role_code == task.role and one.unit_code)
            here = item.unit_code if item.role_code == task.role else None
            units = [unit for unit in dict.fromkeys(there) if unit != here]
        places.append(Place(token, item, people, sorted(units)))
    return tuple(places)


def _name(session: Session, row: Row[Any]) -> str:
    return sop_versions.compiled(session, row.sop_version_id).name
