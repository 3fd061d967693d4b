"""The reporter's own page, opened by the secret link. Whoever holds the link is the reporter."""

from __future__ import annotations

import io
import uuid
from datetime import datetime

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.adapters import clock
from app.domain.actor import Actor
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.privacy import mask_email, mask_phone
from app.extensions import db, limiter
from app.forms.diagram import DiagramForm, diagram_form
from app.i18n import translated
from app.services import identity, task_work, tracking
from app.services.outcome import Faulted, Refused
from app.services.tracking_page import OwnTask, TrackingView, tracking_view
from app.services.way import drawn_way
from app.web import visitor
from app.web.display import KINDS
from app.web.guards import public, source
from app.web.photos import Answer, receive_for_task
from app.web.presenting import PhotoShown, timeline_items
from app.web.reckoning import reckonings
from app.web.tracking_words import TaskShown, actions_offered, message_shown, place_words, steps_shown
from app.web.uploads import chosen, photo_url, settings, task_files

bp = Blueprint("tracking", __name__)


@bp.get("/l/<secret>")
@limiter.limit("120 per minute")
@public
def show(secret: str) -> str:
    reporter, report_id = _opened(secret)
    return _page(secret, tracking_view(db.session, report_id, actor=reporter, now=clock.now()), reporter)


@bp.get("/l/<secret>/tanda-terima")
@public
def receipt(secret: str) -> str:
    """The receipt, to be kept or printed."""
    reporter, report_id = _opened(secret)
    now = clock.now()
    view = tracking_view(db.session, report_id, actor=reporter, now=now)
    known = identity.read_identity(
        db.session, report_id, purpose="menampilkan tanda terima", actor=reporter, now=now
    )
    # Without a mail server, messages of either kind are printed on the console of the demo.
    told_by_phone = known.phone is not None and settings().mail.host is None
    reached = ""
    if known.email:
        reached = mask_email(known.email)
    elif known.phone and told_by_phone:
        reached = mask_phone(known.phone)
    return render_template(
        "public/receipt.html",
        report={
            "number": view.report.number,
            "kind_label": str(KINDS.get(view.report.kind, view.report.kind)),
            "received_at": view.report.received_at,
            "place": place_words(view),
            "photo_count": len(view.photos),
            "confidential": view.report.confidential,
            "anonymous": view.report.anonymous,
        },
        secret_url=f"{settings().base_url}{url_for('tracking.show', secret=secret)}",
        qr_url=url_for("tracking.code", secret=secret),
        first_deadline=view.current.due_at if view.current else "",
        first_step=view.current.title if view.current else "",
        contact=reached,
        phone_only=known.phone is not None and not reached,
    )


@bp.get("/l/<secret>/qr.svg")
@public
def code(secret: str) -> Response:
    """The link as a QR code."""
    _opened(secret)
    drawn = io.BytesIO()
    address = f"{settings().base_url}{url_for('tracking.show', secret=secret)}"
    segno.make(address, error="m").save(drawn, kind="svg", border=2, xmldecl=True, svgns=True, omitsize=True)
    answer = Response(drawn.getvalue(), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.post("/l/<secret>/tugas/<uuid:task_id>")
@limiter.limit("30 per minute")
@public
def complete(secret: str, task_id: uuid.UUID) -> tuple[str, int] | AnyResponse:
    """One of the reporter's own tasks, with the same form as the diagram declares."""
    reporter, report_id = _opened(secret)
    now = clock.now()
    view = tracking_view(db.session, report_id, actor=reporter, now=now)
    own = next((each for each in view.tasks if each.id == task_id), None)
    if own is None:
        gone = _("Tugas ini sudah diselesaikan atau sudah tidak diperlukan.")
        return _too_late(secret, reporter, report_id, gone, _typed()), 409
    form, faults = _form(own, reporter, now, sent=True)
    sound = form.validate()
    form.show_faults(faults)
    if faults or not sound:
        return _page(secret, view, reporter, {task_id: form}), 422
    outcome = task_work.complete(db.session, task_id, form.answers(), actor=reporter, now=now)
    if isinstance(outcome, Refused):
        if not outcome.faults:
            return _too_late(secret, reporter, report_id, translated(outcome.text), form.words()), 409
        form.show_faults(outcome.faults)
        return _page(secret, view, reporter, {task_id: form}), 422
    if isinstance(outcome, Faulted):
        flash(_("Jawaban Anda tersimpan. Petugas sedang memperbaiki gangguan pada alurnya."), "warning")
    else:
        flash(_("Terima kasih, jawaban Anda sudah kami terima."), "success")
    return redirect(url_for("tracking.show", secret=secret), 303)


@bp.post("/l/<secret>/tugas/<uuid:task_id>/foto")
@limiter.limit("60 per minute")
@public
def upload(secret: str, task_id: uuid.UUID) -> Answer:
    """One photo for a task of the reporter."""
    reporter, _report = _opened(secret)
    sent = chosen("photo")
    if not sent:
        raise Invalid(_("Tidak ada foto yang terkirim. Coba pilih sekali lagi."))
    return receive_for_task(sent[0], task_id, reporter)


@bp.post("/l/<secret>/tugas/<uuid:task_id>/konsep")
@limiter.limit("60 per minute")
@public
def draft(secret: str, task_id: uuid.UUID) -> tuple[str, int]:
    """Keep what is typed so far."""
    reporter, report_id = _opened(secret)
    now = clock.now()
    view = tracking_view(db.session, report_id, actor=reporter, now=now)
    own = next((each for each in view.tasks if each.id == task_id), None)
    if own is None:
        raise Conflict(_("Tugas ini sudah diselesaikan atau sudah tidak diperlukan."))
    form, _faults = _form(own, reporter, now, sent=True)
    task_work.save_draft(db.session, task_id, form.typed(), actor=reporter, now=now)
    return "", 204


@bp.post("/l/<secret>/<any(pesan, keberatan, penarikan):what>")
@limiter.limit("20 per minute")
@public
def say(secret: str, what: str) -> tuple[str, int] | AnyResponse:
    """Write to the officers, object, or withdraw."""
    reporter, report_id = _opened(secret)
    now = clock.now()
    message = tracking.REPLY if what == "pesan" else what
    body = request.form.get("isi", "").replace("\r\n", "\n")
    try:
        said = tracking.say(db.session, report_id, body, message=message, actor=reporter, now=now)
    except Invalid as fault:
        view = tracking_view(db.session, report_id, actor=reporter, now=now)
        return _page(secret, view, reporter, reply_fault=translated(fault.text), reply_text=body), 422
    flash(translated(said.text) or _("Pesan Anda sudah sampai."), "warning" if said.text else "success")
    return redirect(url_for("tracking.show", secret=secret) + "#percakapan", 303)


def _too_late(
    secret: str, reporter: Actor, report_id: uuid.UUID, words: str, typed: list[tuple[str, str]]
) -> str:
    """The page as it stands now, with what was typed for a task that is gone, ready to be sent as a message.
    Not raised: what a deadline did meanwhile stays done."""
    if typed:
        words += " " + _("Isian Anda ada di kotak pesan di bawah dan belum terkirim.")
    flash(words, "warning")
    db.session.expire_all()
    view = tracking_view(db.session, report_id, actor=reporter, now=clock.now())
    return _page(secret, view, reporter, reply_text="\n".join(f"{label}: {value}" for label, value in typed))


def _typed() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items() if name != "csrf_token" and value.strip()]


