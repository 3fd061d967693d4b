"""Photos on their way from a stranger's phone to somebody who may see them.

An original is quarantined as it came and never served. A clean copy (stripped, re-encoded) is made by a job,
or earlier by whoever is permitted to look first; then the original is deleted. Until a report is sent or a
task is completed, a photo belongs to its upload session only.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.adapters.images import CannotReencode, Reencoded, Refused, inspect_upload, reencode
from app.adapters.jobs import Job, defer
from app.adapters.storage import NotStored, PhotoStore, content_key, quarantine_key
from app.db.models import Photo, WorkItem
from app.domain.actor import WORKER, Actor
from app.domain.report import PHOTOS_MAX
from app.domain.words import told
from app.services.photo_removal import remove_photos
from app.services.photo_traits import TRAITS, traits_of
from app.services.trail import open_stream

QUARANTINED, READY, REJECTED = "karantina", "siap", "ditolak"
REPORT, PROOF, INTERNAL = "laporan", "bukti", "internal"
"""`bukti`: sent for a field that its diagram marks public; `internal`: for any other field of a task."""
PROCESS_JOB = "photos.process"


@dataclass(frozen=True, slots=True)
class Upload:
    """One photo as it arrived. `client_id` is chosen by the browser, so that a repeated upload is the same
    photo; empty (a plain form): the content decides."""

    content: bytes
    submission_key: uuid.UUID
    """The citizen's form, or the id of the task."""
    client_id: str = ""
    purpose: str = REPORT
    field: str | None = None
    work_item_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A photo of an upload session or report, for showing it."""

    id: uuid.UUID
    state: str
    refusal: str | None
    client_id: str
    field: str | None = None


def receive_photo(
    session: Session,
    upload: Upload,
    *,
    actor: Actor | None,
    now: datetime,
    storage: PhotoStore,
    zone: tzinfo,
    limit: int = PHOTOS_MAX,
) -> StoredPhoto | Refused:
    """Judge and quarantine one photo. Sent twice, it is still one photo; refused, nothing is kept."""
    client_id = upload.client_id[:80] or hashlib.sha256(upload.content).hexdigest()
    _lock_submission(session, upload.submission_key)
    known = session.scalar(
        select(Photo).where(Photo.submission_key == upload.submission_key, Photo.client_id == client_id)
    )
    if known is not None:
        if known.work_item_id != upload.work_item_id:
            return Refused(told("Formulir ini tidak dikenal. Muat ulang halaman, lalu coba lagi."))
        return _shown(known)
    if _count(session, upload) >= limit:
        return Refused(told("Paling banyak %(n)s foto.", n=limit))
    checked = inspect_upload(upload.content, zone=zone)
    if isinstance(checked, Refused):
        return checked
    photo_id = uuid.uuid4()
    key = quarantine_key(str(photo_id))
    storage.put(key, upload.content)
    photo = Photo(
        id=photo_id,
        submission_key=upload.submission_key,
        client_id=client_id,
        work_item_id=upload.work_item_id,
        field=upload.field,
        purpose=upload.purpose,
        state=QUARANTINED,
        sha256=hashlib.sha256(upload.content).hexdigest(),
        original_key=key,
        media_type=checked.mime,
        size=len(upload.content),
        width=checked.width,
        height=checked.height,
        taken_at=checked.metadata.taken_at,
        lat=checked.metadata.lat,
        lng=checked.metadata.lng,
        device=checked.metadata.device,
        uploaded_at=now,
        uploaded_by=uuid.UUID(actor.person_id) if actor is not None and actor.person_id else None,
    )
    session.add(photo)
    session.flush()
    defer(session, [Job(PROCESS_JOB, {"photo_id": str(photo_id)}, key=f"photo:{photo_id}")])
    return _shown(photo)


def process_photo(
    session: Session, photo_id: uuid.UUID, *, storage: PhotoStore, now: datetime
) -> Photo | None:
    """Make the clean copy of a quarantined photo; done before, it changes nothing. None: no such photo.

    The trace of its report ties the copy to the original, which goes only after the commit
    (`forget_originals`), so that a rolled back change can be repeated. Locks as a push does: the stream, then
    the photo.
    """
    seen = session.get(Photo, photo_id, populate_existing=True)
    if seen is None or seen.state != QUARANTINED or seen.original_key is None:
        return seen
    clean = _cleaned(storage, seen.original_key)
    report_id = _report_of(session, seen)
    events = None if report_id is None else open_stream(session, report_id)
    # Somebody else may have finished it meanwhile: only what stands under the lock counts.
    locked = select(Photo).where(Photo.id == photo_id).with_for_update()
    photo = session.scalar(locked.execution_options(populate_existing=True))
    if photo is None or photo.state != QUARANTINED:
        return photo
    if clean is None:
        photo.state = REJECTED
        photo.refusal = told("Foto ini tidak dapat dibaca. Kirim foto lain.")
    else:
        photo.image_key = content_key(clean.jpeg)
        photo.thumbnail_key = content_key(clean.thumbnail)
        photo.width, photo.height = clean.width, clean.height
        photo.dhash = clean.dhash - (1 << 64) if clean.dhash >= 1 << 63 else clean.dhash
        photo.state = READY
    session.flush()
    if events is None and photo.report_id is not None:
        events = open_stream(session, photo.report_id)
    if events is not None:
        facts = {"foto": str(photo.id), "asal": photo.sha256, "bersih": clean_digest(photo)}
        events.add("PhotoCleaned", {**facts, "keadaan": photo.state}, {TRAITS: traits_of(photo)})
        events.write(session, origin=WORKER.origin(), now=now)
    return photo


def clean_digest(photo: Photo) -> str | None:
    """SHA-256 of the clean copy, which is its key; None as long as there is none."""
    return photo.image_key.rpartition("/")[2].partition(".")[0] if photo.image_key else None


def forget_originals(session: Session, *, storage: PhotoStore) -> int:
    """Delete the originals of photos whose clean copy is committed; how many."""
    done = session.execute(
        select(Photo.id, Photo.original_key)
        .where(Photo.state != QUARANTINED, Photo.original_key.is_not(None))
        .order_by(Photo.uploaded_at)
        .limit(500)
        .with_for_update(skip_locked=True)
    ).all()
    for _, key in done:
        storage.delete(str(key))
    session.execute(update(Photo).where(Photo.id.in_([row.id for row in done])).values(original_key=None))
    return len(done)


def photos_of_submission(session: Session, submission_key: uuid.UUID) -> list[StoredPhoto]:
    """What a citizen's form holds so far, oldest first, refused ones included. Photos of tasks are not a
    form's, whatever key it names."""
    return _unsent(session, submission_key, work_item_id=None)


