"""Photos that go: taken back by their sender, or left behind by a form that was never sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.adapters.storage import PhotoStore
from app.db.models import Photo

KEPT_UNATTACHED = timedelta(days=2)
"""How long a photo waits for its report before it is forgotten."""


def sweep_uploads(session: Session, *, now: datetime, storage: PhotoStore) -> int:
    """Forget photos whose report was never sent; how many."""
    stale = session.scalars(
        select(Photo)
        .where(
            Photo.report_id.is_(None),
            Photo.work_item_id.is_(None),
            Photo.uploaded_at < now - KEPT_UNATTACHED,
        )
        .order_by(Photo.uploaded_at)
        .limit(500)
        .with_for_update(skip_locked=True)
    ).all()
    remove_photos(session, stale, storage)
    return len(stale)


def remove_photos(session: Session, photos: Sequence[Photo], storage: PhotoStore) -> None:
    """Rows and files; a file that another photo's row shares (same content) stays."""
    ids = [photo.id for photo in photos]
    if not ids:
        return
    keys = {key for photo in photos for key in (photo.image_key, photo.thumbnail_key) if key}
    shared = set(
        session.scalars(select(Photo.image_key).where(Photo.image_key.in_(keys), Photo.id.not_in(ids)))
    ) | set(
        session.scalars(
            select(Photo.thumbnail_key).where(Photo.thumbnail_key.in_(keys), Photo.id.not_in(ids))
        )
    )
    for key in keys - shared:
        storage.delete(key)
    for photo in photos:
        if photo.original_key:
            storage.delete(photo.original_key)
    session.execute(delete(Photo).where(Photo.id.in_(ids)))
