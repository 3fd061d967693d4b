"""Who read what: identities opened, traces read, proofs and event logs taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Row

from app.adapters import clock
from app.db.queries import exports as queries
from app.db.queries import report_page
from app.db.queries.directory import named_codes
from app.domain.errors import NotFound
from app.domain.permissions import Permission
from app.extensions import db
from app.services.task_page import labels_of
from app.web.audit_words import FORMS, OPENED, chosen_words
from app.web.guards import requires

bp = Blueprint("audit_journal", __name__, url_prefix="/audit")
SIZE = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """One line. `what`: words and an icon; `detail`: which parts, which form, which reports."""

    row: Row[Any]
    icon: str
    what: str
    detail: str


@bp.get("/pembacaan")
@requires(Permission.TRACE_READ)
def show() -> str:
    """The journal, newest first; `?nomor=` of one report; `?sampai=` a moment for what came before."""
    until, report = _moment(request.args.get("sampai", "")), None
    if request.args.get("nomor"):
        report = report_page.report_by_number(db.session, request.args["nomor"].upper()[:40])
        if report is None:
            raise NotFound
    rows = queries.readings(
        db.session,
        until=until or clock.now(),
        most=SIZE + 1,
        report_id=None if report is None else report.id,
    )
    labels = labels_of(named_codes(db.session))
    return render_template(
        "audit/journal.html",
        readings=[_reading(row, labels) for row in rows[:SIZE]],
        older=rows[SIZE].at.isoformat() if len(rows) > SIZE else None,
        newest=until is None,
        number="" if report is None else report.number,
    )


def _reading(row: Row[Any], labels: Mapping[str, str]) -> Reading:
    if row.kind == "identitas":
        parts = [str(OPENED.get(one, one)) for one in str(row.detail).split(",") if one]
        return Reading(row, "user", _("Data pribadi pelapor dibuka"), ", ".join(parts))
    if row.kind == "TraceRead":
        return Reading(row, "route", _("Jejak dibaca"), "")
    if row.kind == "TraceExported":
        with_texts = _("dengan isi teks") if row.detail.get("teks") else _("tanpa isi teks")
        return Reading(row, "file-check-2", _("Berkas bukti diunduh"), with_texts)
    form = FORMS.get(row.detail.get("bentuk", ""), ("", ""))[0]
    chosen = chosen_words(row.detail.get("pilihan", {}), labels, current_app.jinja_env.filters["day"])
    plain = _("dengan nomor laporan") if row.detail.get("nomor") else _("dengan nama samaran")
    return Reading(row, "download", _("Catatan peristiwa diunduh"), f"{form}, {plain}: {chosen}")


def _moment(typed: str) -> datetime | None:
    """A moment with its zone; what is none counts as not given."""
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
