"""Move a running report to another version, or take it back: one transaction each, judged under its lock."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from app.adapters import measures
from app.adapters.jobs import Job, defer
from app.db import pushes
from app.db.models import SopMove
from app.db.pushes import LockedInstance
from app.db.queries.people import account_of
from app.domain.actor import WORKER, Actor
from app.domain.errors import Conflict
from app.domain.permissions import Permission
from app.domain.words import told
from app.engine.runner import inspect
from app.engine.step import EngineFault
from app.services import city, process, sop_versions
from app.services import sop_migration_rows as rows
from app.services.outcome import Faulted
from app.services.sop_judgement import Judged, judged_safely, matter_json
from app.services.sop_migration import CARRY_JOB, finish, past_of, take
from app.services.step_record import whose
from app.services.trail import Trail

MOVED, TAKEN_BACK = "SopMoved", "SopMovedBack"
GONE_ON = told("Laporan ini sudah berjalan lagi sejak dipindah; pemindahannya tidak dapat dibatalkan.")

_NEXT = """
SELECT x.instance_id, m.sop_key, m.from_version_id, m.to_version_id, m.mapping, m.accepted, m.reason,
       m.carried_by, f.version AS from_version, t.version AS to_version, x.before, x.revision_after,
       (SELECT r.number FROM instances i JOIN reports r ON r.id = i.report_id
        WHERE i.id = x.instance_id) AS number
FROM sop_moves m JOIN sop_move_reports x ON x.move_id = m.id
JOIN sop_versions f ON f.id = m.from_version_id JOIN sop_versions t ON t.id = m.to_version_id
WHERE m.id = :id AND {which}
ORDER BY x.instance_id LIMIT 1 FOR UPDATE OF x FOR SHARE OF m
"""
_NEXT_TO_MOVE = text(_NEXT.format(which="m.state = 'berjalan' AND x.chosen AND x.outcome = ''"))
_NEXT_TO_UNDO = text(_NEXT.format(which="m.state = 'mengembalikan' AND x.outcome = 'pindah' AND x.note = ''"))
_THIS_ONE = text(_NEXT.format(which="x.instance_id = :instance_id AND x.outcome = 'pindah'"))

_OUTCOME = text("""
UPDATE sop_move_reports SET outcome = :outcome, note = :note, before = CAST(:before AS jsonb),
       revision_after = :revision, matters = coalesce(CAST(:matters AS jsonb), matters), done_at = :now
