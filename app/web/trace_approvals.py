"""The traces of judged SOPs: how each proposal was put in force, given back or withdrawn, and by whom."""

from __future__ import annotations

import uuid

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Row

from app.adapters import clock
from app.db.queries.approvals import approvals
from app.domain.permissions import Permission
from app.extensions import db
from app.services.trace_approval import open_approval
from app.web.guards import current_actor, requires
from app.web.trace import labels, names_now, shown, whole_of

bp = Blueprint("trace_approvals", __name__, url_prefix="/jejak/penetapan")
SIZE = 50


@bp.get("")
@requires(Permission.TRACE_READ)
def index() -> str:
    """Every judgement, newest first; `?setelah=` the proposal after which the page begins. Listing is not
    journaled; opening one is."""
    after = _id(request.args.get("setelah", ""))
    rows = approvals(db.session, after=after, most=SIZE + 1, now=clock.now())
    return render_template(
        "trace/approvals.html",
        approvals=[(row, outcome(row)) for row in rows[:SIZE]],
        further=f"/jejak/penetapan?setelah={rows[SIZE - 1].id}" if len(rows) > SIZE else None,
        first=after is not None,
    )


@bp.get("/<uuid:proposal_id>")
@requires(Permission.SOP_READ)
def show(proposal_id: uuid.UUID) -> str:
    """For auditors, and those who write or judge proposals (`trace_approval.READERS`); the service asks."""
    now, names, actor = clock.now(), names_now(), current_actor()
    found = open_approval(db.session, proposal_id, labels=labels(names), actor=actor, now=now)
    row, (instance,) = found.approval, found.trace.instances
    return render_template(
        "trace/approval.html",
        approval=row,
        outcome=outcome(row),
        whole=whole_of(instance, _("Seluruh penilaian"), row.proposed_at, row.ended_at, now),
        photos=(),
        audits=actor.may(Permission.TRACE_READ),
        **shown(found.trace, names, now),
    )


def outcome(row: Row[object]) -> tuple[str, str, str]:
    """Words, colour and icon of how a judgement stands."""
    if row.ended_at is None:
        return _("Sedang dinilai"), "blue", "hourglass"
    if row.version is not None:
        return _("Ditetapkan sebagai versi %(n)s", n=row.version), "green", "circle-check"
    if row.end_reason == "dibatalkan":
        return _("Ditarik"), "grey", "ban"
    return _("Dikembalikan"), "amber", "undo-2"


def _id(typed: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        return None
