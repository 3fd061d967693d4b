"""What an admin may do about an incident besides trying again: put a value right, or take a newer version.

Both hold for this one report only, are written into its trace, and end in a new try.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.db import pushes
from app.db.models import SopVersion
from app.db.pushes import LockedInstance
from app.domain.actor import Actor
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.words import told
from app.engine.compiler import CompiledSop
from app.engine.repair import correct, moved_to
from app.engine.step import EngineFault, Json, Refusal
from app.services import incident_work, sop_versions
from app.services.incidents import REPORTER
from app.services.outcome import Faulted, Outcome, Refused
from app.services.trail import record

SHORTEST_REASON = 10
"""Characters."""

_INSTANCE = text("SELECT instance_id FROM incidents WHERE id = :id")
_INCIDENT = text("""
SELECT id, instance_id, report_id, sop_key, names, action, resolved_at
FROM incidents WHERE id = :id FOR UPDATE
""")
_STATE = text("""
UPDATE instances SET state = CAST(:state AS jsonb), sop_version_id = :version, revision = revision + 1
WHERE id = :id AND revision = :revision
""")
_ACTION = text("UPDATE incidents SET action = CAST(:action AS jsonb) WHERE id = :id")
_DRAFT = text("SELECT answers FROM drafts WHERE work_item_id = CAST(:item AS uuid) AND person_id = :person")


def parsed(typed: str, *, as_text: bool) -> Json:
    """The value somebody typed: text as it is, or JSON (`12`, `true`, `["a"]`, `null`). Raises Invalid."""
    if as_text:
        return typed
    try:
        return json.loads(typed, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Invalid(
            told(
                "“%(typed)s” bukan angka, true, false, atau daftar. Pilih jenis teks bila memang teks.",
                typed=typed[:60],
            )
        ) from None


def correct_values(
    session: Session,
    incident_id: uuid.UUID,
    values: Mapping[str, Json],
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> Outcome | None:
    """Give data that the incident names other values, and try again. The correction stays also when the SOP
    then stops somewhere else. Raises NotFound, Conflict, Invalid."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Invalid("Tuliskan alasannya, paling sedikit 10 huruf.")
    incident, locked = _take(session, incident_id)
    if not values:
        raise Invalid("Isi sedikitnya satu nilai pengganti.")
    strange = sorted(set(values) - set(incident.names))
    if strange:
        raise Invalid(told("“%(name)s” bukan data yang disebut gangguan ini.", name=strange[0]))
    brought = brought_data(session, incident)
    if incident.action["verb"] == "complete" and set(values) & set(brought):
        raise Invalid("Nilai ini dari isian tugas. Minta pengisinya membuka tugas itu dan mengubahnya.")
    before: dict[str, Json] = {}
    carried = {name: value for name, value in values.items() if locked is None or name in brought}
    kept = {name: value for name, value in values.items() if name not in carried}
    if carried:
        before |= {name: brought.get(name) for name in carried}
        _check(carried)
        action = {**incident.action, "data": {**brought, **carried}}
        session.execute(_ACTION, {"id": incident.id, "action": pushes.as_json(action)})
    if kept and locked is not None:
        compiled, state = _running(session, locked)
        before |= {name: state["vars"].get(name) for name in kept}
        corrected = _corrected(compiled, state, kept)
        _save(session, locked, corrected, locked.sop_version_id)
    facts, personal = _said(before, values)
    record(
        session,
        incident.report_id if locked is None else locked.stream_id,
        "IncidentValueCorrected",
        {"insiden": str(incident.id), "nama": sorted(values), **facts},
        {"alasan": reason, **personal},
        actor=actor,
        now=now,
        role="admin_kominfo",
    )
    return incident_work.try_again(session, incident_id, actor=actor, now=now)


def take_new_version(
    session: Session, incident_id: uuid.UUID, *, actor: Actor, now: datetime
) -> Outcome | None:
    """Let this one running SOP go on under the version now in force, and try again. When that one cannot go
    on either, nothing changes and the fault is returned. Raises NotFound, Conflict."""
    incident, locked = _take(session, incident_id)
    if locked is None:
        raise Conflict("Alur laporan ini belum dimulai; Coba lagi memakai versi yang berlaku.")
    newer, state = version_for(session, locked, now=now)
    with session.begin_nested() as attempt:
        _save(session, locked, state, newer.id)
        record(
            session,
            locked.stream_id,
            "InstanceMoved",
            {"insiden": str(incident.id), "sop": locked.sop_key, "versi": newer.version,
             "dari": str(locked.sop_version_id), "ke": str(newer.id)},
            actor=actor,
            now=now,
            role="admin_kominfo",
        )  # fmt: skip
        outcome = incident_work.try_again(session, incident_id, actor=actor, now=now)
        if isinstance(outcome, Faulted | Refused):
            attempt.rollback()
    return outcome


