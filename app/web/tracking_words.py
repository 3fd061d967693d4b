"""How the reporter's page says things: statuses, steps, what may be done, messages without names."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.forms.diagram import DiagramForm
from app.services.tracking import OBJECTION, WITHDRAWAL
from app.services.tracking_page import TrackingView
from app.web.presenting import TimelineItem, timeline_items

STATUS_WORDS: Final = {
    "diterima": _l("Diterima"),
    "diverifikasi": _l("Diverifikasi"),
    "menunggu_pelapor": _l("Menunggu pelapor"),
    "koordinasi": _l("Koordinasi"),
    "didisposisikan": _l("Didisposisikan"),
    "diproses": _l("Diproses"),
    "menunggu_verifikasi_bukti": _l("Menunggu verifikasi bukti"),
    "dibuka_kembali": _l("Dibuka kembali"),
    "selesai": _l("Selesai"),
    "masuk_rencana": _l("Masuk rencana"),
    "bukan_wewenang": _l("Bukan wewenang"),
    "duplikat": _l("Duplikat"),
    "diarsipkan": _l("Diarsipkan"),
    "dibatalkan": _l("Dibatalkan"),
    "ditolak": _l("Ditolak"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """Something the process takes from the reporter now, besides their tasks."""

    name: str
    label: str
    explanation: str
    question: str
    danger: bool = False


@dataclass(frozen=True, slots=True)
class TaskShown:
    id: uuid.UUID
    name: str
    opened_at: datetime
    due_at: datetime | None
    form: DiagramForm
    documentation: str
    submit: str = ""


def status_words(status: str) -> str:
    """A public status or end reason as people read it; one that a city added shows its own word."""
    return str(STATUS_WORDS.get(status, status.replace("_", " ").capitalize()))


def steps_shown(view: TrackingView) -> list[TimelineItem]:
    """Done, now, next: one line of steps."""
    steps = [
        TimelineItem(item.title, item.at, "done", item.text, item.who, item.icon, item.photos)
        for item in timeline_items(view.history)
    ]
    if view.closed is None and view.current is not None:
        if steps and steps[-1].title == view.current.title:
            steps.pop()
        steps.append(TimelineItem(view.current.title, view.current.opened_at, "now", "", view.current.holder))
    if view.closed is None and view.next_steps:
        words = _(" atau ").join(view.next_steps[:4])
        steps.append(TimelineItem(_("Berikutnya"), "", "next", words))
    return steps


def actions_offered(view: TrackingView) -> list[Action]:
    """What the process waits for, and only that."""
    offered = {
        OBJECTION: Action(
            OBJECTION,
            _("Ajukan keberatan"),
            _("Bila hasilnya belum sesuai, diperiksa lagi oleh petugas yang belum pernah menanganinya."),
            _("Apa yang belum sesuai?"),
        ),
        WITHDRAWAL: Action(
            WITHDRAWAL,
            _("Tarik laporan"),
            _("Penanganan dihentikan dan laporan ditutup. Ini tidak dapat dibatalkan."),
            _("Mengapa laporan ditarik?"),
            danger=True,
        ),
    }
    return [action for name, action in offered.items() if name in view.waiting]


def message_shown(row: Any) -> dict[str, Any]:
    """A message as the reporter reads it: officers by role and unit."""
    own = row.author_kind == "pelapor"
    office = ", ".join(part for part in (row.role_name, row.unit_name) if part)
    label = _("Anda") if own else office or _("Sistem")
    return {
        "from_label": label,
        "at": row.at,
        "text": row.body,
        "kind": "own" if own else "other",
        "photos": (),
    }


def place_words(view: TrackingView) -> str:
    """Kelurahan and kecamatan."""
    return ", ".join(part for part in (view.report.kelurahan, view.report.kecamatan) if part)
