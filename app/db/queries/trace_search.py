"""Finding reports by what they are and by what their trace says of them.

No event is read here: what the trace says was gathered into `report_traits` before. Every search costs at
most one walk over the reports, whatever is asked; words are looked up in their indexes, never row by row.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.db.models.traits import FLAGS

SIZE = 25
RARE = 3
"""Per cent of an SOP's ended reports up to which their way is unusual."""

Order = Literal["terbaru", "terlama", "panjang"]


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which reports; what is None, or False, is not asked for.

    `number`: whole, or its last digits. `words`: all of them in one text, the report's or a message's.
    `status`: a public status, an end reason, or `terbuka`, `tertutup`. `unit` held it at some time; with
    `holding` it is the one that holds it now. `officer` acted in it: user name or whole name. `since`,
    `until`: of receiving, `until` excluded. `sop`, `version` ran it for some time. `path`: id of a way;
    `rare`: any unusual one. `confidential` False: none of those.
    """

    number: str | None = None
    words: str | None = None
    kind: str | None = None
    status: str | None = None
    unit: str | None = None
    holding: bool = False
    kelurahan: str | None = None
    officer: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sop: str | None = None
    version: int | None = None
    late: bool = False
    returned: bool = False
    reopened: bool = False
    bounced: bool = False
    escalated: bool = False
    migrated: bool = False
    path: uuid.UUID | None = None
    rare: bool = False
    confidential: bool | None = None


@dataclass(frozen=True, slots=True)
class Matching:
    """A search as SQL: `where` speaks of `reports r`, and of its `report_traits t` when `traits` is set.

    `ids` is a whole query of report ids, e.g. for `WHERE r.id IN ({matching.ids})`.
    """

    where: str
    traits: bool
    values: Mapping[str, Any]

    @property
    def source(self) -> str:
        return "reports r JOIN report_traits t ON t.report_id = r.id" if self.traits else "reports r"

    @property
    def ids(self) -> str:
        return f"SELECT r.id FROM {self.source} WHERE {self.where}"  # noqa: S608 - fixed words only


@dataclass(frozen=True, slots=True)
class Cursor:
    """The report beside which a page begins; `back`: the page before it."""

    number: str
    back: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One page. `earlier`, `later`: whether there are reports before and after it; `total`: on all pages."""

    rows: tuple[Row[Any], ...]
    earlier: bool
    later: bool
    total: int


_WORDS = """r.id IN (
  SELECT id FROM reports WHERE search @@ websearch_to_tsquery('indonesian', :words)
  UNION SELECT report_id FROM thread_messages
   WHERE to_tsvector('indonesian', body) @@ websearch_to_tsquery('indonesian', :words))"""
_LATE = """r.id IN (
  SELECT report_id FROM report_traits WHERE late
  UNION SELECT report_id FROM work_items
   WHERE closed_at IS NULL AND due_at < :now AND report_id IS NOT NULL
  UNION SELECT report_id FROM instances
   WHERE ended_at IS NULL AND main AND total_due_at < coalesce(total_paused_at, :now)
     AND report_id IS NOT NULL)"""
_RARE = """t.path_id IN (
  SELECT id FROM (SELECT id, reports, sum(reports) OVER (PARTITION BY sop_key) AS ended FROM trace_paths) p
  WHERE reports * 100 <= ended * :rare)"""
_OF_REPORT: Mapping[str, str] = {
    "words": _WORDS,
    "kind": "r.kind = :kind",
    "kelurahan": "r.kelurahan_code = :kelurahan",
    "since": "r.received_at >= :since",
    "until": "r.received_at < :until",
    "confidential": "r.confidential = :confidential",
    "late": _LATE,
}
_OF_TRAITS: Mapping[str, str] = {
    **{name: f"t.{name} > 0" for name in FLAGS},
    "path": "t.path_id = :path",
    "rare": _RARE,
}
_STATUS: Mapping[str, str] = {"terbuka": "r.closed_at IS NULL", "tertutup": "r.closed_at IS NOT NULL"}
_OFFICERS = text("""
SELECT id FROM persons WHERE username = lower(:officer) OR lower(display_name) = lower(:officer) ORDER BY id
""")
_VERSIONS = text("""
SELECT id FROM sop_versions WHERE key = :sop AND (CAST(:version AS integer) IS NULL OR version = :version)
ORDER BY version
""")


