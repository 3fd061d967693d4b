"""When a photo may count as proof, and what about it deserves a second look.

Flags never reject by themselves: messengers strip metadata, clocks run wrong. They are told to the checker.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.geo import Point, distance
from app.domain.words import told

SAME_PICTURE = 8
"""Two 64-bit difference hashes which differ in at most this many bits show the same picture."""
FAR_AWAY = 500.0
"""Metres between a photo and its report beyond which the place is doubtful."""
CLOCK_TOLERANCE = timedelta(hours=1)

EDITING_MARKS = (
    "photoshop", "gimp", "lightroom", "snapseed", "picsart", "canva", "midjourney", "dall-e", "dalle",
    "firefly", "stable diffusion", "generat", "inpaint", "imagen",
)  # fmt: skip
"""Parts of program names that edit or generate pictures."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one photo. Moments aware, place in degrees."""

    taken_at: datetime | None
    point: Point | None
    received_at: datetime
    dhash: int | None
    software: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """One doubt, with a stable name and the sentence the checker reads."""

    name: str
    text: str


def hash_distance(one: int, other: int) -> int:
    """Number of differing bits (0–64). Works on signed and unsigned 64-bit values alike."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def is_same_picture(one: int, other: int) -> bool:
    return hash_distance(one, other) <= SAME_PICTURE


def flags_of(
    photo: Facts,
    *,
    report_point: Point | None,
    work_began: datetime,
    earlier: Iterable[tuple[str, int]] = (),
) -> tuple[Flag, ...]:
    """Every doubt about a proof photo.

    `work_began` is when the report was received: a proof taken before it cannot show the work. `earlier` are
    (report number, hash) of proofs already in the store.
    """
    found: list[Flag] = []
    if photo.dhash is not None:
        for number, other in earlier:
            if is_same_picture(photo.dhash, other):
                found.append(
                    Flag(
                        "foto_pernah_dipakai",
                        told("Gambar yang sama pernah dipakai pada %(number)s.", number=number),
                    )
                )
                break
    if photo.taken_at is None and photo.point is None:
        found.append(Flag("tanpa_metadata", told("Foto tidak memuat waktu dan tempat pengambilan.")))
    if photo.taken_at is not None and photo.taken_at < work_began - CLOCK_TOLERANCE:
        found.append(Flag("sebelum_laporan", told("Foto diambil sebelum laporan ini masuk.")))
    if photo.taken_at is not None and photo.taken_at > photo.received_at + CLOCK_TOLERANCE:
        found.append(Flag("waktu_mendatang", told("Waktu pengambilan foto berada di masa depan.")))
    if photo.point is not None and report_point is not None:
        metres = distance(photo.point, report_point)
        if metres > FAR_AWAY:
            away = distance_in_words(metres)
            found.append(
                Flag("jauh_dari_lokasi", told("Foto diambil %(away)s dari lokasi laporan.", away=away))
            )
    if photo.software and _is_editor(photo.software):
        found.append(
            Flag(
                "pernah_disunting", told("Berkas terakhir ditulis oleh %(program)s.", program=photo.software)
            )
        )
    return tuple(found)


def distance_in_words(metres: float) -> str:
    """`85 m`, `1,2 km`: with the decimal comma."""
    if metres < 1000:
        return f"{round(metres)} m"
    return f"{metres / 1000:.1f} km".replace(".", ",")


def _is_editor(software: str) -> bool:
    name = software.lower()
    return any(mark in name for mark in EDITING_MARKS)
