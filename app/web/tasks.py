"""Tasks: find, check the form, call one service, answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from app.adapters import clock
from app.domain.errors import Conflict
from app.domain.permissions import Permission
from app.extensions import db
from app.forms.diagram import DiagramForm, diagram_form
from app.i18n import translated
from app.services import task_page, task_work
from app.services.outcome import Faulted, Refused
from app.services.task_page import TaskView
from app.web.guards import current_actor, requires
from app.web.presenting import (
    done_steps,
    map_frame,
    messages_shown,
    photos_shown,
    timeline_items,
)
from app.web.reckoning import reckoned
from app.web.uploads import TaskFiles, settings, task_files

bp = Blueprint("tasks", __name__)
KEPT = frozenset({"ClosedByDeadline", "Suspended"})
"""Refusals after which what was typed is kept."""

GONE = ("TaskAlreadyDone", "ClosedByDeadline", "NotOpen")


@dataclass(frozen=True, slots=True)
class May:
    """What this officer may do with the task now."""

    claim: bool
    release: bool
    hand_over: bool
    complete: bool
    progress: bool


@dataclass(frozen=True, slots=True)
class TaskShown:
    """The task as its page shows it; `rule`: its deadline's arithmetic in words."""

    id: uuid.UUID
    name: str
    role_name: str
    unit_name: str
    priority: str
    opened_at: datetime
    due_at: datetime | None
    first_due_at: datetime | None
    claimed_by: uuid.UUID | None
    claimed_by_name: str
    documentation: str
    inputs: str
    output: str
    note: str
    rule: str
    responsible: str
    next_steps: tuple[str, ...]


@bp.get("/tugas/<uuid:task_id>")
@requires(Permission.TASK_READ)
def show(task_id: uuid.UUID) -> str | tuple[str, int]:
    actor, now = current_actor(), clock.now()
    view = task_page.task_view(db.session, task_id, actor=actor, now=now)
    if view.item.closed_at is not None:
        return _conflict(view, task_work.already_done(view.item), None, kept=False), 409
    files = task_files(view.task, task_id, actor=actor, now=now)
    return _page(view, _form(view, files), now=now)


@bp.post("/tugas/<uuid:task_id>")
@requires(Permission.TASK_COMPLETE)
def complete(task_id: uuid.UUID) -> str | Response | tuple[str, int]:
    actor, now = current_actor(), clock.now()
    view = task_page.task_view(db.session, task_id, actor=actor, now=now)
    files = TaskFiles({}) if view.item.closed_at else task_files(view.task, task_id, actor=actor, now=now)
    form = _form(view, files, sent=True)
    if view.item.closed_at is None:
        sound = form.validate()
        if not sound or files.faults:
            form.show_faults(files.faults)
            task_work.save_draft(db.session, task_id, form.typed(), actor=actor, now=now)
            return _page(view, form, now=now), 422
        outcome = task_work.complete(db.session, task_id, form.answers(), actor=actor, now=now)
    else:
        outcome = task_work.already_done(view.item)
    if isinstance(outcome, Faulted):
        return _conflict(view, Refused("Faulted", _faulted_words(), {}), form, kept=True), 409
    if isinstance(outcome, Refused):
        if outcome.name == "InvalidAnswers":
            form.show_faults(outcome.faults)
            task_work.save_draft(db.session, task_id, form.typed(), actor=actor, now=now)
            return _page(view, form, now=now), 422
        return _conflict(view, outcome, form, kept=outcome.name in KEPT), 409
    flash(_("%(task)s: selesai. %(next)s", task=view.task.name, next=_whats_next(outcome.opened)), "success")
    return redirect(_back())


@bp.post("/tugas/<uuid:task_id>/ambil")
@requires(Permission.TASK_COMPLETE)
def claim(task_id: uuid.UUID) -> Response:
    task_work.claim(db.session, task_id, actor=current_actor(), now=clock.now())
    flash(_("Tugas ini sekarang Anda pegang."), "success")
    return redirect(url_for("tasks.show", task_id=task_id))


@bp.post("/tugas/<uuid:task_id>/lepas")
@requires(Permission.TASK_COMPLETE)
def release(task_id: uuid.UUID) -> Response:
    task_work.release(db.session, task_id, actor=current_actor(), now=clock.now())
    flash(_("Tugas dilepas; rekan seunit dapat mengambilnya."), "success")
    return redirect(_back())


@bp.post("/tugas/<uuid:task_id>/kemajuan")
@requires(Permission.TASK_COMPLETE)
def report_progress(task_id: uuid.UUID) -> Response:
    """Open the form in which progress is written, and go there."""
    outcome = task_work.report_progress(db.session, task_id, actor=current_actor(), now=clock.now())
    if isinstance(outcome, Faulted):
        flash(_faulted_words(), "error")
    elif isinstance(outcome, Refused):
        flash(translated(outcome.text), "error")
    else:
        opened = next((task.id for task in outcome.opened), task_id)
        return redirect(url_for("tasks.show", task_id=opened))
    return redirect(url_for("tasks.show", task_id=task_id))