def _opened(secret: str) -> tuple[Actor, uuid.UUID]:
    """Who holds this link, and the report it opens. Raises NotFound for any other text."""
    report = tracking.report_by_token(db.session, secret)
    if report is None:
        raise NotFound(_("Tautan ini tidak dikenal. Periksa apakah tersalin lengkap dari tanda terima."))
    visitor.remember_report(report.id)
    return tracking.reporter_of(report.id, source=source()), report.id


def _form(
    own: OwnTask, reporter: Actor, now: datetime, *, sent: bool = False
) -> tuple[DiagramForm, dict[str, str]]:
    """The form of an own task, and what was wrong with photos sent with it."""
    files = task_files(own.task, own.id, actor=reporter, now=now)
    form = diagram_form(
        own.task,
        variables=own.variables,
        functions=own.functions,
        choices=own.choices,
        formdata=request.form if sent else None,
        draft=own.draft,
        uploads=files.offered,
        zone=settings().city.zone,
    )
    return form, files.faults


def _page(
    secret: str,
    view: TrackingView,
    reporter: Actor,
    forms: dict[uuid.UUID, DiagramForm] | None = None,
    reply_fault: str = "",
    reply_text: str = "",
) -> str:
    now = clock.now()
    forms = forms or {}
    tasks = [
        TaskShown(
            own.id,
            own.name,
            own.opened_at,
            own.due_at,
            forms.get(own.id) or _form(own, reporter, now)[0],
            own.task.documentation,
        )
        for own in view.tasks
    ]
    report = view.report
    own_photos = [
        PhotoShown(photo_url(each.id), photo_url(each.id, small=True), _("Foto laporan"))
        for each in view.photos
    ]
    judged = bool(tasks) or view.closed is not None
    proof = next((line for line in reversed(timeline_items(view.history)) if line.photos and judged), None)
    return render_template(
        "public/track_secret.html",
        secret=secret,
        report={
            "number": report.number,
            "kind": report.kind,
            "status": report.status,
            "received_at": report.received_at,
            "place": place_words(view),
            "words": report.description,
            "landmark": report.landmark,
            "occurred_on": report.occurred_on,
            "confidential": report.confidential,
            "anonymous": report.anonymous,
        },
        current=view.current,
        how=reckonings(view.clocks, rule=False),
        closed=view.closed,
        steps=steps_shown(view),
        now=now,
        tasks=tasks,
        actions=actions_offered(view),
        can_reply=True,
        messages=[message_shown(row) for row in view.conversation],
        reply_fault=reply_fault,
        reply_text=reply_text,
        photos=own_photos,
        before=own_photos if proof else [],
        after=proof.photos if proof else [],
        readings=view.readings,
        diagram=Markup(drawn_way(db.session, view.report.id)),  # noqa: S704 (drawn here, every text escaped)
    )
