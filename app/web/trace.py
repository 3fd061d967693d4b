"""The trace of one report, for auditors: its way, its events with their proof, its clocks; and what every
trace is shown with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _

from app.adapters import clock
from app.db.queries import report_page
from app.db.queries.directory import named_codes
from app.db.queries.trace_ways import way_of_report
from app.domain.errors import NotFound
from app.domain.permissions import Permission
from app.domain.report import read_number
from app.extensions import db
from app.i18n import translated
from app.services.task_page import labels_of
from app.services.trace_page import EventShown, StepTime, Trace, open_trace
from app.services.trace_way import Figure
from app.web.guards import current_actor, requires
from app.web.presenting import PhotoShown, answer_photos, photos_shown
from app.web.reckoning import reckoned
from app.web.tracking_words import STATUS_WORDS

bp = Blueprint("trace", __name__, url_prefix="/jejak")


@dataclass(frozen=True, slots=True)
class Proof:
    """A photo with its fingerprint."""

    shown: PhotoShown
    purpose: str
    sha256: str
    size: str


@dataclass(frozen=True, slots=True)
class Clock:
    """A task against its limit. `worked`: words; `how`: the arithmetic of the limit, a sentence each."""

    step: StepTime
    worked: str
    how: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """The limit over all steps. `until`: when it ended, else now; `how`: its arithmetic, a sentence each."""

    words: str
    since: datetime
    until: datetime
    ended: datetime | None
    due: datetime
    late: bool
    how: tuple[str, ...]


@bp.get("/<number>")
@requires(Permission.TRACE_READ)
def show(number: str) -> str:
    report = report_page.report_by_number(db.session, read_number(number) or number.upper()[:40])
    if report is None:
        raise NotFound
    now, names = clock.now(), names_now()
    trace = open_trace(db.session, report.id, labels=labels(names), actor=current_actor(), now=now)
    main = next((one for one in trace.instances if one.main), None)
    return render_template(
        "trace/show.html",
        report=report,
        whole=whole_of(main, _("Seluruh laporan"), report.received_at, report.closed_at, now),
        photos=_photos(report),
        way=way_of_report(db.session, report.id),
        **shown(trace, names, now),
    )


def names_now() -> dict[str, str]:
    """What roles, units and categories are called."""
    return labels_of(named_codes(db.session))


def labels(names: Mapping[str, str]) -> dict[str, str]:
    """The same, and what states are called in the page's language."""
    return {**{code: str(words) for code, words in STATUS_WORDS.items()}, **names}


def shown(trace: Trace, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """What `trace/_frame.html` asks for, of whatever the trace is."""
    return {
        "trace": trace,
        "clocks": [_clock(one) for one in trace.steps],
        "recipients": {str(row.id): _recipient(row.recipient, names) for row in trace.messages},
        "marks": _marks,
        "standing": partial(_standing, {one.figure.id: one.figure for one in trace.figures}),
        "answer_photos": answer_photos,
        "incidents_open": current_actor().may(Permission.INCIDENT_READ),
        "titles": {one.seq: translated(one.line.title) for one in trace.events},
        "now": now,
    }


def whole_of(
    instance: Any, words: str, since: datetime, ended: datetime | None, now: datetime
) -> Whole | None:
    """The limit over all steps of this instance; None where it has none."""
    if instance is None or instance.total_due_at is None:
        return None
    until, due = ended or now, instance.total_due_at
    return Whole(
        words, since, until, ended, due, until > due, reckoned(instance.arithmetic) if instance.rule else ()
    )


def _marks(event: EventShown) -> str:
    """What the event adds to each diagram, for the script that plays it."""
    told = [[mark.figure, mark.done, mark.flows, list(mark.now)] for mark in event.marks]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _standing(figures: Mapping[str, Figure], event: EventShown) -> list[str]:
    """Where the report stood after the event, by the diagrams' own names; empty where that did not change."""
    return [name for mark in event.marks for name in figures[mark.figure].named(mark.now)]


def _clock(step: StepTime) -> Clock:
    stored = step.row.arithmetic
    return Clock(step, spell(step.worked), reckoned(stored) if stored else ())


def spell(seconds: float) -> str:
    """A stretch of working time in hours and minutes."""
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return str(_("%(m)s menit kerja", m=minutes))
    if not minutes:
        return str(_("%(h)s jam kerja", h=hours))
    return str(_("%(h)s jam %(m)s menit kerja", h=hours, m=minutes))


def _photos(report: Any) -> list[Proof]:
    rows = report_page.photos_of(db.session, report.id)
    found = []
    for purpose in ("laporan", "bukti"):
        some = [row for row in rows if row.purpose == purpose]
        for row, shown in zip(some, photos_shown(some, report, as_proof=purpose == "bukti"), strict=True):
            size = f"{row.width} × {row.height}" if row.width else ""
            found.append(Proof(shown, purpose, row.sha256, size))
    return found


def _recipient(recipient: str, names: Mapping[str, str]) -> str:
    """Who is meant, in words, never an address."""
    if recipient == "pelapor":
        return str(_("Pelapor"))
    role, unit = recipient.partition(":")[2].partition("@")[::2]
    return ", ".join(names.get(code, code) for code in (role, unit) if code)
