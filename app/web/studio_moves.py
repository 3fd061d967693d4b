"""Moving running reports to another version of their SOP, and what a draft would mean for them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from app.adapters import clock
from app.db.queries import moves as queries
from app.db.queries.studio import proposal_by_id
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.permissions import Permission
from app.extensions import db
from app.i18n import translated
from app.services import sop_impact, sop_migration, sop_migration_work
from app.services.sop_migration_page import BUSY, plan_view, progress
from app.web.guards import current_actor, requires
from app.web.refusing import done_or_said

bp = Blueprint("studio_moves", __name__, url_prefix="/studio")

LARGEST_DRAFT = 12 * 1024 * 1024
"""Bytes of a draft sent to be judged."""
Page = AnyResponse | tuple[str, int] | str


@bp.get("/<key>/pindah")
@requires(Permission.SOP_READ)
def index(key: str) -> str:
    return _index(key)


@bp.post("/<key>/pindah")
@requires(Permission.SOP_EDIT)
def plan(key: str) -> Page:
    start, target = request.form.get("dari", 0, type=int), request.form.get("ke", 0, type=int)
    try:
        move = sop_migration.plan_move(db.session, key, start, target, actor=current_actor(), now=clock.now())
    except (Invalid, Conflict) as fault:
        return _index(key, fault=translated(fault.text)), 422
    return redirect(url_for("studio_moves.show", key=key, move_id=move), 303)


@bp.get("/<key>/pindah/<uuid:move_id>")
@requires(Permission.SOP_READ)
def show(key: str, move_id: uuid.UUID) -> str:
    return _page(key, move_id)


@bp.get("/<key>/pindah/<uuid:move_id>/kemajuan.json")
@requires(Permission.SOP_READ)
def how_far(key: str, move_id: uuid.UUID) -> Response:
    move = queries.move_row(db.session, key, move_id)
    if move is None:
        raise NotFound
    done, total = progress(db.session, move)
    return jsonify(busy=move.state in BUSY, state=move.state, done=done, total=total)


@bp.post("/<key>/pindah/<uuid:move_id>/putusan")
@requires(Permission.SOP_EDIT)
def decide(key: str, move_id: uuid.UUID) -> Page:
    """`padanan-<element>`: the new step of an old one; `setuju`: marks agreed to."""
    prefix = "padanan-"
    mapping = {name.removeprefix(prefix): value for name, value in request.form.items()
               if name.startswith(prefix) and value}
    return _do(key, move_id, lambda: sop_migration.decide(
        db.session, key, move_id, mapping, request.form.getlist("setuju"), actor=current_actor(),
        now=clock.now()))


@bp.post("/<key>/pindah/<uuid:move_id>/uji")
@requires(Permission.SOP_EDIT)
def try_again(key: str, move_id: uuid.UUID) -> Page:
    return _do(key, move_id, lambda: sop_migration.try_again(db.session, key, move_id))


@bp.post("/<key>/pindah/<uuid:move_id>/jalankan")
@requires(Permission.SOP_APPROVE)
def carry_out(key: str, move_id: uuid.UUID) -> Page:
    chosen = {one for one in map(_uuid, request.form.getlist("laporan")) if one is not None}
    reason = request.form.get("alasan", "").replace("\x00", "")
    return _do(key, move_id, lambda: sop_migration.set_going(
        db.session, key, move_id, chosen, reason, actor=current_actor(), now=clock.now()))


@bp.post("/<key>/pindah/<uuid:move_id>/henti")
@requires(Permission.SOP_APPROVE)
def stop(key: str, move_id: uuid.UUID) -> Page:
    return _do(key, move_id, lambda: sop_migration.stop(
        db.session, key, move_id, actor=current_actor(), now=clock.now()))


@bp.post("/<key>/pindah/<uuid:move_id>/kembali")
@requires(Permission.SOP_APPROVE)
def undo_all(key: str, move_id: uuid.UUID) -> Page:
    return _do(key, move_id, lambda: sop_migration.undo_all(
        db.session, key, move_id, actor=current_actor(), now=clock.now()))


@bp.post("/<key>/pindah/<uuid:move_id>/kembali/<uuid:instance_id>")
@requires(Permission.SOP_APPROVE)
def undo_one(key: str, move_id: uuid.UUID, instance_id: uuid.UUID) -> Page:
    def undo() -> None:
        sop_migration_work.undo_one(
            db.session, key, move_id, instance_id, actor=current_actor(), now=clock.now()
        )
        flash(_("Laporan dikembalikan ke versi semula."), "success")

    return _do(key, move_id, undo)


@bp.post("/dampak.json")
@requires(Permission.SOP_READ)
def impact() -> Response | tuple[Response, int]:
    """`{files, main}` or `{usulan}` (id of a proposal) begins; `{id}` asks how far it is. `html` is what the
    page shows."""
    request.max_content_length = LARGEST_DRAFT
    sent: Any = request.get_json(silent=True)
    if not isinstance(sent, dict):
        return jsonify(error=_("Permintaan ini tidak terbaca.")), 422
    actor = current_actor()
    try:
        if "id" in sent:
            one = _uuid(sent["id"])
        else:
            files, main = _draft(sent)
            one = sop_impact.ask(db.session, files, main, actor=actor, now=clock.now())
        if one is None:
            raise NotFound
        shown = sop_impact.impact(db.session, one, actor=actor)
    except Invalid as fault:
        return jsonify(error=translated(fault.text)), 422
    except NotFound as fault:
        return jsonify(error=translated(fault.text)), 404
    return jsonify(
        id=str(shown.id), state=shown.state, done=shown.done, total=shown.total, stays=shown.stays,
        can=shown.can, asks=shown.asks, clocks=shown.clocks, places=shown.places,
        html=render_template("studio/move_impact.html", impact=shown),
    )  # fmt: skip


def _draft(sent: dict[str, Any]) -> tuple[dict[str, str], str]:
    """The files a question is about, and which of them is the diagram."""
    if "usulan" in sent:
        asked = _uuid(sent["usulan"])
        proposal = None if asked is None else proposal_by_id(db.session, asked)
        if proposal is None:
            raise NotFound
        return proposal.files, proposal.main_file
    files = sent.get("files")
    if not isinstance(files, dict) or not all(
            isinstance(name, str) and isinstance(text, str) for name, text in files.items()):
        raise Invalid(_("Berkas SOP tidak terbaca."))
    return files, str(sent.get("main", ""))


def _uuid(text: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None


def _do(key: str, move_id: uuid.UUID, action: Callable[[], object]) -> Page:
    address = url_for("studio_moves.show", key=key, move_id=move_id)
    return done_or_said(action, lambda fault: _page(key, move_id, fault=fault), address)


def _index(key: str, *, fault: str = "") -> str:
    now = clock.now()
    versions = queries.versions_of(db.session, key, now=now)
    if not versions:
        raise NotFound
    newest = next((row for row in versions if row.effective), None)
    return render_template(
        "studio/moves.html",
        key=key,
        name=versions[0].name,
        versions=versions,
        newest=newest,
        behind=[row for row in versions if row.running and newest and row.version < newest.version],
        moves=queries.moves_of(db.session, key),
        states=state_words(),
        may_plan=current_actor().may(Permission.SOP_EDIT),
        fault=fault,
        typed=request.form,
    )


def _page(key: str, move_id: uuid.UUID, *, fault: str = "") -> str:
    view = plan_view(db.session, key, move_id, actor=current_actor())
    typed = request.form if request.method == "POST" else None
    return render_template(
        "studio/move.html",
        view=view,
        move=view.move,
        key=key,
        states=state_words(),
        groups=[
            (group, words, help_, [line for line in view.lines
                                   if group == (line.outcome if line.outcome == "pindah" else line.verdict)])
            for group, words, help_ in group_words()
        ],
        chosen=set(typed.getlist("laporan")) if typed is not None and "alasan" in typed else None,
        reason=typed.get("alasan", "") if typed is not None else "",
        fault=fault,
        compared=ngettext("%(num)s batas waktu dibandingkan", "%(num)s batas waktu dibandingkan",
                          view.counts.clocks),
    )


def state_words() -> dict[str, tuple[str, str, str]]:
    """State of a plan -> (colour, icon, words)."""
    return {
        "menguji": ("blue", "loader-circle", _("Sedang diuji")),
        "siap": ("amber", "clipboard-check", _("Teruji, belum dijalankan")),
        "berjalan": ("blue", "loader-circle", _("Sedang memindahkan")),
        "dihentikan": ("red", "pause", _("Dihentikan")),
        "selesai": ("green", "circle-check", _("Selesai")),
        "mengembalikan": ("blue", "loader-circle", _("Sedang mengembalikan")),
        "dikembalikan": ("amber", "undo-2", _("Dikembalikan")),
        "dibatalkan": ("grey", "ban", _("Dibatalkan")),
    }


def group_words() -> list[tuple[str, str, str]]:
    """(verdict, words, what it means), the one that needs somebody first, what was moved last."""
    return [
        ("keputusan", _("Perlu keputusan"), _("Tidak dipindahkan sebelum ada yang memutuskan.")),
        ("dapat", _("Dapat pindah"), _("Sudah dicoba pada salinannya: termuat kembali dan sampai akhir.")),
        ("tetap", _("Tetap"), _("Perubahan tidak menyentuh sisa perjalanannya; selesai di versi lama.")),
        ("pindah", _("Sudah dipindahkan"), _("Dapat dikembalikan selama laporannya belum berjalan lagi.")),
    ]
