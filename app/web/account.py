"""An officer's own account: notices, language, password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.adapters import clock
from app.domain.errors import Invalid
from app.domain.permissions import Permission
from app.extensions import db
from app.forms.account import PasswordForm, PreferencesForm
from app.i18n import translated
from app.services import people
from app.web.auth import start_visit
from app.web.guards import current_actor, requires

bp = Blueprint("account", __name__, url_prefix="/akun")


@bp.get("")
@requires(Permission.OWN_ACCOUNT)
def show() -> str:
    return _page()


@bp.post("")
@requires(Permission.OWN_ACCOUNT)
def save() -> tuple[str, int] | Response:
    form = PreferencesForm()
    if not form.validate():
        return _page(preferences=form), 422
    people.set_preferences(db.session, form.to_preferences(), actor=current_actor(), now=clock.now())
    flash(_("Pengaturan tersimpan."), "success")
    return redirect(url_for("account.show"))


@bp.post("/kata-sandi")
@requires(Permission.OWN_ACCOUNT)
def change_password() -> tuple[str, int] | Response:
    form = PasswordForm()
    if not form.validate():
        return _page(password=form), 422
    try:
        people.change_password(db.session, form.to_change(), actor=current_actor(), now=clock.now())
    except Invalid as refusal:
        form.form_errors.append(translated(refusal.text))
        return _page(password=form), 422
    db.session.flush()
    start_visit(current_user.account.id)
    flash(_("Kata sandi diganti. Kunjungan di perangkat lain sudah diakhiri."), "success")
    return redirect(url_for("account.show"))


def _page(preferences: PreferencesForm | None = None, password: PasswordForm | None = None) -> str:
    account = current_user.account
    return render_template(
        "account/show.html",
        account=account,
        preferences=preferences or PreferencesForm(obj=account),
        password=password or PasswordForm(formdata=None),
    )
