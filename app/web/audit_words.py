"""What the auditors' pages call things: criteria of a search, forms of a file, kinds of reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.web.display import KINDS
from app.web.selecting import MARKS
from app.web.tracking_words import status_words

_KEPT: Final = {
    "late": "terlambat",
    "returned": "dikembalikan",
    "reopened": "dibuka_kembali",
    "bounced": "berpindah",
    "escalated": "eskalasi",
    "migrated": "pindah_versi",
    "rare": "langka",
}
"""Criteria as they are kept -> as addresses call them."""
_SAID: Final = {"path": _l("Satu jalur tertentu"), "words": _l("Dengan kata tertentu")}
FORMS: Final = {
    "csv": (_l("Lembar kerja (CSV)"), _l("Satu baris satu langkah kerja, untuk Excel atau LibreOffice.")),
    "xes": (_l("XES 1.0"), _l("Untuk alat penambangan proses: satu jejak satu laporan.")),
    "ocel": (_l("OCEL 2.0"), _l("Penambangan proses berbasis objek: laporan, tugas, dan petugas.")),
    "jsonl": (_l("JSON Lines"), _l("Untuk program lain: satu baris satu peristiwa apa adanya.")),
}
"""Forms of an event log: name, and what it is for."""
OPENED: Final = {
    "name": _l("nama"),
    "phone": _l("telepon"),
    "email": _l("surel"),
    "texts": _l("isi laporan dan pesan"),
}
"""Parts of what is personal, as the journal names them."""


def chosen_words(asked: Mapping[str, Any], labels: Mapping[str, str], day: Any) -> str:
    """A kept selection in words. `labels`: code -> name; `day`: how a day is written."""
    said = []
    for name, value in asked.items():
        if name in _KEPT:
            said.append(str(MARKS[_KEPT[name]][0]))
        elif name in _SAID:
            said.append(str(_SAID[name]))
        elif name == "since":
            said.append(_("Sejak %(day)s", day=day(datetime.fromisoformat(value))))
        elif name == "until":
            last = datetime.fromisoformat(value) - timedelta(seconds=1)
            said.append(_("Sampai %(day)s", day=day(last)))
        elif name == "kind":
            said.append(str(KINDS.get(value, value)))
        elif name == "status":
            said.append(status_words(value))
        elif name == "version":
            said.append(_("Versi %(n)s", n=value))
        elif name not in ("holding", "confidential"):
            said.append(labels.get(str(value), str(value)))
    return ", ".join(said) or str(_("Semua laporan"))
