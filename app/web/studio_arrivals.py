"""Files that come from outside: first compared with what the city has."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.adapters import clock
from app.domain.errors import Invalid
from app.domain.permissions import Permission
from app.engine.compiled import Source
from app.extensions import db
from app.services import sop_beginnings, sop_check, sop_document, sop_drafts, sop_versions
from app.services.sop_facts import city_facts
from app.services.sop_rules import rules_in_force
from app.services.sop_versions import published_files
from app.web.guards import current_actor, requires

bp = Blueprint("studio_arrivals", __name__, url_prefix="/studio")

LARGEST_UPLOAD = 21 * 1024 * 1024
"""Bytes of a request that brings files; what is in them has bounds of its own."""


@bp.post("/konsep/<uuid:draft_id>/impor")
@requires(Permission.SOP_EDIT)
def take_in(draft_id: uuid.UUID) -> Response:
    """A package beside this draft: kept as a draft of its own, and compared with it."""
    request.max_content_length = LARGEST_UPLOAD
    sop_drafts.draft(db.session, draft_id)
    sent = request.files.get("berkas")
    if sent is None or not sent.filename:
        raise Invalid(_("Pilih berkas .bpmn atau paket .zip."))
    row = sop_beginnings.begin_from_file(
        db.session, sent.filename, whole(sent), actor=current_actor(), now=clock.now()
    )
    return redirect(url_for("studio_arrivals.arrival", draft_id=row.id, dengan=draft_id), 303)


def whole(sent: FileStorage) -> bytes:
    """What was sent; its temporary file is given back at once."""
    try:
        return sent.stream.read()
    finally:
        sent.close()


@bp.get("/konsep/<uuid:draft_id>/masuk")
@requires(Permission.SOP_READ)
def arrival(draft_id: uuid.UUID) -> str:
    """What came in, compared before anybody works on it."""
    now, row = clock.now(), sop_drafts.draft(db.session, draft_id)
    published = published_files(db.session, now)
    new = sop_document.whole(row.files, row.main_file, published)
    old, beside = _beside(row.key)
    checked = sop_check.check(
        row.files, row.main_file, rules=rules_in_force(db.session), published=published,
        facts=city_facts(db.session),
    )  # fmt: skip
    found = sop_document.compared(old, new) if old else None
    came = (row.view or {}).get("masuk") or {}
    return render_template(
        "studio/arrival.html",
        draft=row,
        beside=beside,
        difference=found,
        sections=by_section(found) if found else {},
        errors=len(checked.errors),
        left_out=came.get("ditinggal") or (),
        sender=came.get("kota") or "",
        version=came.get("versi"),
    )


def _beside(key: str) -> tuple[list[Source], str]:
    """Files and name of what is compared with: a draft that was asked for, else the version in force."""
    asked = request.args.get("dengan", type=uuid.UUID)
    if asked is not None:
        draft = sop_drafts.draft(db.session, asked)
        published = published_files(db.session, clock.now())
        files = sop_document.whole(draft.files, draft.main_file, published)
        return files, _("konsep %(name)s", name=draft.name)
    newest = sop_versions.latest_version(db.session, key)
    if newest is None:
        return [], ""
    return sop_versions.sources_of(newest), _("versi %(n)s", n=newest.version)


def by_section(found: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Changes under their headings, in order."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for change in found["changes"]:
        groups.setdefault(change["section"], []).append(change)
    return groups
