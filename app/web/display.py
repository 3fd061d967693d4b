"""How values look in templates: filters for moments, limits, numbers and codes.

Texts pass through unchanged, so that a template may be handed either.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from babel import dates
from flask import Flask
from flask_babel import lazy_gettext as _l

from app.config import Settings
from app.domain import spoken
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
    """Filters: `moment`, `short_moment`, `day`, `number`, `remaining(opened, now)`, `kind`, `channel`."""
    zone = settings.city.zone

    def moment(at: datetime | str | None) -> str:
        if not isinstance(at, datetime):
            return at or ""
        if language() == "en":
            local = at.astimezone(dates.get_timezone(zone))
            return f"{dates.format_datetime(local, 'EEEE, d MMMM y, HH:mm', locale='en')} {local.tzname()}"
        return spoken.moment(at, zone)

    def short_moment(at: datetime | str | None) -> str:
        return spoken.short_moment(at, zone) if isinstance(at, datetime) else at or ""

    def day(on: date | datetime | str | None) -> str:
        if isinstance(on, datetime):
            on = on.astimezone(dates.get_timezone(zone)).date()
        if not isinstance(on, date):
            return on or ""
        return str(dates.format_date(on, "d MMMM y", locale="en")) if language() == "en" else spoken.day(on)

    def number(value: float | str | None) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        return spoken.number(value)

    def remaining(due: datetime | None, opened: datetime, now: datetime) -> spoken.Remaining | None:
        if due is None:
            return None
        return spoken.remaining(opened, due, now=now, calendar=calendar())

    app.jinja_env.filters.update(
        moment=moment,
        short_moment=short_moment,
        day=day,
        number=number,
        remaining=remaining,
        kind=lambda code: KINDS.get(code, code),
        channel=lambda code: CHANNELS.get(code, code),
    )
