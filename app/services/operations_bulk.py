"""One operation over many reports: gathered, worked out for each, shown, asked for, seen by a second person.

Nothing happens to any report here; `operations_bulk_work` does that, one transaction each.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.adapters.jobs import Job, defer
from app.db.models import Operation
from app.db.pushes import as_json
from app.db.queries import operations_bulk as queries
from app.db.queries.people import account_of
from app.domain.actor import WORKER, Actor
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.permissions import Permission
from app.domain.words import told
from app.services import operations_lapse, trail
from app.services.city import stream_of_city
from app.services.operations_bulk_each import looked_at
from app.services.operations_shape import CANCEL, DEADLINE, IRREVERSIBLE, REASSIGN, RESUME, RETRY, SUSPEND

JUDGE_JOB, CARRY_JOB = "judge_operation", "carry_operation"
BULK = (REASSIGN, DEADLINE, SUSPEND, RESUME, RETRY, CANCEL)
"""What may be done to many at once; all else needs somebody who looks at the one report."""
MOST = 500
"""Reports in one operation."""
SLICE = 40
SLICE_SECONDS = 1.5
SHORTEST_REASON = 10
"""Characters."""
KEPT = timedelta(days=1)
"""After which what was worked out and never asked for is withdrawn."""

_JUDGED = text("""
UPDATE operation_reports SET revision = :revision, consequences = CAST(:consequences AS jsonb),
       outcome = :outcome, note = :note
WHERE operation_id = :operation AND instance_id = :instance
""")
_AGAIN = text("""
UPDATE operation_reports SET revision = 0, consequences = '{}', outcome = '', note = ''
WHERE operation_id = :operation AND done_at IS NULL
""")
_ENDED = text("""
UPDATE operations SET state = 'selesai', ended_at = :now WHERE id = :operation AND state = 'berjalan'
""")
_FORGET = text("""
UPDATE operations SET state = 'ditarik', ended_at = :now
WHERE state IN ('menghitung', 'siap') AND asked_at < :before
""")


def prepare(
    session: Session,
    kind: str,
    parameters: Mapping[str, Any],
    reports: Collection[uuid.UUID],
    selection: str,
    *,
    actor: Actor,
    now: datetime,
) -> uuid.UUID:
    """Gather these reports and let a job work out what it would mean for each. `selection`: the query that
    found them. Raises Invalid (no such kind, too many, none of them goes on)."""
    if kind not in BULK:
        raise Invalid("Pilih tindakan yang dapat dikenakan pada banyak laporan.")
    if len(reports) > MOST:
        raise Invalid(told("Paling banyak %(n)s laporan sekali jalan. Persempit pencariannya.", n=MOST))
    operation = Operation(
        id=uuid.uuid4(), kind=kind, state="menghitung",
        parameters={**parameters, "banyak": {"pilihan": selection}}, reason="",
        irreversible=kind in IRREVERSIBLE, asked_by=uuid.UUID(actor.person_id),
        asked_role=actor.role_with(Permission.OPERATE) or "", asked_at=now,
    )  # fmt: skip
    session.add(operation)
    session.flush()
    if not queries.gather(session, operation.id, reports):
        raise Invalid("Tidak ada laporan yang masih berjalan di antara yang dipilih.")
    judge_later(session, [operation.id])
    return operation.id


def judge_slice(session: Session, operation_id: uuid.UUID, *, now: datetime) -> bool:
    """Work out some more reports of an operation; False when none is left, or it was withdrawn."""
    operation = session.get(Operation, operation_id, with_for_update=True, populate_existing=True)
    if operation is None or operation.state != "menghitung":
        return False
    actor = whoever_asked(session, operation, JUDGE_JOB)
    if actor is None:
        halt(session, operation, now=now)
        return False
    instances = queries.unjudged(session, operation_id, most=SLICE)
    until = time.monotonic() + SLICE_SECONDS
    for count, instance in enumerate(instances, start=1):
        plan = looked_at(session, instance, operation.kind, operation.parameters, actor=actor, now=now)
        session.execute(_JUDGED, {
            "operation": operation_id, "instance": instance, "revision": plan.revision,
            "consequences": as_json(plan.consequences), "outcome": "dilewati" if plan.refused else "",
            "note": plan.refused,
        })  # fmt: skip
        if time.monotonic() > until and count < len(instances):
            return True
    if len(instances) == SLICE:
        return True
    operation.state = "siap"
    return False


def judge_again(session: Session, operation_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Work everything out anew: reports went on since. What was asked must be asked again. Raises NotFound,
    Conflict."""
    operation = _own(session, operation_id, actor)
    if operation.state not in ("siap", "menunggu"):
        raise Conflict("Akibatnya sedang dihitung, atau tindakan ini sudah dijalankan.")
    operation.state, operation.asked_at = "menghitung", now
    session.execute(_AGAIN, {"operation": operation_id})
    session.flush()
    judge_later(session, [operation_id])


