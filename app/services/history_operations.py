"""How an operation is told: to officers what was done, to citizens that the city did it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.words import told

OPERATION = "OperationDone"

_ASKED: Mapping[tuple[str, str], str] = {
    ("OperationAsked", "batalkan"): told("Pembatalan diajukan, menunggu orang kedua"),
    ("OperationAsked", "lewati"): told("Melewati langkah diajukan, menunggu orang kedua"),
    ("OperationAsked", "pindahkan"): told("Pemindahan langkah diajukan, menunggu orang kedua"),
    ("OperationRefused", "batalkan"): told("Pembatalan ditolak orang kedua"),
    ("OperationRefused", "lewati"): told("Melewati langkah ditolak orang kedua"),
    ("OperationRefused", "pindahkan"): told("Pemindahan langkah ditolak orang kedua"),
    ("OperationWithdrawn", "batalkan"): told("Pembatalan ditarik kembali"),
    ("OperationWithdrawn", "lewati"): told("Melewati langkah ditarik kembali"),
    ("OperationWithdrawn", "pindahkan"): told("Pemindahan langkah ditarik kembali"),
    ("OperationLapsed", "batalkan"): told("Pembatalan gugur karena laporan berakhir"),
    ("OperationLapsed", "lewati"): told("Melewati langkah gugur karena laporan berakhir"),
    ("OperationLapsed", "pindahkan"): told("Pemindahan langkah gugur karena laporan berakhir"),
}
"""What was wanted and not done, or not yet: nothing of the report changed."""
_FOR_OFFICERS: Mapping[str, str] = {
    "alihkan": told("Tindakan: tugas dialihkan"),
    "batas": told("Tindakan: batas waktu diubah"),
    "batalkan": told("Tindakan: laporan dibatalkan"),
    "kembalikan": told("Tindakan: dikembalikan ke langkah sebelumnya"),
    "lewati": told("Tindakan: langkah dilewati"),
    "pindahkan": told("Tindakan: dipindahkan ke langkah lain"),
    "ulangi": told("Tindakan: yang terganggu dicoba lagi"),
    "tangguhkan": told("Tindakan: laporan ditangguhkan"),
    "lanjutkan": told("Tindakan: laporan dilanjutkan"),
}
_FOR_CITIZENS: Mapping[str, str] = {
    "batas": told("Pemerintah kota mengubah batas waktu satu langkah."),
    "kembalikan": told("Pemerintah kota mengembalikan laporan ini ke langkah sebelumnya."),
    "lewati": told("Pemerintah kota melewati satu langkah."),
    "pindahkan": told("Pemerintah kota memindahkan laporan ini ke langkah lain."),
    "tangguhkan": told("Pemerintah kota menghentikan sementara penanganannya. Batas waktu tetap berjalan."),
    "lanjutkan": told("Penanganan dilanjutkan."),
}
"""What citizens read. Who does a task, and what was repaired, is the city's own matter; a cancelled report
says so with its end."""

CANCELLED_BY_CITY = told("Laporan dibatalkan oleh pemerintah kota.")


def title_of(type_: str, data: Mapping[str, Any]) -> str:
    """What was done, asked for, refused, taken back or lapsed, for officers and auditors; else empty."""
    kind = str(data.get("tindakan"))
    if type_ == OPERATION and kind == "batalkan" and data.get("tambahan"):
        return told("Tindakan: alur tambahan dihentikan")
    if type_ == OPERATION:
        return _FOR_OFFICERS.get(kind, told("Tindakan"))
    return _ASKED.get((type_, kind), "")


def told_to_citizens(data: Mapping[str, Any]) -> str:
    """What the reporter and the public read of it; empty where it is not theirs to know."""
    return _FOR_CITIZENS.get(str(data.get("tindakan")), "")


def people_of(data: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """In which roles it was asked for and agreed to; empty where one person was enough."""
    if "disetujui" not in data:
        return ""
    asked, agreed = (labels.get(role, role) for _who, role, _when in (data["diminta"], data["disetujui"]))
    return told("Diminta %(asked)s, disetujui %(agreed)s.", asked=asked, agreed=agreed)


def is_end_by_city(data: Mapping[str, Any]) -> bool:
    """Whether the event of the end says that the city cancelled."""
    return data.get("oleh") == "kota"
