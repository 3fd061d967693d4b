"""A plan to move running reports to another version of their SOP: made, tried, decided upon, set going.

Bappeda plans and tries; another person, who may approve SOPs, sets it going. The trial and the moving are
done by jobs, slice by slice; `sop_migration_work` does the moving itself.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.adapters.jobs import Job, defer
from app.db.models import SopMove, SopMoveReport, SopVersion
from app.db.queries import moves as queries
from app.domain.actor import Actor
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.words import told
from app.engine.compiled import CompiledSop
from app.engine.migration import Done
from app.engine.step import EngineFault
from app.services import city, sop_versions, trail
from app.services.sop_judgement import Judged, judged_safely, matter_json, needs_past

TEST_JOB, CARRY_JOB, UNDO_JOB = "test_move", "carry_move", "undo_move"
SLICE = 40
"""Reports read at once."""
SLICE_SECONDS = 1.5
SHORTEST_REASON = 10
"""Characters."""
AT_REST = ("siap", "dihentikan", "selesai", "dikembalikan")
"""States in which a plan can be tried again."""

_SET_STATE = text("""
UPDATE sop_moves SET state = :to, ended_at = CASE WHEN :ended THEN :now ELSE ended_at END
WHERE id = :id AND state = :from
""")


def plan_move(
    session: Session, key: str, from_version: int, to_version: int, *, actor: Actor, now: datetime
) -> uuid.UUID:
    """A plan for the reports that run on a version; its trial begins. Raises NotFound, Invalid, Conflict."""
    known = {row.version: row for row in queries.versions_of(session, key, now=now)}
    start, target = known.get(from_version), known.get(to_version)
    if start is None or target is None:
        raise NotFound()
    if target.version <= start.version:
        raise Invalid("Pilih versi tujuan yang lebih baru. Untuk kembali, terbitkan isi lamanya lagi.")
    if not target.effective:
        raise Conflict(told("Versi %(n)s belum berlaku.", n=target.version))
    if start.running == 0:
        raise Conflict(told("Tidak ada laporan yang berjalan pada versi %(n)s.", n=start.version))
    move = SopMove(
        id=uuid.uuid4(), sop_key=key, from_version_id=start.id, to_version_id=target.id, mapping={},
        accepted=[], planned_by=uuid.UUID(actor.person_id), planned_at=now,
    )  # fmt: skip
    session.add(move)
    session.flush()
    _note(session, move, "SopMovePlanned", {}, actor=actor, now=now)
    _begin_trial(session, move)
    return move.id


def decide(
    session: Session,
    key: str,
    move_id: uuid.UUID,
    mapping: Mapping[str, str],
    accepted: Collection[str],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Give a plan its mapping and what is agreed to, and try it anew. Raises NotFound, Invalid, Conflict."""
    move = take(session, key, move_id)
    if move.state not in AT_REST:
        raise Conflict("Rencana ini sedang dikerjakan. Tunggu sampai selesai atau hentikan dahulu.")
    old, new = versions(session, move)
    wanted = {source: target for source, target in mapping.items() if target and target != source}
    for source, target in wanted.items():
        if _place(old, source) is None or _place(new, target) is None:
            raise Invalid("Padanan menunjuk langkah yang tidak ada. Muat ulang halaman ini, lalu pilih lagi.")
    if len(set(wanted.values())) < len(wanted):
        raise Invalid("Dua langkah lama tidak dapat dipadankan dengan satu langkah baru yang sama.")
    move.mapping, move.accepted = wanted, sorted({mark for mark in accepted if mark})
    facts = {"petaan": wanted, "disetujui": move.accepted}
    _note(session, move, "SopMoveDecided", facts, actor=actor, now=now)
    _begin_trial(session, move)


def try_again(session: Session, key: str, move_id: uuid.UUID) -> None:
    """Judge the reports anew: some have gone on since, or the trial came to nothing. Raises NotFound,
    Conflict."""
    move = take(session, key, move_id)
    if move.state not in (*AT_REST, "menguji"):
        raise Conflict("Rencana ini sedang dikerjakan. Tunggu sampai selesai atau hentikan dahulu.")
    _begin_trial(session, move)


