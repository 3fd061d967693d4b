"""What auditors take away of one report, or of how an SOP was judged: its proof. That it was taken is itself
in the trace."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import MethodNotAllowed

from app.adapters import clock
from app.adapters.signing import Signer
from app.domain.errors import Invalid
from app.domain.permissions import Permission
from app.domain.report import read_number
from app.extensions import db
from app.services import audit_bundle
from app.web.guards import current_actor, requires

bp = Blueprint("audit", __name__, url_prefix="/audit")


def refuse_to_only_ask() -> None:
    """Taking something away is journaled; a HEAD request takes nothing, and is told to ask with GET."""
    if request.method == "HEAD":
        raise MethodNotAllowed(valid_methods=["GET"])


@bp.get("/<number>/bundle.zip")
@requires(Permission.TRACE_READ)
def bundle(number: str) -> Response:
    """The proof of one report, without the texts of its answers and messages."""
    refuse_to_only_ask()
    if request.args.get("teks") == "ya":
        raise Invalid("Isi teks hanya dapat diambil dari halaman jejak, dengan menulis untuk apa.")
    return _bundle(number, None)


@bp.post("/<number>/bundle.zip")
@requires(Permission.TRACE_READ)
def bundle_with_texts(number: str) -> Response:
    """The proof with its texts, for a purpose (`tujuan`) that the reporter will read."""
    return _bundle(number, request.form.get("tujuan", "")[:300])


@bp.get("/penetapan/<uuid:proposal_id>/bundle.zip")
@requires(Permission.TRACE_READ)
def approval_bundle(proposal_id: uuid.UUID) -> Response:
    """The proof of how a proposed SOP was judged, without texts."""
    refuse_to_only_ask()
    made = audit_bundle.approval_bundle(
        db.session, proposal_id, _signer(), actor=current_actor(), now=clock.now()
    )
    return saved_as(Response(made.content, mimetype="application/zip"), made.name)


def _signer() -> Signer:
    return Signer(current_app.extensions["tuntas"].keys.audit)


def _bundle(number: str, texts_for: str | None) -> Response:
    made = audit_bundle.bundle(
        db.session,
        read_number(number) or number,
        _signer(),
        actor=current_actor(),
        now=clock.now(),
        texts_for=texts_for,
    )
    return saved_as(Response(made.content, mimetype="application/zip"), made.name)


def saved_as(answer: Response, name: str) -> Response:
    """The answer as a file of this name, which nothing on the way keeps."""
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
