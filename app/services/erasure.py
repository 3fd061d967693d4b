"""Take what is personal out of a closed report, for good; what was decided and done stays provable.

Gone are name, phone, address and tracking secret, the exact point and place, the reporter's words, messages,
photos and drafts, and the values behind the commitments of all that in the trace. The chain keeps the
commitments, so it stays valid (UU 27/2022 on personal data; the trace is kept for the auditor). What officers
wrote in their own words stays: it is the city's record.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from app.adapters.storage import PhotoStore
from app.db.models import CitySetting, Erasure, Photo, Report, WorkItem
from app.domain.actor import Actor
from app.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from app.domain.permissions import Permission
from app.domain.words import told
from app.services import trail
from app.services.city import stream_of_city
from app.services.photo_removal import remove_photos

ERASED = "(dihapus)"
"""Stands where the reporter's words stood."""
SHORTEST_REASON = 10
RETENTION = "retensi_data_pribadi"
MOST_A_NIGHT = 200

_WORDS = text("""
UPDATE reports SET description = :erased, landmark = NULL, lat = NULL, lng = NULL,
       public_description = CASE WHEN public_description IS NULL THEN NULL ELSE :erased END
WHERE id = :id
""")
_IDENTITY = text("""
UPDATE report_identities SET name = NULL, phone = NULL, email = NULL, tracking_token = NULL
WHERE report_id = :id AND (name IS NOT NULL OR phone IS NOT NULL OR email IS NOT NULL
                           OR tracking_token IS NOT NULL)
""")
_MESSAGES = text("""
UPDATE thread_messages SET body = :erased
WHERE report_id = :id AND author_kind = 'pelapor' AND body <> :erased
""")
_DRAFTS = text("DELETE FROM drafts WHERE work_item_id IN (SELECT id FROM work_items WHERE report_id = :id)")
_SECRETS = text("""
DELETE FROM event_secrets s USING events e
WHERE e.stream_id = :id AND s.stream_id = e.stream_id AND s.stream_seq = e.stream_seq
  AND (e.actor_kind = 'pelapor' OR e.role_code = 'pelapor' OR e.type = 'ReportReceived'
       OR e.type = 'PhotoCleaned'
          AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.id = CAST(e.data->>'foto' AS uuid)))
""")
_OUTBOX = text("UPDATE outbox_messages SET \"values\" = '{}' WHERE report_id = :id AND \"values\" <> '{}'")
_INCIDENTS = text("""
UPDATE incidents SET action = jsonb_build_object('verb', action -> 'verb')
WHERE report_id = :id AND action <> jsonb_build_object('verb', action -> 'verb')
""")
_OLD = text("""
SELECT r.id FROM reports r LEFT JOIN erasures e ON e.report_id = r.id
WHERE r.closed_at < CAST(:now AS timestamptz) - make_interval(years => :years) AND e.report_id IS NULL
ORDER BY r.closed_at, r.id LIMIT :most FOR UPDATE OF r SKIP LOCKED
""")


@dataclass(frozen=True, slots=True)
class Counts:
    """How much went: rows of each kind."""

    identity: int
    messages: int
    drafts: int
    photos: int
    secrets: int
    notices: int


def request_erasure(session: Session, number: str, *, reason: str, actor: Actor, now: datetime) -> uuid.UUID:
    """Somebody asked to be forgotten; another officer confirms. Returns the report's id. Raises NotFound,
    NotPermitted, Invalid (no reason), Conflict (still open, asked already, done already)."""
    _only(actor)
    report = session.scalar(select(Report).where(Report.number == number))
    if report is None:
        raise NotFound("Nomor laporan ini tidak ada. Periksa kembali nomornya.")
    if len(reason.strip()) < SHORTEST_REASON:
        words = told("Tulis siapa yang meminta dan dasarnya, sedikitnya %(n)s huruf.", n=SHORTEST_REASON)
        raise Invalid(words)
    if report.closed_at is None:
        raise Conflict("Laporan ini masih ditangani. Data pelapor dapat dihapus sesudah laporan ditutup.")
    if session.get(Erasure, report.id) is not None:
        raise Conflict("Permintaan untuk laporan ini sudah tercatat.")
    session.add(
        Erasure(
            report_id=report.id,
            ground="permintaan",
            reason=reason.strip(),
            requested_by=uuid.UUID(actor.person_id) if actor.person_id else None,
            requested_at=now,
        )
    )
    session.flush()
    trail.record(session, report.id, "ErasureRequested", actor=actor, now=now)
    return report.id


