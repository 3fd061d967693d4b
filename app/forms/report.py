"""The form of `/lapor`: what was typed, and the command it stands for. The rules: `app.domain.report`."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, MultipleFileField, StringField, TextAreaField

from app.domain.geo import Point
from app.domain.report import Contact, Kind
from app.i18n import translated
from app.services.intake import NewReport


class TopicField(StringField):
    """One of the city's topics, or none."""

    choices: Sequence[tuple[str, str]] = ()
    """(code, name), set by the page."""


class ReportForm(FlaskForm):
    """Typed text stays as it is, right or wrong; nothing typed is ever lost."""

    submission_key = HiddenField()
    kind = StringField()
    category = TopicField()
    description = TextAreaField()
    kelurahan = StringField()
    landmark = StringField()
    lat = StringField()
    lng = StringField()
    occurred_on = StringField()
    photos = MultipleFileField()
    name = StringField()
    phone = StringField()
    email = StringField()
    anonymous = BooleanField()
    confidential = BooleanField()

    @property
    def key(self) -> uuid.UUID:
        """The submission key; a fresh one when the form came without."""
        try:
            return uuid.UUID(str(self.submission_key.data))
        except ValueError:
            fresh = uuid.uuid4()
            self.submission_key.data = str(fresh)
            return fresh

    def validate(self, extra_validators: Any = None) -> bool:
        """Only what cannot even be read; whether it may be taken in is judged by the service."""
        sound = bool(super().validate(extra_validators))
        faults: dict[str, str] = {}
        if self.kind.data not in {kind.value for kind in Kind}:
            faults["kind"] = _("Pilih jenis laporan.")
        if (self.occurred_on.data or "").strip() and self._day() is None:
            faults["occurred_on"] = _("Tulis tanggal lengkap, misalnya 2026-03-17.")
        if (self.lat.data or self.lng.data) and self._point() is None:
            faults["lat"] = _("Titik di peta tidak terbaca. Pilih sekali lagi, atau pilih kelurahan.")
        self.show_faults(faults)
        return sound and not faults

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Hang faults that were found elsewhere on their fields."""
        for name, words in faults.items():
            field, said = self[name], translated(words)
            if said not in field.errors:
                field.errors = [*field.errors, said]

    def to_command(self, *, photos: int = 0) -> NewReport:
        """The report as typed; unreadable parts are left out (`validate` has told of them)."""
        return NewReport(
            submission_key=self.key,
            kind=Kind(self.kind.data) if self.kind.data in {kind.value for kind in Kind} else Kind.PENGADUAN,
            description=_text(self.description.data).strip(),
            kelurahan=self.kelurahan.data or None,
            point=self._point(),
            landmark=_text(self.landmark.data).strip() or None,
            occurred_on=self._day(),
            category=_text(self.category.data) or None,
            anonymous=bool(self.anonymous.data),
            confidential=bool(self.confidential.data),
            contact=Contact(
                name=_text(self.name.data).strip() or None,
                phone=(self.phone.data or "").strip() or None,
                email=(self.email.data or "").strip() or None,
            ),
            photos=photos,
        )

    def _day(self) -> date | None:
        try:
            return date.fromisoformat((self.occurred_on.data or "").strip())
        except ValueError:
            return None

    def _point(self) -> Point | None:
        try:
            lat, lng = float(self.lat.data or "x"), float(self.lng.data or "x")
            return Point(lat, lng) if math.isfinite(lat) and math.isfinite(lng) else None
        except ValueError:
            return None


def _text(typed: str | None) -> str:
    """Line ends as one character (a browser counts them as one, sends two), without NUL, which PostgreSQL
    keeps in no text."""
    return (typed or "").replace("\r\n", "\n").replace("\0", "")
