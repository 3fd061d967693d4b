"""Approvals: who put a version in force, with what proof, and who may not."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.db.models.people import Person
from app.db.models.sop import SopVersion
from app.db.models.studio import SopApproval, SopDraft, SopProposal
from app.domain.errors import Conflict, NotFound
from app.domain.words import told
from app.engine.compiled import CompiledSop, Source

OWN_WORK = told("Penyusun dan penyetuju SOP harus dua orang yang berbeda.")


@dataclass(frozen=True, slots=True)
class Proven:
    """What an approval keeps besides who, when and on what basis. `editors`: everybody who wrote in it;
    `scenarios`: its regression suite; `exception`: words, who signed them, when."""

    editors: tuple[uuid.UUID, ...] = ()
    scenarios: tuple[Mapping[str, Any], ...] = ()
    proposal_id: uuid.UUID | None = None
    document_hash: str | None = None
    exception: tuple[str, uuid.UUID, datetime] | None = None

NO_PROOF = Proven()


def refuse_own_work(
    session: Session, by: uuid.UUID, approved_by: uuid.UUID, editors: Sequence[uuid.UUID]
) -> None:
    """Raises Conflict when the approver wrote in it, NotFound when there is no such person."""
    if approved_by in (by, *editors):
        raise Conflict(OWN_WORK)
    known = set(session.scalars(select(Person.id).where(Person.id.in_([by, approved_by]))))
    if known != {by, approved_by}:
        raise NotFound("Akun penyusun atau penyetuju tidak ditemukan.")


def refuse_own_draft(
    session: Session, compiled: CompiledSop, approved_by: uuid.UUID, main: Source
) -> None:
    """Whoever wrote these very files in the studio does not approve them by another way either."""
    proposed = exists().where(
        SopProposal.content_hash == compiled.hash, SopProposal.editors.contains([approved_by])
    )
    drafted = exists().where(
        SopDraft.key == compiled.key,
        SopDraft.editors.contains([approved_by]),
        SopDraft.files[SopDraft.main_file].astext == main.content.decode("utf-8"),
    )
    if session.scalar(select(proposed | drafted)):
        raise Conflict(OWN_WORK)


def write_approval(session: Session, row: SopVersion, proven: Proven) -> None:
    """The record beside a version that was just written; it is never changed."""
    words, signer, signed = proven.exception or (None, None, None)
    assert row.author_id is not None
    assert row.approver_id is not None
    session.add(
        SopApproval(
            sop_version_id=row.id,
            proposal_id=proven.proposal_id,
            author_id=row.author_id,
            editors=list(dict.fromkeys((row.author_id, *proven.editors))),
            approver_id=row.approver_id,
            approved_at=row.published_at,
            legal_basis=row.legal_basis,
            content_hash=row.content_hash,
            document_hash=proven.document_hash,
            exception=words,
            exception_by=signer,
            exception_at=signed,
        )
    )
    session.flush()
