"""From draft to proposal: what must be proven first, and how the proposal reaches those who judge it.

The judgement itself is the SOP `penetapan_sop`, which runs on our own engine; what it decides is carried out
by `sop_enactment`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import SopDraft, SopProposal, WorkItem
from app.domain.actor import Actor
from app.domain.errors import Conflict, Invalid
from app.domain.words import told
from app.engine.compiled import Source
from app.engine.declaration import Finding
from app.engine.difference import Difference, difference
from app.services import process, sop_check, sop_drafts, sop_play, sop_versions, task_work, trail
from app.services.outcome import Pushed
from app.services.sop_belongings import completed
from app.services.sop_document import document_hash
from app.services.sop_drafts import DraftMoved
from app.services.sop_facts import city_facts
from app.services.sop_judge import Judged
from app.services.sop_rules import rules_in_force
from app.services.sop_versions import published_files, sources_of, stream_of

APPROVAL = "penetapan_sop"
"""Key of the SOP that judges proposals."""
WITHDRAWAL = "penarikan"
FOLLOW_UP = "perbaiki"
SHORTEST_NOTE = 10
SHORTEST_EXCEPTION = 20


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is known of a draft as it stands. `against`: the newest version, which it would replace."""

    findings: tuple[Finding, ...]
    stopped: str | None
    judged: Judged | None
    against: int | None
    difference: Difference | None

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == "error")

    @property
    def unchanged(self) -> bool:
        return self.against is not None and self.difference is not None and not self.difference.changes

    @property
    def needs_exception(self) -> bool:
        """Whether the scenarios leave something unproven."""
        return self.judged is not None and not self.judged.complete


@dataclass(frozen=True, slots=True)
class Proposing:
    """What the author says with it. `effective_on`: wished first day, None: as soon as it is approved."""

    note: str
    effective_on: date | None = None
    exception: str = ""


class NotReady(Invalid):
    """Something is missing before this draft can be proposed; the text says what."""


def readiness(session: Session, draft: SopDraft, *, zone: str, now: datetime) -> Readiness:
    """Check a draft, walk its scenarios, compare it with the newest version. Notes the revision that passed
    without errors (*diperiksa*)."""
    published = published_files(session, now)
    checked = sop_check.check(
        draft.files, draft.main_file, rules=rules_in_force(session), published=published,
        facts=city_facts(session),
    )  # fmt: skip
    newest = sop_versions.latest_version(session, draft.key)
    judged = compared = None
    if not checked.errors:
        judged = sop_play.judge_with_city(
            session, draft.files, draft.main_file, draft.scenarios, zone=zone, now=now
        )
        compared = difference([] if newest is None else sources_of(newest), _whole(draft, published))
        draft.checked_revision = draft.revision
    elif draft.checked_revision == draft.revision:
        draft.checked_revision = None
    session.flush()
    return Readiness(
        checked.findings, checked.stopped, judged, None if newest is None else newest.version, compared
    )


def propose(
    session: Session,
    draft_id: uuid.UUID,
    said: Proposing,
    *,
    revision: int,
    actor: Actor,
    zone: str,
    now: datetime,
) -> SopProposal:
    """Put a draft before those who judge it; what it holds is fixed from now on.

    Raises NotReady (findings, no change, unproven without an exception, no reason), DraftMoved (somebody is
    writing in it, or has since), DraftFixed, NoSuchDraft, and Conflict when no SOP for approvals is in force.
    """
    draft = sop_drafts.writable(session, draft_id)
    hold = sop_drafts.hold_of(session, draft, now)
    if hold is not None and hold.person_id != actor.person_id:
        raise DraftMoved(
            told("%(name)s sedang menyunting konsep ini.", name=hold.name),
            revision=draft.revision, hold=hold,
        )  # fmt: skip
    if revision != draft.revision:
        raise DraftMoved(
            told("Konsep ini berubah sejak Anda memeriksanya. Periksa sekali lagi sebelum mengusulkan."),
            revision=draft.revision, hold=hold,
        )  # fmt: skip
    ready = readiness(session, draft, zone=zone, now=now)
    judged = _refuse_unready(ready, said, now.astimezone(ZoneInfo(zone)).date())
    sources = _whole(draft, published_files(session, now))
    compiled = sop_versions.compile_main(sources)
    newest = sop_versions.latest_version(session, compiled.key)
    author = uuid.UUID(actor.person_id)
    exception = " ".join(said.exception.split()) if ready.needs_exception else ""
    proposal = SopProposal(
        id=uuid.uuid4(),
        draft_id=draft.id,
        key=compiled.key,
        name=compiled.name,
        files={one.name: one.content.decode("utf-8") for one in sources},
        main_file=draft.main_file,
        scenarios=draft.scenarios,
        content_hash=compiled.hash,
        document_hash=document_hash(sources, compiled.key, version=newest.version + 1 if newest else 1),
        compared_to=None if newest is None else newest.id,
        differences=[asdict(one) for one in ready.difference.changes] if ready.difference else [],
        findings=[one.told() for one in ready.findings],
        coverage={"figures": judged.coverage, "missing": [asdict(one) for one in judged.missing],
                  "scenarios": len(draft.scenarios), "reasons": list(judged.reasons)},
        note=said.note.strip(),
        legal_basis="",
        effective_on=said.effective_on,
        exception=exception or None,
        exception_by=author if exception else None,
        exception_at=now if exception else None,
        editors=list(draft.editors),
        proposed_by=author,
        proposed_at=now,
    )  # fmt: skip
    _close_follow_ups(session, draft, actor=actor, now=now)
    _begin_judgement(session, proposal, actor=actor, now=now)
    draft.state, draft.remarks = "diusulkan", ""
    draft.editor_id = draft.editor_since = draft.editor_seen_at = None
    session.flush()
    return proposal


