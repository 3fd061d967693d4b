"""What the checker is told about each proof photo: facts in words, and doubts that deserve a second look."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.domain import spoken
from app.domain.evidence import SAME_PICTURE, Facts, Flag, distance_in_words, flags_of
from app.domain.geo import Point, distance
from app.domain.words import dated, told
from app.services.city import ZONE

_EARLIER = text("""
SELECT mine.id, r.number, other.dhash
FROM photos mine
JOIN photos other ON other.purpose = 'bukti' AND other.id <> mine.id AND other.dhash IS NOT NULL
  AND other.uploaded_at < mine.uploaded_at AND other.report_id IS NOT NULL
  AND bit_count(CAST(CAST(other.dhash # mine.dhash AS bigint) AS bit(64))) <= :most
JOIN reports r ON r.id = other.report_id
WHERE mine.id = ANY(:ids) AND mine.dhash IS NOT NULL
ORDER BY mine.id, other.uploaded_at, other.id
""")


@dataclass(frozen=True, slots=True)
class Judged:
    """One photo with what is known of it. `facts`: time, distance to the report, device, in words."""

    id: uuid.UUID
    facts: tuple[str, ...]
    flags: tuple[Flag, ...]


def judged_photos(
    session: Session, photos: Sequence[Row[Any]], report: Row[Any], *, as_proof: bool
) -> list[Judged]:
    """Facts of `photos`; with `as_proof` also the doubts, held against every earlier proof of the city."""
    earlier: dict[uuid.UUID, list[tuple[str, int]]] = {}
    if as_proof and photos:
        for row in session.execute(_EARLIER, {"ids": [each.id for each in photos], "most": SAME_PICTURE}):
            earlier.setdefault(row.id, []).append((row.number, row.dhash))
    place = None if report.lat is None else Point(report.lat, report.lng)
    hashes: Mapping[uuid.UUID, int | None] = _hashes(session, photos) if as_proof else {}
    return [_judge(photo, report, place, hashes, earlier, as_proof) for photo in photos]


def _judge(
    photo: Row[Any],
    report: Row[Any],
    place: Point | None,
    hashes: Mapping[uuid.UUID, int | None],
    earlier: Mapping[uuid.UUID, list[tuple[str, int]]],
    as_proof: bool,
) -> Judged:
    point = None if photo.lat is None else Point(photo.lat, photo.lng)
    facts = []
    if photo.taken_at is not None:
        facts.append(told("Diambil %(at)s", at=_moment(photo.taken_at)))
    if point is not None and place is not None:
        away = distance_in_words(distance(point, place))
        facts.append(told("%(distance)s dari titik laporan", distance=away))
    if photo.device:
        facts.append(str(photo.device))
    facts.append(told("Dikirim %(at)s", at=_moment(photo.uploaded_at)))
    known = Facts(photo.taken_at, point, photo.uploaded_at, hashes.get(photo.id))
    flags = (
        flags_of(known, report_point=place, work_began=report.received_at, earlier=earlier.get(photo.id, ()))
        if as_proof
        else ()
    )
    return Judged(photo.id, tuple(facts), flags)


def _moment(at: datetime) -> str:
    return dated(spoken.moment(at, ZONE), at)


def _hashes(session: Session, photos: Sequence[Row[Any]]) -> dict[uuid.UUID, int | None]:
    rows = session.execute(
        text("SELECT id, dhash FROM photos WHERE id = ANY(:ids)"), {"ids": [each.id for each in photos]}
    )
    return {row.id: row.dhash for row in rows}
