"""What the auditors' pages call things: criteria of a search, forms of a file, kinds of reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.forms.trace_search import Search
from app.web.display import KINDS
from app.web.tracking_words import status_words

FLAGS: Final = {
    "terlambat": _l("terlambat"),
    "dikembalikan": _l("ada langkah yang dikembalikan"),
    "dibuka_kembali": _l("dibuka kembali"),
    "berpindah": _l("berpindah perangkat daerah"),
    "eskalasi": _l("naik ke atasan"),
    "pindah_versi": _l("pindah versi SOP"),
    "langka": _l("jalur tak biasa"),
}
"""What the trace says of a report, by its name in addresses."""
_KEPT: Final = {
    "late": FLAGS["terlambat"],
    "returned": FLAGS["dikembalikan"],
    "reopened": FLAGS["dibuka_kembali"],
    "bounced": FLAGS["berpindah"],
    "escalated": FLAGS["eskalasi"],
    "migrated": FLAGS["pindah_versi"],
    "rare": FLAGS["langka"],
    "path": _l("satu jalur tertentu"),
    "words": _l("dengan kata tertentu"),
}
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


def rest_of(search: Search) -> list[tuple[str, str, str]]:
    """What was chosen in the search of traces and has no field of its own here: (name, value, words)."""
    typed, found = search.typed, []
    if typed.get("kini"):
        found.append(("kini", "ya", _("dipegang unit itu sekarang")))
    if "petugas" in typed:
        found.append(("petugas", typed["petugas"], _("dikerjakan %(name)s", name=typed["petugas"])))
    if "sop" in typed:
        found.append(("sop", typed["sop"], _("SOP %(name)s", name=typed["sop"])))
    if "versi" in typed:
        found.append(("versi", typed["versi"], _("versi %(n)s", n=typed["versi"])))
    if "jalur" in typed:
        found.append(("jalur", typed["jalur"], str(_KEPT["path"])))
    return found


def chosen_words(asked: Mapping[str, Any], labels: Mapping[str, str], day: Any) -> str:
    """A kept selection in words. `labels`: code -> name; `day`: how a day is written."""
    said = []
    for name, value in asked.items():
        if name in _KEPT:
            said.append(str(_KEPT[name]))
        elif name == "since":
            said.append(_("sejak %(day)s", day=day(datetime.fromisoformat(value))))
        elif name == "until":
            last = datetime.fromisoformat(value) - timedelta(seconds=1)
            said.append(_("sampai %(day)s", day=day(last)))
        elif name == "kind":
            said.append(str(KINDS.get(value, value)))
        elif name == "status":
            said.append(status_words(value))
        elif name == "version":
            said.append(_("versi %(n)s", n=value))
        elif name not in ("holding", "confidential"):
            said.append(labels.get(str(value), str(value)))
    return ", ".join(said) or str(_("Semua laporan"))
