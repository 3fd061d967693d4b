"""The studio's list: which SOP is in force, who writes on what, and ways to begin a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.adapters import clock
from app.db.queries import studio as queries
from app.domain.errors import Invalid
from app.domain.permissions import Permission
from app.domain.sop_draft import Hold, stage
from app.extensions import db
from app.i18n import translated
from app.services import sop_beginnings, sop_drafts
from app.web.guards import current_actor, requires
from app.web.studio_arrivals import LARGEST_UPLOAD, whole

bp = Blueprint("studio_pages", __name__, url_prefix="/studio")


@dataclass(frozen=True, slots=True)
class DraftShown:
    id: str
    key: str
    name: str
    stage: str
    saved_at: datetime
    saved_by: str
    based_on: int | None
    editor: str
    remarks: str
    url: str
    discardable: bool


@bp.get("")
@requires(Permission.SOP_READ)
def index() -> str:
    return _page()


@bp.post("/konsep")
@requires(Permission.SOP_EDIT)
def begin() -> Response | tuple[str, int]:
    """A new draft: `cara` says from what."""
    request.max_content_length = LARGEST_UPLOAD
    actor, now, typed = current_actor(), clock.now(), request.form
    way = typed.get("cara", "")
    try:
        if way == "versi":
            number = typed.get("versi", 0, type=int)
            row = sop_drafts.begin_from_version(
                db.session, typed.get("kunci", ""), number, actor=actor, now=now
            )
        elif way == "kosong":
            row = sop_beginnings.begin_blank(
                db.session, typed.get("kunci", ""), typed.get("nama", ""), actor=actor, now=now
            )
        elif (sent := request.files.get("berkas")) is not None and sent.filename:
            row = sop_beginnings.begin_from_file(
                db.session, sent.filename, whole(sent), actor=actor, now=now
            )
            if way == "unggah":
                return redirect(url_for("studio_arrivals.arrival", draft_id=row.id), 303)
        else:
            raise Invalid(_("Pilih dari mana konsep ini dimulai."))
    except Invalid as fault:
        return _page(fault=translated(fault.text), typed=typed), 422
    return redirect(url_for("studio.editor", draft_id=row.id), 303)


def _page(*, fault: str = "", typed: Any = None) -> str:
    now = clock.now()
    sops = queries.listed_sops(db.session, now=now)
    return render_template(
        "studio/list.html",
        sops=sops,
        drafts=_drafts(queries.drafts_in_work(db.session), now),
        can_edit=current_actor().may(Permission.SOP_EDIT),
        fault=fault,
        typed=typed or {},
        stages=stage_words(),
        now=now,
    )


def stage_words() -> dict[str, str]:
    """The states of a draft and of a version as people read them."""
    return {
        "konsep": _("Konsep"),
        "diperiksa": _("Diperiksa"),
        "diusulkan": _("Diusulkan"),
        "disetujui": _("Disetujui"),
        "dibuang": _("Dibuang"),
        "berlaku": _("Berlaku"),
        "digantikan": _("Digantikan"),
    }


def _drafts(rows: Sequence[Any], now: datetime) -> list[DraftShown]:
    return [
        DraftShown(
            str(row.id), row.key, row.name, stage(row.state, checked=row.checked_revision == row.revision),
            row.saved_at, row.saved_by_name, row.based_on_version, _holder(row, now), row.remarks,
            f"/studio/usulan/{row.proposal_id}" if row.state == "diusulkan" else f"/studio/konsep/{row.id}",
            row.state == "konsep",
        )
        for row in rows
    ]  # fmt: skip


def _holder(row: Any, now: datetime) -> str:
    if row.editor_id is None:
        return ""
    held = Hold(str(row.editor_id), row.editor_name, row.editor_since, row.editor_seen_at)
    return held.name if held.lives(now) else ""
