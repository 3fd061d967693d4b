"""Languages, and numbers and dates as people here say them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Flask, has_request_context, request, session
from flask_login import current_user

from app.config import Settings
from app.extensions import babel

LANGUAGES = ("id", "en")
COOKIE = "bahasa"


def init_app(app: Flask, settings: Settings) -> None:
    ZoneInfo(settings.city.zone)
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[0]
    app.config["BABEL_DEFAULT_TIMEZONE"] = settings.city.zone
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    babel.init_app(app, locale_selector=language)

    @app.before_request
    def remember_choice() -> None:
        """`?bahasa=en` on any page holds for the rest of the visit."""
        wanted = request.args.get(COOKIE)
        if wanted in LANGUAGES:
            session[COOKIE] = wanted


def language() -> str:
    """The person's own choice, else the choice of this visit, else Indonesian.

    The browser's wish is not asked: phones in Palu are often set to English by the shop.
    """
    if not has_request_context():
        return LANGUAGES[0]
    chosen = session.get(COOKIE) or getattr(current_user, "language", None)
    return chosen if chosen in LANGUAGES else LANGUAGES[0]
