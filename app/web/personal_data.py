"""Erasing personal data: asked for by one admin, confirmed by another; and how long a city keeps them."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.adapters import clock
from app.db.queries import erasures
from app.domain.errors import CityError
from app.domain.permissions import Permission
from app.domain.report import read_number
from app.extensions import db
from app.forms.erasure import ErasureForm, RetentionForm
from app.services import erasure
from app.web.guards import current_actor, requires
from app.web.uploads import photo_store

bp = Blueprint("personal_data", __name__, url_prefix="/admin/data-pribadi")


@bp.get("")
@requires(Permission.CITY_MANAGE)
def show() -> str:
    return _page()


@bp.post("")
@requires(Permission.CITY_MANAGE)
def ask() -> Response | tuple[str, int]:
    form = ErasureForm()
    if not form.validate():
        return _page(form=form), 422
    number = read_number(str(form.number.data)) or str(form.number.data)
    try:
        erasure.request_erasure(
            db.session, number, reason=str(form.reason.data), actor=current_actor(), now=clock.now()
        )
    except CityError as refused:
        form.number.errors = [refused.text]
        return _page(form=form), 409
    flash(_("Permintaan tercatat. Admin lain perlu menyetujuinya."), "success")
    return _back()


@bp.post("/<uuid:report_id>/hapus")
@requires(Permission.CITY_MANAGE)
def confirm(report_id: uuid.UUID) -> Response:
    erasure.confirm_erasure(
        db.session, report_id, actor=current_actor(), now=clock.now(), storage=photo_store()
    )
    flash(_("Data pelapor sudah dihapus. Jejaknya tetap utuh."), "success")
    return _back()


@bp.post("/<uuid:report_id>/batal")
@requires(Permission.CITY_MANAGE)
def decline(report_id: uuid.UUID) -> Response:
    erasure.decline_erasure(db.session, report_id, actor=current_actor(), now=clock.now())
    flash(_("Permintaan dibatalkan. Tidak ada yang dihapus."), "success")
    return _back()


@bp.post("/retensi")
@requires(Permission.CITY_MANAGE)
def keep() -> Response | tuple[str, int]:
    form = RetentionForm()
    if not form.validate():
        return _page(retention=form), 422
    erasure.set_retention(
        db.session,
        int(form.years.data or 0),
        reason=str(form.reason.data),
        actor=current_actor(),
        now=clock.now(),
    )
    flash(_("Tersimpan. Penghapusan dilakukan setiap malam."), "success")
    return _back()


def _page(*, form: ErasureForm | None = None, retention: RetentionForm | None = None) -> str:
    years = erasure.retention_years(db.session)
    return render_template(
        "admin/personal_data.html",
        form=form or ErasureForm(formdata=None),
        retention=retention or RetentionForm(formdata=None, data={"years": years}),
        years=years,
        waiting=erasures.waiting(db.session),
        done=erasures.done(db.session),
        me=current_actor().person_id,
    )


def _back() -> Response:
    return redirect(url_for("personal_data.show"))
