"""From where something was done, in plain words: events keep the route, job or command only."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.words import told

_PAGES: Mapping[str, str] = {
    "citizen": told("formulir laporan warga"),
    "tracking": told("halaman lacak milik pelapor"),
    "tasks": told("halaman tugas petugas"),
    "inbox": told("kotak masuk petugas"),
    "reports": told("halaman laporan petugas"),
    "photos": told("pengiriman foto"),
    "officers": told("halaman pengaturan petugas"),
    "admin": told("halaman admin"),
    "incidents": told("halaman gangguan"),
    "operations": told("halaman tindakan"),
    "operations_bulk": told("halaman tindakan"),
    "personal_data": told("halaman data pribadi"),
    "working_calendar": told("halaman kalender"),
    "audit": told("unduhan bukti"),
    "trace": told("halaman jejak"),
    "trace_approvals": told("halaman jejak"),
}
PAGE = told("halaman web")
STUDIO = told("Studio SOP")
WORKER = told("pekerja otomatis di server")
COMMAND = told("perintah di server")
ELSEWHERE = told("di luar halaman web")


def from_where(source: str) -> str:
    """`web:tasks.complete` -> `halaman tugas petugas`."""
    kind, _, place = source.partition(":")
    if kind == "web":
        page = place.partition(".")[0]
        return STUDIO if page.startswith("studio") else _PAGES.get(page, PAGE)
    if kind.startswith("worker"):
        return WORKER
    return COMMAND if kind.startswith(("flask", "command")) else ELSEWHERE
