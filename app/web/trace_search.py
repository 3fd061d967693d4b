"""Finding traces: by what reports are, by what happened to them, by the way they took."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row

from app.adapters import clock
from app.db.queries.trace_search import RARE, Found, found
from app.db.queries.trace_ways import sops_with_ways, unread_events
from app.domain.permissions import Permission
from app.domain.privacy import mask_personal
from app.extensions import db
from app.forms.trace_search import Search
from app.i18n import translated
from app.services.trace_ways import one_way, ways
from app.web.guards import current_actor, requires
from app.web.selecting import MARKS, chips, offered, search_asked

bp = Blueprint("trace_search", __name__, url_prefix="/jejak")
WORDS = 160
"""Letters of a report's text in the list."""
BEHIND = 5_000
"""Events from which on whoever searches is told that not all is gathered yet; a worker takes seconds for so
many."""
ORDERS: Final = {
    "terbaru": _l("Terbaru"),
    "terlama": _l("Terlama"),
    "panjang": _l("Paling banyak peristiwa"),
}
_COUNTS: Mapping[str, str] = {
    "terlambat": "late",
    "dikembalikan": "returned",
    "dibuka_kembali": "reopened",
    "berpindah": "bounced",
    "eskalasi": "escalated",
    "pindah_versi": "migrated",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What the trace says of a report. `times`: how often, where that counts."""

    words: str
    icon: str
    times: int


@dataclass(frozen=True, slots=True)
class Line:
    """One report in the list. `words`: how its text begins, without what would tell a person."""

    row: Row[Any]
    words: str
    marks: tuple[Mark, ...]


@bp.get("")
@requires(Permission.TRACE_READ)
def search() -> str | tuple[str, int]:
    """Searching is not journaled; opening a trace is."""
    asked, choices = search_asked(request.args), offered()
    result = None
    if asked.criteria is not None:
        result = found(db.session, asked.criteria, asked.order, asked.cursor, now=clock.now())
    way = None
    if asked.criteria is not None and asked.criteria.path is not None:
        way = one_way(db.session, asked.criteria.path, actor=current_actor())
    page = render_template(
        "trace/search.html",
        way=way,
        search=asked,
        choices=choices,
        chips=chips(asked, choices),
        marks=MARKS,
        faults={name: translated(words) for name, words in asked.faults.items()},
        found=result,
        lines=[_line(row) for row in result.rows] if result else (),
        orders=[(code, words, _address(asked, urut=code)) for code, words in ORDERS.items()],
        earlier=_beside(asked, result, back=True),
        later=_beside(asked, result, back=False),
        unread=_unread(),
        may_operate=current_actor().may(Permission.OPERATE),
    )
    return page if result else (page, 422)


def _unread() -> int:
    unread = unread_events(db.session)
    return unread if unread >= BEHIND else 0


def _line(row: Row[Any]) -> Line:
    text = " ".join(mask_personal(row.words).split())
    counted = ((name, int(getattr(row, ours))) for name, ours in _COUNTS.items())
    marks = (Mark(str(MARKS[name][0]), MARKS[name][1], times) for name, times in counted if times)
    return Line(row, text if len(text) <= WORDS else f"{text[:WORDS].rsplit(' ', 1)[0]} …", tuple(marks))


def _beside(asked: Search, result: Found | None, *, back: bool) -> str | None:
    """The address of the page before or after this one."""
    if result is None or not result.rows or not (result.earlier if back else result.later):
        return None
    if back:
        return _address(asked, urut=asked.order, sebelum=result.rows[0].number)
    return _address(asked, urut=asked.order, setelah=result.rows[-1].number)


def _address(asked: Search, **more: str) -> str:
    given = {**asked.typed, **more}
    if given.get("urut") == "terbaru":
        del given["urut"]
    return f"/jejak?{urlencode(given)}" if given else "/jejak"


@bp.get("/jalur")
@requires(Permission.TRACE_READ)
def ways_taken() -> str:
    """The ways through one SOP, the rarest first: what happened once is what an auditor looks at."""
    asked = request.args
    sops = sops_with_ways(db.session)
    sop = next((one for one in sops if one.sop_key == asked.get("sop")), sops[0] if sops else None)
    rarest_first = asked.get("urut") != "sering"
    page = None
    if sop is not None:
        after = _id(asked.get("setelah", ""))
        page = ways(db.session, sop, rarest_first=rarest_first, after=after, actor=current_actor())
    here = {"sop": sop.sop_key} if sop is not None else {}
    order = {} if rarest_first else {"urut": "sering"}
    beside = {"setelah": str(page.ways[-1].id)} if page and page.ways and page.more else None
    return render_template(
        "trace/ways.html",
        sops=sops,
        unread=_unread(),
        page=page,
        rarest_first=rarest_first,
        rare=RARE,
        rarest=f"/jejak/jalur?{urlencode(here)}",
        commonest=f"/jejak/jalur?{urlencode({**here, 'urut': 'sering'})}",
        first=f"/jejak/jalur?{urlencode(here | order)}" if asked.get("setelah") else None,
        further=f"/jejak/jalur?{urlencode(here | order | beside)}" if beside else None,
    )


def _id(typed: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        return None
