"""What events of a report are called: all to officers, what concerns them to citizens, and the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.words import told
from app.services.history_operations import CANCELLED_BY_CITY, is_end_by_city, title_of

END_WORDS: Mapping[str, str] = {
    "selesai": told("Laporan selesai."),
    "ditolak": told("Laporan tidak dapat diterima."),
    "bukan_wewenang": told("Laporan di luar wewenang kota dan sudah diteruskan."),
    "duplikat": told("Laporan ini digabung dengan laporan yang sama."),
    "diarsipkan": told("Laporan diarsipkan."),
    "dibatalkan": told("Laporan dibatalkan oleh pelapor."),
    "masuk_rencana": told("Laporan masuk rencana pembangunan."),
}
"""End reasons in words."""

_FOR_OFFICERS: Mapping[str, str] = {
    "ReportReceived": told("Laporan diterima"),
    "ProcessStarted": told("Alur penanganan dimulai"),
    "TimersFired": told("Waktu yang ditetapkan tiba"),
    "TaskClaimed": told("Tugas diambil"),
    "TaskReleased": told("Tugas dilepas"),
    "TaskHandedOver": told("Tugas diserahkan kepada rekan"),
    "TaskFellToKominfo": told("Belum ada petugas; tugas dialihkan ke Kominfo"),
    "DeadlineMoved": told("Batas waktu berubah"),
    "TotalDeadlineMoved": told("Batas waktu total berubah"),
    "NoteTaken": told("Catatan"),
    "TextMasked": told("Teks untuk umum disamarkan"),
    "MessageWritten": told("Pesan ditulis"),
    "IncidentOpened": told("Gangguan: alur tidak dapat berjalan"),
    "IncidentResolved": told("Gangguan selesai"),
    "IncidentValueCorrected": told("Nilai data diperbaiki admin"),
    "InstanceMoved": told("Laporan dipindahkan ke versi SOP yang baru"),
    "SopMoved": told("Laporan dipindahkan ke SOP versi %(new)s"),
    "SopMovedBack": told("Laporan dikembalikan ke SOP versi %(new)s"),
    "IdentityOpened": told("Identitas pelapor dibuka"),
    "ReportClosed": told("Laporan ditutup"),
    "ProcessEnded": told("Alur tambahan berakhir"),
    "PhotoAdded": told("Foto ditambahkan"),
    "PhotoCleaned": told("Foto dibersihkan dari data kamera"),
    "LinkSentAgain": told("Tautan dikirim ulang kepada pelapor"),
    "SupportGiven": told("Warga lain juga mengalami"),
    "TraceRead": told("Jejak dibaca"),
    "TraceExported": told("Berkas bukti diunduh"),
    "ErasureRequested": told("Penghapusan data pribadi diminta"),
    "ErasureDeclined": told("Penghapusan data pribadi ditolak"),
    "PersonalDataErased": told("Data pribadi dihapus"),
}

MOVED_FOR_CITIZENS: Mapping[str, str] = {
    "SopMoved": told("Cara kota menangani laporan ini diperbarui. Batas waktunya tetap."),
    "SopMovedBack": told("Laporan ini kembali ditangani seperti semula. Batas waktunya tetap."),
}
"""What the reporter and the public read of a move to another version."""

MESSAGES: Mapping[str, str] = {
    "penarikan": told("Pelapor menarik laporannya"),
    "keberatan": told("Pelapor menyatakan keberatan"),
    "balasan_pelapor": told("Pelapor membalas"),
}
"""What the reporter may send into a running SOP."""


def title_for_officers(type_: str, data: Mapping[str, Any]) -> str:
    """What happened, for officers and auditors; an event nobody named is shown by its type."""
    if type_ in MOVED_FOR_CITIZENS:
        return told(_FOR_OFFICERS[type_], new=data["versi"][1])
    if type_ == "MessageDelivered":
        name = str(data.get("pesan", ""))
        return MESSAGES.get(name, told("Pesan “%(name)s” diterima", name=name.replace("_", " ")))
    if type_ == "ReportClosed":
        return title_of_end(data)
    return title_of(type_, data) or _FOR_OFFICERS.get(type_, type_)


def title_of_end(data: Mapping[str, Any]) -> str:
    """The end of a report, of the event that ended it."""
    return CANCELLED_BY_CITY if is_end_by_city(data) else end_words(str(data.get("alasan", "")))


def end_words(reason: str) -> str:
    """An end in words; one that a city adds is shown with its own word."""
    return END_WORDS.get(reason, reason.replace("_", " ").capitalize())
