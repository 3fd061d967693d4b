"""What surrounds every request: one transaction, one number to find it by, and strict headers."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Request, Response, abort, g, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response as AnyResponse

from app.config import Settings
from app.extensions import db

FOREVER = 365 * 24 * 3600
BUILT = f"public, max-age={FOREVER}, immutable"
"""Built files carry their content's hash in their name."""
REQUEST_ID = "X-Request-ID"


class Typed(ImmutableMultiDict[str, Any]):
    """What was sent, without the one character that no keyboard types and PostgreSQL keeps in no text."""

    def __init__(self, mapping: Any = None) -> None:
        super().__init__([(_without_nul(name), _without_nul(value)) for name, value in mapping or ()])


class CityRequest(Request):
    parameter_storage_class = Typed


class UnitOfWorkFlask(Flask):
    """Flask whose view and commit are one step: what the view raises, or the commit, undoes everything."""

    request_class = CityRequest

    def dispatch_request(self) -> Any:
        try:
            answer = self.make_response(super().dispatch_request())
            db.finish()
        except BaseException:
            db.undo()
            raise
        return answer


def init_app(app: Flask, settings: Settings) -> None:
    policy = content_security_policy(settings)

    @app.before_request
    def number_the_request() -> None:
        g.request_id = secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.before_request
    def refuse_impossible_addresses() -> None:
        if "\0" in request.path:
            abort(404)

    @app.after_request
    def protect(response: Response) -> AnyResponse:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "strict-origin"
        headers["Permissions-Policy"] = "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "DENY"
        if settings.secure:
            headers["Strict-Transport-Security"] = f"max-age={FOREVER}; includeSubDomains"
        if "request_id" in g:
            headers[REQUEST_ID] = g.request_id
        if request.endpoint == "static" and response.status_code == 200:
            built = (request.view_args or {}).get("filename", "").startswith("dist/")
            headers["Cache-Control"] = BUILT if built else "public, max-age=3600"
        elif "Cache-Control" not in headers:
            # A shared computer at the kelurahan must not show the last person's report after "back".
            headers["Cache-Control"] = "private, no-store"
        return response

    @app.teardown_request
    def give_back(error: BaseException | None) -> None:
        db.close()

    @app.teardown_appcontext
    def give_back_command(error: BaseException | None) -> None:
        db.close()


def content_security_policy(settings: Settings, *, style_attributes: bool = False) -> str:
    """Nothing inline, nothing from elsewhere, except street tiles as pictures when the city has set them.

    `style_attributes`: for the diagram editors, which position their shapes by style attributes.
    """
    pictures = ["'self'", "data:", "blob:"]
    if settings.tile_url:
        tiles = urlsplit(settings.tile_url)
        pictures.append(f"{tiles.scheme}://{tiles.netloc.replace('{s}', '*')}")
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": " ".join(pictures),
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    if style_attributes:
        rules["style-src-attr"] = "'unsafe-inline'"
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _without_nul(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value
