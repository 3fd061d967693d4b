"""Do an operation to one running SOP, under its lock, through the turnstile; one event tells of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.adapters.jobs import Job, defer
from app.db import pushes
from app.db.pushes import LockedInstance
from app.db.queries import operations as queries
from app.domain.actor import WORKER, Actor
from app.domain.errors import Conflict
from app.domain.words import told
from app.engine import runner
from app.engine.step import EngineFault, Position
from app.services import incident_work, process, sop_versions
from app.services.notices import tell_reporter
from app.services.operations_plan import Seen, handed, look, passed
from app.services.operations_pull import CannotBe, pull_for
from app.services.operations_shape import (
    BY_CITY,
    CANCEL,
    REASSIGN,
    RESUME,
    RETRY,
    SUSPEND,
    TOLD_OF_CANCELLING,
    moment,
    picture,
)
from app.services.outcome import Faulted, Refused
from app.services.push import Push, carry_out
from app.services.step_record import Record
from app.services.trail import record
from app.tasks.operations import OperationRefused

DONE = "OperationDone"
CANCELLED_WORDS = (
    "Laporan {nomor} dibatalkan oleh pemerintah kota. Anda dapat membaca riwayatnya dan menulis kepada "
    "petugas di {tautan}"
)
"""To the reporter, where the city has no words of its own for it."""

_HAND = text("""
WITH given AS (
  SELECT * FROM jsonb_to_recordset(CAST(:moves AS jsonb)) AS r(id uuid, role text, unit text, person uuid)
)
UPDATE work_items w SET role_code = g.role, unit_code = g.unit, claimed_by = g.person,
       claimed_at = CASE WHEN g.person IS NULL THEN NULL ELSE CAST(:now AS timestamptz) END
FROM given g WHERE w.id = g.id AND w.closed_at IS NULL
""")

_SUSPEND = text("""
UPDATE instances SET suspended_at = :now, next_wake = NULL, revision = revision + 1
WHERE id = :id AND revision = :revision
""")

_RESUME = text("""
UPDATE instances SET suspended_at = NULL, next_wake = CAST(:next_wake AS timestamptz), revision = revision + 1
WHERE id = :id AND revision = :revision
""")


@dataclass(frozen=True, slots=True)
class Order:
    """An operation as it is carried out: who asked for it, in which role, when; who agreed, if anybody did.
    `reason`: kept as a commitment, its words lie apart."""

    id: uuid.UUID
    kind: str
    parameters: Mapping[str, Any]
    reason: str
    asked: tuple[str, str, datetime]
    agreed: tuple[str, str, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Pictures:
    """Where the SOP stood before and after."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]


def do(
    session: Session, locked: LockedInstance, order: Order, *, actor: Actor, now: datetime
) -> Pictures | str:
    """Carry `order` out on a locked, running instance; or a sentence why it could not be. What timers did
    that were due first is written in any case."""
    try:
        seen = look(session, locked, now=now)
        before = _shown(session, seen, seen.position, locked.suspended_at)
        if order.kind == REASSIGN:
            return _hand_over(session, seen, order, before, actor=actor, now=now)
        if order.kind == SUSPEND:
            return _suspend(session, seen, order, before, actor=actor, now=now)
        if order.kind == RESUME:
            return _resume(session, seen, order, before, actor=actor, now=now)
        if order.kind == RETRY:
            return _retry(session, seen, order, before, actor=actor, now=now)
        return _push(session, seen, order, before, actor=actor, now=now)
    except (CannotBe, Conflict, EngineFault, OperationRefused, sop_versions.NoSuchSop) as fault:
        return fault.text


