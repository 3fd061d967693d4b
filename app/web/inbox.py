"""The inbox: what waits for somebody, found, sorted and filtered as they like."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from app.adapters import clock
from app.db.queries import inbox
from app.db.queries.directory import named_codes
from app.domain.permissions import Permission
from app.extensions import db
from app.web.guards import current_actor, requires

bp = Blueprint("inbox", __name__)


@bp.get("/kotak-masuk")
@requires(Permission.TASK_READ)
def show_inbox() -> str:
    wanted = _wanted()
    actor, now = current_actor(), clock.now()
    page = inbox.inbox_page(db.session, wanted, actor=actor, now=now)
    codes = named_codes(db.session)
    held = {grant.unit for grant in actor.grants}
    return render_template(
        "tasks/inbox.html",
        page=page,
        counts=inbox.inbox_counts(db.session, actor=actor, now=now),
        wanted=wanted,
        kinds=inbox.task_kinds(db.session, actor=actor),
        categories=[(row.code, row.name) for row in codes if row.type == "category"],
        units=[(row.code, row.name) for row in codes if row.type == "unit" and row.code in held],
        query=_query(wanted),
        filtered=_filtered(wanted),
        previous_url=_page_url(wanted, wanted.page - 1) if wanted.page > 1 else None,
        next_url=_page_url(wanted, wanted.page + 1) if page.has_next else None,
        next_due=None if page.rows else inbox.next_due(db.session, actor=actor, now=now),
        me=actor.person_id,
        now=now,
    )


def _wanted() -> inbox.InboxFilter:
    """The filters of the address; anything unknown falls back to the usual."""
    asked = request.args
    box, order = asked.get("kotak", "semua"), asked.get("urut", "tenggat")
    return inbox.InboxFilter(
        box=box if box in ("semua", "saya", "terlambat", "bebas") else "semua",  # type: ignore[arg-type]
        order=order if order in ("tenggat", "terbaru", "terlama") else "tenggat",  # type: ignore[arg-type]
        query=asked.get("cari", "")[:200],
        element=asked.get("langkah", "")[:100],
        category=asked.get("topik", "")[:100],
        unit=asked.get("unit", "")[:100],
        page=min(max(asked.get("hal", 1, type=int), 1), 1000),
    )


def _filtered(wanted: inbox.InboxFilter) -> bool:
    return wanted != inbox.InboxFilter(order=wanted.order, page=wanted.page)


def _query(wanted: inbox.InboxFilter, page: int | None = None) -> str:
    values = {
        "kotak": wanted.box if wanted.box != "semua" else "",
        "urut": wanted.order if wanted.order != "tenggat" else "",
        "cari": wanted.query,
        "langkah": wanted.element,
        "topik": wanted.category,
        "unit": wanted.unit,
        "hal": str(page or wanted.page) if (page or wanted.page) > 1 else "",
    }
    return urlencode({name: value for name, value in values.items() if value})


def _page_url(wanted: inbox.InboxFilter, page: int) -> str:
    query = _query(wanted, max(page, 1)) if page > 1 else _query(wanted).split("hal=")[0].rstrip("&")
    return f"/kotak-masuk?{query}" if query else "/kotak-masuk"
