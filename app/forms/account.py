"""Signing in, and what an officer sets about their own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import EqualTo, InputRequired, Length, Optional, Regexp, ValidationError

from app.domain.actor import Grant
from app.domain.report import read_email
from app.services.people import PasswordChange, Preferences

LANGUAGES = [SelectChoice("id", "Bahasa Indonesia"), SelectChoice("en", "English")]


class SignInForm(FlaskForm):
    username = StringField(
        _l("Nama pengguna"),
        validators=[InputRequired(_l("Isi nama pengguna Anda.")), Length(max=100)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Kata sandi"),
        validators=[InputRequired(_l("Isi kata sandi Anda.")), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class PreferencesForm(FlaskForm):
    notify_new_task = BooleanField(_l("Beri tahu saya lewat surel saat ada tugas baru"))
    notify_digest = BooleanField(_l("Kirim ringkasan tugas setiap pagi"))
    language = RadioField(_l("Bahasa"), choices=LANGUAGES)

    def to_preferences(self) -> Preferences:
        return Preferences(
            notify_new_task=bool(self.notify_new_task.data),
            notify_digest=bool(self.notify_digest.data),
            language=str(self.language.data),
        )


class PasswordForm(FlaskForm):
    current = PasswordField(
        _l("Kata sandi sekarang"),
        validators=[InputRequired(_l("Isi kata sandi Anda sekarang."))],
        render_kw={"autocomplete": "current-password"},
    )
    wanted = PasswordField(
        _l("Kata sandi baru"),
        validators=[InputRequired(_l("Isi kata sandi baru.")), Length(max=200)],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("Kata sandi baru, sekali lagi"),
        validators=[EqualTo("wanted", message=_l("Kedua kata sandi baru belum sama."))],
        render_kw={"autocomplete": "new-password"},
    )

    def to_change(self) -> PasswordChange:
        return PasswordChange(current=str(self.current.data), wanted=str(self.wanted.data))


class OfficerForm(FlaskForm):
    """Name and address of an officer."""

    display_name = StringField(
        _l("Nama dan jabatan"),
        filters=[lambda typed: " ".join((typed or "").split())],
        validators=[InputRequired(_l("Isi nama petugas.")), Length(3, 100, _l("Tulis 3 sampai 100 huruf."))],
        render_kw={"autocomplete": "off"},
    )
    email = StringField(
        _l("Surel dinas (boleh kosong)"),
        filters=[lambda typed: (typed or "").strip()],
        validators=[
            Optional(),
            Length(max=200),
        ],
        render_kw={"autocomplete": "off", "inputmode": "email"},
    )

    def validate_email(self, field: StringField) -> None:
        """A plain address."""
        if field.data and read_email(field.data) is None:
            raise ValidationError(str(_l("Tulis alamat surel, misalnya nama@kota.example.")))


class NewOfficerForm(OfficerForm):
    username = StringField(
        _l("Nama pengguna"),
        filters=[lambda typed: (typed or "").strip().lower()],
        validators=[
            InputRequired(_l("Isi nama pengguna.")),
            Regexp(
                r"[a-z0-9][a-z0-9._-]{2,49}\Z", message=_l("Pakai 3-50 huruf kecil, angka, titik, atau -.")
            ),
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class GrantForm(FlaskForm):
    """A role, and the unit it is held for where it belongs to units."""

    role = SelectField(_l("Peran"), validators=[InputRequired(_l("Pilih perannya."))])
    unit = SelectField(_l("Unit"))

    def to_grant(self) -> Grant:
        return Grant(str(self.role.data), str(self.unit.data or "") or None)
