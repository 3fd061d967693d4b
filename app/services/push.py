"""One push through the turnstile, of whatever kind: judge, plan, write, or open an incident."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.adapters import measures
from app.adapters.jobs import Job, defer
from app.db import pushes
from app.db.pushes import Around, LockedInstance
from app.domain.actor import Actor
from app.engine.compiler import CompiledSop
from app.engine.declaration import Task
from app.engine.step import EngineFault, Refusal, Step, Tools
from app.services import city, operations_lapse, sop_enactment, sop_versions
from app.services.incidents import keep_as_draft, open_incident, settle
from app.services.outcome import Faulted, Outcome, Pushed, Refused
from app.services.push_report import changes, report_values, said, split, write_first_status
from app.services.step_clocks import write_moves, write_total_clock
from app.services.step_plan import Plan, Start, plan_step
from app.services.step_record import (
    Record,
    facts_of,
    instance_values,
    whose,
    write_jobs,
    write_maskings,
    write_notices,
    write_tasks,
)
from app.services.trail import Trail
from app.tasks.assignment import Roles
from app.tasks.operations import OperationRefused

WAKE_RETRIES = (1, 5, 25, 125)
"""Minutes to wait before a failed wake-up is tried again; after that it waits for *coba lagi*."""

Pull = Callable[[CompiledSop, dict[str, Any], Tools], Step | Refusal]
Picture = Callable[[Record], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Push:
    """One kind of push: how to pull the engine, and what the trace says of it."""

    event: str
    facts: Mapping[str, Any]
    personal: Mapping[str, str]
    pull: Pull
    action: Mapping[str, Any]
    role: str | None = None
    draft: tuple[uuid.UUID, Mapping[str, Any]] | None = None
    form: Task | None = None
    """The task whose form this push brings."""
    change: str = ""
    """What changed in the calendar, when that is why. A fault then opens no incident: it is raised."""
    strict: bool = False
    """A fault opens no incident, it is raised: what an officer wants may be impossible."""
    picture: Picture | None = None
    """What the push's own event says besides, once tasks and clocks are written."""
    ending: Mapping[str, Any] = field(default_factory=dict)
    """What the event of the end says besides, should this push bring it."""


def carry_out(
    session: Session,
    locked: LockedInstance,
    push: Push,
    *,
    around: Around,
    actor: Actor,
    now: datetime,
    tools: Tools | None = None,
) -> Outcome:
    """Push a locked, running instance. `tools`: those of a calendar that is about to hold."""
    with measures.pushing(str(push.action.get("verb", push.event)), locked.number):
        return _carry_out(session, locked, push, around, actor, now, tools)


def _carry_out(
    session: Session,
    locked: LockedInstance,
    push: Push,
    around: Around,
    actor: Actor,
    now: datetime,
    tools: Tools | None,
) -> Outcome:
    tools = tools or city.tools_at(session, around.calendar, now)
    compiled = sop_versions.compiled(session, locked.sop_version_id)
    trail = Trail(locked.stream_id, locked.last_seq, locked.last_hash)
    event, role, personal, facts, form = push.event, push.role, push.personal, push.facts, push.form
    picture = push.picture
    refused: Refusal | None = None
    try:
        answer = push.pull(compiled, locked.state or {}, tools)
        if isinstance(answer, Refusal):
            if answer.step is None:
                return Refused(answer.name, answer.text, answer.faults)
            refused, answer = answer, answer.step
            event, role, personal, facts, form = "TimersFired", None, {}, {}, None
            picture = None
        plan = plan_step(session, compiled, answer, around.roles, tools, actor)
    except (EngineFault, OperationRefused, sop_versions.NoSuchSop) as fault:
        if push.change or push.strict:
            raise
        return _faulted(session, locked, trail, push, fault, actor=actor, now=now)
    record = Record(
        locked.id, locked.report_id, compiled, plan.step, trail, around.roles, tools, plan.requests,
        locked.revision, locked.total_due_at, locked.total_paused_at, change=push.change,
    )  # fmt: skip
    if form is not None:
        plain, private = split(form, plan.step.accepted)
        facts, personal = {**facts, "jawaban": plain}, {**personal, **private}
        record.said = said(form, plan.step.accepted)
    report: dict[str, Any] = {}
    if locked.main and locked.report_id:
        facts = {**facts, **changes(around, plan.step)}
        report = report_values(around, plan.step, form, now=now)
    flow = whose(locked.id, locked.report_id)
    trail.add(event, {**facts, **flow, **facts_of(plan.step, compiled)}, personal)
    values = {**instance_values(record, plan.state_text), "revision": locked.revision}
    if not pushes.save_instance(session, {**values, **report, "now": now}):
        raise RuntimeError(f"instance {locked.id} was pushed by somebody else under the lock")
    if around.wanted and plan.step.position.ended and locked.report_id is not None:
        operations_lapse.lapse(session, trail, instance_id=locked.id, report_id=locked.report_id, now=now)
    _write(
        session, record, plan, role=role, main=locked.main, actor=actor, picture=picture, ending=push.ending
    )
    if around.troubled and not push.change:
        settle(session, trail, locked.id, origin=actor.origin(role), now=now)
    if refused is None:
        return _pushed(record, locked.number)
    if push.draft is not None:
        # The task is gone, but what was typed is not: it stays readable on the task's page.
        keep_as_draft(session, push.draft[0], actor.person_id, push.draft[1], now=now)
    return Refused(refused.name, refused.text, refused.faults, when=now)


