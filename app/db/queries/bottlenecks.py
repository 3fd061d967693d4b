"""How long places of an SOP version took: figures over `step_times`, percentiles read off cumulated buckets.

Every query keeps to one side of the table (all, one unit or one kelurahan) and names columns of its primary
key from the left: it reads what it counts and nothing else.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_SUMS = """
       sum(times)::bigint AS times, sum(late)::bigint AS late, sum(signed_late)::bigint AS signed_late,
       sum(again)::bigint AS again, sum(dropped)::bigint AS dropped, sum(waiting)::bigint AS waiting,
       sum(working)::bigint AS working, sum(elapsed)::bigint AS elapsed
"""
_RANKED = """
WITH counted AS (
  SELECT {group}, bucket, {sums} FROM step_times
  WHERE {which} GROUP BY {group}, bucket
), ranked AS (
  SELECT *, sum(times) OVER (PARTITION BY {group} ORDER BY bucket) AS upto,
         sum(times) OVER (PARTITION BY {group}) AS whole
  FROM counted
)
SELECT {group}, {sums}, min(bucket) FILTER (WHERE upto * 2 >= whole) AS median,
       min(bucket) FILTER (WHERE upto * 10 >= whole * 9) AS p90
FROM ranked GROUP BY {group} ORDER BY {group}
"""
_SIDE = """version_id = :version AND unit = :unit AND kelurahan = :kelurahan
  AND month BETWEEN :since AND :until"""

_PLACES = text(_RANKED.format(group="kind, place", sums=_SUMS, which=_SIDE))
_MONTHS = text(
    _RANKED.format(group="month", sums=_SUMS, which=f"{_SIDE} AND kind = :kind AND place = :place")
)
_BY_MONTH = text(_RANKED.format(group="month, kind, place", sums=_SUMS, which=_SIDE))
_PARTS = text(
    _RANKED.format(
        group="unit, kelurahan",
        sums=_SUMS,
        which="""version_id = :version AND unit = ANY (:units) AND kelurahan = ANY (:kelurahan)
  AND (unit = '') <> (kelurahan = '') AND month = ANY (:months) AND kind = :kind AND place = :place""",
    )
)
_OVERVIEW = text(
    _RANKED.format(
        group="version_id, kind, place",
        sums=_SUMS,
        which="""version_id = ANY (:versions) AND unit = '' AND kelurahan = ''
  AND month >= :since AND kind IN ('laporan', 'langkah')""",
    )
)
_EXTENT = text("""
WITH RECURSIVE units AS (
  SELECT min(unit) AS code FROM step_times WHERE version_id = :version AND unit > ''
  UNION ALL
  SELECT (SELECT min(unit) FROM step_times WHERE version_id = :version AND unit > u.code)
  FROM units u WHERE u.code IS NOT NULL
), places AS (
  SELECT min(kelurahan) AS code FROM step_times
   WHERE version_id = :version AND unit = '' AND kelurahan > ''
  UNION ALL
  SELECT (SELECT min(kelurahan) FROM step_times
           WHERE version_id = :version AND unit = '' AND kelurahan > p.code)
  FROM places p WHERE p.code IS NOT NULL
)
SELECT (SELECT min(month) FROM step_times WHERE version_id = :version AND unit = '' AND kelurahan = '')
         AS first,
       (SELECT max(month) FROM step_times WHERE version_id = :version AND unit = '' AND kelurahan = '')
         AS last,
       ARRAY(SELECT code FROM units WHERE code IS NOT NULL) AS units,
       ARRAY(SELECT code FROM places WHERE code IS NOT NULL) AS kelurahan
""")
_VERSIONS = text("""
SELECT v.id, v.key, v.version, v.name, v.effective_at,
       (SELECT max(month) FROM step_times s WHERE s.version_id = v.id AND s.unit = '' AND s.kelurahan = '')
         AS last
FROM sop_versions v ORDER BY v.key, v.version DESC
""")


@dataclass(frozen=True, slots=True)
class Side:
    """What is counted: one version, all of it or the part of one unit or one kelurahan (never both), ended
    in the months from `since` to `until`, both their first day."""

    version: uuid.UUID
    since: date
    until: date
    unit: str = ""
    kelurahan: str = ""

    @property
    def values(self) -> dict[str, Any]:
        return {
            "version": self.version, "unit": self.unit, "kelurahan": self.kelurahan, "since": self.since,
            "until": self.until,
        }  # fmt: skip


def places(session: Session, side: Side) -> Sequence[Row[Any]]:
    """kind, place, the sums of `StepTime` (times, late, signed_late, again, dropped, waiting, working,
    elapsed), and the buckets `median` and `p90` (nearest rank)."""
    return session.execute(_PLACES, side.values).all()


def months_of(session: Session, side: Side, kind: str, place: str) -> Sequence[Row[Any]]:
    """month and the same, of one place, in order; months in which nothing ended are not there."""
    return session.execute(_MONTHS, {**side.values, "kind": kind, "place": place}).all()


def parts_of(
    session: Session, side: Side, kind: str, place: str, *, units: Sequence[str], kelurahan: Sequence[str]
) -> Sequence[Row[Any]]:
    """unit or kelurahan (the other is empty) and the same, of one place in the months of `side`, whichever
    part that is. Every row is found by its whole key, so this reads no more than it counts."""
    count = (side.until.year - side.since.year) * 12 + side.until.month - side.since.month
    first = side.since.year * 12 + side.since.month - 1
    months = [date((first + on) // 12, (first + on) % 12 + 1, 1) for on in range(count + 1)]
    values = {
        "version": side.version, "kind": kind, "place": place, "months": months,
        "units": ["", *units], "kelurahan": ["", *kelurahan],
    }  # fmt: skip
    return session.execute(_PARTS, values).all()


def places_by_month(session: Session, side: Side) -> Sequence[Row[Any]]:
    """month, kind, place and the same, in order."""
    return session.execute(_BY_MONTH, side.values).all()


def overview(session: Session, versions: Sequence[uuid.UUID], since: date) -> Sequence[Row[Any]]:
    """version_id, kind (`laporan`, `langkah`), place and the same over all units, since a month."""
    return session.execute(_OVERVIEW, {"versions": list(versions), "since": since}).all()


def extent(session: Session, version: uuid.UUID) -> Row[Any]:
    """What there is of a version: `first` and `last` month (None without figures), codes of `units` and
    `kelurahan`."""
    return session.execute(_EXTENT, {"version": version}).one()


def measured_versions(session: Session) -> Sequence[Row[Any]]:
    """id, key, version, name, effective_at, `last` month with figures (None: none yet) of every version, by
    key, the newest first."""
    return session.execute(_VERSIONS).all()
