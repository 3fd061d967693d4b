"""What auditors take away of one report: its proof. That it was taken is itself in the trace."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from app.adapters import clock
from app.adapters.signing import Signer
from app.domain.permissions import Permission
from app.domain.report import read_number
from app.extensions import db
from app.services import audit_bundle
from app.web.guards import current_actor, requires

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("/<number>/bundle.zip")
@requires(Permission.TRACE_READ)
def bundle(number: str) -> Response:
    """The proof of one report; `?teks=ya` with the texts of its answers and messages."""
    made = audit_bundle.bundle(
        db.session,
        read_number(number) or number,
        Signer(current_app.extensions["tuntas"].keys.audit),
        with_texts=request.args.get("teks") == "ya",
        actor=current_actor(),
        now=clock.now(),
    )
    return saved_as(Response(made.content, mimetype="application/zip"), made.name)


def saved_as(answer: Response, name: str) -> Response:
    """The answer as a file of this name, which nothing on the way keeps."""
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
