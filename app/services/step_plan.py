"""Work out all that a step asks for before a row is written, so that a refusal leaves nothing behind."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.engine import runner
from app.engine.compiler import CompiledSop
from app.engine.step import Refusal, Step, Tools
from app.services import sop_versions
from app.services.step_record import prove_loadable, units_now
from app.tasks.assignment import Roles
from app.tasks.operations import Extension, Launch, OperationRefused, Request, requests

REPORT_DATA = (
    "nomor", "jenis", "kategori", "kelurahan", "kecamatan", "kanal", "anonim", "rahasia", "jumlah_foto",
    "diterima", "opd",
)  # fmt: skip
"""What an SOP started beside a report's main one is told of the report."""

MAX_LAUNCHES = 3
"""How deep one SOP may start another in a single push; an SOP that starts itself would never end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A step, loaded back as proof, with what is to be done besides."""

    step: Step
    state_text: str
    requests: Sequence[Request]
    launches: Sequence[Start]


@dataclass(frozen=True, slots=True)
class Start:
    """An SOP that is ready to begin: its first step is known, nothing is written yet."""

    version_id: uuid.UUID
    compiled: CompiledSop
    plan: Plan


def plan_step(
    session: Session,
    compiled: CompiledSop,
    step: Step,
    roles: Roles,
    tools: Tools,
    actor: Actor,
    depth: int = 0,
) -> Plan:
    """What `step` comes to. Raises OperationRefused or EngineFault; nothing is written."""
    asked = requests(step.effects, units=units_now(step, roles))
    launches: list[Start] = []
    for request in asked:
        if isinstance(request, Extension):
            extended = runner.extend(compiled, step.state, request.element, request.until, tools=tools)
            if isinstance(extended, Refusal):
                raise OperationRefused(request.element, extended.text)
            step = replace(
                step, state=extended.state, position=extended.position, moved=(*step.moved, *extended.moved)
            )
        elif isinstance(request, Launch):
            if depth >= MAX_LAUNCHES:
                raise OperationRefused(request.key, f"SOP “{request.key}” dimulai berantai terlalu dalam.")
            brought = {name: step.position.variables.get(name) for name in REPORT_DATA}
            launches.append(
                plan_start(session, request.key, {**brought, **request.data}, roles, tools, actor, depth + 1)
            )
    return Plan(step, prove_loadable(compiled, step), asked, launches)


def plan_start(
    session: Session,
    sop_key: str,
    data: Mapping[str, Any],
    roles: Roles,
    tools: Tools,
    actor: Actor,
    depth: int = 0,
) -> Start:
    """The first step of the SOP in force under `sop_key`."""
    version_id = sop_versions.version_in_force(session, sop_key, tools.now)
    compiled = sop_versions.compiled(session, version_id)
    step = runner.start(compiled, dict(data), tools=tools, by=actor.engine_id())
    return Start(version_id, compiled, plan_step(session, compiled, step, roles, tools, actor, depth))
