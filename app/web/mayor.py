"""The mayor's list."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.adapters import clock
from app.domain.permissions import Permission
from app.extensions import db
from app.services.mayors_list import SHARE, mayors_list
from app.web.guards import current_actor, requires

bp = Blueprint("mayor", __name__)
SHOWN = 200
"""Rows on the page; the worst of a longer list."""


@bp.get("/wali-kota")
@requires(Permission.STATISTICS_READ)
def show() -> str:
    now = clock.now()
    late = mayors_list(db.session, actor=current_actor(), now=now)
    return render_template(
        "admin/mayor.html", tasks=late[:SHOWN], count=len(late), share=SHARE, now=now
    )
