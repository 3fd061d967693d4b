"""What a report must be before it is taken in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.domain.words import told

TEXT_MIN = 10
TEXT_MAX = 4000
PHOTOS_MAX = 5
LANDMARK_MAX = 300
NAME_MAX = 120
NUMBER_PREFIX = "LW"
"""As in *Lapor Walikota*; a city sets its own."""

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\-]{1,64}@[A-Za-z0-9\-]{1,63}(\.[A-Za-z0-9\-]{1,63})+")


class Kind(StrEnum):
    """What was sent in; also the key of the SOP that handles it."""

    PENGADUAN = "pengaduan"
    ASPIRASI = "aspirasi"
    PERMINTAAN_INFORMASI = "permintaan_informasi"


@dataclass(frozen=True, slots=True)
class Contact:
    """How a reporter can be reached: E.164 phone and/or e-mail. Empty for an anonymous report without any."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What the rules look at, already typed: no HTTP, no rows."""

    text: str
    kelurahan: str | None
    has_point: bool
    landmark: str | None
    occurred_on: date | None
    anonim: bool
    name: str | None
    phone: str | None
    email: str | None
    photos: int


def report_number(received: datetime, serial: int, prefix: str = NUMBER_PREFIX) -> str:
    """`LW-2026-03-000123`; `received` in the city's zone, `serial` counts from 1 within the month."""
    return f"{prefix}-{received:%Y-%m}-{serial:06d}"


def read_number(typed: str, prefix: str = NUMBER_PREFIX) -> str | None:
    """The report number in what a citizen typed (any case, spaces, dots or missing hyphens), or None."""
    compact = re.sub(r"[\s.\-_/–—]+", "", typed).upper().removeprefix(prefix.upper())
    found = re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{6,9})", compact)
    return None if found is None else f"{prefix}-{found[1]}-{found[2]}-{found[3]}"


def read_phone(typed: str) -> str | None:
    """An Indonesian phone number as E.164 (`0812-3456-7890` → `+6281234567890`), or None."""
    digits = re.sub(r"[\s().\-–/]", "", typed)
    if digits.startswith("+62"):
        digits = digits[3:]
    elif digits.startswith("0062"):
        digits = digits[4:]
    elif digits.startswith("62") and len(digits) > 10:
        digits = digits[2:]
    digits = digits.removeprefix("0")
    if not re.fullmatch(r"[1-9][0-9]{7,11}", digits):
        return None
    return f"+62{digits}"


def read_email(typed: str) -> str | None:
    """A plain e-mail address in lower case, or None."""
    address = typed.strip()
    if len(address) > 254 or ".." in address or not _EMAIL.fullmatch(address):
        return None
    return address.lower()


def faults_of(draft: Draft, *, today: date) -> dict[str, str]:
    """Everything wrong with a report, by field; empty when it may be taken in. `today` in the city's zone."""
    faults: dict[str, str] = {}
    length = len(draft.text.strip())
    if length < TEXT_MIN:
        faults["description"] = told("Ceritakan sedikit lebih banyak: sedikitnya %(n)s huruf.", n=TEXT_MIN)
    elif length > TEXT_MAX:
        over = f"{length:,}".replace(",", ".")
        faults["description"] = told("Uraian terlalu panjang (%(n)s huruf). Batasnya 4.000 huruf.", n=over)
    if draft.kelurahan is None:
        faults["kelurahan"] = told("Pilih kelurahan, atau tunjuk tempatnya di peta.")
    elif not draft.has_point and not (draft.landmark or "").strip():
        faults["landmark"] = told("Tulis patokan tempatnya, misalnya nama jalan atau bangunan terdekat.")
    if len(draft.landmark or "") > LANDMARK_MAX:
        faults["landmark"] = told("Patokan terlalu panjang. Batasnya %(n)s huruf.", n=LANDMARK_MAX)
    if draft.occurred_on is not None and draft.occurred_on > today:
        faults["occurred_on"] = told("Tanggal kejadian berada di masa depan.")
    if draft.photos > PHOTOS_MAX:
        faults["photos"] = told("Paling banyak %(n)s foto.", n=PHOTOS_MAX)
    faults.update(_faults_of_contact(draft))
    return faults


def _faults_of_contact(draft: Draft) -> dict[str, str]:
    """Name and one way to answer are asked unless the report is anonymous; NIK is never asked."""
    faults: dict[str, str] = {}
    if draft.phone and read_phone(draft.phone) is None:
        faults["phone"] = told("Nomor telepon ini tidak dikenali. Contoh: 0812 3456 7890.")
    if draft.email and read_email(draft.email) is None:
        faults["email"] = told("Alamat surel ini tidak lengkap. Contoh: nama@contoh.id.")
    if len(draft.name or "") > NAME_MAX:
        faults["name"] = told("Nama terlalu panjang. Batasnya %(n)s huruf.", n=NAME_MAX)
    if draft.anonim:
        return faults
    if not (draft.name or "").strip():
        faults["name"] = told("Tulis nama Anda, atau pilih lapor tanpa nama.")
    if not draft.phone and not draft.email:
        faults["phone"] = told(
            "Isi nomor telepon atau surel agar kami dapat menjawab, atau lapor tanpa nama."
        )
    return faults
