"""The turnstile: the only caller of the engine's pushes.

One push is one transaction: lock the instance, load, fire what is due, push, load the new state back as
proof, write tasks, clocks, events, notices and jobs, save. Who calls commits, once. Expected refusals are
returned; a fault of the SOP opens an incident and is returned too, with nothing of the push written.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.adapters import measures
from app.db import pushes
from app.db.pushes import Around, LockedInstance
from app.domain.actor import Actor
from app.domain.words import told
from app.engine import runner
from app.engine.compiler import CompiledSop
from app.engine.declaration import Task
from app.engine.step import EngineFault, Refusal, Step, Tools
from app.services import city
from app.services.incidents import open_incident
from app.services.outcome import Faulted, Outcome, Refused
from app.services.push import Push, carry_out, write_start
from app.services.sop_versions import NoSuchSop
from app.services.step_plan import plan_start
from app.services.trail import Trail
from app.tasks.operations import OperationRefused


def begin(
    session: Session,
    *,
    sop_key: str,
    trail: Trail,
    report_id: uuid.UUID | None,
    number: str | None,
    data: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    main: bool = True,
) -> Outcome:
    """Start the SOP in force under `sop_key` for a report whose row and stream exist.

    `trail` is the report's open stream; it is written here. When the SOP cannot start (or none is published)
    the report is safe all the same: an incident stands for it, and *coba lagi* begins again.
    """
    with measures.pushing("start", number):
        around = pushes.around_start(session, report_id)
        roles, tools = around.roles, city.tools_at(session, around.calendar, now)
        try:
            start = plan_start(session, sop_key, data, roles, tools, actor)
        except (EngineFault, OperationRefused, NoSuchSop) as fault:
            opened = open_incident(
                session,
                trail,
                instance_id=None,
                report_id=report_id,
                sop_key=sop_key,
                element=getattr(fault, "element", None),
                cause=fault.text,
                names=getattr(fault, "names", ()),
                action={"verb": "start", "data": dict(data), "main": main, "number": number},
                now=now,
            )
            trail.write(session, origin=actor.origin(), now=now)
            return Faulted(opened.id, fault.text)
        return write_start(
            session,
            start,
            instance_id=uuid.uuid4(),
            trail=trail,
            report_id=report_id,
            number=number,
            roles=roles,
            tools=tools,
            actor=actor,
            main=main,
        )


def complete(
    session: Session,
    locked: LockedInstance,
    task: Task,
    *,
    task_id: uuid.UUID,
    role: str,
    answers: Mapping[str, Any],
    around: Around,
    actor: Actor,
    now: datetime,
) -> Outcome:
    """Push a completed task. Permission and evidence were judged by `task_work`, under the same lock."""
    action = {"verb": "complete", "work_item_id": str(task_id), "person_id": actor.person_id}

    def pull(compiled: CompiledSop, state: dict[str, Any], tools: Tools) -> Step | Refusal:
        return runner.complete(compiled, state, str(task_id), answers, by=actor.engine_id(), tools=tools)

    push = Push(
        event="TaskCompleted",
        facts={"tugas": str(task_id), "langkah": _where(task, locked.sop_key)},
        personal={},
        pull=pull,
        action=action,
        role=role,
        draft=(task_id, answers),
        form=task,
    )
    return carry_out(session, locked, push, around=around, actor=actor, now=now)


def deliver(
    session: Session,
    instance_id: uuid.UUID,
    message: str,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    role: str | None = None,
) -> Outcome:
    """Hand a message (`penarikan`, `keberatan`, `balasan_pelapor` …) to whoever waits for it. `role`: the one
    an officer sends it in."""

    def pull(compiled: CompiledSop, state: dict[str, Any], tools: Tools) -> Step | Refusal:
        return runner.deliver(compiled, state, message, data, tools=tools, by=actor.engine_id())

    locked = pushes.lock_instance(session, instance_id)
    if locked is None or locked.ended_at is not None or locked.state is None:
        return Refused("NotExpected", "Laporan ini sudah tidak menunggu pesan tersebut.", {})
    if locked.suspended_at is not None:
        return held_back(locked.suspended_at)
    keys = sorted(data)
    push = Push(
        event="MessageDelivered",
        facts={"pesan": message, "nama": keys},
        personal={"isi": json.dumps(dict(data), ensure_ascii=False, sort_keys=True)} if data else {},
        pull=pull,
        action={"verb": "deliver", "message": message, "data": dict(data)},
        role=role,
    )
    around = pushes.around(session, locked.report_id)
    return carry_out(session, locked, push, around=around, actor=actor, now=now)


def wake(session: Session, instance_id: uuid.UUID, *, actor: Actor, now: datetime) -> Outcome | None:
    """Fire what is due. None: nothing was due (an old job, or another worker was first), or an officer holds
    it back, in which case it has no next wake."""
    locked = pushes.lock_instance(session, instance_id)
    if locked is None or locked.ended_at is not None or locked.state is None:
        return None
    if locked.next_wake is None or locked.next_wake > now:
        return None

    def pull(compiled: CompiledSop, state: dict[str, Any], tools: Tools) -> Step | Refusal:
        return runner.wake(compiled, state, tools=tools)

    push = Push(event="TimersFired", facts={}, personal={}, pull=pull, action={"verb": "wake"})
    around = pushes.around(session, locked.report_id)
    return carry_out(session, locked, push, around=around, actor=actor, now=now)


def held_back(since: datetime) -> Refused:
    """What everybody hears who wants to push an SOP on that an officer suspended."""
    words = told("Penanganan laporan ini sedang ditangguhkan. Coba lagi sesudah dilanjutkan.")
    return Refused("Suspended", words, {}, when=since)


def _where(task: Task, main: str) -> str:
    return task.element if task.process == main else f"{task.process}/{task.element}"
