"""What differs between versions, the printed SOP and the SOP as text: of a draft, and of every version."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from app.adapters import clock
from app.db.queries import studio as queries
from app.domain.errors import NotFound
from app.domain.permissions import Permission
from app.domain.spoken import moment
from app.engine.compiled import Source
from app.engine.references import references
from app.engine.text_walk import text_walk
from app.extensions import db
from app.forms.compare import read_comparison
from app.forms.studio import read_files
from app.services import sop_document, sop_versions
from app.services.sop_versions import NoSuchSop, published_files
from app.web.guards import requires
from app.web.uploads import settings

bp = Blueprint("studio_compare", __name__, url_prefix="/studio")

LARGEST_BODY = 24 * 1024 * 1024
"""Bytes of a JSON body: two SOPs to be compared, escaped."""
PDF = "application/pdf"


@bp.before_request
def bound_the_body() -> None:
    request.max_content_length = LARGEST_BODY


@bp.post("/banding.json")
@requires(Permission.SOP_READ)
def compare() -> Response:
    """A draft as it stands in the browser, against a version or against other files."""
    asked, now = read_comparison(request.get_json()), clock.now()
    published = published_files(db.session, now)
    new = sop_document.whole(asked.given.files, asked.given.main, published)
    key = asked.key or references(new[0].name, new[0].content).main or ""
    versions = [{"version": row.version, "name": row.name} for row in queries.versions_of(db.session, key)]
    against: int | None = None
    if asked.against is not None:
        old = sop_document.whole(asked.against.files, asked.against.main, published)
    else:
        against = asked.version or _number_in_force(key)
        old = [] if against is None else _files(key, against)
    db.session.rollback()  # what follows takes its time; meanwhile this request holds nothing
    found = sop_document.compared(old, new)
    html = render_template("studio/_difference.html", difference=found, sections=_sections(found),
                           link="element")
    return jsonify(difference={name: found[name] for name in ("elements", "changes", "renamed")}, html=html,
                   old=found["pictures"]["old"], against=against, versions=versions, key=key)


@bp.get("/<key>/banding")
@requires(Permission.SOP_READ)
def versions_compared(key: str) -> str:
    """Two versions beside each other; without numbers the newest and the one before."""
    versions = queries.versions_of(db.session, key)
    if not versions:
        raise NoSuchSop
    newest = versions[0].version
    new = request.args.get("baru", newest, type=int)
    old = request.args.get("lama", max(new - 1, 1), type=int)
    found = sop_document.compared(_files(key, old), _files(key, new))
    return render_template(
        "studio/compare.html", key=key, name=versions[0].name, versions=versions, old=old, new=new,
        difference=found, sections=_sections(found), link="picture",
    )  # fmt: skip


@bp.post("/dokumen.pdf")
@requires(Permission.SOP_READ)
def draft_pdf() -> Response:
    given = read_files(request.get_json())
    return _pdf(sop_document.draft_pdf(given.files, given.main, _published()), "konsep")


@bp.post("/dokumen.html")
@requires(Permission.SOP_READ)
def draft_page() -> Response:
    given = read_files(request.get_json())
    page = sop_document.draft_page(given.files, given.main, _published())
    return jsonify(html=render_template("studio/_document.html", document=page, version=None))


@bp.post("/teks.json")
@requires(Permission.SOP_READ)
def draft_text() -> Response:
    given = read_files(request.get_json())
    return jsonify(lines=sop_document.draft_text(given.files, given.main, _published()))


@bp.get("/<key>/versi/<int:number>/dokumen.pdf")
@requires(Permission.SOP_READ)
def version_pdf(key: str, number: int) -> Response:
    return _pdf(_set(key, number, tuple(_files(key, number))), f"{key}-versi-{number}")


@bp.get("/<key>/versi/<int:number>/lembar-penetapan.pdf")
@requires(Permission.SOP_READ)
def version_cover(key: str, number: int) -> Response:
    """What the approval's record says, on a sheet to lie over the document."""
    row = queries.version_page(db.session, key, number)
    if row is None:
        raise NoSuchSop
    zone = settings().city.zone
    files = _files(key, number)
    facts = [
        ("Nomor SOP", sop_document.document_page(files, key)["identity"]["number"]),
        ("Versi", str(row.version)),
        ("Dasar hukum penetapan", row.legal_basis),
        ("Disusun oleh", row.author_name),
        ("Ikut menyunting", row.editor_names if row.editor_names != row.author_name else ""),
        ("Disetujui oleh", row.approver_name),
        ("Disetujui pada", moment(row.approved_at, zone) if row.approved_at else ""),
        ("Berlaku sejak", moment(row.effective_at, zone)),
        ("Alasan perubahan", row.note),
        ("Pengecualian", row.exception or ""),
        ("Sidik BPMN dan DMN (SHA-256)", row.content_hash),
        ("Sidik dokumen (SHA-256)", row.document_hash or ""),
    ]
    kept = [(name, words) for name, words in facts if words]
    return _pdf(sop_document.cover_pdf(files, key, kept, version=number), f"{key}-versi-{number}-penetapan")


@bp.get("/<key>/versi/<int:number>/dokumen")
@requires(Permission.SOP_READ)
def version_page(key: str, number: int) -> str:
    page = sop_document.document_page(_files(key, number), key)
    return render_template("studio/document_page.html", document=page, version=number, key=key)


@bp.get("/<key>/versi/<int:number>/teks")
@requires(Permission.SOP_READ)
def version_text(key: str, number: int) -> str:
    lines = text_walk(_files(key, number), key)
    return render_template("studio/text.html", lines=lines, version=number, key=key)


@lru_cache(maxsize=8)
def _set(key: str, number: int, files: tuple[Source, ...]) -> bytes:
    """A published version never changes, so its document is set once for as long as it is asked for."""
    return sop_document.document_pdf(files, key, version=number)


def _files(key: str, number: int) -> list[Source]:
    files = sop_versions.files_of(db.session, key, number, clock.now())
    return [Source(name, text.encode("utf-8")) for name, text in files.items()]


def _number_in_force(key: str) -> int | None:
    try:
        return sop_versions.number_in_force(db.session, key, clock.now())
    except NotFound:
        return None


def _published() -> Sequence[Source]:
    found = published_files(db.session, clock.now())
    db.session.rollback()  # setting takes its time; meanwhile this request holds nothing
    return found


def _sections(found: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Changes under their headings, in order."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for change in found["changes"]:
        groups.setdefault(change["section"], []).append(change)
    return groups


def _pdf(content: bytes, name: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = PDF
    answer.headers["Content-Disposition"] = f'inline; filename="SOP-{name}.pdf"'
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
