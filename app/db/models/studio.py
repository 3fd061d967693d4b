"""SOPs on their way to being in force: drafts, proposals, approvals; and the city's limits of law."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, json_value, uuid_key


class SopDraft(Base):
    """An SOP being written. `files` maps file name to text; `scenarios` is the list that `isi.json` shows;
    `view` is where its writer left it. Only what was checked as it stands has `checked_revision` equal to
    `revision`. `editors`: everybody who ever saved it; `editor_id`: who has it open now."""

    __tablename__ = "sop_drafts"
    __table_args__ = (
        CheckConstraint("state IN ('konsep', 'diusulkan', 'disetujui', 'dibuang')", name="state"),
    )
    id: Mapped[uuid_key]
    key: Mapped[str]
    name: Mapped[str]
    files: Mapped[dict[str, Any]]
    main_file: Mapped[str]
    scenarios: Mapped[list[Any]]
    view: Mapped[dict[str, Any] | None]
    revision: Mapped[int] = mapped_column(default=1)
    checked_revision: Mapped[int | None]
    state: Mapped[str] = mapped_column(default="konsep")
    based_on: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sop_versions.id"))
    remarks: Mapped[str] = mapped_column(default="")
    """What the reviewer wrote when it came back; empty otherwise."""
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[datetime]
    saved_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    saved_at: Mapped[datetime]
    editors: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    editor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    editor_since: Mapped[datetime | None]
    editor_seen_at: Mapped[datetime | None]


class SopProposal(Base):
    """What was put before the approver, fixed from then on. `instance_id` is the SOP `penetapan_sop` that
    judges it. `differences`: sentences against version `compared_to`; `coverage`: what the scenarios walk."""

    __tablename__ = "sop_proposals"
    __table_args__ = (
        CheckConstraint(
            "(exception IS NULL) = (exception_by IS NULL) AND (exception IS NULL) = (exception_at IS NULL)",
            name="exception_is_signed",
        ),
    )
    id: Mapped[uuid_key]
    draft_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sop_drafts.id"))
    instance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("instances.id"), unique=True)
    key: Mapped[str]
    name: Mapped[str]
    files: Mapped[dict[str, Any]]
    main_file: Mapped[str]
    scenarios: Mapped[list[Any]]
    content_hash: Mapped[str]
    document_hash: Mapped[str]
    compared_to: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sop_versions.id"))
    differences: Mapped[list[Any]]
    findings: Mapped[list[Any]]
    coverage: Mapped[dict[str, Any]]
    note: Mapped[str]
    legal_basis: Mapped[str]
    effective_on: Mapped[date | None]
    exception: Mapped[str | None]
    exception_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    exception_at: Mapped[datetime | None]
    editors: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    proposed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    proposed_at: Mapped[datetime]


class SopApproval(Base):
    """Who put a version in force, on what legal basis, over exactly which files and document. Written once,
    with the version."""

    __tablename__ = "sop_approvals"
    __table_args__ = (
        CheckConstraint("author_id <> approver_id", name="another_person"),
        CheckConstraint("approver_id <> ALL (editors)", name="no_editor"),
        CheckConstraint("btrim(legal_basis) <> ''", name="legal_basis"),
    )
    sop_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sop_versions.id"), primary_key=True)
    proposal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sop_proposals.id"))
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    editors: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    approver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    approved_at: Mapped[datetime]
    legal_basis: Mapped[str]
    content_hash: Mapped[str]
    document_hash: Mapped[str | None]
    """SHA-256 of the printed SOP; None for versions older than the printing."""
    exception: Mapped[str | None]
    exception_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    exception_at: Mapped[datetime | None]


class SopRule(Base):
    """A limit of law as this city has set it, with its source; what has no row holds as it came."""

    __tablename__ = "sop_rules"
    __table_args__ = (CheckConstraint("btrim(source) <> ''", name="source"),)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[json_value]
    source: Mapped[str]
    reason: Mapped[str]
    changed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    changed_at: Mapped[datetime]


Index("ix_sop_drafts_key", SopDraft.key)
Index("ix_sop_proposals_draft_id", SopProposal.draft_id)
