"""Photos in and out. No address of a photo opens it for somebody who may not see it."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from app.adapters import clock
from app.adapters.images import Refused
from app.domain.actor import Actor
from app.domain.errors import Invalid, NotFound
from app.domain.permissions import Permission
from app.extensions import db, limiter
from app.i18n import translated
from app.services import photos, task_photos
from app.services.photo_viewing import photo_for
from app.services.photos import StoredPhoto, Upload
from app.web import visitor
from app.web.guards import current_actor, public, requires
from app.web.uploads import chosen, photo_store, photo_url, receive, task_upload

bp = Blueprint("photos", __name__)

Answer = tuple[Response, int]


@bp.post("/lapor/foto")
@limiter.limit("60 per minute")
@public
def upload() -> Answer:
    """One photo of a report that is being written."""
    key = _key(request.form.get("submission_key", ""))
    visitor.remember_submission(key)
    sent = chosen("photo")
    if not sent:
        return _told(_("Tidak ada foto yang terkirim. Coba pilih sekali lagi."), 400)
    client_id = request.form.get("client_id", "")
    return _answer(receive(sent[0], Upload(b"", key, client_id), actor=None, now=clock.now()))


@bp.post("/lapor/foto/hapus")
@limiter.limit("60 per minute")
@public
def remove() -> tuple[str, int]:
    """Take a photo back before the report is sent."""
    key = _key(request.form.get("submission_key", ""))
    photos.withdraw_photo(db.session, key, request.form.get("client_id", ""), storage=photo_store())
    return "", 204


@bp.post("/tugas/<uuid:task_id>/foto")
@requires(Permission.TASK_COMPLETE)
def upload_for_task(task_id: uuid.UUID) -> Answer:
    """One photo for a field of an officer's task."""
    sent = chosen("photo")
    if not sent:
        return _told(_("Tidak ada foto yang terkirim. Coba pilih sekali lagi."), 400)
    actor = current_actor()
    return receive_for_task(sent[0], task_id, actor)


@bp.get("/foto/<uuid:photo_id>")
@public
def show(photo_id: uuid.UUID) -> AnyResponse:
    """The clean copy of a photo, `?ukuran=kecil` a small one. Made on the spot if its job has not run yet."""
    photo = photo_for(db.session, photo_id, viewer=visitor.viewer())
    if photo is not None and photo.state == photos.QUARANTINED:
        photo = photos.process_photo(db.session, photo_id, storage=photo_store(), now=clock.now())
    if photo is None or photo.state != photos.READY:
        raise NotFound
    key = photo.thumbnail_key if request.args.get("ukuran") == "kecil" else photo.image_key
    response = Response(photo_store().stream(str(key)), mimetype="image/jpeg")
    response.set_etag(str(key).rpartition("/")[2])
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = "inline"
    return response.make_conditional(request)


def receive_for_task(sent: FileStorage, task_id: uuid.UUID, actor: Actor) -> Answer:
    """One photo for a field of a task, whoever does the task."""
    declared = task_photos.photo_field(db.session, task_id, request.form.get("field", ""), actor=actor)
    upload = task_upload(task_id, declared, request.form.get("client_id", ""))
    limit = task_photos.limit_of(declared)
    return _answer(receive(sent, upload, actor=actor, now=clock.now(), limit=limit))


def _answer(stored: StoredPhoto | Refused) -> Answer:
    if isinstance(stored, Refused):
        return _told(stored.text, 422)
    if stored.refusal:
        return _told(stored.refusal, 422)
    thumb = photo_url(stored.id, small=True)
    return jsonify(id=str(stored.id), client_id=stored.client_id, thumb_url=thumb), 200


def _told(message: str, status: int) -> Answer:
    return jsonify(message=translated(message)), status


def _key(typed: str) -> uuid.UUID:
    try:
        return uuid.UUID(typed)
    except ValueError:
        raise Invalid(_("Formulir ini tidak lengkap. Muat ulang halaman, lalu coba lagi.")) from None
