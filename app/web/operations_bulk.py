"""One operation over many reports: choose, see what it means, ask, agree, watch."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from app.adapters import clock
from app.db.queries import operations_bulk as queries
from app.db.queries.directory import named_codes
from app.db.queries.trace_search import Criteria, count_of, ids_of
from app.domain.errors import Invalid, NotFound
from app.domain.permissions import Permission
from app.domain.words import told
from app.extensions import db
from app.forms.operations_bulk import read_bulk
from app.i18n import translated
from app.services import operations_bulk as bulk
from app.services.operations_bulk_page import BUSY, bulk_view, progress
from app.services.task_page import labels_of
from app.web.guards import current_actor, requires
from app.web.operation_words import kind_words, recipient_words, state_words
from app.web.refusing import done_or_said
from app.web.selecting import MARKS, chips, offered, search_asked

bp = Blueprint("operations_bulk", __name__, url_prefix="/operasi/banyak")
Page = AnyResponse | tuple[str, int] | str


@bp.get("")
@requires(Permission.OPERATE)
def choose() -> str:
    """The selection as the search of traces writes it; `operasi`: what is to be done."""
    return _choose()


@bp.post("")
@requires(Permission.OPERATE)
def prepare() -> Page:
    """Gather the selection; a job works out what it means."""
    criteria, query = _selected()
    typed = read_bulk(request.form)
    faults = {name: translated(words) for name, words in typed.faults.items()}
    if not faults:
        try:
            if criteria is None:
                raise Invalid(told("Pilih laporannya dahulu."))
            actor, now = current_actor(), clock.now()
            reports = ids_of(db.session, criteria, bulk.MOST + 1, now=now)
            made = bulk.prepare(
                db.session, typed.kind, typed.parameters, reports, query, actor=actor, now=now
            )
            return redirect(url_for("operations_bulk.show", operation_id=made), 303)
        except Invalid as refused:
            db.session.rollback()
            faults = {"operasi": translated(refused.text)}
    return _choose(faults=faults), 422


@bp.get("/<uuid:operation_id>")
@requires(Permission.OPERATE_SECOND)
def show(operation_id: uuid.UUID) -> str:
    return _page(operation_id)


@bp.get("/<uuid:operation_id>/kemajuan.json")
@requires(Permission.OPERATE_SECOND)
def how_far(operation_id: uuid.UUID) -> Response:
    operation = queries.one(db.session, operation_id)
    if operation is None:
        raise NotFound
    done, total = progress(operation, queries.counts(db.session, operation_id))
    return jsonify(busy=operation.state in BUSY, state=operation.state, done=done, total=total)


@bp.post("/<uuid:operation_id>/ajukan")
@requires(Permission.OPERATE)
def ask(operation_id: uuid.UUID) -> Page:
    reason = _typed("alasan")
    return _do(operation_id, lambda: bulk.ask(
        db.session, operation_id, reason, actor=current_actor(), now=clock.now()))


@bp.post("/<uuid:operation_id>/hitung")
@requires(Permission.OPERATE)
def judge_again(operation_id: uuid.UUID) -> Page:
    return _do(operation_id, lambda: bulk.judge_again(
        db.session, operation_id, actor=current_actor(), now=clock.now()))


@bp.post("/<uuid:operation_id>/tarik")
@requires(Permission.OPERATE)
def withdraw(operation_id: uuid.UUID) -> Page:
    return _do(operation_id, lambda: bulk.withdraw(
        db.session, operation_id, actor=current_actor(), now=clock.now()))


@bp.post("/<uuid:operation_id>/setuju")
@requires(Permission.OPERATE_SECOND)
def confirm(operation_id: uuid.UUID) -> Page:
    said = _typed("catatan")
    return _do(operation_id, lambda: bulk.confirm(
        db.session, operation_id, said, actor=current_actor(), now=clock.now()))


@bp.post("/<uuid:operation_id>/tolak")
@requires(Permission.OPERATE_SECOND)
def refuse(operation_id: uuid.UUID) -> Page:
    said = _typed("catatan")

    def do() -> None:
        bulk.refuse(db.session, operation_id, said, actor=current_actor(), now=clock.now())
        flash(_("Ditolak. Tidak ada laporan yang berubah."), "success")

    return _do(operation_id, do)


def _do(operation_id: uuid.UUID, action: Callable[[], object]) -> Page:
    address = url_for("operations_bulk.show", operation_id=operation_id)
    return done_or_said(action, lambda fault: _page(operation_id, fault=fault), address)


def _typed(name: str) -> str:
    return request.form.get(name, "").replace("\x00", "")[:500]


def _selected() -> tuple[Criteria | None, str]:
    """What is selected, of that what goes on; None while nothing is. And the query that says so."""
    search = search_asked(request.args)
    if search.criteria is None or not search.narrows:
        return None, ""
    return replace(search.criteria, status=search.criteria.status or "terbuka"), search.query


def _choose(*, faults: Mapping[str, str] | None = None) -> str:
    search, choices, now = search_asked(request.args), offered(), clock.now()
    criteria, _query = _selected()
    found: Sequence[uuid.UUID] = []
    total = 0
    if criteria is not None:
        found = ids_of(db.session, criteria, bulk.MOST + 1, now=now)
        total = len(found) if len(found) <= bulk.MOST else count_of(db.session, criteria, now=now)
    fits = 0 < len(found) <= bulk.MOST
    return render_template(
        "operations/bulk.html",
        search=search,
        choices=choices,
        chips=chips(search, choices),
        marks=MARKS,
        faults={name: translated(words) for name, words in search.faults.items()},
        missing=faults or {},
        chosen=criteria is not None,
        total=total,
        most=bulk.MOST,
        running=queries.running(db.session, found) if fits else 0,
        holders=queries.holders(db.session, found) if fits else [],
        people=_by_desk(queries.people(db.session)) if fits else [],
        kinds={kind: kind_words()[kind] for kind in bulk.BULK},
        typed=request.form,
        unfinished=queries.unfinished(db.session, current_actor().person_id),
        states=_states(),
    )


def _by_desk(people: Sequence[Row[Any]]) -> list[tuple[str, list[Row[Any]]]]:
    """Role and unit in words -> who sits there."""
    desks = groupby(people, key=lambda row: ", ".join(filter(None, (row.role_name, row.unit_name))))
    return [(words, list(rows)) for words, rows in desks]


def _page(operation_id: uuid.UUID, *, fault: str = "") -> str:
    labels = labels_of(named_codes(db.session))
    view = bulk_view(
        db.session, operation_id, names=labels, recipient=lambda code: recipient_words(code, labels),
        actor=current_actor(),
    )  # fmt: skip
    typed = request.form if request.method == "POST" else {}
    return render_template(
        "operations/bulk_show.html",
        view=view,
        operation=view.operation,
        kind=kind_words()[view.operation.kind],
        states=_states(),
        groups=[
            (group, words, help_, [line for line in view.lines if line.group == group])
            for group, words, help_ in _groups(view.operation.state)
        ],
        typed=typed,
        fault=fault,
    )


def _states() -> dict[str, tuple[str, str, str]]:
    """State -> (colour, icon, words)."""
    return {
        **state_words(),
        "menghitung": ("blue", "loader-circle", _("Menghitung akibatnya")),
        "siap": ("amber", "clipboard-check", _("Belum diajukan")),
    }


def _groups(state: str) -> list[tuple[str, str, str]]:
    """(group of lines, words, what it means), those that something happens to first."""
    ended = state in ("ditolak", "ditarik")
    return [
        ("akan", _("Tidak dikerjakan") if ended else _("Akan dikerjakan"),
         _("Tindakan ini berhenti sebelum laporan-laporan ini.") if ended else
         _("Inilah yang terjadi bila tindakan ini dijalankan sekarang.")),
        ("selesai", _("Sudah dikerjakan"),
         _("Tercatat di jejak setiap laporan, dengan keadaan sebelum dan sesudahnya.")),
        ("dilewati", _("Dilewati"), _("Ketika gilirannya tiba, ini tidak lagi dapat dilakukan.")),
        ("tetap", _("Tidak dapat"), _("Laporan-laporan ini tidak disentuh.")),
    ]
