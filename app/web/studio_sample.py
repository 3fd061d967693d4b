"""The form of a task that is being drawn, as the one who fills it will see it. Nothing is read of any report
and nothing is kept."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from app.adapters import clock
from app.db.queries.directory import named_codes
from app.domain.permissions import Permission
from app.engine.functions import standard_functions
from app.extensions import db
from app.forms.diagram import diagram_form
from app.forms.sample import read_sample
from app.services import city
from app.services.task_page import choices_of
from app.web.guards import requires
from app.web.uploads import settings

bp = Blueprint("studio_sample", __name__, url_prefix="/studio")

LARGEST_BODY = 1024 * 1024


@bp.post("/pratinjau.json")
@requires(Permission.SOP_READ)
def sample() -> Response:
    request.max_content_length = LARGEST_BODY
    task = read_sample(request.get_json())
    form = diagram_form(
        task,
        variables={},
        functions=standard_functions(city.tools(db.session, clock.now())),
        choices=choices_of(named_codes(db.session)),
        zone=settings().city.zone,
    )
    return jsonify(html=render_template("studio/_sample.html", form=form))
