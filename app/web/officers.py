"""Accounts of officers: opened, given roles, closed. Nobody learns a password that somebody chose."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Row
from werkzeug.wrappers import Response

from app.adapters import clock
from app.db.queries.city import roles_and_units
from app.db.queries.history import events_of
from app.db.queries.people import account_of
from app.domain.actor import Grant
from app.domain.errors import Conflict
from app.domain.password import temporary
from app.domain.permissions import Permission
from app.extensions import db
from app.forms.account import GrantForm, NewOfficerForm, OfficerForm
from app.services import people, people_care
from app.web.guards import current_actor, requires

bp = Blueprint("officers", __name__, url_prefix="/admin/petugas")


@bp.get("/baru")
@requires(Permission.PEOPLE_MANAGE)
def new() -> str:
    return _blank(NewOfficerForm(), _grant_form())


@bp.post("/baru")
@requires(Permission.PEOPLE_MANAGE)
def create() -> Response | tuple[str, int] | str:
    form, grant = NewOfficerForm(), _grant_form()
    fine = form.validate()
    if not (grant.validate() and fine):
        return _blank(form, grant), 422
    password = temporary()
    wanted = people.NewPerson(
        str(form.username.data),
        str(form.display_name.data),
        password,
        form.email.data or None,
        grants=(grant.to_grant(),),
    )
    try:
        made = people.create_person(db.session, wanted, actor=current_actor(), now=clock.now())
    except Conflict as taken:
        form.username.errors = [taken.text]
        return _blank(form, grant), 409
    return _shown(made, password=password)


@bp.get("/<uuid:person_id>")
@requires(Permission.PEOPLE_MANAGE)
def show(person_id: uuid.UUID) -> str:
    return _shown(person_id)


@bp.post("/<uuid:person_id>")
@requires(Permission.PEOPLE_MANAGE)
def change(person_id: uuid.UUID) -> Response | tuple[str, int]:
    form = OfficerForm()
    if not form.validate():
        return _shown(person_id, form=form), 422
    people_care.change(
        db.session,
        person_id,
        display_name=str(form.display_name.data),
        email=form.email.data or None,
        actor=current_actor(),
        now=clock.now(),
    )
    flash(_("Tersimpan."), "success")
    return _back(person_id)


@bp.post("/<uuid:person_id>/peran")
@requires(Permission.PEOPLE_MANAGE)
def give(person_id: uuid.UUID) -> Response | tuple[str, int]:
    form = _grant_form()
    if not form.validate():
        return _shown(person_id, grant=form), 422
    people.grant_role(db.session, person_id, form.to_grant(), actor=current_actor(), now=clock.now())
    flash(_("Peran ditambahkan. Tugasnya langsung terlihat di kotak masuk petugas ini."), "success")
    return _back(person_id)


@bp.post("/<uuid:person_id>/peran/cabut")
@requires(Permission.PEOPLE_MANAGE)
def take(person_id: uuid.UUID) -> Response | tuple[str, int]:
    grant = Grant(request.form.get("role", ""), request.form.get("unit") or None)
    try:
        freed = people_care.take_role(db.session, person_id, grant, actor=current_actor(), now=clock.now())
    except Conflict as refused:
        return _shown(person_id, fault=refused.text), 409
    flash(_("Peran dicabut. %(n)s tugas yang dipegangnya kembali ke unit.", n=freed), "success")
    return _back(person_id)


@bp.post("/<uuid:person_id>/tutup")
@requires(Permission.PEOPLE_MANAGE)
def close(person_id: uuid.UUID) -> Response | tuple[str, int]:
    try:
        freed = people_care.close(db.session, person_id, actor=current_actor(), now=clock.now())
    except Conflict as refused:
        return _shown(person_id, fault=refused.text), 409
    flash(_("Akun ditutup. %(n)s tugas yang dipegangnya kembali ke unit.", n=freed), "success")
    return _back(person_id)


@bp.post("/<uuid:person_id>/buka")
@requires(Permission.PEOPLE_MANAGE)
def reopen(person_id: uuid.UUID) -> Response | tuple[str, int]:
    try:
        people_care.reopen(db.session, person_id, actor=current_actor(), now=clock.now())
    except Conflict as refused:
        return _shown(person_id, fault=refused.text), 409
    flash(_("Akun dibuka kembali dengan peran yang dahulu."), "success")
    return _back(person_id)


@bp.post("/<uuid:person_id>/kata-sandi")
@requires(Permission.PEOPLE_MANAGE)
def renew_password(person_id: uuid.UUID) -> str | tuple[str, int]:
    try:
        password = people_care.new_password(db.session, person_id, actor=current_actor(), now=clock.now())
    except Conflict as refused:
        return _shown(person_id, fault=refused.text), 409
    return _shown(person_id, password=password)


def told_of(row: Row[Any]) -> str:
    """One event of an account in words."""
    held = ", ".join(part for part in (row.data.get("role"), row.data.get("unit")) if part)
    words = {
        "AccountOpened": _("Akun dibuka"),
        "AccountChanged": _("Nama atau surel diubah"),
        "AccountClosed": _("Akun ditutup"),
        "AccountReopened": _("Akun dibuka kembali"),
        "RoleGranted": _("Peran diberikan: %(role)s", role=held),
        "RoleRevoked": _("Peran dicabut: %(role)s", role=held),
        "PasswordChanged": _("Kata sandi diganti"),
        "PasswordReset": _("Kata sandi baru dibuatkan admin"),
        "PreferencesChanged": _("Pengaturan diubah"),
    }
    return str(words.get(row.type, row.type))


def _blank(form: NewOfficerForm, grant: GrantForm) -> str:
    return render_template("admin/officer_new.html", form=form, grant=grant)


def _shown(
    person_id: uuid.UUID,
    *,
    form: OfficerForm | None = None,
    grant: GrantForm | None = None,
    fault: str = "",
    password: str = "",
) -> str:
    """The account's page; `password`: one just made, shown this once."""
    account = account_of(db.session, person_id)
    if account is None:
        abort(404)
    events = events_of(db.session, person_id)
    return render_template(
        "admin/officer.html",
        account=account,
        form=form or OfficerForm(formdata=None, obj=account),
        grant=grant or _grant_form(fresh=True),
        fault=fault,
        password=password,
        story=[(one.at, told_of(one), one.actor_name or one.source) for one in events],
        mine=str(person_id) == current_actor().person_id,
    )


def _grant_form(*, fresh: bool = False) -> GrantForm:
    form = GrantForm(formdata=None) if fresh else GrantForm()
    roles, units = roles_and_units(db.session)
    form.role.choices = [("", _("Pilih peran")), *roles]
    form.unit.choices = [("", _("Sesuai perannya")), *units]
    return form


def _back(person_id: uuid.UUID) -> Response:
    return redirect(url_for("officers.show", person_id=person_id))