def confirm_erasure(
    session: Session, report_id: uuid.UUID, *, actor: Actor, now: datetime, storage: PhotoStore
) -> Counts:
    """Erase, as another officer than the one who asked. Raises NotFound, NotPermitted, Conflict."""
    _only(actor)
    asked = session.scalar(select(Erasure).where(Erasure.report_id == report_id).with_for_update())
    if asked is None:
        raise NotFound
    if asked.erased_at is not None:
        raise Conflict("Data pelapor laporan ini sudah dihapus.")
    if actor.person_id is None or str(asked.requested_by) == actor.person_id:
        raise Conflict("Penghapusan tidak dapat dibatalkan, maka harus disetujui admin lain.")
    asked.confirmed_by = uuid.UUID(actor.person_id)
    return _erase(session, asked, actor=actor, now=now, storage=storage)


def decline_erasure(session: Session, report_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Take a request back before anything was erased. Raises NotFound, NotPermitted, Conflict."""
    _only(actor)
    asked = session.scalar(select(Erasure).where(Erasure.report_id == report_id).with_for_update())
    if asked is None:
        raise NotFound
    if asked.erased_at is not None:
        raise Conflict("Data pelapor laporan ini sudah dihapus.")
    session.delete(asked)
    trail.record(session, report_id, "ErasureDeclined", actor=actor, now=now)


def retention_years(session: Session) -> int:
    """Years after closing for which personal data are kept; 0: until somebody asks."""
    value = session.scalar(select(CitySetting.value).where(CitySetting.key == RETENTION))
    return int((value or {}).get("tahun", 0))


def set_retention(session: Session, years: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """Raises NotPermitted, Invalid."""
    _only(actor)
    if not 0 <= years <= 50:
        raise Invalid("Tulis lamanya dalam tahun, 1 sampai 50; 0 berarti tidak dihapus dengan sendirinya.")
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(told("Tulis dasarnya, sedikitnya %(n)s huruf.", n=SHORTEST_REASON))
    before = retention_years(session)
    session.merge(CitySetting(key=RETENTION, value={"tahun": years}))
    session.flush()
    facts = {"sebelum": before, "sesudah": years, "dasar": reason.strip()}
    log = trail.begin_stream(session, stream_of_city(), "kota")
    log.add("RetentionChanged", facts)
    log.write(session, origin=actor.origin(), now=now)


def erase_what_is_old(session: Session, *, actor: Actor, now: datetime, storage: PhotoStore) -> int:
    """What a night's work takes of the reports whose time is over; how many."""
    years = retention_years(session)
    if not years:
        return 0
    old = session.scalars(_OLD, {"now": now, "years": years, "most": MOST_A_NIGHT}).all()
    for report_id in old:
        row = Erasure(
            report_id=report_id, ground="retensi", reason=f"{years} tahun sesudah ditutup", requested_at=now
        )
        session.add(row)
        session.flush()
        _erase(session, row, actor=actor, now=now, storage=storage)
    return len(old)


def _erase(session: Session, asked: Erasure, *, actor: Actor, now: datetime, storage: PhotoStore) -> Counts:
    given = {"id": asked.report_id, "erased": ERASED}

    def rows(statement: object) -> int:
        return int(session.execute(statement, given).rowcount)  # type: ignore[call-overload]

    rows(_WORDS)
    rows(_INCIDENTS)
    tasks = select(WorkItem.id).where(WorkItem.report_id == asked.report_id)
    of_report = or_(Photo.report_id == asked.report_id, Photo.work_item_id.in_(tasks))
    photos = session.scalars(select(Photo).where(of_report, Photo.uploaded_by.is_(None))).all()
    remove_photos(session, photos, storage)
    counts = Counts(
        identity=rows(_IDENTITY),
        messages=rows(_MESSAGES),
        drafts=rows(_DRAFTS),
        photos=len(photos),
        secrets=rows(_SECRETS),
        notices=rows(_OUTBOX),
    )
    asked.erased_at, asked.counts = now, asdict(counts)
    session.flush()
    facts = {"dasar": asked.ground, "banyaknya": asdict(counts)}
    trail.record(session, asked.report_id, "PersonalDataErased", facts, actor=actor, now=now)
    return counts


def _only(actor: Actor) -> None:
    if actor.kind != "command" and not actor.may(Permission.CITY_MANAGE):
        raise NotPermitted
