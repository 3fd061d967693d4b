"""One incident: what went wrong, on which data, and the three ways on."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.adapters import clock
from app.domain.errors import Conflict, Invalid
from app.domain.permissions import Permission
from app.extensions import db
from app.i18n import translated
from app.services import incident_repair
from app.services.incident_page import incident_view
from app.services.outcome import Faulted, Outcome, Refused
from app.web.admin import tried
from app.web.guards import current_actor, requires

bp = Blueprint("incidents", __name__, url_prefix="/admin/gangguan")


@bp.get("/<uuid:incident_id>")
@requires(Permission.INCIDENT_READ)
def show(incident_id: uuid.UUID) -> str:
    return _page(incident_id)


@bp.post("/<uuid:incident_id>/nilai")
@requires(Permission.INCIDENT_RETRY)
def correct(incident_id: uuid.UUID) -> Response | tuple[str, int]:
    given = {name[6:]: value for name, value in request.form.items() if name.startswith("nilai-") and value}
    try:
        values = {
            name: incident_repair.parsed(value, as_text=request.form.get(f"jenis-{name}") == "teks")
            for name, value in given.items()
        }
        outcome = incident_repair.correct_values(
            db.session, incident_id, values, request.form.get("alasan", ""),
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as refused:
        db.session.rollback()
        return _page(incident_id, error=translated(refused.text)), 422
    return _went(outcome, incident_id, _("Nilai sudah diperbaiki, tetapi masih gagal: %(cause)s"))


@bp.post("/<uuid:incident_id>/versi")
@requires(Permission.INCIDENT_RETRY)
def take_new_version(incident_id: uuid.UUID) -> Response:
    try:
        outcome = incident_repair.take_new_version(
            db.session, incident_id, actor=current_actor(), now=clock.now()
        )
    except Conflict as refused:
        db.session.rollback()
        flash(translated(refused.text), "error")
        return redirect(url_for("incidents.show", incident_id=incident_id))
    return _went(
        outcome, incident_id, _("Versi baru pun tidak dapat berjalan, jadi tidak dipakai: %(cause)s")
    )


def _page(incident_id: uuid.UUID, *, error: str = "") -> str:
    incident = incident_view(db.session, incident_id, now=clock.now())
    return render_template(
        "admin/incident.html",
        incident=incident,
        tried=tried(incident.tried),
        can_retry=current_actor().may(Permission.INCIDENT_RETRY) and incident.resolved_at is None,
        error=error,
        sent=request.form,
    )


def _went(outcome: Outcome | None, incident_id: uuid.UUID, failing: str) -> Response:
    if isinstance(outcome, Faulted | Refused):
        flash(failing % {"cause": translated(outcome.text)}, "error")
        return redirect(url_for("incidents.show", incident_id=incident_id))
    flash(_("Berhasil. Laporan berjalan lagi."), "success")
    return redirect(url_for("admin.incidents"))