def matching(session: Session, criteria: Criteria, *, now: datetime) -> Matching:
    """The search as SQL, with the ids of its officer and SOP versions looked up."""
    asked = {name: getattr(criteria, name) for name in Criteria.__dataclass_fields__}
    given = {name: value for name, value in asked.items() if value not in (None, False, "")}
    if criteria.confidential is not None:
        given["confidential"] = criteria.confidential
    parts = [_OF_REPORT[name] for name in given if name in _OF_REPORT]
    traits = [_OF_TRAITS[name] for name in given if name in _OF_TRAITS]
    values: dict[str, Any] = {
        name: given[name]
        for name in ("words", "kind", "kelurahan", "since", "until", "confidential", "path")
        if name in given
    }
    if criteria.late:
        values["now"] = now
    if criteria.rare:
        values["rare"] = RARE
    if criteria.number:
        whole = not criteria.number.isdecimal()
        parts.append("r.number = :number" if whole else "r.number LIKE '%' || :number")
        values["number"] = criteria.number
    if criteria.status:
        parts.append(_STATUS.get(criteria.status, "r.status = :status"))
        if criteria.status not in _STATUS:
            values["status"] = criteria.status
    if criteria.unit:
        if criteria.holding:
            parts.append("r.opd = :unit")
        else:
            traits.append("t.units @> ARRAY[CAST(:unit AS text)]")
        values["unit"] = criteria.unit
    if criteria.officer:
        traits.append("t.persons && CAST(:persons AS uuid[])")
        values["persons"] = session.scalars(_OFFICERS, {"officer": criteria.officer}).all()
    if criteria.sop:
        traits.append("t.versions && CAST(:versions AS uuid[])")
        which = {"sop": criteria.sop, "version": criteria.version}
        values["versions"] = session.scalars(_VERSIONS, which).all()
    return Matching(" AND ".join(parts + traits) or "true", bool(traits), values)


_KEYS: Mapping[Order, tuple[str, bool]] = {
    "terbaru": ("r.received_at", True),
    "terlama": ("r.received_at", False),
    "panjang": ("coalesce(t.seq, 0)", True),
}
"""What each order goes by, and whether the greatest comes first; equals go by id."""
_BESIDE = """
SELECT r.id, r.received_at, coalesce(t.seq, 0) AS seq
FROM reports r LEFT JOIN report_traits t ON t.report_id = r.id WHERE r.number = :number
"""
_MATCHED = "SELECT r.id, {key} AS key FROM {source} WHERE {where}"
_TOTAL = "(SELECT count(*) FROM matched)"
_PAGE = """
WITH matched AS {kept} ({matched}), page AS MATERIALIZED (
  SELECT r.id, r.key FROM matched r WHERE {beside} ORDER BY r.key {way}, r.id {way} LIMIT :limit
)
SELECT {total} AS total, r.id, r.number, r.kind, left(r.description, 400) AS words, r.status, r.received_at,
       r.closed_at, r.confidential, coalesce(c.name, '') AS category, coalesce(k.name, '') AS kelurahan,
       coalesce(u.name, '') AS unit_name, coalesce(t.seq, 0) AS events, coalesce(t.returned, 0) AS returned,
       coalesce(t.reopened, 0) AS reopened, coalesce(t.bounced, 0) AS bounced,
       coalesce(t.escalated, 0) AS escalated, coalesce(t.migrated, 0) AS migrated,
       coalesce(t.late, false) OR EXISTS (
         SELECT 1 FROM work_items w WHERE w.report_id = r.id AND w.closed_at IS NULL AND w.due_at < :now
       ) OR EXISTS (
         SELECT 1 FROM instances i WHERE i.report_id = r.id AND i.ended_at IS NULL AND i.main
            AND i.total_due_at < coalesce(i.total_paused_at, :now)
       ) AS late
FROM (SELECT) one LEFT JOIN page p ON true LEFT JOIN reports r ON r.id = p.id
LEFT JOIN report_traits t ON t.report_id = r.id
LEFT JOIN categories c ON c.code = r.category_code
LEFT JOIN kelurahan k ON k.code = r.kelurahan_code
LEFT JOIN units u ON u.code = r.opd
ORDER BY p.key {way}, p.id {way}
"""


