"""Photos: what was sent, what may be seen, what the picture says about time, place and device."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, uuid_key


class Photo(Base):
    """One photo. `state`: `karantina` (original kept apart, nobody is served it), `siap` (stripped and
    re-encoded), `ditolak` (could not be read; `refusal` says why).

    It belongs to an upload session (`submission_key`: the citizen's form, or the work item's id) until
    it is attached to a report or to a task's answer (`field`). `sha256` is of the original bytes as sent;
    `taken_at`, `lat`, `lng`, `device` come from its metadata; `dhash` is a 64-bit perceptual hash.
    """

    __tablename__ = "photos"
    __table_args__ = (UniqueConstraint("submission_key", "client_id"),)
    id: Mapped[uuid_key]
    submission_key: Mapped[uuid.UUID]
    client_id: Mapped[str]
    """Chosen by the browser per photo, so that a repeated upload is the same photo."""
    report_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reports.id"))
    work_item_id: Mapped[uuid.UUID | None]
    field: Mapped[str | None]
    purpose: Mapped[str]
    """`laporan` or `bukti`."""
    state: Mapped[str]
    refusal: Mapped[str | None]
    sha256: Mapped[str]
    original_key: Mapped[str | None]
    image_key: Mapped[str | None]
    thumbnail_key: Mapped[str | None]
    media_type: Mapped[str]
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    taken_at: Mapped[datetime | None]
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    device: Mapped[str | None]
    dhash: Mapped[int | None] = mapped_column(BigInteger)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[uuid.UUID | None]
    """Officer who sent it; None for the reporter."""


Index("ix_photos_report", Photo.report_id)
Index("ix_photos_work_item", Photo.work_item_id)
Index("ix_photos_sha256", Photo.sha256)
