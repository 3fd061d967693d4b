"""Proposing an SOP, looking at a proposal, taking it back, putting a draft away."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from app.adapters import clock
from app.db.queries import studio as queries
from app.domain.errors import Invalid, NotFound
from app.domain.permissions import Permission
from app.engine.compiled import Source
from app.engine.drawing import draw
from app.engine.text_walk import text_walk
from app.extensions import db
from app.i18n import translated
from app.services import sop_drafts, sop_lifecycle
from app.services.sop_document import document_pdf
from app.services.sop_lifecycle import NotReady, Proposing
from app.services.sop_package import Packed, pack
from app.services.trace_approval import may_read_approvals
from app.web.guards import current_actor, requires
from app.web.uploads import settings

bp = Blueprint("studio_lifecycle", __name__, url_prefix="/studio")


@bp.get("/konsep/<uuid:draft_id>/usulkan")
@requires(Permission.SOP_EDIT)
def proposing(draft_id: uuid.UUID) -> str | AnyResponse:
    """Everything checked once more, beside what the author has to say."""
    if sop_drafts.draft(db.session, draft_id).state != "konsep":
        return _to_proposal(draft_id)
    return _proposing(draft_id)


@bp.post("/konsep/<uuid:draft_id>/usulkan")
@requires(Permission.SOP_EDIT)
def propose(draft_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    typed, zone = request.form, settings().city.zone
    try:
        said = Proposing(
            typed.get("alasan", "")[:4000], _day(typed.get("mulai", "")), typed.get("pengecualian", "")[:4000]
        )
        sop_lifecycle.propose(
            db.session, draft_id, said, revision=typed.get("revisi", -1, type=int), actor=current_actor(),
            zone=zone, now=clock.now(),
        )  # fmt: skip
    except (NotReady, Invalid, sop_drafts.DraftMoved) as fault:
        db.session.rollback()
        return _proposing(draft_id, fault=translated(fault.text), typed=typed), 422
    flash(_("SOP diusulkan. Penelaah menerimanya di kotak masuk."), "success")
    return _to_proposal(draft_id)


@bp.post("/konsep/<uuid:draft_id>/tarik")
@requires(Permission.SOP_EDIT)
def withdraw(draft_id: uuid.UUID) -> AnyResponse:
    sop_lifecycle.withdraw(db.session, draft_id, actor=current_actor(), now=clock.now())
    flash(_("Usulan ditarik. Konsepnya dapat disunting lagi."), "success")
    return redirect(url_for("studio.editor", draft_id=draft_id), 303)


@bp.post("/konsep/<uuid:draft_id>/buang")
@requires(Permission.SOP_EDIT)
def discard(draft_id: uuid.UUID) -> AnyResponse:
    sop_drafts.discard(db.session, draft_id, actor=current_actor(), now=clock.now())
    flash(_("Konsep dibuang."), "success")
    return redirect(url_for("studio_pages.index"), 303)


@bp.get("/usulan/<uuid:proposal_id>")
@requires(Permission.SOP_READ)
def proposal(proposal_id: uuid.UUID) -> str:
    row = _proposal(proposal_id)
    sources = _sources(row)
    return render_template(
        "studio/proposal.html",
        proposal=row,
        judgements=queries.judgements_of(db.session, row.instance_id),
        diagram=draw(sources[0].content, process=row.key),
        lines=text_walk(sources, row.key),
        can_withdraw=row.ended_at is None and current_actor().may(Permission.SOP_EDIT),
        traced=may_read_approvals(current_actor()),
    )


@bp.get("/usulan/<uuid:proposal_id>/dokumen.pdf")
@requires(Permission.SOP_READ)
def proposal_document(proposal_id: uuid.UUID) -> Response:
    """The very document whose hash stands in the proposal."""
    row = _proposal(proposal_id)
    number = (row.compared_version or 0) + 1
    return attachment(
        document_pdf(_sources(row), row.key, version=number), f"SOP-{row.key}-usulan.pdf", "application/pdf"
    )


@bp.get("/usulan/<uuid:proposal_id>/paket.zip")
@requires(Permission.SOP_READ)
def proposal_package(proposal_id: uuid.UUID) -> Response:
    row = _proposal(proposal_id)
    packed = Packed(row.key, row.name, None, row.files, row.main_file, row.scenarios)
    return attachment(pack(packed, settings().city.name), f"{row.key}-usulan.zip", "application/zip")


def attachment(content: bytes, name: str, kind: str) -> Response:
    """A file to keep, under this name."""
    answer = Response(content, mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _proposing(draft_id: uuid.UUID, *, fault: str = "", typed: Any = None) -> str:
    draft = sop_drafts.draft(db.session, draft_id)
    ready = sop_lifecycle.readiness(db.session, draft, zone=settings().city.zone, now=clock.now())
    return render_template(
        "studio/propose.html",
        draft=draft,
        ready=ready,
        changes=ready.difference.changes if ready.difference else (),
        fault=fault,
        typed=typed or {},
        signer=current_actor().display_name,
        today=clock.now(),
        shortest_note=sop_lifecycle.SHORTEST_NOTE,
        shortest_exception=sop_lifecycle.SHORTEST_EXCEPTION,
    )


def _to_proposal(draft_id: uuid.UUID) -> AnyResponse:
    found = sop_lifecycle.newest_proposal(db.session, draft_id)
    if found is None:
        return redirect(url_for("studio.editor", draft_id=draft_id), 303)
    return redirect(url_for("studio_lifecycle.proposal", proposal_id=found.id), 303)


def _proposal(proposal_id: uuid.UUID) -> Row[Any]:
    row = queries.proposal_by_id(db.session, proposal_id)
    if row is None:
        raise NotFound
    return row


def _sources(row: Row[Any]) -> list[Source]:
    names = sorted(row.files, key=lambda name: (name != row.main_file, name))
    return [Source(name, row.files[name].encode("utf-8")) for name in names]


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(_("Tanggal mulai berlaku tidak dimengerti.")) from None
