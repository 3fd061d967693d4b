"""Reports as officers read them: search, one report, its conversation, the reporter's identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.adapters import clock
from app.db.queries import report_page
from app.db.queries.directory import named_codes
from app.db.queries.history import open_items_of
from app.domain.errors import Invalid, NotFound
from app.domain.permissions import Permission
from app.extensions import db
from app.i18n import translated
from app.services import conversation
from app.services.conversation import NewMessage
from app.services.history import history
from app.services.identity import Identity, read_identity
from app.services.report_access import may_read, takes_part
from app.services.task_page import labels_of
from app.services.task_work import may_work_on
from app.web.guards import current_actor, requires
from app.web.presenting import done_steps, map_frame, messages_shown, photos_shown, timeline_items
from app.web.reckoning import reckonings

bp = Blueprint("reports", __name__, url_prefix="/laporan")

SIZE = 25


@dataclass(frozen=True, slots=True)
class May:
    write: bool
    read_identity: bool
    trace: bool
    operate: bool


@dataclass(frozen=True, slots=True)
class OpenTask:
    id: Any
    name: str
    role_name: str
    unit_name: str
    opened_at: Any
    due_at: Any
    claimed_by_name: str
    mine: bool


@bp.get("")
@requires(Permission.REPORT_READ)
def search() -> str:
    actor, asked = current_actor(), request.args
    query = asked.get("cari", "")[:200]
    status = asked.get("status", "")[:50]
    page = min(max(asked.get("hal", 1, type=int), 1), 1000)
    rows = report_page.found_reports(
        db.session,
        query,
        status,
        confidential=actor.may(Permission.REPORT_READ_CONFIDENTIAL),
        page=page,
        size=SIZE,
    )
    here: dict[str, Any] = {"cari": query or None, "status": status or None}
    return render_template(
        "reports/search.html",
        rows=rows[:SIZE],
        query=query,
        status=status,
        page=page,
        previous_url=url_for("reports.search", hal=page - 1, **here) if page > 1 else None,
        next_url=url_for("reports.search", hal=page + 1, **here) if len(rows) > SIZE else None,
    )


@bp.get("/<number>")
@requires(Permission.REPORT_READ)
def show(number: str) -> str:
    return _page(number)


@bp.post("/<number>/pesan")
@requires(Permission.MESSAGE_WRITE)
def write(number: str) -> str | Response | tuple[str, int]:
    report = _report(number)
    audience: Any = request.form.get("pembaca", "internal")
    message = NewMessage(request.form.get("isi", ""), audience)
    try:
        conversation.write(db.session, report.id, message, actor=current_actor(), now=clock.now())
    except Invalid as fault:
        return _page(number, write_fault=translated(fault.text), typed=message), 422
    flash(_("Tersimpan."), "success")
    return redirect(url_for("reports.show", number=number))


@bp.post("/<number>/identitas")
@requires(Permission.IDENTITY_READ)
def open_identity(number: str) -> str:
    report = _report(number)
    purpose = request.form.get("tujuan", "")[:300]
    found = read_identity(db.session, report.id, purpose=purpose, actor=current_actor(), now=clock.now())
    return _page(number, identity=found)


def _report(number: str) -> Any:
    """The report, if this officer may read it; else as if there were none."""
    report = report_page.report_by_number(db.session, number.upper()[:40])
    if report is None or not may_read(db.session, report.id, actor=current_actor()):
        raise NotFound
    return report


def _page(
    number: str,
    *,
    identity: Identity | None = None,
    write_fault: str = "",
    typed: NewMessage | None = None,
) -> str:
    actor, now = current_actor(), clock.now()
    report = _report(number)
    story = history(db.session, report.id, audience="petugas", labels=labels_of(named_codes(db.session)))
    photos = report_page.photos_of(db.session, report.id)
    tasks = [
        OpenTask(
            row.id,
            row.name,
            row.role_name,
            row.unit_name,
            row.opened_at,
            row.due_at,
            row.claimed_by_name,
            actor.may(Permission.TASK_COMPLETE) and may_work_on(row, actor),
        )
        for row in open_items_of(db.session, report.id)
    ]
    return render_template(
        "reports/show.html",
        report=report,
        photos=photos_shown([photo for photo in photos if photo.purpose == "laporan"], report),
        map=map_frame(),
        history=timeline_items(story),
        answers=done_steps(story),
        messages=messages_shown(report_page.thread_of(db.session, report.id), own="petugas"),
        tasks=tasks,
        how=reckonings(report_page.clocks_of(db.session, report.id)),
        identity=identity,
        can=May(
            actor.may(Permission.MESSAGE_WRITE),
            actor.may(Permission.IDENTITY_READ) and takes_part(db.session, report.id, actor=actor),
            actor.may(Permission.TRACE_READ),
            actor.may(Permission.OPERATE),
        ),
        now=now,
        write_fault=write_fault,
        typed=typed,
    )
