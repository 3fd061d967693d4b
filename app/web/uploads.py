"""Files that come with a request, and the photo store they go to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from app.adapters.images import Refused
from app.adapters.storage import PhotoStore, open_store
from app.config import Settings
from app.domain.actor import Actor
from app.engine.declaration import Field, Task
from app.extensions import db
from app.forms.attachments import Upload as Offered
from app.forms.attachments import upload_name
from app.i18n import translated
from app.services import photos
from app.services.photos import StoredPhoto, Upload
from app.services.task_photos import limit_of

STORE = "tuntas_photos"


def settings() -> Settings:
    found: Settings = current_app.extensions["tuntas"]
    return found


def photo_store() -> PhotoStore:
    """The store of this city, opened once per process."""
    if STORE not in current_app.extensions:
        current_app.extensions[STORE] = open_store(settings().storage_url)
    store: PhotoStore = current_app.extensions[STORE]
    return store


def receive(
    sent: FileStorage, upload: Upload, *, actor: Actor | None, now: datetime, limit: int = 5
) -> StoredPhoto | Refused:
    """Hand one file of the request to the service. `upload` says whose it is; its content is filled in."""
    content = sent.stream.read()
    sent.close()
    return photos.receive_photo(
        db.session,
        Upload(
            content,
            upload.submission_key,
            upload.client_id,
            upload.purpose,
            upload.field,
            upload.work_item_id,
        ),
        actor=actor,
        now=now,
        storage=photo_store(),
        zone=ZoneInfo(settings().city.zone),
        limit=limit,
    )


@dataclass(slots=True)
class TaskFiles:
    """What a task's form has by way of photos: those that are there, and what was wrong with the rest."""

    offered: Mapping[str, tuple[Offered, ...]]
    faults: dict[str, str] = field(default_factory=dict)


def task_files(task: Task, work_item_id: uuid.UUID, *, actor: Actor, now: datetime) -> TaskFiles:
    """Take the photos a browser without scripts sent with a task's form, and list all of this task."""
    faults: dict[str, str] = {}
    fresh: set[uuid.UUID] = set()
    for declared in task.fields:
        if declared.type != "photo":
            continue
        for number, sent in enumerate(chosen(upload_name(declared.id)), start=1):
            upload = task_upload(work_item_id, declared)
            answer = receive(sent, upload, actor=actor, now=now, limit=limit_of(declared))
            if isinstance(answer, Refused):
                faults[declared.id] = _("Foto ke-%(n)s: %(fault)s", n=number, fault=translated(answer.text))
            else:
                fresh.add(answer.id)
    offered: dict[str, tuple[Offered, ...]] = {}
    for photo in photos.photos_of_task(db.session, work_item_id):
        if photo.state == photos.REJECTED or photo.field is None:
            continue
        shown = Offered(
            id=str(photo.id),
            url=photo_url(photo.id, small=True),
            label=_("Foto %(n)s", n=len(offered.get(photo.field, ())) + 1),
            fresh=photo.id in fresh,
        )
        offered[photo.field] = (*offered.get(photo.field, ()), shown)
    return TaskFiles(offered, faults)


def task_upload(work_item_id: uuid.UUID, declared: Field, client_id: str = "") -> Upload:
    """The frame of a photo sent for a field of a task."""
    purpose = photos.PROOF if declared.public else photos.INTERNAL
    return Upload(b"", work_item_id, client_id, purpose, declared.id, work_item_id)


def chosen(name: str) -> list[FileStorage]:
    """The files of one input; an input left empty sends one file without a name."""
    return [sent for sent in request.files.getlist(name) if sent.filename]


def photo_url(photo_id: uuid.UUID | str, *, small: bool = False) -> str:
    """The permission-checked address of a photo."""
    return url_for("photos.show", photo_id=photo_id, ukuran="kecil" if small else None)
