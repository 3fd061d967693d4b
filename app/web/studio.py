"""Writing an SOP in the browser: the editor's page and what its scripts save, hold and ask."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from app.adapters import clock
from app.db.queries import studio as queries
from app.domain.errors import Invalid
from app.domain.permissions import Permission
from app.domain.sop_draft import Hold, stage
from app.domain.words import Sentence
from app.extensions import db
from app.forms import studio as forms
from app.hooks import content_security_policy
from app.i18n import translated
from app.services import sop_catalog, sop_check, sop_drafts, sop_scenarios
from app.services.sop_drafts import DraftMoved, NoSuchDraft
from app.services.sop_facts import city_facts
from app.services.sop_rules import rules_in_force
from app.services.sop_versions import published_files
from app.web.display import CHANNELS
from app.web.guards import current_actor, requires
from app.web.uploads import settings

bp = Blueprint("studio", __name__, url_prefix="/studio")

LARGEST_BODY = 12 * 1024 * 1024
"""Bytes of a JSON body: the six million letters of a draft, escaped."""


@bp.before_request
def bound_the_body() -> None:
    """A draft is text; nothing here needs the room that photos do. Uploads have their own bound."""
    if request.is_json:
        request.max_content_length = LARGEST_BODY


@bp.errorhandler(DraftMoved)
def moved(error: DraftMoved) -> tuple[Response, int]:
    """Who has it now, so that the page can say so and offer to take it over."""
    return jsonify(error=translated(error.text), revision=error.revision, editor=_editor(error.hold)), 409


@bp.get("/konsep/<uuid:draft_id>")
@requires(Permission.SOP_READ)
def editor(draft_id: uuid.UUID) -> Response:
    row = _row(draft_id)
    page = render_template("studio/editor.html", draft=row, zone=settings().city.zone)
    return with_style_attributes(page)


@bp.get("/konsep/<uuid:draft_id>/isi.json")
@requires(Permission.SOP_READ)
def content(draft_id: uuid.UUID) -> Response:
    row, now = _row(draft_id), clock.now()
    return jsonify(
        id=str(row.id),
        key=row.key,
        name=row.name,
        revision=row.revision,
        files=row.files,
        main=row.main_file,
        scenarios=[_scenario(one) for one in row.scenarios],
        view=row.view,
        state=_stage(row),
        remarks=row.remarks,
        based_on=None if row.based_on_version is None else {"version": row.based_on_version},
        editor=_editor(_hold(row, now)),
        may_edit=_may_edit(row),
        next_action=_next_action(row),
        saved_at=row.saved_at.isoformat(),
    )


@bp.put("/konsep/<uuid:draft_id>/isi.json")
@requires(Permission.SOP_EDIT)
def save(draft_id: uuid.UUID) -> Response:
    written = forms.read_written(_json())
    row = sop_drafts.save(
        db.session, draft_id, revision=written.revision, files=written.files, main=written.main,
        view=written.view, actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    return jsonify(
        revision=row.revision, saved_at=row.saved_at.isoformat(), key=row.key, name=row.name,
        state=_stage(row),
    )  # fmt: skip


@bp.post("/konsep/<uuid:draft_id>/pegang")
@requires(Permission.SOP_EDIT)
def hold(draft_id: uuid.UUID) -> Response:
    take_over = forms.body(_json()).get("ambil_alih") is True
    held = sop_drafts.take(
        db.session, draft_id, take_over=take_over, actor=current_actor(), now=clock.now()
    )
    return jsonify(editor=_editor(held))


@bp.post("/konsep/<uuid:draft_id>/lepas")
@requires(Permission.SOP_EDIT)
def let_go(draft_id: uuid.UUID) -> Response:
    sop_drafts.let_go(db.session, draft_id, actor=current_actor())
    return jsonify(editor=None)


@bp.put("/konsep/<uuid:draft_id>/skenario.json")
@requires(Permission.SOP_EDIT)
def scenarios(draft_id: uuid.UUID) -> Response:
    sent = forms.read_scenarios(_json())
    row = sop_scenarios.keep(db.session, draft_id, sent, actor=current_actor(), now=clock.now())
    return jsonify(revision=row.revision, scenarios=[_scenario(one) for one in row.scenarios])


@bp.post("/konsep/<uuid:draft_id>/skenario/<name>/tanda")
@requires(Permission.SOP_EDIT)
def mark(draft_id: uuid.UUID, name: str) -> Response:
    verdict = forms.read_verdict(_json())
    row = sop_scenarios.mark(db.session, draft_id, name, verdict, actor=current_actor(), now=clock.now())
    return jsonify(revision=row.revision, scenarios=[_scenario(one) for one in row.scenarios])


@bp.post("/periksa.json")
@requires(Permission.SOP_READ)
def check() -> Response:
    """Everything wrong with files as they stand in a browser; nothing is kept."""
    given, now = forms.read_files(_json()), clock.now()
    rules, published = rules_in_force(db.session), published_files(db.session, now)
    facts = city_facts(db.session)
    db.session.rollback()  # the check takes its time; meanwhile this request holds nothing
    found = sop_check.check(given.files, given.main, rules=rules, published=published, facts=facts)
    return jsonify(
        findings=[one.told() for one in found.findings], stopped=found.stopped,
        milliseconds=round(found.milliseconds),
    )  # fmt: skip


@bp.get("/katalog.json")
@requires(Permission.SOP_READ)
def catalog() -> Response:
    channels = {code: str(name) for code, name in CHANNELS.items()}
    return jsonify(_said(sop_catalog.catalog(db.session, channels=channels, now=clock.now())))


def with_style_attributes(page: str | AnyResponse) -> Response:
    """A page on which bpmn-js or dmn-js places its shapes by style attributes; nothing else is loosened."""
    answer = Response(page) if isinstance(page, str) else page
    answer.headers["Content-Security-Policy"] = content_security_policy(settings(), style_attributes=True)
    return answer  # type: ignore[return-value]


def _json() -> Any:
    try:
        return request.get_json(silent=False)
    except RecursionError as error:
        raise Invalid(forms.NOT_UNDERSTOOD) from error


def _row(draft_id: uuid.UUID) -> Row[Any]:
    row = queries.draft_by_id(db.session, draft_id)
    if row is None:
        raise NoSuchDraft
    return row


def _stage(row: Any) -> str:
    return stage(row.state, checked=row.checked_revision == row.revision)


def _may_edit(row: Row[Any]) -> bool:
    return row.state == "konsep" and current_actor().may(Permission.SOP_EDIT)


def _hold(row: Row[Any], now: datetime) -> Hold | None:
    if row.editor_id is None:
        return None
    held = Hold(str(row.editor_id), row.editor_name, row.editor_since, row.editor_seen_at)
    return held if held.lives(now) else None


def _editor(held: Hold | None) -> dict[str, Any] | None:
    if held is None:
        return None
    mine = held.person_id == current_actor().person_id
    return {"name": held.name, "since": held.since.isoformat(), "mine": mine}


def _next_action(row: Row[Any]) -> dict[str, str] | None:
    """The one thing to do next: what it is called and where."""
    if row.state == "konsep":
        if not current_actor().may(Permission.SOP_EDIT):
            return None
        return {"do": "usulkan", "label": _("Usulkan"), "url": f"/studio/konsep/{row.id}/usulkan"}
    if row.state == "diusulkan":
        if not current_actor().may(Permission.SOP_EDIT):
            return None
        return {"do": "tarik", "label": _("Tarik usulan"), "url": f"/studio/konsep/{row.id}/tarik"}
    return None


def _scenario(one: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "title", "text", "origin", "verdict", "marked_by", "marked_at", "covers")
    return {name: one.get(name) for name in names}


def _said(value: Any) -> Any:
    """The same with every sentence in the reader's language."""
    if isinstance(value, Sentence):
        return translated(value)
    if isinstance(value, dict):
        return {key: _said(one) for key, one in value.items()}
    return [_said(one) for one in value] if isinstance(value, list) else value