WHERE move_id = :move_id AND instance_id = :instance_id
""")


@dataclass(frozen=True, slots=True)
class _Plan:
    """One line of a plan, locked."""

    move_id: uuid.UUID
    row: Row[Any]
    actor: Actor
    role: str | None
    now: datetime


def carry_next(session: Session, move_id: uuid.UUID, *, now: datetime) -> bool:
    """Move the next chosen report of a plan that is under way, or say why it stays; False when there is none.
    Done twice it does nothing: what was moved is no longer next."""
    row = session.execute(_NEXT_TO_MOVE, {"id": move_id}).one_or_none()
    if row is None:
        finish(session, move_id, state="berjalan", to="selesai", now=now)
        return False
    actor, role = _carrier(session, row.carried_by)
    plan = _Plan(move_id, row, actor, role, now)
    if role is None:
        _halt(session, plan, told("Yang menjalankan rencana ini tidak lagi berwenang."))
        return False
    with measures.pushing("move", row.number):
        refused = _move(session, plan)
    if refused:
        _outcome(session, plan, "dilewati", refused)
    return True


def undo_next(session: Session, move_id: uuid.UUID, *, now: datetime) -> bool:
    """Take back the next moved report, or say why it stays; False when there is none."""
    row = session.execute(_NEXT_TO_UNDO, {"id": move_id}).one_or_none()
    if row is None:
        finish(session, move_id, state="mengembalikan", to="dikembalikan", now=now)
        return False
    actor, role = _carrier(session, row.carried_by)
    plan = _Plan(move_id, row, actor, role, now)
    refused = _take_back(session, plan)
    if refused:
        _outcome(session, plan, "pindah", refused, before=row.before, revision=row.revision_after)
    return True


def undo_one(
    session: Session, key: str, move_id: uuid.UUID, instance_id: uuid.UUID, *, actor: Actor, now: datetime
) -> None:
    """Take one report back. Raises NotFound, Conflict when it went on since."""
    take(session, key, move_id)
    row = session.execute(_THIS_ONE, {"id": move_id, "instance_id": instance_id}).one_or_none()
    if row is None:
        raise Conflict("Laporan ini tidak (lagi) dipindahkan oleh rencana ini.")
    refused = _take_back(session, _Plan(move_id, row, actor, actor.role_with(Permission.SOP_APPROVE), now))
    if refused:
        raise Conflict(refused)


def _carrier(session: Session, person: uuid.UUID) -> tuple[Actor, str | None]:
    """Whoever set the plan going, with what they may do today."""
    account = account_of(session, person)
    if account is None or not account.active:
        return WORKER, None
    actor = account.actor(f"worker:{CARRY_JOB}")
    return actor, actor.role_with(Permission.SOP_APPROVE)


def _move(session: Session, plan: _Plan) -> str:
    """Move one; a sentence why not."""
    row, now = plan.row, plan.now
    locked = pushes.lock_instance(session, row.instance_id)
    if locked is None or locked.state is None:
        return told("Laporan ini sudah berakhir.")
    if locked.sop_version_id != row.from_version_id:
        return told("Laporan ini sudah tidak berjalan pada versi %(n)s.", n=row.from_version)
    if locked.next_wake is not None and locked.next_wake <= now:
        # What is due comes first, under the version in which it fell due.
        if isinstance(process.wake(session, locked.id, actor=WORKER, now=now), Faulted):
            return told("Waktunya tiba, tetapi alurnya terhenti. Selesaikan gangguannya dahulu.")
        locked = pushes.lock_instance(session, row.instance_id)
        if locked is None or locked.state is None:
            return told("Laporan ini sudah berakhir.")
    try:
        old = sop_versions.compiled(session, row.from_version_id)
        new = sop_versions.compiled(session, row.to_version_id)
    except EngineFault as fault:
        return fault.text
    items = rows.open_items(session, locked)
    around = pushes.around(session, locked.report_id)
    past = past_of(session, old, new, [locked.stream_id])
    judged = judged_safely(
        old, new, locked.state or {}, tools=city.tools_at(session, around.calendar, now), mapping=row.mapping,
        accepted=row.accepted, drafted={str(item.id): item.drafted or () for item in items},
        past=past.get(locked.stream_id, ()),
    )  # fmt: skip
    if judged.moved is None:
        return _why(judged)
    before = {
        "state": locked.state, "next_wake": _iso(locked.next_wake),
        "waiting": sorted(judged.moved.before.waiting),
        "items": [{name: str(value) if name == "id" else value for name, value in item._mapping.items()
                   if name != "drafted"} for item in items],
    }  # fmt: skip
    written = rows.renamed(items, judged.moved, new, around.roles)
    position = judged.moved.position
    revision = rows.save(session, locked, judged.moved.state, row.to_version_id, position.next_wake,
                         sorted(position.waiting), written)
    renamed = [[str(item.id), item.element, one["element"]] for item, one in zip(items, written, strict=True)
               if item.element != one["element"]]
    facts = {
        "sop": row.sop_key, "dari": str(row.from_version_id), "ke": str(row.to_version_id),
        "versi": [row.from_version, row.to_version], "pindah": str(plan.move_id), "petaan": row.mapping,
        "tugas": renamed, "batas_sama": len(judged.clocks),
        "catatan": [one.mark for one in judged.moved.notes],
    }  # fmt: skip
    _tell(session, locked, MOVED, facts, {"alasan": row.reason}, plan)
    matters = [matter_json(one) for one in judged.matters]
    _outcome(session, plan, "pindah", "", before=before, revision=revision, matters=matters)
    elsewhere = [one["id"] for one in written if one["elsewhere"]]
    defer(session, [Job("notify_new_task", {"work_item_id": one}) for one in elsewhere])
    return ""


def _take_back(session: Session, plan: _Plan) -> str:
    """Put one back as it was; a sentence why not."""
    row = plan.row
    locked = pushes.lock_instance(session, row.instance_id)
    if (locked is None or locked.state is None or locked.revision != row.revision_after
            or locked.sop_version_id != row.to_version_id):
        return GONE_ON
    before = row.before
    inspect(sop_versions.compiled(session, row.from_version_id), before["state"])
    items = [{**item, "elsewhere": False} for item in before["items"]]
    rows.save(session, locked, before["state"], row.from_version_id, before["next_wake"], before["waiting"],
              items)
    facts = {
        "sop": row.sop_key, "dari": str(row.to_version_id), "ke": str(row.from_version_id),
        "versi": [row.to_version, row.from_version], "pindah": str(plan.move_id),
        "petaan": {new: old for old, new in row.mapping.items()},
    }  # fmt: skip
    _tell(session, locked, TAKEN_BACK, facts, {}, plan)
    _outcome(session, plan, "kembali", "")
    return ""


def _tell(session: Session, locked: LockedInstance, type_: str, facts: Mapping[str, Any],
          personal: Mapping[str, str], plan: _Plan) -> None:
    events = Trail(locked.stream_id, locked.last_seq, locked.last_hash)
    events.add(type_, {**facts, **whose(locked.id, locked.report_id)}, personal)
    events.write(session, origin=plan.actor.origin(plan.role), now=plan.now)


def _outcome(session: Session, plan: _Plan, outcome: str, note: str, *, before: Any = None,
             revision: int | None = None, matters: Any = None) -> None:
    session.execute(_OUTCOME, {
        "move_id": plan.move_id, "instance_id": plan.row.instance_id, "outcome": outcome, "note": note,
        "before": None if before is None else pushes.as_json(before), "revision": revision,
        "matters": None if matters is None else pushes.as_json(matters), "now": plan.now,
    })  # fmt: skip


def _halt(session: Session, plan: _Plan, why: str) -> None:
    move = session.scalars(select(SopMove).where(SopMove.id == plan.move_id)).one()
    move.state, move.fault, move.ended_at = "dihentikan", why, plan.now


def _why(judged: Judged) -> str:
    first = next((one for one in judged.matters if one.blocks or one.asks), None)
    return told("Laporan ini sudah berakhir.") if first is None else first.text


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
