"""Languages: which one a page speaks, how a visitor changes it, how a service's sentence is said in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, current_app, has_request_context, request, session
from flask.globals import request_ctx
from flask_babel import gettext
from flask_login import current_user

from app.config import Settings
from app.domain.words import Dated, Sentence
from app.extensions import babel

LANGUAGES = ("id", "en")
NAMES = {"id": "Bahasa Indonesia", "en": "English"}
CHOICE = "bahasa"


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """One entry of the switch in the footer."""

    code: str
    name: str
    url: str
    current: bool


def init_app(app: Flask, settings: Settings) -> None:
    ZoneInfo(settings.city.zone)
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[0]
    app.config["BABEL_DEFAULT_TIMEZONE"] = settings.city.zone
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    babel.init_app(app, locale_selector=language)
    app.jinja_env.filters["translated"] = translated

    @app.before_request
    def remember_choice() -> None:
        """`?bahasa=en` on any page holds for the rest of the visit."""
        wanted = request.args.get(CHOICE)
        if wanted in LANGUAGES:
            session[CHOICE] = wanted


def language() -> str:
    """An officer's setting, else the choice of this visit, else Indonesian.

    The browser's wish is not asked: phones in Palu are often set to English by the shop.
    """
    if not has_request_context():
        return LANGUAGES[0]
    chosen = getattr(current_user, "language", None) or session.get(CHOICE)
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def language_links() -> Sequence[LanguageLink]:
    """The switch for visitors: this very page in each language. Officers have a setting instead."""
    if current_user.is_authenticated:
        return ()
    adapter = request_ctx.url_adapter
    readable = adapter is not None and adapter.test(method="GET")
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != CHOICE]
    start = "" if readable else "/"
    return [
        LanguageLink(code, NAMES[code], f"{start}?{urlencode([*kept, (CHOICE, code)])}", code == language())
        for code in LANGUAGES
    ]


def translated(text: str) -> str:
    """A sentence that began in a rule or a service, in the language of the page.

    What no catalogue knows (names of tasks, texts of diagrams, what people wrote) stays as it is.
    """
    if not text:
        return ""  # in a catalogue the empty text is its own description
    if isinstance(text, Dated):
        said = current_app.jinja_env.filters["moment" if isinstance(text.on, datetime) else "day"](text.on)
        return str(said)
    if isinstance(text, Sentence):
        return str(gettext(text.pattern, **{name: _said(value) for name, value in text.values.items()}))
    return str(gettext(text))


def _said(value: object) -> object:
    """A value of a sentence: ours in the language of the page, anything else as it is."""
    return translated(value) if isinstance(value, Sentence | Dated) else value
