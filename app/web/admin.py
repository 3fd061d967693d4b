"""What Kominfo's admins look after: incidents, and messages that could not go out."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.adapters import clock
from app.adapters.jobs import Job, defer
from app.db.queries import incidents as incident_queries
from app.db.queries.outbox import messages_by_state, state_counts
from app.domain.errors import Conflict
from app.domain.permissions import Permission
from app.extensions import db
from app.services import incident_work, notices
from app.services.outcome import Faulted, Refused
from app.web.guards import current_actor, requires

bp = Blueprint("admin", __name__, url_prefix="/admin")

STATES = ("menunggu", "gagal", "tanpa_alamat", "terkirim")


@bp.get("/gangguan")
@requires(Permission.INCIDENT_READ)
def incidents() -> str:
    solved = request.args.get("selesai") == "1"
    return render_template(
        "admin/incidents.html",
        incidents=incident_queries.incidents(db.session, open_ones=not solved),
        solved=solved,
        can_retry=current_actor().may(Permission.INCIDENT_RETRY),
        now=clock.now(),
    )


@bp.post("/gangguan/<uuid:incident_id>/coba-lagi")
@requires(Permission.INCIDENT_RETRY)
def try_again(incident_id: uuid.UUID) -> Response:
    outcome = incident_work.try_again(db.session, incident_id, actor=current_actor(), now=clock.now())
    if isinstance(outcome, Faulted):
        flash(_("Masih gagal: %(cause)s", cause=outcome.text), "error")
    elif isinstance(outcome, Refused):
        flash(_("Tidak dapat dicoba: %(cause)s", cause=outcome.text), "error")
    else:
        flash(_("Berhasil. Laporan berjalan lagi."), "success")
    return redirect(url_for("admin.incidents"))


@bp.get("/pesan-keluar")
@requires(Permission.JOBS_READ)
def messages() -> str:
    asked = request.args.get("keadaan", "gagal")
    state = asked if asked in STATES else "gagal"
    return render_template(
        "admin/messages.html",
        messages=messages_by_state(db.session, state),
        counts=state_counts(db.session),
        state=state,
        states=STATES,
    )


@bp.post("/pesan-keluar/<uuid:message_id>/kirim-ulang")
@requires(Permission.JOBS_READ)
def send_again(message_id: uuid.UUID) -> Response:
    if not notices.send_again(db.session, message_id):
        raise Conflict(_("Pesan ini tidak sedang gagal."))
    defer(db.session, [Job("send_message", {"message_id": str(message_id)}, key=f"send:{message_id}")])
    flash(_("Pesan dikirim ulang sebentar lagi."), "success")
    return redirect(url_for("admin.messages"))