def ask(session: Session, operation_id: uuid.UUID, reason: str, *, actor: Actor, now: datetime) -> None:
    """Want what was shown: carried out at once, or put before a second person where it cannot be undone.
    Raises NotFound, Conflict, Invalid (reason too short, nothing left to do)."""
    operation = _own(session, operation_id, actor)
    if operation.state != "siap":
        raise Conflict("Akibatnya belum selesai dihitung, atau tindakan ini sudah diajukan.")
    operation.reason = _reason(reason)
    waiting = queries.counts(session, operation_id).waiting
    if not waiting:
        raise Invalid("Tidak ada laporan yang dapat dikenai tindakan ini.")
    operation.asked_at = now
    operation.state = "menunggu" if operation.irreversible else "berjalan"
    note(session, operation, "OperationAsked", {"laporan": waiting}, {"alasan": operation.reason},
         actor=actor, now=now)
    session.flush()
    if operation.state == "berjalan":
        carry_later(session, [operation_id])


def confirm(session: Session, operation_id: uuid.UUID, said: str, *, actor: Actor, now: datetime) -> None:
    """The second person agrees; a job carries it out. Raises NotFound, Conflict."""
    operation = _waiting(session, operation_id, actor)
    _second(operation, said, actor=actor, now=now)
    operation.state = "berjalan"
    personal = {"catatan": operation.second_note} if operation.second_note else {}
    note(session, operation, "OperationConfirmed", {}, personal, actor=actor, now=now)
    session.flush()
    carry_later(session, [operation_id])


def refuse(session: Session, operation_id: uuid.UUID, said: str, *, actor: Actor, now: datetime) -> None:
    """The second person does not agree, and says why. Raises NotFound, Conflict, Invalid."""
    operation = _waiting(session, operation_id, actor)
    _second(operation, _reason(said), actor=actor, now=now)
    operation.state, operation.ended_at = "ditolak", now
    note(session, operation, "OperationRefused", {}, {"catatan": operation.second_note}, actor=actor, now=now)


