"""What machines ask: alive, ready, and the figures. No page, no person, no secret."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, jsonify, request

from app.adapters import clock, measures
from app.extensions import db, limiter
from app.i18n import translated
from app.services import running
from app.web.guards import public
from app.web.uploads import photo_store, settings

bp = Blueprint("health", __name__)

LOOPBACK = frozenset({"127.0.0.1", "::1"})
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
"""A request that carries one of these came through a proxy, whatever address it seems to come from."""


@bp.get("/health/live")
@limiter.exempt
@public
def live() -> Response:
    return jsonify(hidup=True)


@bp.get("/health/ready")
@limiter.exempt
@public
def ready() -> tuple[Response, int]:
    found = running.readiness(db.session, photo_store())
    parts = {name: translated(words) for name, words in found.parts.items()}
    return jsonify(siap=found.ready, bagian=parts), 200 if found.ready else 503


@bp.get("/metrics")
@limiter.exempt
@public
def metrics() -> Response:
    if not _may_scrape():
        abort(404)
    figures = running.figures(db.session, now=clock.now())
    return Response(measures.exposition(figures), content_type=measures.CONTENT_TYPE)


def _may_scrape() -> bool:
    """From this machine itself, or with the token of the settings."""
    token = settings().metrics_token
    sent = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        return True
    return request.remote_addr in LOOPBACK and not any(name in request.headers for name in FORWARDED)
