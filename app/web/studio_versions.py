"""One published version: its approval, its diagram, what changed; and its files to take away."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from sqlalchemy import Row

from app.adapters import clock
from app.db.queries import studio as queries
from app.domain import spoken
from app.domain.errors import NotFound
from app.domain.permissions import Permission
from app.engine.compiled import Source
from app.engine.difference import difference
from app.engine.drawing import draw
from app.engine.text_walk import text_walk
from app.extensions import db
from app.services.sop_document import cover_pdf
from app.services.sop_drafts import NoSuchDraft
from app.services.sop_package import Packed, pack
from app.web.guards import current_actor, requires
from app.web.studio_lifecycle import attachment
from app.web.uploads import settings

bp = Blueprint("studio_versions", __name__, url_prefix="/studio")


@bp.get("/<key>/versi/<int:number>")
@requires(Permission.SOP_READ)
def show(key: str, number: int) -> str:
    row, now = _version(key, number), clock.now()
    versions = queries.versions_of(db.session, key)
    before = queries.version_page(db.session, key, number - 1)
    sources = _sources(row)
    changes = difference(_sources(before), sources).changes if before else ()
    return render_template(
        "studio/version.html",
        version=row,
        state=_state(row, now),
        versions=versions,
        diagram=draw(sources[0].content, process=key),
        lines=text_walk(sources, key),
        before=before.version if before else None,
        changes=[one.sentence for one in changes],
        files=[one.name for one in sources],
        can_edit=current_actor().may(Permission.SOP_EDIT),
        now=now,
    )


@bp.get("/<key>/versi/<int:number>/penetapan.pdf")
@requires(Permission.SOP_READ)
def version_cover(key: str, number: int) -> Response:
    """The sheet that says who put this version in force, to be filed before the document itself."""
    row = _version(key, number)
    content = cover_pdf(_sources(row), key, _facts(row), version=number)
    return attachment(content, f"SOP-{key}-versi-{number}-penetapan.pdf", "application/pdf")


@bp.get("/<key>/versi/<int:number>/paket.zip")
@requires(Permission.SOP_READ)
def version_package(key: str, number: int) -> Response:
    row = _version(key, number)
    packed = Packed(row.key, row.name, row.version, row.files, row.main_file, row.scenarios)
    return _package(packed, f"{key}-versi-{number}.zip")


@bp.get("/<key>/versi/<int:number>/berkas/<name>")
@requires(Permission.SOP_READ)
def version_file(key: str, number: int, name: str) -> Response:
    """A diagram or table exactly as it was published."""
    return _file(_version(key, number).files, name)


@bp.get("/konsep/<uuid:draft_id>/paket.zip")
@requires(Permission.SOP_READ)
def draft_package(draft_id: uuid.UUID) -> Response:
    row = queries.draft_by_id(db.session, draft_id)
    if row is None:
        raise NoSuchDraft
    packed = Packed(row.key, row.name, None, row.files, row.main_file, row.scenarios)
    return _package(packed, f"{row.key}-konsep.zip")


@bp.get("/konsep/<uuid:draft_id>/berkas/<name>")
@requires(Permission.SOP_READ)
def draft_file(draft_id: uuid.UUID, name: str) -> Response:
    row = queries.draft_by_id(db.session, draft_id)
    if row is None:
        raise NoSuchDraft
    return _file(row.files, name)


def _version(key: str, number: int) -> Row[Any]:
    row = queries.version_page(db.session, key, number)
    if row is None:
        raise NotFound
    return row


def _sources(row: Row[Any]) -> list[Source]:
    names = sorted(row.files, key=lambda name: (name != row.main_file, name))
    return [Source(name, row.files[name].encode("utf-8")) for name in names]


def _package(packed: Packed, name: str) -> Response:
    return attachment(pack(packed, settings().city.name), name, "application/zip")


def _file(files: dict[str, str], name: str) -> Response:
    if name not in files:
        raise NotFound
    return attachment(files[name].encode("utf-8"), name, "application/xml")


def _facts(row: Row[Any]) -> list[tuple[str, str]]:
    """The approval in words, for the printed sheet."""
    zone = settings().city.zone
    said = [
        (_("Dasar hukum"), row.legal_basis),
        (_("Ditetapkan oleh"), row.approver_name),
        (_("Ditetapkan pada"), spoken.moment(row.approved_at or row.published_at, zone)),
        (_("Berlaku sejak"), spoken.moment(row.effective_at, zone)),
        (_("Disusun oleh"), row.author_name),
        (_("Ikut menyunting"), row.editor_names if row.editor_names != row.author_name else ""),
        (_("Alasan perubahan"), row.note),
        (_("Pengecualian"), row.exception or ""),
        (_("Ditandatangani"), f"{row.exception_by_name}, {spoken.moment(row.exception_at, zone)}"
         if row.exception else ""),
        (_("Sidik BPMN dan DMN (SHA-256)"), row.content_hash),
        (_("Sidik dokumen (SHA-256)"), row.document_hash or ""),
    ]  # fmt: skip
    return [(str(heading), text) for heading, text in said if text]


def _state(row: Row[Any], now: datetime) -> tuple[str, str, str]:
    """Words, colour and icon of where a version stands."""
    if row.effective_at > now:
        return _("Disetujui, belum berlaku"), "blue", "clock"
    if row.replaced_at is not None and row.replaced_at <= now:
        return _("Digantikan"), "grey", "history"
    return _("Berlaku"), "green", "circle-check"
