"""What Kominfo's admins look after: incidents, messages on their way out, and who works as what."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.adapters import clock
from app.adapters.jobs import Job, defer
from app.db.queries import incidents as incident_queries
from app.db.queries.directory import named_codes
from app.db.queries.late import units_without_operator
from app.db.queries.outbox import PAGE, outbox_counts, outbox_page
from app.db.queries.people import people_page
from app.domain.errors import Conflict
from app.domain.permissions import Permission
from app.extensions import db
from app.services import incident_work, notices
from app.services.outcome import Faulted, Refused
from app.services.task_page import labels_of
from app.web.guards import current_actor, requires

bp = Blueprint("admin", __name__, url_prefix="/admin")

STATES = ("menunggu", "terkirim", "gagal", "tanpa_alamat", "dimatikan")


@dataclass(frozen=True, slots=True)
class IncidentShown:
    id: uuid.UUID
    number: str
    sop_name: str
    step: str
    tried: str
    cause: str
    attempts: int
    opened_at: datetime
    last_tried_at: datetime


@dataclass(frozen=True, slots=True)
class MessageShown:
    id: uuid.UUID
    created_at: datetime
    number: str
    recipient: str
    template: str
    state: str
    channel: str | None
    attempts: int
    sent_at: datetime | None
    last_error: str | None


@bp.get("/gangguan")
@requires(Permission.INCIDENT_READ)
def incidents() -> str:
    may_appoint = current_actor().may(Permission.PEOPLE_MANAGE)
    return render_template(
        "admin/incidents.html",
        incidents=[
            IncidentShown(
                row.id,
                row.number,
                row.sop_name,
                row.step,
                tried(row.tried),
                row.cause,
                row.attempts,
                row.opened_at,
                row.last_tried_at,
            )
            for row in incident_queries.open_incidents(db.session)
        ],
        resolved=incident_queries.resolved_incidents(db.session),
        can_retry=current_actor().may(Permission.INCIDENT_RETRY),
        idle_units=units_without_operator(db.session) if may_appoint else (),
        now=clock.now(),
    )


@bp.post("/gangguan/<uuid:incident_id>/coba")
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


@bp.get("/pesan")
@requires(Permission.JOBS_READ)
def messages() -> str:
    asked = request.args.get("keadaan", "")
    state = asked if asked in STATES else ""
    page = _page()
    rows = outbox_page(db.session, state, page)
    labels = labels_of(named_codes(db.session))
    return render_template(
        "admin/messages.html",
        messages=[
            MessageShown(
                row.id,
                row.created_at,
                row.number,
                _recipient(row.recipient, labels),
                row.template,
                row.state,
                row.channel,
                row.attempts,
                row.sent_at,
                row.last_error,
            )
            for row in rows[:PAGE]
        ],
        counts=outbox_counts(db.session),
        state=state,
        page=page,
        previous_url=_url("admin.messages", page - 1, keadaan=state) if page > 1 else None,
        next_url=_url("admin.messages", page + 1, keadaan=state) if len(rows) > PAGE else None,
        can_retry=True,
    )


@bp.post("/pesan/<uuid:message_id>/kirim")
@requires(Permission.JOBS_READ)
def send_again(message_id: uuid.UUID) -> Response:
    if not notices.send_again(db.session, message_id):
        raise Conflict(_("Pesan ini sudah tidak gagal; mungkin rekan Anda sudah mengirimnya lagi."))
    defer(db.session, [Job("send_message", {"message_id": str(message_id)}, key=f"send:{message_id}")])
    flash(_("Pesan dikirim ulang sebentar lagi."), "success")
    return redirect(url_for("admin.messages"))


@bp.get("/petugas")
@requires(Permission.PEOPLE_MANAGE)
def people() -> str:
    query, page = request.args.get("cari", "")[:100], _page()
    found = people_page(db.session, query, page=page, size=PAGE)
    return render_template(
        "admin/people.html",
        people=found[:PAGE],
        idle_units=units_without_operator(db.session),
        query=query,
        page=page,
        previous_url=_url("admin.people", page - 1, cari=query) if page > 1 else None,
        next_url=_url("admin.people", page + 1, cari=query) if len(found) > PAGE else None,
    )


def tried(verb: str) -> str:
    """What an incident's push wanted, in words."""
    words = {
        "start": _("memulai alur"),
        "complete": _("menyelesaikan tugas"),
        "deliver": _("meneruskan pesan pelapor"),
        "wake": _("batas waktu"),
    }
    return str(words.get(verb, verb))


def _page() -> int:
    return min(max(request.args.get("hal", 1, type=int), 1), 1000)


def _url(endpoint: str, page: int, **kept: str) -> str:
    return url_for(endpoint, hal=page, **{name: value for name, value in kept.items() if value})  # type: ignore[arg-type]


def _recipient(recipient: str, labels: dict[str, str]) -> str:
    """Who is meant, in words, never an address."""
    if recipient == "pelapor":
        return str(_("Pelapor"))
    who = recipient.partition(":")[2]
    role, unit = who.partition("@")[::2]
    return ", ".join(labels.get(code, code) for code in (role, unit) if code)
