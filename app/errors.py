"""Every no becomes a status and a page in words; nothing technical reaches a person."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Flask, g, jsonify, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from markupsafe import Markup, escape
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.domain import errors as city
from app.i18n import language, translated
from app.web.assets import AssetMissing
from app.web.guards import wants_json

log = structlog.get_logger("tuntas.errors")

STATUS: tuple[tuple[type[city.CityError], int], ...] = (
    (city.NotFound, 404),
    (city.NotPermitted, 403),
    (city.Conflict, 409),
    (city.Invalid, 422),
    (city.TooOften, 429),
    (city.CityError, 400),
)

TITLES = {
    400: _l("Permintaan tidak dimengerti"),
    403: _l("Tidak diizinkan"),
    404: _l("Tidak ditemukan"),
    405: _l("Cara ini tidak tersedia"),
    409: _l("Sudah berubah"),
    413: _l("Kiriman terlalu besar"),
    422: _l("Belum dapat diterima"),
    429: _l("Terlalu sering"),
    500: _l("Ada gangguan di sistem kami"),
    503: _l("Sebentar, sistem sedang sibuk"),
}

SENTENCES = {
    400: _l("Alamat atau isian yang dikirim peramban tidak lengkap."),
    403: _l("Peran Anda tidak mencakup halaman ini. Bila seharusnya bisa, hubungi admin Kominfo."),
    404: _l("Halaman ini tidak ada atau sudah dipindahkan."),
    405: _l("Halaman ini tidak dapat dibuka dengan cara itu. Kembali lalu gunakan tombol yang tersedia."),
    413: _l("Seluruh kiriman paling besar 90 MB. Kurangi jumlah atau ukuran foto, lalu kirim lagi."),
    429: _l("Terlalu banyak permintaan dalam waktu singkat. Tunggu sebentar, lalu coba lagi."),
    500: _l("Langkah terakhir tidak tersimpan. Coba lagi; bila berulang, sebutkan nomor di bawah."),
    503: _l("Langkah terakhir tidak tersimpan. Coba lagi dalam beberapa saat."),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """What an error page says."""

    status: int
    title: str
    message: str
    next_step: str = ""
    reference: str = ""


def status_of(error: city.CityError) -> int:
    """The HTTP status of a kind of refusal."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def init_app(app: Flask) -> None:
    @app.errorhandler(city.CityError)
    def refused(error: city.CityError) -> tuple[str | Response, int]:
        status = status_of(error)
        return page(Stop(status, str(TITLES[status]), translated(error.text))), status

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> tuple[str | Response, int]:
        return page(
            Stop(
                400,
                _("Formulir ini sudah kedaluwarsa"),
                _("Demi keamanan, formulir hanya berlaku selama kunjungan ini."),
                next_step=_("Kembali ke halaman sebelumnya, muat ulang, lalu kirim lagi."),
            )
        ), 400

    @app.errorhandler(HTTPException)
    def stopped(error: HTTPException) -> tuple[str | Response, int] | HTTPException:
        status = error.code or 500
        if status < 400:
            return error
        title = str(TITLES.get(status, TITLES[500 if status >= 500 else 400]))
        return page(Stop(status, title, str(SENTENCES.get(status, SENTENCES[400])))), status

    @app.errorhandler(OperationalError)
    def database_busy(error: OperationalError) -> tuple[str | Response, int]:
        log.error("database unavailable", cause=type(error.orig).__name__)
        return page(Stop(503, str(TITLES[503]), str(SENTENCES[503]), reference=_reference())), 503

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str | Response, int]:
        if app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        log.error("request failed", route=request.endpoint, exc_info=error)
        return page(Stop(500, str(TITLES[500]), str(SENTENCES[500]), reference=_reference())), 500


def page(stop: Stop) -> str | Response:
    """The error as a page, as a part of one when htmx asks for a part, or as `{"error": sentence}` for a
    script that asks for JSON."""
    if wants_json():
        words = (stop.message, stop.next_step)
        return jsonify(error=" ".join(line for line in words if line))
    name = "errors/_message.html" if request.headers.get("HX-Request") else "errors/page.html"
    values = {field: getattr(stop, field) for field in Stop.__slots__}
    try:
        return render_template(name, **values)
    except (TemplateNotFound, AssetMissing):
        return bare_page(stop)


def bare_page(stop: Stop) -> str:
    """The same words without the city's frame, for when the frame itself is what is missing."""
    words = (stop.message, stop.next_step, stop.reference)
    return Markup('<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title>'
                  "<h1>{title}</h1>{body}</html>").format(
        language=language(),
        title=escape(stop.title),
        body=Markup("").join(Markup("<p>{}</p>").format(line) for line in words if line),
    )


def _reference() -> str:
    return str(g.get("request_id", ""))
