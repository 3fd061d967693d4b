"""Forms of the page for personal data."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange


class ErasureForm(FlaskForm):
    """A person wants to be forgotten."""

    number = StringField(
        _l("Nomor laporan"),
        filters=[lambda typed: (typed or "").strip().upper()],
        validators=[InputRequired(_l("Isi nomor laporannya."))],
    )
    reason = TextAreaField(
        _l("Siapa yang meminta dan dasarnya"),
        filters=[lambda typed: (typed or "").strip()],
        validators=[
            InputRequired(_l("Tulis siapa yang meminta dan dasarnya.")),
            Length(10, 500, _l("Tulis 10 sampai 500 huruf.")),
        ],
    )


class RetentionForm(FlaskForm):
    years = IntegerField(
        _l("Tahun sesudah laporan ditutup"),
        validators=[
            InputRequired(_l("Tulis angka; 0 berarti tidak dihapus dengan sendirinya.")),
            NumberRange(0, 50, _l("Tulis 0 sampai 50.")),
        ],
    )
    reason = StringField(
        _l("Dasarnya"),
        filters=[lambda typed: (typed or "").strip()],
        validators=[
            InputRequired(_l("Tulis dasarnya, misalnya jadwal retensi arsip kota.")),
            Length(10, 300, _l("Tulis 10 sampai 300 huruf.")),
        ],
    )