def withdraw(session: Session, draft_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Take a proposal back before it is decided. Raises NoSuchDraft, Conflict."""
    # The instance is locked before the draft, as whoever decides does; else the two could wait in a ring.
    draft = sop_drafts.draft(session, draft_id)
    proposal = newest_proposal(session, draft.id)
    if draft.state != "diusulkan" or proposal is None:
        raise Conflict(told("SOP ini sedang tidak diusulkan."))
    outcome = process.deliver(
        session, proposal.instance_id, WITHDRAWAL, {}, actor=actor, now=now
    )
    if not isinstance(outcome, Pushed):
        raise Conflict(told("Usulan ini tidak dapat ditarik lagi; muat ulang untuk melihat putusannya."))


def newest_proposal(session: Session, draft_id: uuid.UUID) -> SopProposal | None:
    """What was proposed last from this draft."""
    wanted = select(SopProposal).where(SopProposal.draft_id == draft_id)
    return session.scalars(wanted.order_by(SopProposal.proposed_at.desc()).limit(1)).one_or_none()


def _whole(draft: SopDraft, published: Sequence[Source]) -> list[Source]:
    names = sorted(draft.files, key=lambda name: (name != draft.main_file, name))
    return completed([Source(name, draft.files[name].encode("utf-8")) for name in names], published)


def _refuse_unready(ready: Readiness, said: Proposing, today: date) -> Judged:
    if ready.errors or ready.judged is None:
        raise NotReady(
            told("Masih ada %(n)s temuan yang harus diperbaiki sebelum SOP ini dapat diusulkan.",
                 n=len(ready.errors))
        )  # fmt: skip
    if ready.judged.stopped:
        raise NotReady(ready.judged.stopped)
    if ready.unchanged:
        raise NotReady(told("Konsep ini sama dengan versi %(n)s; tidak ada yang diusulkan.", n=ready.against))
    if len(said.note.strip()) < SHORTEST_NOTE:
        raise NotReady(told("Tulis apa yang berubah dan mengapa, sedikitnya %(n)s huruf.", n=SHORTEST_NOTE))
    if ready.needs_exception and len(said.exception.strip()) < SHORTEST_EXCEPTION:
        raise NotReady(
            told(
                "Skenario belum membuktikan seluruh SOP. Lengkapi skenarionya, atau tulis pengecualian "
                "dengan alasannya, sedikitnya %(n)s huruf.",
                n=SHORTEST_EXCEPTION,
            )
        )
    if said.effective_on is not None and said.effective_on < today:
        raise NotReady(told("Tanggal mulai berlaku sudah lewat."))
    return ready.judged


def _begin_judgement(session: Session, proposal: SopProposal, *, actor: Actor, now: datetime) -> None:
    """Start `penetapan_sop` on the SOP's own stream and do its first step, which is the proposing itself."""
    events = trail.begin_stream(session, stream_of(proposal.key), "sop")
    events.add(
        "SopProposed",
        {
            "usulan": str(proposal.id),
            "konsep": str(proposal.draft_id),
            "sop": proposal.key,
            "isi": proposal.content_hash,
            "dokumen": proposal.document_hash,
            "pengecualian": proposal.exception,
        },
    )
    begun = process.begin(
        session, sop_key=APPROVAL, trail=events, report_id=None, number=None, data={}, actor=actor, now=now,
        main=False,
    )  # fmt: skip
    if not isinstance(begun, Pushed) or not begun.opened:
        raise Conflict(
            told("SOP penetapan belum berlaku di kota ini. Mintalah admin menerbitkan penetapan_sop dahulu.")
        )
    proposal.instance_id = begun.instance_id
    session.add(proposal)
    session.flush()
    answers: dict[str, Any] = {"nama_sop": proposal.name[:200], "alasan_usulan": proposal.note}
    if proposal.effective_on is not None:
        answers["mulai_diusulkan"] = proposal.effective_on.isoformat()
    done = task_work.complete(session, begun.opened[0].id, answers, actor=actor, now=now)
    if not isinstance(done, Pushed):
        raise Conflict(getattr(done, "text", ""))


def _close_follow_ups(session: Session, draft: SopDraft, *, actor: Actor, now: datetime) -> None:
    """Proposing again is what the task after a return asks for."""
    waiting = (
        select(WorkItem.id)
        .join(SopProposal, SopProposal.instance_id == WorkItem.instance_id)
        .where(
            SopProposal.draft_id == draft.id, WorkItem.element == FOLLOW_UP, WorkItem.closed_at.is_(None)
        )
    )
    for item in session.scalars(waiting).all():
        task_work.complete(session, item, {"tindak_lanjut": "diperbaiki"}, actor=actor, now=now)
