"""The city's limits of law: what every draft is checked against, each with its source."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.adapters import clock
from app.db.queries import studio as queries
from app.domain.errors import Invalid
from app.domain.permissions import Permission
from app.domain.sop_rules import DEFAULT_RULES, UNIT_WORDS
from app.extensions import db
from app.i18n import translated
from app.services import sop_rules
from app.web.guards import current_actor, requires

bp = Blueprint("studio_rules", __name__, url_prefix="/studio/aturan")


@bp.get("")
@requires(Permission.SOP_READ)
def index() -> str:
    return _page()


@bp.post("")
@requires(Permission.SOP_EDIT)
def change() -> Response | tuple[str, int]:
    typed = request.form
    try:
        sop_rules.change_rule(
            db.session, typed.get("kunci", ""), value=typed.get("batas", 0, type=int),
            source=typed.get("sumber", "")[:500], reason=typed.get("alasan", "")[:1000],
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as fault:
        return _page(typed, translated(fault.text)), 422
    flash(_("Batas diubah. Konsep SOP diperiksa dengan batas yang baru."), "success")
    return redirect(url_for("studio_rules.index"), 303)


def _page(typed: Any = None, fault: str = "") -> str:
    return render_template(
        "studio/rules.html",
        rules=sop_rules.rules_in_force(db.session),
        first={rule.key: rule for rule in DEFAULT_RULES},
        changes={row.key: row for row in queries.rule_changes(db.session)},
        units=UNIT_WORDS,
        typed=typed or {},
        fault=fault,
        can_edit=current_actor().may(Permission.SOP_EDIT),
    )
