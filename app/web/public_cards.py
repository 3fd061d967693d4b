"""Public reports as the pages for everybody draw them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.adapters import clock
from app.db.queries import public
from app.i18n import translated
from app.services.history_words import END_WORDS
from app.web.display import KINDS
from app.web.tracking_words import status_words
from app.web.uploads import photo_url


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as templates show it."""

    url: str
    thumb_url: str
    alt: str = ""
    client_id: str = ""


def _end(status: str) -> str:
    """Who cancelled a report, its reporter or the city, is not for everybody to know."""
    return _("Laporan dibatalkan.") if status == "dibatalkan" else translated(END_WORDS.get(status, ""))


def shown(report: public.PublicReport) -> dict[str, Any]:
    """A public report as `public/track_public.html` draws it."""
    holder = report.holders[0] if report.holders else None
    current = closed = None
    if report.closed_at is not None:
        closed = {"title": _end(report.status), "text": "", "at": report.closed_at}
    elif holder is not None:
        current = {
            "title": holder.task,
            "holder": ", ".join(part for part in (holder.role, holder.unit) if part),
            "opened_at": holder.opened_at,
            "due_at": holder.due_at,
            "first_due_at": holder.first_due_at,
            "otherwise": "",
        }
    place = [report.kelurahan, report.kecamatan and _("Kecamatan %(name)s", name=report.kecamatan)]
    before = [picture(each, _("Foto sebelum")) for each in report.before]
    after = [picture(each, _("Foto sesudah")) for each in report.after]
    return {
        "report": {
            "number": report.number,
            "kind": report.kind,
            "status": report.status,
            "received_at": report.received_at,
            "place": ", ".join(part for part in place if part),
            "words": report.description or "",
            "confidential": False,
        },
        "current": current,
        "closed": closed,
        "steps": _steps(report),
        "photos": [],
        "before": before,
        "after": after,
        "now": clock.now(),
        "supporters": report.supporters,
        "supportable": report.closed_at is None,
    }


def _steps(report: public.PublicReport) -> list[dict[str, Any]]:
    """One step per change of status; an open report stands at the last one."""
    steps: list[dict[str, Any]] = []
    for change in report.changes:
        title = status_words(change.status)
        if not steps or steps[-1]["title"] != title:
            steps.append({"title": title, "at": change.at, "state": "done"})
    if steps and report.closed_at is None:
        steps[-1]["state"] = "now"
    return steps


def finished(each: public.Finished) -> dict[str, Any]:
    return {
        "number": each.number,
        "title": each.category or str(KINDS[each.kind]),
        "place": each.kelurahan or "",
        "finished_at": each.closed_at,
        "before": picture(each.before, _("Sebelum")),
        "after": picture(each.after, _("Sesudah")),
    }


def picture(photo_id: uuid.UUID | None, alt: str) -> Picture | None:
    return Picture(photo_url(photo_id), photo_url(photo_id, small=True), alt) if photo_id else None