def found(
    session: Session, criteria: Criteria, order: Order, cursor: Cursor | None, *, now: datetime
) -> Found:
    """One page: id, number, kind, words (the first 400 letters), status, received_at, closed_at,
    confidential, category, kelurahan, unit_name, events, returned, reopened, bounced, escalated, migrated,
    late. A cursor that names no report counts as none.
    """
    wanted = matching(session, criteria, now=now)
    _plan_for_these_values(session)
    key, greatest_first = _KEYS[order]
    beside = _beside(session, cursor, order)
    back = beside is not None and cursor is not None and cursor.back
    values = {**wanted.values, "limit": SIZE + 1, "now": now}
    if beside is not None:
        values |= {"beside_key": beside[0], "beside_id": beside[1]}
    source = wanted.source
    if order == "panjang" and not wanted.traits:
        source = "reports r LEFT JOIN report_traits t ON t.report_id = r.id"
    # All that matches is worked out once, for the count and the page: as dear as the count alone, whatever
    # the order. Only where nothing is asked for the page is read off the index and the count off another.
    asks = wanted.where != "true"
    statement = _PAGE.format(
        matched=_MATCHED.format(key=key, source=source, where=wanted.where),
        kept="MATERIALIZED" if asks else "NOT MATERIALIZED",
        total=_TOTAL if asks else "(SELECT count(*) FROM reports)",
        beside=f"(r.key, r.id) {'>' if back == greatest_first else '<'} (:beside_key, :beside_id)"
        if beside is not None
        else "true",
        way="DESC" if greatest_first != back else "ASC",
    )
    rows = session.execute(text(statement), values).all()
    total, rows = rows[0].total, [row for row in rows if row.id is not None]
    more, rows = len(rows) > SIZE, rows[:SIZE]
    return Found(
        tuple(reversed(rows)) if back else tuple(rows),
        earlier=more if back else beside is not None,
        later=back or more,
        total=total,
    )


def _beside(session: Session, cursor: Cursor | None, order: Order) -> tuple[Any, uuid.UUID] | None:
    if cursor is None:
        return None
    row = session.execute(text(_BESIDE), {"number": cursor.number}).one_or_none()
    if row is None:
        return None
    return (row.seq if order == "panjang" else row.received_at), row.id


def ids_of(
    session: Session, criteria: Criteria, limit: int | None = None, *, now: datetime
) -> Sequence[uuid.UUID]:
    """The reports found, the newest first; at most `limit`."""
    wanted = matching(session, criteria, now=now)
    _plan_for_these_values(session)
    statement = f"{wanted.ids} ORDER BY r.received_at DESC, r.id DESC LIMIT :limit"
    return session.scalars(text(statement), {**wanted.values, "limit": limit}).all()


def count_of(session: Session, criteria: Criteria, *, now: datetime) -> int:
    """How many reports are found."""
    wanted = matching(session, criteria, now=now)
    _plan_for_these_values(session)
    return _count(session, wanted)


def _count(session: Session, wanted: Matching) -> int:
    statement = f"SELECT count(*) FROM {wanted.source} WHERE {wanted.where}"  # noqa: S608 - fixed words only
    return int(session.execute(text(statement), wanted.values).scalar_one())


def _plan_for_these_values(session: Session) -> None:
    """A rare status and a common one need different plans; a plan kept for any value would be for neither."""
    session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
