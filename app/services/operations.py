"""Named officers act on a running report outside its SOP's own way.

First the consequences are worked out and shown. Then a reason is given, and it is done; what cannot be undone
waits for another person, who sees what the first one saw. Whatever came between, it is done only when it
would still mean the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import pushes
from app.db.models import Operation, OperationReport
from app.db.pushes import LockedInstance
from app.db.queries import operations_list as listed
from app.db.queries.people import account_of
from app.domain.actor import Actor
from app.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from app.domain.permissions import Permission, permissions_of
from app.domain.words import told
from app.services.operations_plan import planned
from app.services.operations_shape import KINDS, Planned
from app.services.operations_wishes import note_wish
from app.services.operations_work import Order, Pictures, do
from app.services.report_access import may_read

SHORTEST_REASON = 10
"""Characters."""
WAITS, DONE, REFUSED, WITHDRAWN = "menunggu", "selesai", "ditolak", "ditarik"
DECIDED = told("Tindakan ini sudah diputuskan.")
CHANGED = told("Keadaan laporan berubah sejak akibatnya ditunjukkan, dan akibatnya tidak lagi sama.")


@dataclass(frozen=True, slots=True)
class Asked:
    """`state`: `selesai` when it was done at once, `menunggu` when another person must agree. `note`: why it
    could not be done after all; empty when it was."""

    operation_id: uuid.UUID
    state: str
    note: str = ""


def plan(
    session: Session,
    instance_id: uuid.UUID,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Planned:
    """What an operation would mean; nothing is locked or written. Raises NotFound, NotPermitted, Invalid.

    Parameters by kind: `alihkan` tugas, orang or unit; `batas` tugas, sampai (ISO with zone, one for all or
    by task); `kembalikan` ke; `lewati` tugas; `pindahkan` dari, ke; the others none. `tugas` is an id or, for
    `alihkan` and `batas`, several.
    """
    _may(actor, Permission.OPERATE, Permission.OPERATE_SECOND)
    locked = _readable(session, pushes.instance(session, instance_id), actor)
    return planned(session, locked, _known(kind), parameters, actor=actor, now=now)


def ask(
    session: Session,
    instance_id: uuid.UUID,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    mark: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Asked | Planned:
    """Want what was shown under `mark`. When it would no longer mean the same, nothing is done and what it
    would mean now is returned. Raises NotFound, NotPermitted, Invalid (no reason, cannot be done, waits
    already)."""
    role = _may(actor, Permission.OPERATE)
    reason = _reason(reason)
    locked = _readable(session, pushes.lock_instance(session, instance_id), actor)
    plan = planned(session, locked, _known(kind), parameters, actor=actor, now=now)
    if plan.mark != mark:
        return plan
    if plan.refused:
        raise Invalid(plan.refused)
    if plan.irreversible and listed.is_waiting(session, locked.id, kind):
        raise Invalid("Tindakan ini sudah diajukan untuk laporan ini dan menunggu orang kedua.")
    operation = Operation(
        id=uuid.uuid4(), kind=kind, state=WAITS if plan.irreversible else DONE,
        parameters=dict(parameters), reason=reason, irreversible=plan.irreversible,
        asked_by=uuid.UUID(str(actor.person_id)), asked_role=role, asked_at=now,
        ended_at=None if plan.irreversible else now,
    )  # fmt: skip
    row = OperationReport(
        operation_id=operation.id, instance_id=locked.id, report_id=locked.report_id, revision=plan.revision,
        consequences=dict(plan.consequences),
    )  # fmt: skip
    session.add(operation)
    session.flush()
    session.add(row)
    session.flush()
    if plan.irreversible:
        note_wish(session, "OperationAsked", operation, locked.id, reason, role, actor=actor, now=now)
        return Asked(operation.id, WAITS)
    return Asked(operation.id, DONE, _carry(session, locked, operation, row, actor=actor, now=now))


def confirm(session: Session, operation_id: uuid.UUID, note: str, *, actor: Actor, now: datetime) -> Asked:
    """Agree, as another person than who asked, and have it done. Raises NotFound, NotPermitted, Conflict (not
    waiting, the same person, who asked may no longer, it would no longer mean what was shown)."""
    operation, row, locked, role = _waiting(session, operation_id, actor)
    if not _may_still(session, operation.asked_by):
        raise Conflict("Yang mengajukan tindakan ini tidak lagi berwenang. Tolak saja, lalu ajukan lagi.")
    locked = _readable(session, locked, actor)
    plan = planned(session, locked, operation.kind, operation.parameters, actor=actor, now=now)
    if not plan.still(row.revision, row.consequences):
        raise Conflict(plan.refused or CHANGED)
    _second(operation, note, role, actor=actor, now=now)
    operation.state, operation.ended_at = DONE, now
    session.flush()
    return Asked(operation.id, DONE, _carry(session, locked, operation, row, actor=actor, now=now))


def refuse(session: Session, operation_id: uuid.UUID, note: str, *, actor: Actor, now: datetime) -> None:
    """Do not agree, and say why. Raises NotFound, NotPermitted, Conflict, Invalid."""
    operation, row, _locked, role = _waiting(session, operation_id, actor)
    _second(operation, _reason(note), role, actor=actor, now=now)
    operation.state, operation.ended_at = REFUSED, now
    said = note.strip()
    note_wish(session, "OperationRefused", operation, row.instance_id, said, role, actor=actor, now=now)


def withdraw(session: Session, operation_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Whoever asked no longer wants it. Raises NotFound, NotPermitted, Conflict."""
    role = _may(actor, Permission.OPERATE)
    operation, row, _locked = _held(session, operation_id)
    if str(operation.asked_by) != actor.person_id:
        raise NotPermitted("Hanya yang mengajukan dapat menariknya kembali.")
    operation.state, operation.ended_at = WITHDRAWN, now
    note_wish(session, "OperationWithdrawn", operation, row.instance_id, "", role, actor=actor, now=now)


