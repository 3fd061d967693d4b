"""What a photo proves besides its picture, in one line that the trace commits to.

Time, place and device of a reporter's photo are personal: the chain holds a salted hash of this line, the
line itself goes with the photo.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.domain.event import canonical

TRAITS = "ciri"
"""Name of the commitment; in an event about several photos followed by `:` and the photo's id."""


def traits_of(photo: Any) -> str:
    """The line of a photo, from its row: when and where it was taken (degrees), with what, when and by whom
    it was sent, for what, its size (pixels, bytes), and the hashes of what is seen of it."""
    told = {
        "diambil": _moment(photo.taken_at),
        "titik": None if photo.lat is None else [photo.lat, photo.lng],
        "alat": photo.device,
        "dikirim": _moment(photo.uploaded_at),
        "pengirim": None if photo.uploaded_by is None else str(photo.uploaded_by),
        "tujuan": photo.purpose,
        "jenis": photo.media_type,
        "ukuran": [photo.width, photo.height, photo.size],
        "sidik_gambar": photo.dhash,
        "gambar_kecil": photo.thumbnail_key,
    }
    return canonical(told).decode()


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")
