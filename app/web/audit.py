"""What auditors take away: one report's proof, or the event log of many. Each is itself in the trace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, request

from app.adapters import clock
from app.adapters.signing import Signer
from app.db.queries.event_stream import Selection, count_events, events_of
from app.domain.permissions import Permission
from app.domain.report import read_number
from app.extensions import db
from app.services import audit_bundle, audit_export
from app.services.event_formats import FORMATS
from app.services.event_lines import Pseudonyms, Steps
from app.web.guards import current_actor, requires

bp = Blueprint("audit", __name__, url_prefix="/audit")
ENDINGS = {"csv": "csv", "jsonl": "jsonl", "xes": "xes", "ocel": "json"}


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
    return _saved_as(Response(made.content, mimetype="application/zip"), made.name)


@bp.get("/peristiwa.<form>")
@requires(Permission.TRACE_READ)
def events(form: str) -> Response:
    """The event log of a selection (`jenis`, `status`, `unit`, `kelurahan`, `sejak`, `sampai`), written while
    it is sent. Persons and reports stand under pseudonyms; `?nomor=ya` keeps the numbers."""
    if form not in FORMATS:
        abort(404)
    actor, now, plain = current_actor(), clock.now(), request.args.get("nomor") == "ya"
    chosen = _selection()
    audit_export.note_export(db.session, chosen, form, plain=plain, actor=actor, now=now)
    settings = current_app.extensions["tuntas"]
    sessions, write = db.connection.sessions, FORMATS[form][0]

    def parts() -> Iterator[str]:
        with sessions() as session:
            steps = Steps(session, Pseudonyms(settings.keys.lookup), plain=plain)
            yield from write(steps, events_of(session, chosen))

    answer = Response(parts(), content_type=FORMATS[form][1])
    answer.headers["X-Tuntas-Events"] = str(count_events(db.session, chosen))
    day = now.astimezone(ZoneInfo(settings.city.zone))
    return _saved_as(answer, f"peristiwa-{day:%Y%m%d}.{ENDINGS[form]}")


def _selection() -> Selection:
    asked = request.args
    until = _day("sampai")
    return Selection(
        kind=asked.get("jenis") or None,
        status=asked.get("status") or None,
        opd=asked.get("unit") or None,
        kelurahan=asked.get("kelurahan") or None,
        since=_day("sejak"),
        until=until and until + timedelta(days=1),
        confidential=None if current_actor().may(Permission.REPORT_READ_CONFIDENTIAL) else False,
    )


def _day(name: str) -> datetime | None:
    """The beginning of a day in the city. A day that is none counts as not given."""
    try:
        day = datetime.strptime(request.args.get(name, ""), "%Y-%m-%d")  # noqa: DTZ007 - its zone follows
    except ValueError:
        return None
    return day.replace(tzinfo=ZoneInfo(current_app.extensions["tuntas"].city.zone))


def _saved_as(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