def version_for(
    session: Session, locked: LockedInstance, *, now: datetime
) -> tuple[SopVersion, dict[str, Any]]:
    """The version in force and the instance's state under it. Raises Conflict with why not."""
    try:
        newer_id = sop_versions.version_in_force(session, locked.sop_key, now)
        if newer_id == locked.sop_version_id:
            raise Conflict("Belum ada versi SOP yang lebih baru.")
        old = sop_versions.compiled(session, locked.sop_version_id)
        moved = moved_to(old, sop_versions.compiled(session, newer_id), locked.state or {})
    except (EngineFault, sop_versions.NoSuchSop) as fault:
        raise Conflict(fault.text) from fault
    if isinstance(moved, Refusal):
        raise Conflict(moved.text)
    newer = session.get(SopVersion, newer_id)
    if newer is None:
        raise NotFound()
    return newer, moved


def brought_data(session: Session, incident: Row[Any]) -> Mapping[str, Json]:
    """What the push that failed brought along: a start's or a message's data, a form's answers."""
    action = incident.action
    if action["verb"] != "complete":
        data: Mapping[str, Json] = action.get("data", {})
        return data
    person = action.get("person_id")
    held = {"item": action["work_item_id"], "person": uuid.UUID(person) if person else REPORTER}
    return session.execute(_DRAFT, held).scalar_one_or_none() or {}


def _take(session: Session, incident_id: uuid.UUID) -> tuple[Row[Any], LockedInstance | None]:
    """Lock the instance first and then its incident, as a push does."""
    instance_id = session.execute(_INSTANCE, {"id": incident_id}).scalar_one_or_none()
    locked = None if instance_id is None else pushes.lock_instance(session, instance_id)
    incident = session.execute(_INCIDENT, {"id": incident_id}).one_or_none()
    if incident is None:
        raise NotFound()
    if incident.resolved_at is not None or (locked is not None and locked.state is None):
        raise Conflict("Gangguan ini sudah selesai.")
    return incident, locked


def _running(session: Session, locked: LockedInstance) -> tuple[CompiledSop, dict[str, Any]]:
    try:
        return sop_versions.compiled(session, locked.sop_version_id), locked.state or {}
    except EngineFault as fault:
        raise Conflict(fault.text) from fault


def _corrected(compiled: CompiledSop, state: dict[str, Any], values: Mapping[str, Json]) -> dict[str, Any]:
    try:
        corrected = correct(compiled, state, values)
    except EngineFault as fault:
        raise Conflict(fault.text) from fault
    if isinstance(corrected, Refusal):
        raise Invalid(next(iter(corrected.faults.values()), corrected.text))
    return corrected


def _check(values: Mapping[str, Json]) -> None:
    """A start's or a message's data are judged by the engine when they come in; only their form is here."""
    if any(len(pushes.as_json(value)) > 10_000 for value in values.values()):
        raise Invalid("Nilai pengganti terlalu panjang.")


def _save(
    session: Session, locked: LockedInstance, state: Mapping[str, Any], version_id: uuid.UUID
) -> None:
    values = {"id": locked.id, "revision": locked.revision, "version": version_id}
    values["state"] = pushes.as_json(state)
    if session.execute(_STATE, values).rowcount != 1:  # type: ignore[attr-defined]
        raise RuntimeError(f"instance {locked.id} was changed by somebody else under the lock")


def _said(
    before: Mapping[str, Json], after: Mapping[str, Json]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Before and after for the trace: numbers and the like in clear, what holds text as a commitment."""
    plain: dict[str, Any] = {}
    hidden: dict[str, Any] = {}
    for name, value in after.items():
        change = [before.get(name), value]
        clear = all(one is None or isinstance(one, bool | int | float) for one in change)
        (plain if clear else hidden)[name] = change
    return (
        {"nilai": plain},
        {"nilai": json.dumps(hidden, ensure_ascii=False, sort_keys=True)} if hidden else {},
    )


def _no_number(name: str) -> Json:
    raise ValueError(name)