def photos_of_task(session: Session, work_item_id: uuid.UUID) -> list[StoredPhoto]:
    """What was sent for an open task so far, oldest first, refused ones included."""
    return _unsent(session, work_item_id, work_item_id=work_item_id)


def _unsent(
    session: Session, submission_key: uuid.UUID, *, work_item_id: uuid.UUID | None
) -> list[StoredPhoto]:
    rows = session.scalars(
        select(Photo)
        .where(
            Photo.submission_key == submission_key,
            Photo.work_item_id.is_not_distinct_from(work_item_id),
            Photo.report_id.is_(None),
        )
        .order_by(Photo.uploaded_at, Photo.id)
    )
    return [_shown(photo) for photo in rows]


def withdraw_photo(
    session: Session, submission_key: uuid.UUID, client_id: str, *, storage: PhotoStore
) -> bool:
    """Take a photo out of a citizen's form before it was attached anywhere."""
    photo = session.scalar(
        select(Photo)
        .where(
            Photo.submission_key == submission_key,
            Photo.client_id == client_id,
            Photo.report_id.is_(None),
            Photo.work_item_id.is_(None),
        )
        .with_for_update()
    )
    if photo is None:
        return False
    remove_photos(session, [photo], storage)
    return True


def attach_to_report(
    session: Session, submission_key: uuid.UUID, report_id: uuid.UUID, *, limit: int = PHOTOS_MAX
) -> Sequence[Photo]:
    """Give the photos of an upload session to the report it became; those that could not be read stay out."""
    photos = session.scalars(
        select(Photo)
        .where(
            Photo.submission_key == submission_key,
            Photo.report_id.is_(None),
            Photo.work_item_id.is_(None),
            Photo.state != REJECTED,
        )
        .order_by(Photo.uploaded_at, Photo.id)
        .limit(limit)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for photo in photos:
        photo.report_id = report_id
    return photos


def attach_to_task(
    session: Session,
    photo_ids: Collection[uuid.UUID],
    *,
    work_item_id: uuid.UUID,
    report_id: uuid.UUID | None,
) -> Sequence[Photo]:
    """Make photos that were sent for this very task part of its report. Ids of other tasks, of refused
    photos, or unknown ones are left out: the caller compares."""
    if not photo_ids:
        return []
    photos = session.scalars(
        select(Photo)
        .where(Photo.id.in_(photo_ids), Photo.work_item_id == work_item_id, Photo.state != REJECTED)
        .order_by(Photo.uploaded_at, Photo.id)
        .with_for_update()
    ).all()
    for photo in photos:
        photo.report_id = report_id
    return photos


def _cleaned(storage: PhotoStore, key: str) -> Reencoded | None:
    """The clean copy, stored already; None when the original cannot be read (any more)."""
    try:
        clean = reencode(storage.get(key))
    except (CannotReencode, NotStored):
        return None
    storage.put(content_key(clean.jpeg), clean.jpeg)
    storage.put(content_key(clean.thumbnail), clean.thumbnail)
    return clean


def _report_of(session: Session, photo: Photo) -> uuid.UUID | None:
    if photo.report_id is not None or photo.work_item_id is None:
        return photo.report_id
    return session.scalar(select(WorkItem.report_id).where(WorkItem.id == photo.work_item_id))


def _shown(photo: Photo) -> StoredPhoto:
    return StoredPhoto(photo.id, photo.state, photo.refusal, photo.client_id, photo.field)


def _lock_submission(session: Session, submission_key: uuid.UUID) -> None:
    """Two uploads of one session count each other."""
    session.execute(select(func.pg_advisory_xact_lock(submission_key.int & 0x7FFF_FFFF_FFFF_FFFF)))


def _count(session: Session, upload: Upload) -> int:
    same = select(func.count()).where(
        Photo.submission_key == upload.submission_key, Photo.state != REJECTED, Photo.field == upload.field
    )
    if upload.field is None:
        same = select(func.count()).where(
            Photo.submission_key == upload.submission_key, Photo.state != REJECTED, Photo.field.is_(None)
        )
    return session.scalar(same) or 0
