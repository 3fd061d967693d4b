"""What everybody may see. Public pages read only this file; nothing here reads an identity, an exact point, a
task's answers or anything of a confidential report."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Exists, ScalarSelect, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from app.db.models import (
    Category,
    Deadline,
    Instance,
    Kecamatan,
    Kelurahan,
    Photo,
    Report,
    Role,
    Unit,
    WorkItem,
)

_CHANGES = text("""
SELECT at, data -> 'status' ->> 1 AS status FROM events
WHERE stream_id = :report_id AND data -> 'status' ->> 1 IS NOT NULL ORDER BY stream_seq
""")
UNSEEN = ("diterima", "ditolak")
"""Nobody has checked these texts for insults or names yet, or somebody has and refused them."""
UNCHECKED = frozenset({*UNSEEN, "menunggu_pelapor", "dibatalkan", "diarsipkan", "duplikat"})
"""A report can come to these without anybody having verified it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts since a moment, but `late` as of now."""

    received: int
    finished_with_proof: int
    late: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A report that ended well. `before`, `after`: ids of photos everybody may see."""

    number: str
    kind: str
    category: str | None
    kelurahan: str | None
    closed_at: datetime
    before: uuid.UUID | None
    after: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class StatusChange:
    at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has to act: a role and its unit, never a person."""

    task: str
    role: str
    unit: str | None
    opened_at: datetime
    due_at: datetime | None
    first_due_at: datetime | None
    """The limit before anybody moved it."""


@dataclass(frozen=True, slots=True)
class PublicReport:
    """A report as everybody sees it. `description` is None until somebody has verified the report."""

    number: str
    kind: str
    category: str | None
    kelurahan: str | None
    kecamatan: str | None
    received_at: datetime
    status: str
    status_since: datetime
    closed_at: datetime | None
    description: str | None
    supporters: int
    changes: tuple[StatusChange, ...]
    holders: tuple[Holder, ...]
    before: tuple[uuid.UUID, ...]
    after: tuple[uuid.UUID, ...]
    """Photos everybody may see, once the report is finished."""


def figures(session: Session, *, since: datetime, now: datetime) -> Figures:
    """Counts for the front page; confidential reports count, since a number tells nothing."""
    received = select(func.count()).select_from(Report).where(Report.received_at >= since)
    proven = exists().where(Photo.report_id == Report.id, Photo.purpose == "bukti")
    finished = (
        select(func.count())
        .select_from(Report)
        .where(Report.closed_at >= since, Report.end_reason == "selesai", proven)
    )
    late = (
        select(func.count())
        .select_from(Instance)
        .where(
            Instance.main,
            Instance.ended_at.is_(None),
            Instance.total_paused_at.is_(None),
            Instance.total_due_at < now,
        )
    )
    row = session.execute(
        select(received.scalar_subquery(), finished.scalar_subquery(), late.scalar_subquery())
    ).one()
    return Figures(*row)


def latest_finished(session: Session, *, limit: int = 3) -> list[Finished]:
    """The newest reports that ended *selesai*, with their first photo before and last photo after."""
    before = _photo_of("laporan", newest=False)
    after = _photo_of("bukti", newest=True)
    rows = session.execute(
        select(
            Report.number,
            Report.kind,
            Category.name,
            Kelurahan.name,
            Report.closed_at,
            before.label("before"),
            after.label("after"),
            Report.anonymous,
        )
        .outerjoin(Category, Category.code == Report.category_code)
        .outerjoin(Kelurahan, Kelurahan.code == Report.kelurahan_code)
        .where(Report.closed_at.is_not(None), Report.end_reason == "selesai", ~Report.confidential)
        .order_by(Report.closed_at.desc(), Report.id)
        .limit(limit)
    ).all()
    return [
        Finished(
            row[0], row[1], row[2], row[3], row.closed_at, None if row.anonymous else row.before, row.after
        )
        for row in rows
        if row.closed_at is not None
    ]


def report_by_number(session: Session, number: str) -> PublicReport | None:
    """What the number alone shows. None for a confidential report as for a number never given out."""
    row = session.execute(
        select(Report, Category.name, Kelurahan.name, Kecamatan.name)
        .outerjoin(Category, Category.code == Report.category_code)
        .outerjoin(Kelurahan, Kelurahan.code == Report.kelurahan_code)
        .outerjoin(Kecamatan, Kecamatan.code == Kelurahan.kecamatan_code)
        .where(Report.number == number, ~Report.confidential)
    ).one_or_none()
    if row is None:
        return None
    report, category, kelurahan, kecamatan = row
    changes = _changes(session, report)
    checked = report.status not in UNSEEN and any(change.status not in UNCHECKED for change in changes)
    return PublicReport(
        number=report.number,
        kind=report.kind,
        category=category,
        kelurahan=kelurahan,
        kecamatan=kecamatan,
        received_at=report.received_at,
        status=report.status,
        status_since=report.status_since,
        closed_at=report.closed_at,
        description=(report.public_description or report.description) if checked else None,
        supporters=report.supporters,
        changes=changes,
        holders=_holders(session, report.id),
        before=() if report.anonymous else _photos(session, report, "laporan"),
        after=_photos(session, report, "bukti"),
    )


def _superseded() -> Exists:
    """Proof of an earlier round: the same step of the same unit was done again, with photos, later."""
    done, again, newer = aliased(WorkItem), aliased(WorkItem), aliased(Photo)
    return exists().where(
        done.id == Photo.work_item_id,
        again.instance_id == done.instance_id,
        again.element == done.element,
        again.unit_code.is_not_distinct_from(done.unit_code),
        again.closed_at > done.closed_at,
        newer.work_item_id == again.id,
        newer.purpose == Photo.purpose,
        newer.report_id == Photo.report_id,
    )


def _photo_of(purpose: str, *, newest: bool) -> ScalarSelect[uuid.UUID]:
    photo = aliased(Photo)
    order = photo.uploaded_at.desc() if newest else photo.uploaded_at
    return (
        select(photo.id)
        .where(
            photo.report_id == Report.id,
            photo.purpose == purpose,
            photo.state == "siap",
            or_(~Report.anonymous, photo.uploaded_by.is_not(None)),
        )
        .order_by(order, photo.id)
        .limit(1)
        .correlate(Report)
        .scalar_subquery()
    )


def _changes(session: Session, report: Report) -> tuple[StatusChange, ...]:
    """Status after status, from the trace; only moments and words leave it."""
    rows = session.execute(_CHANGES, {"report_id": report.id}).all()
    return (StatusChange(report.received_at, "diterima"), *(StatusChange(row.at, row.status) for row in rows))


def _holders(session: Session, report_id: uuid.UUID) -> tuple[Holder, ...]:
    rows = session.execute(
        select(
            WorkItem.name,
            func.coalesce(Role.name, WorkItem.role_code),
            Unit.name,
            WorkItem.opened_at,
            WorkItem.due_at,
            Deadline.first_due_at,
        )
        .outerjoin(Deadline, Deadline.id == WorkItem.id)
        .outerjoin(Role, Role.code == WorkItem.role_code)
        .outerjoin(Unit, Unit.code == WorkItem.unit_code)
        .where(WorkItem.report_id == report_id, WorkItem.closed_at.is_(None))
        .order_by(WorkItem.opened_at, WorkItem.id)
    ).all()
    return tuple(Holder(*row) for row in rows)


def _photos(session: Session, report: Report, purpose: str) -> tuple[uuid.UUID, ...]:
    """As `app.services.photo_viewing` decides: of a finished report only."""
    if report.end_reason != "selesai":
        return ()
    chosen = select(Photo.id).where(
        Photo.report_id == report.id, Photo.state == "siap", Photo.purpose == purpose, ~_superseded()
    )
    if report.anonymous:
        chosen = chosen.where(Photo.uploaded_by.is_not(None))
    return tuple(session.scalars(chosen.order_by(Photo.uploaded_at, Photo.id)))
