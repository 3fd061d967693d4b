"""Who may see which photo: one rule, whatever page or address asks."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Photo, Report, WorkItem
from app.domain.actor import Actor
from app.domain.permissions import Permission
from app.services.photos import PROOF, READY, REJECTED, REPORT
from app.services.report_access import may_read


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who wants to see a photo: an officer, or a browser that opened a report by its secret link or that is
    filling in the form with this submission key."""

    actor: Actor | None
    reports: Collection[uuid.UUID] = ()
    submissions: Collection[uuid.UUID] = ()


def photo_for(session: Session, photo_id: uuid.UUID, *, viewer: Viewer) -> Photo | None:
    """The photo, if this viewer may see it; None also when there is none, so that nobody learns which.

    Officers: whoever may read its report (or sent it). The reporter: photos of the report they opened by the
    secret link. The form: its own uploads. Everybody: what `is_public` says.
    """
    photo = session.get(Photo, photo_id)
    if photo is None or photo.state == REJECTED:
        return None
    if photo.report_id is None and photo.work_item_id is None and photo.submission_key in viewer.submissions:
        return photo
    report_id = photo.report_id or session.scalar(
        select(WorkItem.report_id).where(WorkItem.id == photo.work_item_id)
    )
    if report_id is not None and report_id in viewer.reports and _is_the_reporters(photo):
        return photo
    actor = viewer.actor
    if actor is not None and actor.kind == "person" and actor.may(Permission.REPORT_READ):
        if photo.uploaded_by is not None and str(photo.uploaded_by) == actor.person_id:
            return photo
        if report_id is not None and may_read(session, report_id, actor=actor):
            return photo
    return photo if _is_public(session, photo) else None


def _is_the_reporters(photo: Photo) -> bool:
    """The reporter sees their own photos and, once part of the report, the proof of the work."""
    return photo.uploaded_by is None or (photo.purpose == PROOF and photo.report_id is not None)


def _is_public(session: Session, photo: Photo) -> bool:
    """Photos of a report that is finished with proof and not confidential; those an anonymous reporter took
    stay with the officers, since the place one stands at tells who one is."""
    if photo.report_id is None or photo.state != READY:
        return False
    report = session.get(Report, photo.report_id)
    if report is None or report.confidential or report.end_reason != "selesai":
        return False
    if report.anonymous and (photo.purpose == REPORT or photo.uploaded_by is None):
        return False
    return photo.purpose in (PROOF, REPORT)