def _push(
    session: Session, seen: Seen, order: Order, before: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Pictures | str:
    after: dict[str, Any] = {}

    def taken(written: Record) -> Mapping[str, Any]:
        held = None if written.step.position.ended else seen.locked.suspended_at
        after.update(_shown(session, seen, written.step.position, held))
        return {"sesudah": dict(after)}

    push = Push(
        event=DONE,
        facts=_facts(seen, order, before),
        personal={"alasan": order.reason},
        pull=pull_for(
            order.kind,
            order.parameters,
            by=order.asked[0],
            past=passed(session, seen, order.kind),
        ),
        action={"verb": "operation", "kind": order.kind},
        role=_role(order),
        strict=True,
        picture=taken,
        ending={"oleh": BY_CITY} if order.kind == CANCEL else {},
    )
    outcome = carry_out(session, seen.locked, push, around=seen.around, actor=actor, now=now)
    if isinstance(outcome, Refused | Faulted):
        return outcome.text
    if order.kind == CANCEL and seen.locked.main and seen.locked.report_id is not None:
        tell_reporter(
            session, seen.locked.report_id, template=TOLD_OF_CANCELLING, now=now, words=CANCELLED_WORDS
        )
    return Pictures(before, after)


def _hand_over(
    session: Session, seen: Seen, order: Order, before: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Pictures:
    moves = handed(session, seen, order.parameters)
    given = [
        {"id": one["id"], "role": one["menjadi"][0], "unit": one["menjadi"][1], "person": one["orang"]}
        for one in moves
    ]
    session.execute(_HAND, {"moves": pushes.as_json(given), "now": now})
    defer(session, [Job("notify_new_task", {"work_item_id": one["id"]}) for one in moves])
    after = _shown(session, seen, seen.position, seen.locked.suspended_at)
    return _tell(session, seen, order, Pictures(before, after), actor=actor, now=now)


def _suspend(
    session: Session, seen: Seen, order: Order, before: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Pictures:
    _saved(session.execute(_SUSPEND, _which(seen, now=now)), seen)
    return _tell(
        session, seen, order, Pictures(before, {**before, "ditangguhkan": moment(now)}), actor=actor, now=now
    )


def _resume(
    session: Session, seen: Seen, order: Order, before: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Pictures:
    """It goes on as it stood; what fell due meanwhile rings at once, as events of its own."""
    _saved(session.execute(_RESUME, _which(seen, next_wake=seen.position.next_wake)), seen)
    after = {key: value for key, value in before.items() if key != "ditangguhkan"}
    shown = _tell(session, seen, order, Pictures(before, after), actor=actor, now=now)
    process.wake(session, seen.locked.id, actor=WORKER, now=now)
    return shown


def _retry(
    session: Session, seen: Seen, order: Order, before: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Pictures | str:
    incident = queries.open_incident(session, seen.locked.id)
    if incident is None:
        raise CannotBe(told("Laporan ini tidak sedang terhenti oleh gangguan."))
    outcome = incident_work.try_again(session, incident.id, actor=actor, now=now)
    if isinstance(outcome, Refused | Faulted):
        return outcome.text
    locked = pushes.lock_instance(session, seen.locked.id)
    if locked is None:
        raise RuntimeError(f"instance {seen.locked.id} is gone")
    if locked.state is None:
        after: dict[str, Any] = {"berakhir": outcome.end_reason if outcome else None}
    else:
        position = runner.inspect(seen.compiled, locked.state)
        after = _shown(session, seen, position, locked.suspended_at)
    return _tell(session, seen, order, Pictures(before, after), actor=actor, now=now)


def _tell(
    session: Session, seen: Seen, order: Order, pictures: Pictures, *, actor: Actor, now: datetime
) -> Pictures:
    facts = {**_facts(seen, order, pictures.before), "sesudah": pictures.after}
    record(
        session, seen.locked.stream_id, DONE, facts, {"alasan": order.reason}, actor=actor, now=now,
        role=_role(order),
    )  # fmt: skip
    return pictures


def _facts(seen: Seen, order: Order, before: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "operasi": str(order.id),
        "tindakan": order.kind,
        "sop": seen.compiled.key,
        "tambahan": not seen.locked.main or None,
        "pada": {key: value for key, value in order.parameters.items() if value not in (None, "", [])},
        "diminta": [order.asked[0], order.asked[1], moment(order.asked[2])],
        "disetujui": [order.agreed[0], order.agreed[1], moment(order.agreed[2])] if order.agreed else None,
        "sebelum": before,
    }


def _role(order: Order) -> str:
    """The role acted in: of whoever agreed where two were needed, for they set it going."""
    return order.agreed[1] if order.agreed else order.asked[1]


def _shown(
    session: Session, seen: Seen, position: Position, suspended_at: datetime | None
) -> dict[str, Any]:
    items = queries.open_items(session, seen.locked.id, seen.locked.report_id)
    return picture(seen.compiled, position, items, suspended_at=suspended_at)


def _which(seen: Seen, **more: Any) -> dict[str, Any]:
    return {"id": seen.locked.id, "revision": seen.locked.revision, **more}


def _saved(result: Any, seen: Seen) -> None:
    if result.rowcount != 1:
        raise RuntimeError(f"instance {seen.locked.id} was pushed by somebody else under the lock")
