"""How values look in templates: filters for moments, limits, numbers and codes.

Texts pass through unchanged, so that a template may be handed either.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from babel import dates, numbers
from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.config import Settings
from app.domain import spoken
from app.extensions import db
from app.i18n import language
from app.services.city import calendar

KINDS: Final = {
    "pengaduan": _l("Pengaduan"),
    "aspirasi": _l("Aspirasi"),
    "permintaan_informasi": _l("Permintaan informasi"),
}
CHANNELS: Final = {
    "web": _l("Situs web"),
    "aplikasi": _l("Aplikasi"),
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "email": _l("Surel"),
    "x": "X",
    "call_center_112": _l("Pusat panggilan 112"),
    "kelurahan": _l("Kantor kelurahan"),
    "kegiatan_rw": _l("Kegiatan RW"),
    "media_sosial_lain": _l("Media sosial lain"),
    "open311": "Open311",
}


def init_app(app: Flask, settings: Settings) -> None:
    """Filters: moment, short_moment, day, month, number, remaining(opened, now), kind, channel."""
    zone = settings.city.zone

    def moment(at: datetime | str | None) -> str:
        if not isinstance(at, datetime):
            return at or ""
        if language() == "en":
            local = at.astimezone(dates.get_timezone(zone))
            return f"{dates.format_datetime(local, 'EEEE, d MMMM y, HH:mm', locale='en')} {local.tzname()}"
        return spoken.moment(at, zone)

    def short_moment(at: datetime | str | None) -> str:
        if not isinstance(at, datetime):
            return at or ""
        if language() == "en":
            local = at.astimezone(dates.get_timezone(zone))
            return str(dates.format_datetime(local, "d MMM y, HH:mm", locale="en"))
        return spoken.short_moment(at, zone)

    def day(on: date | datetime | str | None) -> str:
        if isinstance(on, datetime):
            on = on.astimezone(dates.get_timezone(zone)).date()
        if not isinstance(on, date):
            return on or ""
        return str(dates.format_date(on, "d MMMM y", locale="en")) if language() == "en" else spoken.day(on)

    def month(on: date) -> str:
        return str(dates.format_date(on, "MMMM y", locale="en")) if language() == "en" else spoken.month(on)

    def number(value: float | str | None) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        if language() == "en":
            return str(numbers.format_decimal(value, "#,##0.#", locale="en"))
        return spoken.number(value)

    def remaining(due: datetime | None, opened: datetime, now: datetime) -> spoken.Remaining | None:
        if due is None:
            return None
        left = spoken.remaining(opened, due, now=now, calendar=calendar(db.session))
        return left if language() == "id" else replace(left, words=_remaining_words(left))

    app.jinja_env.filters.update(
        moment=moment,
        short_moment=short_moment,
        day=day,
        month=month,
        number=number,
        remaining=remaining,
        kind=lambda code: KINDS.get(code, "SOP" if code == "sop" else code),
        channel=lambda code: CHANNELS.get(code, code),
    )


def _remaining_words(left: spoken.Remaining) -> str:
    """The same span in a language that tells one from many."""
    n, late = left.count, left.state == "late"
    if left.unit == "hari kerja":
        if late:
            return str(ngettext("terlambat %(num)s hari kerja", "terlambat %(num)s hari kerja", n))
        return str(ngettext("%(num)s hari kerja lagi", "%(num)s hari kerja lagi", n))
    if left.unit == "hari":
        if late:
            return str(ngettext("terlambat %(num)s hari", "terlambat %(num)s hari", n))
        return str(ngettext("%(num)s hari lagi", "%(num)s hari lagi", n))
    if left.unit == "jam":
        if late:
            return str(ngettext("terlambat %(num)s jam", "terlambat %(num)s jam", n))
        return str(ngettext("%(num)s jam lagi", "%(num)s jam lagi", n))
    if n == 0:
        return str(_("terlambat kurang dari semenit") if late else _("kurang dari semenit lagi"))
    if late:
        return str(ngettext("terlambat %(num)s menit", "terlambat %(num)s menit", n))
    return str(ngettext("%(num)s menit lagi", "%(num)s menit lagi", n))
