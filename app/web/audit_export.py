"""Event logs for other tools: choose, count, take. A file is sent while it is read; a page asks how far."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request
from sqlalchemy import Row

from app.adapters import clock
from app.db.queries import exports as queries
from app.db.queries.directory import named_codes
from app.db.queries.event_stream import counts
from app.db.queries.trace_search import Criteria
from app.domain.permissions import Permission
from app.extensions import db
from app.forms.trace_search import Search
from app.i18n import translated
from app.services import audit_export
from app.services.audit_export import Order
from app.services.event_formats import FORMATS
from app.services.task_page import labels_of
from app.web.audit import refuse_to_only_ask, saved_as
from app.web.audit_words import FORMS, chosen_words
from app.web.guards import current_actor, requires
from app.web.selecting import MARKS, chips, offered, search_asked

bp = Blueprint("audit_export", __name__, url_prefix="/audit")
SHOWN = 20
"""Past exports on the page."""
ENDINGS = {"csv": "csv", "jsonl": "jsonl", "xes": "xes", "ocel": "json"}


@dataclass(frozen=True, slots=True)
class Past:
    """An export as the list shows it. `state`: berjalan, selesai, putus; `chosen`: the selection in words."""

    row: Row[Any]
    state: str
    chosen: str


@bp.get("/ekspor")
@requires(Permission.TRACE_READ)
def page() -> str:
    """What is to be taken, how much that is, and what was taken before."""
    return _page(search_asked(request.args))


@bp.post("/ekspor")
@requires(Permission.TRACE_READ)
def take() -> Response | tuple[str, int]:
    """The file that the page was asked for."""
    search, form = search_asked(request.form), request.form.get("bentuk", "")
    if search.criteria is None or form not in FORMATS:
        return _page(search), 422
    return _file(search.criteria, form, request.form, key=_id(request.form.get("kunci", "")))


@bp.get("/ekspor/<uuid:export_id>.json")
@requires(Permission.TRACE_READ)
def progress(export_id: uuid.UUID) -> Response:
    """How far one of one's own files is; `menunggu` for any that has not begun."""
    row = queries.export_of(db.session, export_id, uuid.UUID(str(current_actor().person_id)))
    if row is None:
        return jsonify(written=0, total=0, state="menunggu")
    return jsonify(written=row.written, total=row.total, state=_state(row))


@bp.get("/peristiwa.<form>")
@requires(Permission.TRACE_READ)
def events(form: str) -> Response:
    """The event log of a selection, for programs: the same names in the address as the search of traces.
    Persons and reports stand under pseudonyms; `?nomor=ya` keeps the numbers. What cannot be read is 422."""
    refuse_to_only_ask()
    if form not in FORMATS:
        abort(404)
    search = search_asked(request.args)
    if search.criteria is None:
        said = "\n".join(f"{name}: {translated(words)}" for name, words in search.faults.items())
        return Response(said, status=422, mimetype="text/plain")
    return _file(search.criteria, form, request.args)


def _file(
    chosen: Criteria, form: str, asked: Mapping[str, str], *, key: uuid.UUID | None = None
) -> Response:
    now, settings = clock.now(), current_app.extensions["tuntas"]
    order = Order(chosen, form, plain=asked.get("nomor") == "ya")
    begun = audit_export.begin(db.session, order, actor=current_actor(), now=now, key=key)
    parts = audit_export.written(
        db.connection.sessions, order, key=settings.keys.lookup, begun=begun, now=clock.now
    )
    answer = Response(parts, content_type=FORMATS[form][1])
    answer.headers["X-Tuntas-Events"] = str(begun.events)
    day = now.astimezone(ZoneInfo(settings.city.zone))
    return saved_as(answer, f"peristiwa-{day:%Y%m%d}.{ENDINGS[form]}")


def _page(search: Search) -> str:
    choices, labels = offered(), labels_of(named_codes(db.session))
    day = current_app.jinja_env.filters["day"]
    reports, events = counts(db.session, search.criteria, now=clock.now()) if search.criteria else (0, 0)
    form = request.values.get("bentuk", "")
    return render_template(
        "audit/export.html",
        search=search,
        choices=choices,
        chips=chips(search, choices),
        marks=MARKS,
        faults={name: translated(words) for name, words in search.faults.items()},
        reports=reports,
        events=events,
        forms=FORMS,
        chosen_form=form if form in FORMS else "csv",
        plain=request.values.get("nomor") == "ya",
        key=uuid.uuid4(),
        past=[
            Past(row, _state(row), chosen_words(row.asked, labels, day))
            for row in queries.last_exports(db.session, SHOWN)
        ],
    )


def _state(row: Row[Any]) -> str:
    return "putus" if audit_export.is_silent(row, clock.now()) else str(row.state)


def _id(typed: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        return None