def carry_out_one(
    session: Session,
    operation_id: uuid.UUID,
    instance_id: uuid.UUID,
    *,
    parameters: Mapping[str, Any] | None = None,
    actor: Actor,
    now: datetime,
) -> str:
    """Do an operation that is under way to one of its reports, as the worker does for many; `actor` is
    whoever asked, `parameters` what it means for this report where that is not the same for all. Returns why
    it was left as it was; empty when it was done, also earlier. The row of the report is written only when it
    was done."""
    operation = session.get_one(Operation, operation_id, populate_existing=True)
    locked = pushes.lock_instance(session, instance_id)
    row = session.get_one(
        OperationReport, (operation_id, instance_id), with_for_update=True, populate_existing=True
    )
    if row.outcome:
        return row.note
    if locked is None:
        raise NotFound
    own = operation.parameters if parameters is None else parameters
    plan = planned(session, locked, operation.kind, own, actor=actor, now=now)
    if not plan.still(row.revision, row.consequences):
        return plan.refused or CHANGED
    return _do(session, locked, operation, row, own, actor=actor, now=now)


def _carry(
    session: Session,
    locked: LockedInstance,
    operation: Operation,
    row: OperationReport,
    *,
    actor: Actor,
    now: datetime,
) -> str:
    note = _do(session, locked, operation, row, operation.parameters, actor=actor, now=now)
    if note:
        row.outcome, row.note, row.done_at = "dilewati", note, now
        session.flush()
    return note


def _do(
    session: Session,
    locked: LockedInstance,
    operation: Operation,
    row: OperationReport,
    parameters: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> str:
    order = Order(
        operation.id, operation.kind, parameters, operation.reason,
        (str(operation.asked_by), operation.asked_role, operation.asked_at), _agreed(operation),
    )  # fmt: skip
    done = do(session, locked, order, actor=actor, now=now)
    if not isinstance(done, Pictures):
        return done
    row.before, row.after, row.outcome, row.done_at = dict(done.before), dict(done.after), "selesai", now
    session.flush()
    return ""


def _agreed(operation: Operation) -> tuple[str, str, datetime] | None:
    if operation.second_by is None or operation.second_role is None or operation.second_at is None:
        return None
    return str(operation.second_by), operation.second_role, operation.second_at


def _waiting(
    session: Session, operation_id: uuid.UUID, actor: Actor
) -> tuple[Operation, OperationReport, LockedInstance | None, str]:
    role = _may(actor, Permission.OPERATE_SECOND)
    operation, row, locked = _held(session, operation_id)
    if str(operation.asked_by) == actor.person_id:
        raise Conflict("Tindakan ini tidak dapat dibatalkan, maka harus disetujui orang lain.")
    return operation, row, locked, role


def _held(
    session: Session, operation_id: uuid.UUID
) -> tuple[Operation, OperationReport, LockedInstance | None]:
    """An operation that waits, on one report. The running SOP is locked before it, as in a push that ends it
    and lets the operation lapse: the two could else wait in a ring."""
    known = session.get(Operation, operation_id)
    if known is None:
        raise NotFound
    rows = session.scalars(select(OperationReport).where(OperationReport.operation_id == operation_id)).all()
    if len(rows) != 1 or "banyak" in known.parameters:
        raise Conflict("Tindakan atas banyak laporan disetujui pada halamannya sendiri.")
    [row] = rows
    locked = pushes.lock_instance(session, row.instance_id)
    operation = session.get_one(Operation, operation_id, with_for_update=True, populate_existing=True)
    session.refresh(row)
    if operation.state != WAITS:
        raise Conflict(row.note if operation.state == WITHDRAWN and row.note else DECIDED)
    return operation, row, locked


def _second(operation: Operation, note: str, role: str, *, actor: Actor, now: datetime) -> None:
    operation.second_by, operation.second_role = uuid.UUID(str(actor.person_id)), role
    operation.second_at, operation.second_note = now, note.strip()


def _may(actor: Actor, *permissions: Permission) -> str:
    """The role this person acts in. Raises NotPermitted."""
    role = next((found for one in permissions if (found := actor.role_with(one))), None)
    if role is None or actor.person_id is None:
        raise NotPermitted
    return role


def _may_still(session: Session, person: uuid.UUID) -> bool:
    account = account_of(session, person)
    if account is None or not account.active:
        return False
    return Permission.OPERATE in permissions_of(held.role for held in account.holdings)


def _readable(session: Session, locked: LockedInstance | None, actor: Actor) -> LockedInstance:
    if locked is None or locked.report_id is None or not may_read(session, locked.report_id, actor=actor):
        raise NotFound
    return locked


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise Invalid("Pilih tindakan yang hendak dilakukan.")
    return kind


def _reason(typed: str) -> str:
    if len(typed.strip()) < SHORTEST_REASON:
        raise Invalid(told("Tulis alasannya, sedikitnya %(n)s huruf.", n=SHORTEST_REASON))
    return typed.strip()
