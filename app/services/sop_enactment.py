"""What the SOP `penetapan_sop` does to the proposal it judges: put it in force, or give it back.

Part of the push that asked for it, in the same transaction. Whoever wrote in a proposal decides nothing
about it, whatever their roles, and whatever the diagram of `penetapan_sop` says.
"""

from __future__ import annotations

import uuid
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from app.db.models import SopDraft, SopProposal
from app.domain.actor import Actor
from app.domain.errors import Conflict, Invalid
from app.domain.permissions import Permission
from app.domain.words import told
from app.engine.compiled import Source
from app.engine.declaration import Task
from app.services import sop_versions
from app.services.outcome import Refused
from app.services.sop_approvals import Proven
from app.services.step_record import Record
from app.tasks.operations import Enactment, Return

WROTE_IT = told("Anda ikut menyusun rancangan ini; penilaiannya harus oleh orang lain.")
NO_APPROVER = told("Hanya Asisten atau Sekda yang dapat menilai usulan SOP.")

_FREE = text("""
UPDATE sop_drafts SET state = :state, remarks = :remarks, editor_id = NULL, editor_since = NULL,
       editor_seen_at = NULL
WHERE id = :id AND state = 'diusulkan'
""")


class NotEnacted(Conflict):
    """The proposal cannot come into force as it stands; nothing was written."""


def proposal_judged_by(session: Session, instance_id: uuid.UUID) -> SopProposal | None:
    """The proposal that an instance of `penetapan_sop` is about."""
    return session.scalars(select(SopProposal).where(SopProposal.instance_id == instance_id)).one_or_none()


def may_not_judge(session: Session, item: Row[Any], task: Task, actor: Actor) -> Refused | None:
    """Why this person may not complete this task of a proposal's judgement. A task that wants fresh eyes is
    a judgement; the others are the author's own."""
    proposal = proposal_judged_by(session, item.instance_id)
    if proposal is None or not task.fresh:
        return None
    if actor.person_id is None or uuid.UUID(actor.person_id) in (proposal.proposed_by, *proposal.editors):
        return Refused("SamePerson", WROTE_IT, {})
    if not actor.may(Permission.SOP_APPROVE):
        return Refused("NotPermitted", NO_APPROVER, {})
    return None


def carry_out(session: Session, record: Record, *, actor: Actor) -> None:
    """Do what a push asked of its proposal; it is written into the record's trail. Raises NotEnacted."""
    for request in record.requests:
        if isinstance(request, Enactment):
            _enact(session, record, request, actor)
        elif isinstance(request, Return):
            _give_back(session, record, request)


def _enact(session: Session, record: Record, asked: Enactment, actor: Actor) -> None:
    now, zone = record.tools.now, record.tools.calendar.zone
    proposal = _proposal(session, record.instance_id)
    if actor.person_id is None or not actor.may(Permission.SOP_APPROVE):
        raise NotEnacted(NO_APPROVER)
    sop_versions.hold_key(session, proposal.key)
    newest = sop_versions.latest_version(session, proposal.key)
    if (newest.id if newest else None) != proposal.compared_to:
        raise NotEnacted(
            told("Versi lain SOP ini sudah ditetapkan sejak usulan dibuat. Kembalikan kepada penyusun.")
        )
    today = now.astimezone(ZoneInfo(zone)).date()
    if asked.begins is not None and asked.begins < today:
        raise NotEnacted(told("Tanggal mulai berlaku sudah lewat. Pilih hari ini atau sesudahnya."))
    begins = None
    if asked.begins is not None and asked.begins > today:
        begins = datetime.combine(asked.begins, time(), ZoneInfo(zone))
    signed = None
    if proposal.exception and proposal.exception_by and proposal.exception_at:
        signed = (proposal.exception, proposal.exception_by, proposal.exception_at)
    try:
        row = sop_versions.publish(
            session,
            sources_of(proposal),
            by=proposal.proposed_by,
            approved_by=uuid.UUID(actor.person_id),
            basis=asked.basis,
            now=now,
            effective_at=begins,
            proven=Proven(
                editors=tuple(proposal.editors),
                scenarios=tuple(proposal.scenarios),
                proposal_id=proposal.id,
                document_hash=proposal.document_hash or None,
                exception=signed,
            ),
            events=record.trail,
        )
    except (Conflict, Invalid) as refused:
        raise NotEnacted(refused.text) from refused
    if row.content_hash != proposal.content_hash or row.published_at != now:
        raise NotEnacted(
            told("SOP lain yang dipakainya berubah sejak usulan dibuat. Kembalikan kepada penyusun.")
        )
    session.execute(_FREE, {"id": proposal.draft_id, "state": "disetujui", "remarks": ""})


def _give_back(session: Session, record: Record, asked: Return) -> None:
    proposal = _proposal(session, record.instance_id)
    session.execute(_FREE, {"id": proposal.draft_id, "state": "konsep", "remarks": asked.remarks})
    remarks = {"catatan": asked.remarks} if asked.remarks else {}
    record.trail.add("SopReturned", {"usulan": str(proposal.id), "konsep": str(proposal.draft_id)}, remarks)


def _proposal(session: Session, instance_id: uuid.UUID) -> SopProposal:
    found = proposal_judged_by(session, instance_id)
    if found is None:
        raise NotEnacted(told("Langkah ini hanya ada bila sebuah usulan SOP sedang dinilai."))
    session.execute(select(SopDraft.id).where(SopDraft.id == found.draft_id).with_for_update())
    return found


def sources_of(proposal: SopProposal) -> list[Source]:
    """The proposed files, the diagram first."""
    names = sorted(proposal.files, key=lambda name: (name != proposal.main_file, name))
    return [Source(name, proposal.files[name].encode("utf-8")) for name in names]
