"""The door: sign in, sign out, and how long a visit lasts."""

from __future__ import annotations

import time
import uuid
from typing import Any

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from app.adapters import clock
from app.config import Settings
from app.db.queries import people as queries
from app.domain.actor import Actor
from app.extensions import db, limiter, login_manager
from app.forms.account import SignInForm
from app.services import people
from app.services.demo.accounts import EXAMPLES, PASSWORD
from app.web.guards import public, wants_json

bp = Blueprint("auth", __name__)

SINCE = "sejak"
SEEN = "terlihat"
NOTED_EVERY = 60
"""Seconds between two notes of being seen, so that not every page sets a cookie."""


class SignedIn(UserMixin):
    """The officer of a request. Roles are read anew each time: one taken away ends at the next click."""

    def __init__(self, account: queries.Account) -> None:
        self.account = account
        self.language = account.language

    def get_id(self) -> str:
        return f"{self.account.id}:{self.account.session_version}"

    def actor(self, source: str) -> Actor:
        return self.account.actor(source)


def init_app(app: Flask, settings: Settings) -> None:
    login_manager.init_app(app)
    login_manager.session_protection = None
    """Phones change their network address all day; the session's version and its age protect instead."""

    @login_manager.user_loader
    def load(identity: str) -> SignedIn | None:
        person_id, _colon, version = identity.partition(":")
        account = queries.account_of(db.session, uuid.UUID(person_id))
        if account is None or not account.active or str(account.session_version) != version:
            return None
        return SignedIn(account)

    @login_manager.unauthorized_handler
    def ask_to_sign_in() -> Response | tuple[Response, int]:
        if wants_json():
            words = _(
                "Kunjungan Anda berakhir. Masuk lagi di tab lain, lalu lanjutkan di sini; "
                "tidak ada yang hilang."
            )
            return jsonify(error=words), 401
        flash(_("Masuk dahulu untuk membuka halaman itu."), "info")
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("auth.sign_in", next=wanted))

    @app.before_request
    def end_old_visits() -> None:
        if request.endpoint == "static" or "_user_id" not in session:
            return
        now = int(time.time())
        idle = now - int(session.get(SEEN, 0)) > settings.idle_timeout.total_seconds()
        old = now - int(session.get(SINCE, 0)) > settings.session_lifetime.total_seconds()
        if idle or old:
            session.clear()
            flash(_("Kunjungan Anda berakhir karena lama tidak dipakai. Silakan masuk lagi."), "info")
        elif now - int(session[SEEN]) > NOTED_EVERY:
            session[SEEN] = now


@bp.get("/masuk")
@public
def sign_in() -> str | Response:
    if current_user.is_authenticated:
        return redirect(_inside(request.args.get("next")))
    return _door(SignInForm(next=request.args.get("next", "")))


@bp.post("/masuk")
@limiter.limit("30 per minute")
@public
def admit() -> tuple[str, int] | Response:
    form = SignInForm()
    if not form.validate():
        return _door(form), 422
    settings: Settings = current_app.extensions["tuntas"]
    answer = people.authenticate(
        db.session,
        people.Credentials(
            username=str(form.username.data),
            password=str(form.password.data),
            address=request.remote_addr or "",
        ),
        key=settings.keys.lookup,
        now=clock.now(),
    )
    if isinstance(answer, people.NotAdmitted):
        form.form_errors.append(
            _("Terlalu banyak percobaan masuk. Tunggu 15 menit, lalu coba lagi.")
            if answer.reason == "too_often"
            else _("Nama pengguna atau kata sandi tidak cocok.")
        )
        return _door(form), 429 if answer.reason == "too_often" else 422
    start_visit(answer.person_id)
    return redirect(_inside(form.next.data))


@bp.post("/keluar")
@public
def sign_out() -> Response:
    logout_user()
    session.clear()
    flash(_("Anda sudah keluar."), "success")
    return redirect(url_for("auth.sign_in"))


def start_visit(person_id: uuid.UUID) -> None:
    """Begin a fresh session for this person; nothing of the visitor's old one goes on."""
    account: Any = queries.account_of(db.session, person_id)
    session.clear()
    session.permanent = True
    session[SINCE] = session[SEEN] = int(time.time())
    login_user(SignedIn(account))


def _door(form: SignInForm) -> str:
    settings: Settings = current_app.extensions["tuntas"]
    known: dict[str, Any] = {}
    if settings.environment == "demo":
        known = {"demo_accounts": [(names, role) for role, names in EXAMPLES], "demo_password": PASSWORD}
    return render_template("auth/login.html", form=form, **known)


def _inside(wanted: str | None) -> str:
    """The page asked for if it is one of ours, else the inbox."""
    if wanted and wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable():
        return wanted
    return "/kotak-masuk"
