"""What is typed into the search of traces, read into criteria: for the search, exports and operations alike.

Its names in an address: `kata` (words, or a number), `jenis`, `status`, `unit`, `kelurahan`, `petugas`,
`sejak`, `sampai`, `sop`, `versi`, `jalur`; each `ya`: `kini`, `terlambat`, `dikembalikan`, `dibuka_kembali`,
`berpindah`, `eskalasi`, `pindah_versi`, `langka`; and for the list itself `urut`, `setelah`, `sebelum`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from app.db.queries.trace_search import Criteria, Cursor, Order
from app.domain.privacy import mask_personal
from app.domain.report import NUMBER_PREFIX, read_number
from app.domain.words import told

FLAGS: Mapping[str, str] = {
    "kini": "holding",
    "terlambat": "late",
    "dikembalikan": "returned",
    "dibuka_kembali": "reopened",
    "berpindah": "bounced",
    "eskalasi": "escalated",
    "pindah_versi": "migrated",
    "langka": "rare",
}
TEXTS: Mapping[str, str] = {
    "jenis": "kind",
    "status": "status",
    "unit": "unit",
    "kelurahan": "kelurahan",
    "petugas": "officer",
    "sop": "sop",
}
NAMES = ("kata", *TEXTS, "sejak", "sampai", "versi", "jalur", *FLAGS)
"""What chooses reports, in the order in which addresses name it."""
BESIDE: Mapping[str, tuple[str, ...]] = {"unit": ("kini",), "sop": ("versi",)}
"""What says more of another choice."""
LONGEST = 200
_GIVEN_OUT = re.compile(r"-20[0-9]{2}-(0[1-9]|1[0-2])-[0-9]+$")
"""A telephone number may read like a report's, but for year and month."""
_TAIL = re.compile(r"[0-9]{4,9}")


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed, and what it means. `criteria` is None where `faults` (name -> words) are."""

    typed: Mapping[str, str]
    criteria: Criteria | None
    order: Order
    cursor: Cursor | None
    faults: Mapping[str, str]

    @property
    def query(self) -> str:
        """The choice as the query of an address, without `?`: the same reports wherever it is taken."""
        return urlencode(self.typed)

    def without(self, name: str) -> str:
        """The query with one choice taken back, and what only made sense beside it."""
        gone = {name, *BESIDE.get(name, ())}
        return urlencode({other: value for other, value in self.typed.items() if other not in gone})

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for at all."""
        return bool(self.typed)


def read_search(
    args: Mapping[str, str], *, zone: str, confidential: bool, prefix: str = NUMBER_PREFIX
) -> Search:
    """`args`: the query of an address. `confidential`: whether the asker may find such reports. `prefix`: of
    report numbers. What nobody knows (a status, a unit) finds nothing; what cannot be read is a fault.
    """
    given = {name: args.get(name, "").replace("\x00", "").strip() for name in NAMES}
    typed = {name: value for name, value in given.items() if value and (name not in FLAGS or value == "ya")}
    faults: dict[str, str] = {}
    asked: dict[str, Any] = {ours: typed[name][:LONGEST] for name, ours in TEXTS.items() if name in typed}
    asked |= {ours: True for name, ours in FLAGS.items() if name in typed}
    asked |= _words(typed.get("kata", ""), prefix, faults)
    asked |= _days(typed, zone, faults)
    asked |= _version(typed, faults)
    if "jalur" in typed:
        asked["path"] = _id(typed["jalur"], faults)
    if not confidential:
        asked["confidential"] = False
    order = args.get("urut", "")
    return Search(
        typed=typed,
        criteria=None if faults else Criteria(**asked),
        order=cast(Order, order) if order in get_args(Order) else "terbaru",
        cursor=_cursor(args, prefix),
        faults=faults,
    )


def _words(typed: str, prefix: str, faults: dict[str, str]) -> dict[str, str]:
    """A number, the end of one, or words."""
    if not typed:
        return {}
    number = read_number(typed, prefix)
    if number is not None and _GIVEN_OUT.search(number):
        return {"number": number}
    if _TAIL.fullmatch(typed):
        return {"number": typed}
    if mask_personal(typed) != typed:
        faults["kata"] = told("NIK, nomor telepon, dan surel tidak dicari di sini. Pakai kata dari laporan.")
    elif len(typed) > LONGEST:
        faults["kata"] = told("Terlalu panjang. Cari dengan beberapa kata saja.")
    return {"words": typed}


def _days(typed: Mapping[str, str], zone: str, faults: dict[str, str]) -> dict[str, datetime]:
    """Beginnings of days in the city; `sampai` is meant to its end."""
    found = {}
    for name, ours, more in (("sejak", "since", 0), ("sampai", "until", 1)):
        if name in typed:
            try:
                day = datetime.strptime(typed[name], "%Y-%m-%d") + timedelta(days=more)  # noqa: DTZ007 - follows
                found[ours] = day.replace(tzinfo=ZoneInfo(zone))
            except (ValueError, OverflowError):
                faults[name] = told("Tanggal tidak dikenali. Contoh: 2026-03-17.")
    if len(found) == 2 and found["since"] >= found["until"]:
        faults["sampai"] = told("Tanggal sampai mendahului tanggal sejak.")
    return found


def _version(typed: Mapping[str, str], faults: dict[str, str]) -> dict[str, int]:
    version = typed.get("versi", "")
    if not version:
        return {}
    if not re.fullmatch(r"[0-9]{1,6}", version):
        faults["versi"] = told("Versi adalah bilangan, misalnya 3.")
        return {}
    if "sop" not in typed:
        faults["versi"] = told("Pilih dahulu SOP-nya; versi adalah versi dari satu SOP.")
    return {"version": int(version)}


def _id(typed: str, faults: dict[str, str]) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        faults["jalur"] = told("Jalur ini tidak dikenali. Pilih dari halaman jalur.")
        return None


def _cursor(args: Mapping[str, str], prefix: str) -> Cursor | None:
    for name, back in (("setelah", False), ("sebelum", True)):
        number = read_number(args.get(name, ""), prefix)
        if number is not None:
            return Cursor(number, back)
    return None
