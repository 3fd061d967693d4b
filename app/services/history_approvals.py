"""How the judgement of a proposed SOP is told: the same events as a report's, in words of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from app.domain.words import told
from app.services.history import Answer, HistoryLine

WITHDRAWN = "penarikan"

_TITLES: Mapping[str, str] = {
    "SopProposed": told("SOP diusulkan"),
    "ProcessStarted": told("Penilaian usulan dimulai"),
    "SopReturned": told("Rancangan dibuka kembali bagi penyusunnya"),
    "SopPublished": told("SOP ditetapkan sebagai versi %(version)s"),
    "SopMoved": told("Penilaian dipindahkan ke SOP penetapan versi %(new)s"),
    "SopMovedBack": told("Penilaian dikembalikan ke SOP penetapan versi %(new)s"),
    "InstanceMoved": told("Penilaian dipindahkan ke versi SOP penetapan yang baru"),
    "IncidentOpened": told("Gangguan: penilaian tidak dapat berjalan"),
}
_ENDS: Mapping[str, str] = {
    "selesai": told("Penilaian berakhir: SOP ditetapkan"),
    "dikembalikan": told("Penilaian berakhir: usulan dikembalikan"),
    "dibatalkan": told("Penilaian berakhir: usulan ditarik"),
}
_FACTS: Mapping[str, str] = {
    "dasar": told("Dasar hukum"),
    "isi": told("Sidik BPMN dan DMN (SHA-256)"),
    "dokumen": told("Sidik dokumen (SHA-256)"),
}
"""What proposing and putting in force say in common: the same fingerprints are the same SOP."""


def approval_line(line: HistoryLine, event: Row[Any]) -> HistoryLine:
    """The line that stands in a report's trace, as it must stand in that of a proposal."""
    data = event.data
    title = _TITLES.get(event.type, line.title)
    if event.type == "SopPublished":
        title = told(title, version=data["versi"])
    elif event.type in ("SopMoved", "SopMovedBack"):
        title = told(title, new=data["versi"][1])
    elif event.type == "MessageDelivered" and data.get("pesan") == WITHDRAWN:
        title = told("Usulan ditarik")
    elif event.type == "ProcessEnded":
        reason = str(data.get("alasan", ""))
        title = _ENDS.get(reason, told("Penilaian berakhir: %(reason)s", reason=reason.replace("_", " ")))
    return replace(line, title=title, answers=(*line.answers, *_facts(event)))


def _facts(event: Row[Any]) -> list[Answer]:
    if event.type not in ("SopProposed", "SopPublished"):
        return []
    said = [Answer(label, str(event.data[key])) for key, label in _FACTS.items() if event.data.get(key)]
    exception = event.data.get("pengecualian")
    if isinstance(exception, str):
        said.append(Answer(told("Pengecualian yang ditandatangani"), exception))
    return said
