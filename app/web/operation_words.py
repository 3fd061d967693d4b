"""What operations on reports are called, and how their states look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class KindWords:
    """`ask`: what its button says; `done`: what a page says once it was done."""

    icon: str
    name: str
    help: str
    ask: str
    done: str


def kind_words() -> dict[str, KindWords]:
    """By kind, those first that are asked for most."""
    return {
        "alihkan": KindWords(
            "users", _("Alihkan tugas"),
            _("Tugas pindah ke petugas atau perangkat daerah lain. Batas waktunya tetap."),
            _("Alihkan"), _("Tugas dialihkan."),
        ),
        "batas": KindWords(
            "calendar-days", _("Ubah batas waktu"), _("Batas tugas dimundurkan atau dimajukan."),
            _("Ubah batasnya"), _("Batas waktu diubah."),
        ),
        "kembalikan": KindWords(
            "undo-2", _("Kembalikan ke langkah sebelumnya"),
            _("Langkah yang sudah selesai dibuka lagi; yang sesudahnya gugur."),
            _("Kembalikan"), _("Laporan dikembalikan ke langkah sebelumnya."),
        ),
        "lewati": KindWords(
            "corner-down-right", _("Lewati langkah"),
            _("Alur berjalan terus tanpa isian langkah ini. Perlu orang kedua."),
            _("Ajukan untuk dilewati"), _("Langkah dilewati."),
        ),
        "pindahkan": KindWords(
            "route", _("Pindahkan ke langkah lain"),
            _("Laporan melompat ke langkah yang dipilih. Perlu orang kedua."),
            _("Ajukan pemindahan"), _("Laporan dipindahkan ke langkah lain."),
        ),
        "ulangi": KindWords(
            "refresh-cw", _("Coba lagi"), _("Langkah yang terhenti oleh gangguan dicoba sekali lagi."),
            _("Coba lagi"), _("Berhasil. Laporan berjalan lagi."),
        ),
        "tangguhkan": KindWords(
            "circle-pause", _("Tangguhkan"),
            _("Tidak ada yang dapat mengerjakannya sampai dilanjutkan. Batas waktunya tetap berjalan."),
            _("Tangguhkan"), _("Laporan ditangguhkan."),
        ),
        "lanjutkan": KindWords(
            "forward", _("Lanjutkan"),
            _("Laporan berjalan lagi; yang sudah jatuh tempo langsung terjadi."),
            _("Lanjutkan"), _("Laporan berjalan lagi."),
        ),
        "batalkan": KindWords(
            "ban", _("Batalkan laporan"),
            _("Laporan ditutup sebelum selesai. Perlu orang kedua."),
            _("Ajukan pembatalan"), _("Laporan dibatalkan."),
        ),
    }  # fmt: skip


def state_words() -> dict[str, tuple[str, str, str]]:
    """State -> (colour, icon, words)."""
    return {
        "menunggu": ("amber", "hourglass", _("Menunggu orang kedua")),
        "berjalan": ("blue", "loader-circle", _("Sedang dikerjakan")),
        "selesai": ("green", "circle-check", _("Sudah dilakukan")),
        "dilewati": ("red", "circle-slash", _("Tidak dapat dilakukan")),
        "ditolak": ("red", "ban", _("Ditolak")),
        "ditarik": ("", "undo-2", _("Ditarik")),
        "gugur": ("", "circle-slash", _("Gugur")),
    }


def recipient_words(recipient: str, labels: Mapping[str, str]) -> str:
    """Whom a message reaches, never an address."""
    if recipient == "pelapor":
        return str(_("Pelapor"))
    role, unit = recipient.partition(":")[2].partition("@")[::2]
    return ", ".join(labels.get(code, code) for code in (role, unit) if code)