@bp.post("/tugas/<uuid:task_id>/serahkan")
@requires(Permission.TASK_HAND_OVER)
def hand_over(task_id: uuid.UUID) -> Response:
    try:
        to = uuid.UUID(request.form.get("kepada", ""))
    except ValueError:
        raise Conflict(_("Pilih rekan yang menerima tugas ini.")) from None
    reason = request.form.get("alasan", "")
    name = task_work.hand_over(db.session, task_id, to, reason=reason, actor=current_actor(), now=clock.now())
    flash(_("Tugas diserahkan kepada %(name)s.", name=name), "success")
    return redirect(_back())


@bp.post("/tugas/<uuid:task_id>/konsep")
@requires(Permission.TASK_COMPLETE)
def save_draft(task_id: uuid.UUID) -> tuple[str, int]:
    """What is typed so far, right or wrong, sent by the page every few seconds."""
    actor, now = current_actor(), clock.now()
    view = task_page.task_view(db.session, task_id, actor=actor, now=now)
    files = task_files(view.task, task_id, actor=actor, now=now)
    task_work.save_draft(db.session, task_id, _form(view, files, sent=True).typed(), actor=actor, now=now)
    return "", 204


def _form(view: TaskView, files: TaskFiles, *, sent: bool = False) -> DiagramForm:
    people = [(str(person), name) for person, name in view.colleagues]
    return diagram_form(
        view.task,
        variables=view.variables,
        functions=view.functions,
        choices={**view.choices, "person": people},
        formdata=CombinedMultiDict([request.form, request.files]) if sent else None,
        draft=view.draft,
        uploads=files.offered,
        zone=settings().city.zone,
    )


def _page(view: TaskView, form: DiagramForm, *, now: datetime) -> str:
    actor, item = current_actor(), view.item
    me = actor.person_id
    mine = item.claimed_by is not None and str(item.claimed_by) == me
    free = item.claimed_by is None
    may_finish = (free or mine) and not view.barred
    proof = view.checked_photos
    proven = {str(photo.id) for photo in proof}
    before = [photo for photo in view.photos if photo.purpose == "laporan"]
    last = next(
        (line for line in reversed(view.history) if any(proven & {*told.photos} for told in line.answers)),
        None,
    )
    return render_template(
        _template(view),
        task=_shown(view),
        report=view.report,
        proposal=view.proposal,
        judgements=view.judgements,
        photos=photos_shown(before, view.report) if before else (),
        map=map_frame(),
        history=timeline_items(view.history),
        answers=done_steps(view.history),
        messages=messages_shown(view.thread, own="petugas"),
        form=form,
        submit="",
        draft_at=view.draft_at,
        can=May(
            free and not view.barred,
            mine,
            actor.may(Permission.TASK_HAND_OVER),
            may_finish,
            view.takes_progress and may_finish,
        ),
        colleagues=[(person, name) for person, name in view.colleagues if str(person) != me],
        back=_back(),
        me=me,
        now=now,
        before=photos_shown(before, view.report) if view.task.verifies else (),
        after=photos_shown(proof, view.report, as_proof=True) if view.task.verifies else (),
        checked=last.title if last else "",
        done_by=last.who if last else "",
        done_at=last.at if last else None,
    )


def _template(view: TaskView) -> str:
    if view.report is None:
        return "tasks/proposal.html"
    return "tasks/check.html" if view.task.verifies else "tasks/show.html"


def _shown(view: TaskView) -> TaskShown:
    item, task = view.item, view.task
    rule = " ".join(reckoned(view.deadline.arithmetic)) if view.deadline else ""
    return TaskShown(
        item.id, item.name, view.role_name, view.unit_name, task.priority, item.opened_at, item.due_at,
        view.deadline.first_due_at if view.deadline else None, item.claimed_by, item.claimed_by_name,
        task.documentation, task.standard.inputs, task.standard.output, task.standard.note, rule,
        task.duty.responsible, task.next_steps,
    )  # fmt: skip


def _conflict(view: TaskView, refused: Refused, form: DiagramForm | None, *, kept: bool) -> str:
    return render_template(
        "tasks/conflict.html",
        task=view.item,
        report=view.report,
        proposal=view.proposal,
        reason=translated(refused.text),
        who=refused.who,
        at=refused.when,
        typed=form.words() if form else (),
        kept=kept,
        back=_back(),
        me=current_actor().person_id,
    )


def _faulted_words() -> str:
    return str(
        _(
            "Alur SOP tidak dapat melanjutkan laporan ini. Isian Anda tersimpan; admin Kominfo sudah diberi "
            "tahu dan akan mencobanya lagi."
        )
    )


def _whats_next(opened: tuple[Any, ...]) -> str:
    if not opened:
        return str(_("Tidak ada langkah berikutnya untuk petugas."))
    return str(_("Berikutnya: %(names)s.", names=", ".join(task.name for task in opened)))


def _back() -> str:
    """The list one came from, with its filters and page: only ever our own inbox."""
    given = request.form.get("kembali") or request.query_string.decode("utf-8", "replace")
    query = given.partition("?")[2] if given.startswith("/kotak-masuk") else given
    return f"/kotak-masuk?{query}" if query and query.isprintable() else "/kotak-masuk"