def withdraw(session: Session, operation_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Whoever asked no longer wants it; one under way stops after the report in hand. Raises NotFound,
    Conflict."""
    operation = _own(session, operation_id, actor)
    if operation.state not in ("menghitung", "siap", "menunggu", "berjalan"):
        raise Conflict("Tindakan ini sudah berakhir.")
    asked = operation.state in ("menunggu", "berjalan")
    operation.state, operation.ended_at = "ditarik", now
    if asked:
        note(session, operation, "OperationWithdrawn", _counted(session, operation_id), actor=actor, now=now)


def finish(session: Session, operation_id: uuid.UUID, *, now: datetime) -> None:
    """The job found nothing left to do."""
    if session.execute(_ENDED, {"operation": operation_id, "now": now}).rowcount:  # type: ignore[attr-defined]
        operation = session.get_one(Operation, operation_id, populate_existing=True)
        note(session, operation, "OperationEnded", _counted(session, operation_id), actor=WORKER, now=now)


def lapse(session: Session, operation_id: uuid.UUID, *, now: datetime) -> None:
    """Every report of one that waits for a second person ended meanwhile: nothing is left to decide."""
    if operations_lapse.end_empty(session, operation_id, now=now):
        operation = session.get_one(Operation, operation_id, populate_existing=True)
        counted = _counted(session, operation_id)
        note(session, operation, operations_lapse.LAPSED, counted, actor=WORKER, now=now)


def forget(session: Session, *, now: datetime) -> int:
    """Withdraw what was worked out a day ago and never asked for; how many."""
    return int(session.execute(_FORGET, {"now": now, "before": now - KEPT}).rowcount)  # type: ignore[attr-defined]


def judge_later(session: Session, operations: Collection[uuid.UUID]) -> None:
    """Let a job work these out."""
    defer(session, [Job(JUDGE_JOB, {"operation_id": str(one)}, key=f"operation:{one}") for one in operations])


def carry_later(session: Session, operations: Collection[uuid.UUID]) -> None:
    """Let a job carry these out."""
    defer(session, [Job(CARRY_JOB, {"operation_id": str(one)}, key=f"operation:{one}") for one in operations])


def whoever_asked(session: Session, operation: Operation, job: str) -> Actor | None:
    """Whoever asked, with what they may do today; None when that is no longer this."""
    account = account_of(session, operation.asked_by)
    if account is None or not account.active:
        return None
    actor = account.actor(f"worker:{job}")
    return actor if actor.may(Permission.OPERATE) else None


def halt(session: Session, operation: Operation, *, now: datetime) -> None:
    """Nobody stands behind it any more."""
    operation.state, operation.ended_at = "ditarik", now
    why = told("Yang mengajukan tindakan ini tidak lagi berwenang.")
    note(session, operation, "OperationWithdrawn", {"sebab": why}, actor=WORKER, now=now)


def note(
    session: Session,
    operation: Operation,
    type_: str,
    facts: Mapping[str, Any],
    personal: Mapping[str, str] | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Write into the city's own stream."""
    events = trail.begin_stream(session, stream_of_city(), "kota")
    events.add(type_, {"operasi": str(operation.id), "tindakan": operation.kind, **facts}, personal)
    events.write(session, origin=actor.origin(), now=now)


def take(session: Session, operation_id: uuid.UUID) -> Operation:
    """An operation over many, locked. Raises NotFound."""
    operation = session.get(Operation, operation_id, with_for_update=True, populate_existing=True)
    if operation is None or "banyak" not in operation.parameters:
        raise NotFound()
    return operation


def _own(session: Session, operation_id: uuid.UUID, actor: Actor) -> Operation:
    operation = take(session, operation_id)
    if str(operation.asked_by) != actor.person_id:
        raise Conflict("Tindakan ini disiapkan petugas lain; hanya ia yang dapat mengajukan atau menariknya.")
    return operation


def _waiting(session: Session, operation_id: uuid.UUID, actor: Actor) -> Operation:
    operation = take(session, operation_id)
    if operation.state != "menunggu":
        raise Conflict("Tindakan ini tidak (lagi) menunggu orang kedua.")
    if str(operation.asked_by) == actor.person_id:
        raise Conflict("Yang mengajukan tidak dapat menyetujuinya sendiri. Minta pejabat lain.")
    return operation


def _second(operation: Operation, said: str, *, actor: Actor, now: datetime) -> None:
    operation.second_by, operation.second_at = uuid.UUID(actor.person_id), now
    operation.second_role = actor.role_with(Permission.OPERATE_SECOND)
    operation.second_note = said.strip()


def _reason(typed: str) -> str:
    reason = typed.strip()
    if len(reason) < SHORTEST_REASON:
        raise Invalid(told("Tuliskan alasannya, paling sedikit %(n)s huruf.", n=SHORTEST_REASON))
    return reason


def _counted(session: Session, operation_id: uuid.UUID) -> dict[str, int]:
    counts = queries.counts(session, operation_id)
    return {"dikerjakan": counts.done, "dilewati": counts.skipped, "tersisa": counts.waiting}
