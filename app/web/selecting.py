"""Choosing reports by their traces: what an address asks for, and what the fields offer.

Whoever works on many reports chooses them alike: the search, exports, operations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db.queries.directory import named_codes, officers_and_sops
from app.domain.permissions import Permission
from app.extensions import db
from app.forms.trace_search import Search, read_search
from app.web.display import KINDS
from app.web.guards import current_actor
from app.web.tracking_words import STATUS_WORDS

STATES: Final = {"terbuka": _l("Semua yang masih terbuka"), "tertutup": _l("Semua yang sudah ditutup")}
MARKS: Final = {
    "terlambat": (_l("Terlambat"), "clock-alert"),
    "dikembalikan": (_l("Dikembalikan"), "undo-2"),
    "dibuka_kembali": (_l("Dibuka kembali"), "rotate-ccw"),
    "berpindah": (_l("Berpindah unit"), "forward"),
    "eskalasi": (_l("Naik ke atasan"), "chevron-up"),
    "pindah_versi": (_l("Pindah versi"), "repeat-2"),
    "langka": (_l("Jalur tak biasa"), "route"),
}
"""What a trace says of its report, by the name in addresses: words, icon."""


@dataclass(frozen=True, slots=True)
class Offered:
    """(code, words) for each field; `sops` by key, `officers` by user name."""

    kinds: Sequence[tuple[str, str]]
    statuses: Sequence[tuple[str, str]]
    units: Sequence[tuple[str, str]]
    places: Sequence[tuple[str, str]]
    sops: Sequence[tuple[str, str]]
    officers: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that is asked for. `without`: the query of the same search without it."""

    words: str
    without: str


def search_asked(args: Mapping[str, str]) -> Search:
    """The search of this request."""
    city = current_app.extensions["tuntas"].city
    return read_search(
        args,
        zone=city.zone,
        confidential=current_actor().may(Permission.REPORT_READ_CONFIDENTIAL),
        prefix=city.number_prefix,
    )


def offered() -> Offered:
    """What the fields offer, two statements."""
    codes, known = named_codes(db.session), officers_and_sops(db.session)
    return Offered(
        kinds=[(code, str(words)) for code, words in KINDS.items()],
        statuses=[(code, str(words)) for code, words in {**STATES, **STATUS_WORDS}.items()],
        units=[(row.code, row.name) for row in codes if row.type == "unit"],
        places=[(row.code, row.name) for row in codes if row.type == "kelurahan"],
        sops=[(row.code, row.name) for row in known if row.type == "sop"],
        officers=[(row.code, row.name) for row in known if row.type == "officer"],
    )


def chips(search: Search, choices: Offered) -> list[Chip]:
    """What a search asks for, in words, each with the way out of it."""
    named: dict[str, Mapping[str, str]] = {
        "jenis": dict(choices.kinds),
        "status": dict(choices.statuses),
        "unit": dict(choices.units),
        "kelurahan": dict(choices.places),
        "petugas": dict(choices.officers),
        "sop": dict(choices.sops),
    }
    said = {
        "kata": _l("Kata"),
        "jenis": _l("Jenis"),
        "status": _l("Keadaan"),
        "unit": _l("Unit"),
        "kelurahan": _l("Kelurahan"),
        "petugas": _l("Petugas"),
        "sop": _l("SOP"),
        "versi": _l("Versi"),
        "sejak": _l("Sejak"),
        "sampai": _l("Sampai"),
    }
    day = current_app.jinja_env.filters["day"]
    found = []
    for name, value in search.typed.items():
        if name in MARKS:
            words = str(MARKS[name][0])
        elif name == "kini":
            words = _("Hanya yang dipegang sekarang")
        elif name == "jalur":
            words = _("Satu jalur tertentu")
        elif name in ("sejak", "sampai") and name not in search.faults:
            moment = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, of no zone
            words = f"{said[name]}: {day(moment)}"
        else:
            words = f"{said[name]}: {named.get(name, {}).get(value, value)}"
        found.append(Chip(words, search.without(name)))
    return found