def write_start(
    session: Session,
    start: Start,
    *,
    instance_id: uuid.UUID,
    trail: Trail,
    report_id: uuid.UUID | None,
    number: str | None,
    roles: Roles,
    tools: Tools,
    actor: Actor,
    main: bool,
) -> Pushed:
    """Write an SOP that begins, and those it starts beside it."""
    compiled, plan = start.compiled, start.plan
    record = Record(instance_id, report_id, compiled, plan.step, trail, roles, tools, plan.requests)
    values = {
        **instance_values(record, plan.state_text),
        "stream_id": trail.stream_id,
        "report_id": report_id,
        "sop_version_id": start.version_id,
        "sop_key": compiled.key,
        "main": main,
        "now": tools.now,
    }
    pushes.insert_instance(session, values)
    changed: dict[str, Any] = {}
    if main and report_id is not None:
        changed = write_first_status(session, report_id, plan.step, now=tools.now)
    trail.add(
        "ProcessStarted",
        {"sop": compiled.key, "versi": str(start.version_id), **whose(instance_id, report_id),
         **facts_of(plan.step, compiled), **changed},
    )
    _write(session, record, plan, role=None, main=main, actor=actor)
    return _pushed(record, number)


def _write(
    session: Session,
    record: Record,
    plan: Plan,
    *,
    role: str | None,
    main: bool,
    actor: Actor,
    picture: Picture | None = None,
    ending: Mapping[str, Any] | None = None,
) -> None:
    """The writing half every push shares. `role` is the one acted in, for the trace."""
    write_tasks(session, record, actor=actor)
    write_moves(session, record)
    write_total_clock(session, record)
    write_notices(session, record)
    write_maskings(session, record)
    sop_enactment.carry_out(session, record, actor=actor)
    position = record.step.position
    if picture is not None:
        record.trail.say_more(picture(record))
    if position.ended:
        facts = {"alasan": position.end_reason, **(ending or {})}
        ended = "ReportClosed" if main else "ProcessEnded"
        record.trail.add(ended, {**facts, **whose(record.instance_id, record.report_id)})
    record.trail.write(session, origin=actor.origin(role), now=record.tools.now)
    write_jobs(session, record)
    for start in plan.launches:
        write_start(
            session,
            start,
            instance_id=uuid.uuid4(),
            trail=record.trail,
            report_id=record.report_id,
            number=None,
            roles=record.roles,
            tools=record.tools,
            actor=actor,
            main=False,
        )


def _pushed(record: Record, number: str | None) -> Pushed:
    position = record.step.position
    reason = position.end_reason if position.ended else None
    return Pushed(record.instance_id, record.report_id, number, record.placed, position.ended, reason)


def _faulted(
    session: Session,
    locked: LockedInstance,
    trail: Trail,
    push: Push,
    fault: EngineFault | OperationRefused | sop_versions.NoSuchSop,
    *,
    actor: Actor,
    now: datetime,
) -> Faulted:
    opened = open_incident(
        session,
        trail,
        instance_id=locked.id,
        report_id=locked.report_id,
        sop_key=locked.sop_key,
        element=getattr(fault, "element", None),
        cause=fault.text,
        names=getattr(fault, "names", ()),
        action=push.action,
        now=now,
    )
    trail.write(session, origin=actor.origin(push.role), now=now)
    if push.draft is not None:
        keep_as_draft(session, push.draft[0], actor.person_id, push.draft[1], now=now)
    if push.action["verb"] == "wake" and opened.attempts <= len(WAKE_RETRIES):
        instance = str(locked.id)
        at = now + timedelta(minutes=WAKE_RETRIES[opened.attempts - 1])
        defer(session, [Job("wake_instance", {"instance_id": instance}, at=at, key=f"wake:{instance}")])
    return Faulted(opened.id, fault.text)