def set_going(
    session: Session,
    key: str,
    move_id: uuid.UUID,
    chosen: Collection[uuid.UUID],
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Let a job move the chosen reports, one transaction each; how many were chosen. Raises NotFound,
    Invalid, Conflict (not tried yet, planned by the same person)."""
    move = take(session, key, move_id)
    reason = reason.strip()
    if str(move.planned_by) == actor.person_id:
        raise Conflict("Yang menyusun rencana tidak dapat menjalankannya. Minta pejabat lain.")
    if len(reason) < SHORTEST_REASON:
        raise Invalid(told("Tuliskan alasannya, paling sedikit %(n)s huruf.", n=SHORTEST_REASON))
    if move.state not in AT_REST or move.tested_at is None:
        raise Conflict("Rencana ini belum selesai diuji, atau sedang dikerjakan.")
    wanted = (
        update(SopMoveReport)
        .where(SopMoveReport.move_id == move.id, SopMoveReport.outcome != "pindah")
        .values(chosen=SopMoveReport.movable & SopMoveReport.instance_id.in_(chosen), outcome="", note="")
    )
    session.execute(wanted)
    count = queries.counts_in(session, move.id).waiting
    if not count:
        raise Invalid("Pilih sedikitnya satu laporan yang dapat pindah.")
    move.state, move.reason = "berjalan", reason
    move.carried_by, move.carried_at, move.ended_at = uuid.UUID(actor.person_id), now, None
    _note(session, move, "SopMoveStarted", {"laporan": count}, {"alasan": reason}, actor=actor, now=now)
    session.flush()
    defer(session, [Job(CARRY_JOB, {"move_id": str(move.id)}, key=f"move:{move.id}")])
    return int(count)


def stop(session: Session, key: str, move_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Stop after the report in hand; what was moved stays moved. Raises NotFound, Conflict."""
    move = take(session, key, move_id)
    if move.state not in ("berjalan", "mengembalikan", "menguji"):
        raise Conflict("Tidak ada yang sedang berjalan.")
    move.round += 1
    move.state, move.ended_at = "dihentikan", now
    _note(session, move, "SopMoveStopped", _counted(session, move.id), actor=actor, now=now)


def undo_all(session: Session, key: str, move_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Let a job take back every moved report to which nothing happened since. Raises NotFound, Conflict."""
    move = take(session, key, move_id)
    if move.state not in AT_REST:
        raise Conflict("Rencana ini sedang dikerjakan. Tunggu sampai selesai atau hentikan dahulu.")
    if not queries.counts_in(session, move.id).moved:
        raise Conflict("Belum ada laporan yang dipindahkan.")
    move.state, move.ended_at = "mengembalikan", None
    if str(move.planned_by) != actor.person_id:
        move.carried_by = uuid.UUID(actor.person_id)
    session.execute(update(SopMoveReport).where(SopMoveReport.move_id == move.id,
                                                SopMoveReport.outcome == "pindah").values(note=""))
    _note(session, move, "SopMoveUndone", {}, actor=actor, now=now)
    session.flush()
    defer(session, [Job(UNDO_JOB, {"move_id": str(move.id)}, key=f"move:{move.id}")])


def test_slice(session: Session, move_id: uuid.UUID, round_: int, *, now: datetime) -> bool:
    """Judge some more reports of a plan; False when none is left, or the plan was changed meanwhile."""
    move = session.get(SopMove, move_id, with_for_update=True)
    if move is None or move.state != "menguji" or move.round != round_:
        return False
    try:
        old, new = versions(session, move)
    except EngineFault as fault:
        move.state, move.fault, move.ended_at = "dihentikan", fault.text, now
        return False
    last = session.scalar(
        select(SopMoveReport.instance_id)
        .where(SopMoveReport.move_id == move_id, SopMoveReport.round == round_)
        .order_by(SopMoveReport.instance_id.desc()).limit(1)
    )
    rows = queries.running_of(session, move.sop_key, version=move.from_version_id, after=last, most=SLICE)
    tools = city.tools(session, now)
    drafted = queries.drafted_in(session, [row.id for row in rows])
    past = past_of(session, old, new, [row.stream_id for row in rows])
    until = time.monotonic() + SLICE_SECONDS
    judged = 0
    for row in rows:
        verdict = judged_safely(old, new, row.state, tools=tools, mapping=move.mapping,
                                accepted=move.accepted, drafted=drafted.get(row.id),
                                past=past.get(row.stream_id, ()))
        _keep(session, move, row, verdict)
        judged += 1
        if time.monotonic() > until:
            break
    if judged < len(rows) or len(rows) == SLICE:
        return True
    move.state, move.tested_at = "siap", now
    return False


def finish(session: Session, move_id: uuid.UUID, *, state: str, to: str, now: datetime) -> None:
    """A job found nothing left to do."""
    given = {"id": move_id, "from": state, "to": to, "now": now, "ended": True}
    if session.execute(_SET_STATE, given).rowcount:  # type: ignore[attr-defined]
        move = session.get_one(SopMove, move_id, populate_existing=True)
        actor = Actor("worker", "worker")
        _note(session, move, "SopMoveEnded", _counted(session, move_id), actor=actor, now=now)


def take(session: Session, key: str, move_id: uuid.UUID) -> SopMove:
    """The plan, locked. Raises NotFound."""
    move = session.get(SopMove, move_id, with_for_update=True, populate_existing=True)
    if move is None or move.sop_key != key:
        raise NotFound()
    return move


def versions(session: Session, move: SopMove) -> tuple[CompiledSop, CompiledSop]:
    """Both versions of a plan, compiled. Raises EngineFault."""
    return (sop_versions.compiled(session, move.from_version_id),
            sop_versions.compiled(session, move.to_version_id))


def past_of(session: Session, old: CompiledSop, new: CompiledSop, streams: list[uuid.UUID]
            ) -> Mapping[uuid.UUID, list[Done]]:
    """Stream -> completed tasks, where the new version has a rule about persons that needs them."""
    found: dict[uuid.UUID, list[Done]] = {}
    if streams and needs_past(old, new):
        for row in queries.completed_in(session, streams):
            by = str(row.actor_id) if row.actor_id else row.actor_kind
            found.setdefault(row.stream_id, []).append(Done(row.step or "", by))
    return found


def _begin_trial(session: Session, move: SopMove) -> None:
    move.state, move.tested_at, move.fault = "menguji", None, ""
    move.round += 1
    session.execute(delete(SopMoveReport).where(SopMoveReport.move_id == move.id,
                                                SopMoveReport.outcome != "pindah"))
    session.flush()
    arguments = {"move_id": str(move.id), "round": move.round}
    defer(session, [Job(TEST_JOB, arguments, key=f"move:{move.id}")])


def _keep(session: Session, move: SopMove, row: Row[Any], judged: Judged) -> None:
    values = {
        "round": move.round, "verdict": judged.verdict, "movable": judged.movable,
        "steps": list(judged.steps), "matters": [matter_json(one) for one in judged.matters],
        "clocks": len(judged.clocks), "chosen": judged.movable and judged.verdict == "dapat",
        "outcome": "", "note": "", "before": None, "revision_after": None, "done_at": None,
    }  # fmt: skip
    session.execute(
        insert(SopMoveReport).values(move_id=move.id, instance_id=row.id, **values)
        .on_conflict_do_update(index_elements=["move_id", "instance_id"], set_=values)
    )


def _place(sop: CompiledSop, key: str) -> tuple[str, str] | None:
    process, _, element = key.rpartition("/")
    place = (process or sop.key, element)
    return place if place in sop.elements else None


def _counted(session: Session, move_id: uuid.UUID) -> dict[str, int]:
    counts = queries.counts_in(session, move_id)
    return {"dipindah": counts.moved, "dilewati": counts.skipped, "dikembalikan": counts.undone}


def _note(
    session: Session,
    move: SopMove,
    type_: str,
    facts: Mapping[str, Any],
    personal: Mapping[str, str] | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Write into the SOP's own stream."""
    numbers = {row.id: row.version for row in session.execute(
        select(SopVersion.id, SopVersion.version).where(
            SopVersion.id.in_([move.from_version_id, move.to_version_id])))}
    told_ = {"pindah": str(move.id), "versi": [numbers[move.from_version_id], numbers[move.to_version_id]]}
    events = trail.begin_stream(session, sop_versions.stream_of(move.sop_key), "sop")
    events.add(type_, {**told_, **facts}, personal)
    events.write(session, origin=actor.origin(), now=now)
