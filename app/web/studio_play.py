"""Trying out a draft and judging it by its scenarios. Nothing here writes: what the browser sends comes back
as the picture of where the SOP would stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, render_template, request

from app.adapters import clock
from app.db.queries.directory import named_codes
from app.domain.permissions import Permission
from app.engine.functions import standard_functions
from app.engine.step import Tools
from app.extensions import db
from app.forms.diagram import DiagramForm
from app.forms.play import Trial, answers_of, read_judged, read_trial, report_task, trial_form
from app.forms.studio import read_files
from app.services import sop_play
from app.services.sop_play import Tried
from app.services.task_page import choices_of
from app.web.display import CHANNELS, KINDS
from app.web.guards import requires
from app.web.studio_play_words import cards, entries, timers, variables
from app.web.uploads import settings

bp = Blueprint("studio_play", __name__, url_prefix="/studio")

LARGEST_BODY = 12 * 1024 * 1024
RESULT = ("name", "verdict", "agrees", "step", "difference", "end", "path")
"""What scripts need of a result; the page shows the rest."""


@bp.before_request
def bound_the_body() -> None:
    request.max_content_length = LARGEST_BODY


@bp.post("/coba.json")
@requires(Permission.SOP_READ)
def play() -> Response:
    trial, now = read_trial(request.get_json()), clock.now()
    zone = settings().city.zone
    report = report_task(_named(KINDS), _named(CHANNELS))
    at = trial.at or now.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0).isoformat()
    data = dict(trial.data) or _first_report(trial)
    if trial.report is not None:
        data = answers_of(report, trial.report, zone)
    more = _step(trial, at, data, now)
    given = trial.scenario() if trial.text else {**trial.scenario(*more), "at": at, "data": data}
    tried = sop_play.try_out(
        db.session, trial.given.files, trial.given.main, given, now=now, keep=trial.keep is not None
    )
    if tried.stopped is not None:
        return jsonify(stopped=tried.stopped, at=at, data=data, steps=list(trial.steps), html=None)
    picture, given = tried.picture, tried.picture["given"]
    shown = cards(tried, _forms(trial, tried))
    return jsonify(
        stopped=None,
        html=render_template(
            "studio/_play.html",
            picture=picture,
            now=datetime.fromisoformat(picture["now"]),
            day_off=tried.calendar.day_off(tried.calendar.local_day(datetime.fromisoformat(picture["now"]))),
            tasks=shown,
            people=_people(given["steps"]),
            entries=entries(tried),
            timers=timers(tried),
            variables=variables(tried),
            total=datetime.fromisoformat(picture["total"]["due"]) if picture["total"] else None,
            report=_report_form(report, given["data"]),
            trouble=picture["trouble"],
            refused=more[0] if more and _was_refused(picture, len(given["steps"])) else None,
        ),
        at=given["at"],
        data=given["data"],
        calendar=given["calendar"],
        steps=given["steps"][: picture["accepted"]],
        refused=more[0] if more and _was_refused(picture, len(given["steps"])) else None,
        trouble=picture["trouble"],
        now=picture["now"],
        ended=picture["ended"],
        marks={key: picture[key] for key in ("done", "tokens", "next")},
        timers=[one["due"] for one in picture["timers"]],
        scenario=picture.get("scenario"),
    )


@bp.post("/skenario.json")
@requires(Permission.SOP_READ)
def judge() -> Response:
    """Every scenario against the draft as it stands in the browser; with `write`, also new ones for what they
    leave out."""
    sent = request.get_json()
    given, scenarios = read_files(sent), read_judged(sent)
    judged = sop_play.judge_with_city(
        db.session, given.files, given.main, scenarios, zone=settings().city.zone, now=clock.now()
    )
    shown = {one["name"]: one for one in scenarios}
    zone = ZoneInfo(settings().city.zone)
    starts = {one.name: datetime.fromisoformat(one.at) for one in judged.results if one.at}
    moments = {name: at if at.tzinfo else at.replace(tzinfo=zone) for name, at in starts.items()}
    html = render_template("studio/_scenarios.html", judged=judged, shown=shown, moments=moments)
    told = {**judged.told(), "html": html}
    told["results"] = [{name: one[name] for name in RESULT} for one in told["results"]]
    if sent.get("write") is True and judged.stopped is None:
        told |= sop_play.write_scenarios(
            db.session, given.files, given.main, scenarios, zone=settings().city.zone, now=clock.now()
        )
    return jsonify(told)


def _step(trial: Trial, at: str, data: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The step a sent form is, if one was sent. A task that is not open is told so by the replay."""
    if trial.deed is None:
        return []
    before = {**trial.scenario(), "at": at, "data": data}
    task = sop_play.declared_task(
        db.session, trial.given.files, trial.given.main, before, trial.deed.task, now=now
    )
    answers = {} if task is None else answers_of(task, trial.deed.pairs, settings().city.zone)
    return [trial.deed.step(answers)]


def _was_refused(picture: Mapping[str, Any], sent: int) -> bool:
    """Whether the very last step was tried and refused."""
    trouble = picture["trouble"]
    return trouble is not None and trouble["kind"] == "refusal" and trouble["step"] == sent


def _forms(trial: Trial, tried: Tried) -> dict[tuple[str, str], DiagramForm]:
    """The form of each open task by (task, item); what was typed into a refused one stands in it, with its
    faults."""
    zone, picture = settings().city.zone, tried.picture
    functions = standard_functions(Tools(datetime.fromisoformat(picture["now"]), tried.calendar))
    codes = choices_of(named_codes(db.session))
    trouble = picture["trouble"] or {}
    found = {}
    for number, one in enumerate(picture["open"]):
        people = [(name, name) for name in tried.holders[one["task"]].names]
        typed = trial.deed is not None and trouble and (
            (trial.deed.task, trial.deed.of) == (one["task"], one["of"])
        )
        form = trial_form(
            tried.tasks[one["task"]],
            variables={**picture["variables"], **one["scope"]},
            functions=functions,
            choices={**codes, "person": people},
            zone=zone,
            pairs=trial.deed.pairs if typed and trial.deed else None,
            prefix=f"t{number}",
        )
        if typed:
            form.show_faults(trouble["faults"])
        found[one["task"], str(one["of"])] = form
    return found


def _first_report(trial: Trial) -> dict[str, Any]:
    """An ordinary report, so that one click shows something: the city's first topic and place."""
    offered = choices_of(named_codes(db.session))
    drawn = trial.given.files[trial.given.main]
    kind = next((kind for kind in KINDS if f'id="{kind}"' in drawn), "pengaduan")
    first = {name: offered[name][0][0] for name in ("category", "kelurahan") if offered[name]}
    return {"jenis": kind, "kategori": first.get("category"), "kelurahan": first.get("kelurahan"),
            "kanal": "web", "jumlah_foto": 1, "anonim": False, "rahasia": False}  # fmt: skip


def _report_form(task: Any, data: Mapping[str, Any]) -> DiagramForm:
    return trial_form(
        task, variables={}, functions={}, choices=choices_of(named_codes(db.session)),
        zone=settings().city.zone, draft=data,
    )  # fmt: skip


def _people(steps: list[Mapping[str, Any]]) -> list[str]:
    """Who acted so far, in order."""
    return list(dict.fromkeys(str(step["by"]) for step in steps if step.get("by")))


def _named(names: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(code, str(name)) for code, name in names.items()]
