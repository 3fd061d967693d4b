"""Operations on one report: choose, see what it means, say why; and the list of what was asked for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Row
from werkzeug.wrappers import Response

from app.adapters import clock
from app.db.queries import operations_list as listed
from app.db.queries import report_page
from app.db.queries.directory import named_codes
from app.domain.errors import Invalid, NotFound
from app.domain.permissions import Permission
from app.domain.report import read_number
from app.extensions import db
from app.forms.operations import TypedOperation, read_operation
from app.i18n import translated
from app.services import operations
from app.services.operations_page import Desk, OperationView, desk_of, operation_view, running_of
from app.services.operations_shape import Planned
from app.services.report_access import readable
from app.services.task_page import labels_of
from app.web.guards import current_actor, requires
from app.web.operation_words import kind_words, recipient_words, state_words
from app.web.refusing import done_or_said
from app.web.tracking_words import STATUS_WORDS
from app.web.uploads import settings

bp = Blueprint("operations", __name__, url_prefix="/operasi")
Page = Response | tuple[str, int] | str
MOST = 50
TARGETED = frozenset({"pindahkan", "kembalikan"})
"""Kinds that ask to which step."""


@bp.get("")
@requires(Permission.OPERATE_SECOND)
def index() -> Page:
    typed = request.args.get("nomor", "").strip()
    fault = ""
    if typed:
        number = read_number(typed, settings().city.number_prefix)
        if number and report_page.report_by_number(db.session, number) is not None:
            return redirect(url_for("operations.show", number=number))
        fault = _("Nomor laporan ini tidak ada. Periksa kembali nomornya.")
    waiting = listed.waiting(db.session, most=MOST)
    decided = listed.decided(db.session, before=_before(), most=MOST + 1)
    page = render_template(
        "operations/index.html",
        waiting=waiting,
        decided=decided[:MOST],
        older=decided[MOST - 1].asked_at.isoformat() if len(decided) > MOST else "",
        paged=bool(request.args.get("sebelum")),
        hidden=_hidden([*waiting, *decided]),
        kinds=kind_words(),
        states=state_words(),
        typed=typed,
        fault=fault,
        me=current_actor().person_id,
        may_operate=current_actor().may(Permission.OPERATE),
    )
    return (page, 404) if fault else page


# Before the numbers: both fit, and the first one wins.
@bp.get("/<uuid:operation_id>")
@requires(Permission.OPERATE_SECOND)
def one(operation_id: uuid.UUID) -> Page:
    operation = listed.operation(db.session, operation_id)
    if operation is not None and "banyak" in operation.parameters:
        return redirect(f"/operasi/banyak/{operation_id}")
    return _one(operation_id)


@bp.get("/<number>")
@requires(Permission.OPERATE)
def show(number: str) -> Page:
    chosen = read_operation(request.args, zone=settings().city.zone)
    return _choose(number) if chosen is None else _plan(number, chosen)


@bp.post("/<number>")
@requires(Permission.OPERATE)
def ask(number: str) -> Page:
    chosen = read_operation(request.form, zone=settings().city.zone)
    if chosen is None:
        raise Invalid
    running = running_of(db.session, _report(number).id, chosen.instance, actor=current_actor())
    if not chosen.complete or running.current is None:
        return _plan(number, chosen), 422
    try:
        asked = operations.ask(
            db.session, running.current.instance_id, chosen.kind, chosen.parameters,
            mark=_typed("tanda"), reason=_typed("alasan"), actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as refused:
        db.session.rollback()
        return _plan(number, chosen, fault=translated(refused.text)), 422
    if isinstance(asked, Planned):
        db.session.rollback()
        return _plan(number, chosen, changed=True), 409
    if asked.state == operations.DONE and not asked.note:
        flash(kind_words()[chosen.kind].done, "success")
    return redirect(url_for("operations.one", operation_id=asked.operation_id), 303)


@bp.post("/<uuid:operation_id>/setuju")
@requires(Permission.OPERATE_SECOND)
def confirm(operation_id: uuid.UUID) -> Page:
    def agree() -> None:
        done = operations.confirm(
            db.session, operation_id, _typed("catatan"), actor=current_actor(), now=clock.now()
        )
        if not done.note:
            flash(_("Disetujui dan sudah dilakukan."), "success")

    return _decide(operation_id, agree)


@bp.post("/<uuid:operation_id>/tolak")
@requires(Permission.OPERATE_SECOND)
def refuse(operation_id: uuid.UUID) -> Page:
    def decline() -> None:
        operations.refuse(
            db.session, operation_id, _typed("catatan"), actor=current_actor(), now=clock.now()
        )
        flash(_("Ditolak. Laporannya tidak berubah."), "success")

    return _decide(operation_id, decline)


@bp.post("/<uuid:operation_id>/tarik")
@requires(Permission.OPERATE)
def withdraw(operation_id: uuid.UUID) -> Page:
    def take_back() -> None:
        operations.withdraw(db.session, operation_id, actor=current_actor(), now=clock.now())
        flash(_("Ditarik. Laporannya tidak berubah."), "success")

    return _decide(operation_id, take_back)


def _decide(operation_id: uuid.UUID, action: Callable[[], None]) -> Page:
    address = url_for("operations.one", operation_id=operation_id)
    return done_or_said(action, lambda fault: _one(operation_id, fault=fault), address)


def _choose(number: str) -> str:
    chosen = request.args.get("alur", type=uuid.UUID)
    report, desk = _desk(number, chosen)
    return render_template(
        "operations/choose.html",
        report=report,
        desk=desk,
        kinds=kind_words(),
        labels=_labels(),
        past=listed.of_report(db.session, report.id, most=MOST),
        states=state_words(),
    )


def _plan(number: str, chosen: TypedOperation, *, fault: str = "", changed: bool = False) -> str:
    report, desk = _desk(number, chosen.instance, tried=chosen.kind in TARGETED or "#" in _token(chosen))
    plan = None
    if desk.current is not None and chosen.complete:
        plan = operations.plan(
            db.session, desk.current.instance_id, chosen.kind, chosen.parameters, actor=current_actor(),
            now=clock.now(),
        )  # fmt: skip
    labels = _labels()
    return render_template(
        "operations/plan.html",
        report=report,
        desk=desk,
        chosen=chosen,
        place=next((one for one in desk.places if one.token.token == chosen.fields.get("tugas")), None),
        plan=plan,
        kind=kind_words()[chosen.kind],
        labels=labels,
        recipient=lambda code: recipient_words(code, labels),
        read_moment=datetime.fromisoformat,
        fault=fault or translated(chosen.fault),
        changed=changed,
        reason=_typed("alasan"),
    )


def _one(operation_id: uuid.UUID, *, fault: str = "") -> str:
    labels = _labels()
    view = operation_view(
        db.session, operation_id, labels=labels, actor=current_actor(), now=clock.now()
    )
    return render_template(
        "operations/show.html",
        view=view,
        operation=view.operation,
        report=view.report,
        kind=kind_words()[view.operation.kind],
        state=state_words()[_state(view)],
        labels=labels,
        recipient=lambda code: recipient_words(code, labels),
        read_moment=datetime.fromisoformat,
        fault=fault,
        note=_typed("catatan"),
    )


def _state(view: OperationView) -> str:
    if view.operation.lapsed:
        return "gugur"
    return "dilewati" if view.report.outcome == "dilewati" else str(view.operation.state)


def _desk(number: str, instance: uuid.UUID | None, *, tried: bool = True) -> tuple[Row[Any], Desk]:
    report = _report(number)
    desk = desk_of(
        db.session, report.id, instance, tried=tried, actor=current_actor(), now=clock.now()
    )
    return report, desk


def _token(chosen: TypedOperation) -> str:
    return chosen.fields.get("tugas", "")


def _report(number: str) -> Row[Any]:
    known = read_number(number, settings().city.number_prefix)
    report = report_page.report_by_number(db.session, known) if known else None
    if report is None:
        raise NotFound
    return report


def _labels() -> dict[str, str]:
    return {code: str(words) for code, words in STATUS_WORDS.items()} | labels_of(named_codes(db.session))


def _hidden(rows: list[Row[Any]]) -> frozenset[str]:
    """Confidential reports among these that this officer may not read."""
    secret = {row.report_id for row in rows if row.confidential}
    return frozenset(str(one) for one in secret) - readable(db.session, secret, actor=current_actor())


def _before() -> datetime | None:
    try:
        before = datetime.fromisoformat(request.args.get("sebelum", "").replace(" ", "+"))
    except ValueError:
        return None
    return before if before.tzinfo is not None else None


def _typed(name: str) -> str:
    return request.form.get(name, "").replace("\x00", "").strip()[:500]
