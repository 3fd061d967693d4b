"""What a browser sends while a draft is tried out, read into plain values, and the forms it fills in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from werkzeug.datastructures import MultiDict

from app.domain.errors import Invalid
from app.domain.sop_draft import VERDICTS
from app.domain.words import told
from app.engine.answer_types import is_blank
from app.engine.declaration import Field, Option, Task
from app.engine.scenario import ScenarioInvalid, plain
from app.engine.step import Json
from app.forms.attachments import Upload
from app.forms.diagram import Choices, DiagramForm, diagram_form
from app.forms.studio import NOT_UNDERSTOOD, Files, body, read_files, read_scenarios

Pairs = Sequence[tuple[str, str]]
Functions = Mapping[str, Callable[..., Json]]
MOST_PAIRS = 600
_UNPRINTABLE = re.compile("[\ud800-\udfff]")
LONGEST_TITLE = 200
REPORTS = (("LW-2026-01-000001", "LW-2026-01-000001"),)
"""Another report, where a form asks for one: any number will do in a try."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A form that somebody sends in a try. `task`: as steps call it; `of`: the item of its child."""

    task: str
    by: str
    pairs: Pairs
    of: Json
    has_of: bool

    def step(self, answers: Mapping[str, Json]) -> dict[str, Json]:
        """The step of a scenario it is."""
        child = {"of": self.of} if self.has_of else {}
        return {"complete": self.task, "by": self.by, **child, "answers": dict(answers)}


@dataclass(frozen=True, slots=True)
class Trial:
    """A draft and the steps taken so far. `report`: the first form, where it was sent with this request;
    `keep`: the title under which the run is to be kept as a scenario."""

    given: Files
    at: str | None
    calendar: Mapping[str, Json]
    data: Mapping[str, Json]
    steps: tuple[Mapping[str, Json], ...]
    deed: Deed | None
    report: Pairs | None
    keep: str | None
    text: str | None
    """YAML of a scenario to play on from; the rest is then empty."""

    def scenario(self, *more: Mapping[str, Json]) -> dict[str, Json]:
        """What is to be taken again, with further steps."""
        if self.text is not None:
            return {"text": self.text}
        return {"at": self.at, "calendar": self.calendar, "data": self.data, "steps": [*self.steps, *more]}


def read_trial(sent: object) -> Trial:
    """`{files, main, at?, calendar?, data?, steps?, act?, report?, keep?, text?}`. Raises Invalid."""
    given, files = body(sent), read_files(sent)
    if _UNPRINTABLE.search(json.dumps({**given, "files": {}}, ensure_ascii=False, default=str)):
        raise Invalid(NOT_UNDERSTOOD)
    at, data, steps = given.get("at"), given.get("data") or {}, given.get("steps") or []
    days, keep = given.get("calendar") or {}, given.get("keep")
    if not isinstance(data, dict) or not isinstance(steps, list) or not isinstance(days, dict):
        raise Invalid(NOT_UNDERSTOOD)
    if not all(isinstance(step, dict) for step in steps) or not isinstance(at, str | None):
        raise Invalid(NOT_UNDERSTOOD)
    text = given.get("text")
    if not isinstance(keep, str | None) or not isinstance(text, str | None):
        raise Invalid(NOT_UNDERSTOOD)
    try:
        datetime.fromisoformat(at or "2026-01-05T09:00")
        whole = plain({"data": data, "steps": steps, "calendar": days})
    except (ScenarioInvalid, ValueError) as error:
        raise Invalid(NOT_UNDERSTOOD) from error
    act, report = given.get("act"), given.get("report")
    return Trial(
        files, at, whole["calendar"], whole["data"], tuple(whole["steps"]),
        None if act is None else _deed(act), None if report is None else _pairs(report),
        None if keep is None else keep.strip()[:LONGEST_TITLE], text,
    )  # fmt: skip


def read_judged(sent: object) -> list[dict[str, Json]]:
    """`{scenarios: […]}` with their marks, as they stand in the browser. Raises Invalid."""
    read = read_scenarios(sent)
    marks = {}
    for one in body(sent)["scenarios"]:
        verdict, by = one.get("verdict"), str(one.get("marked_by") or "")
        if isinstance(verdict, str) and verdict in VERDICTS and not _UNPRINTABLE.search(by):
            marks[one["name"]] = {"verdict": verdict, "marked_by": by}
    return [{**one, "verdict": None, "marked_by": "", **marks.get(one["name"], {})} for one in read]


def _deed(sent: object) -> Deed:
    given = body(sent)
    task, by = given.get("task"), given.get("by")
    if not isinstance(task, str) or not isinstance(by, str) or not by.strip():
        raise Invalid(NOT_UNDERSTOOD)
    return Deed(task, by.strip()[:80], _pairs(given.get("form")), given.get("of"), bool(given.get("has_of")))


def _pairs(sent: object) -> Pairs:
    if not isinstance(sent, list) or len(sent) > MOST_PAIRS:
        raise Invalid(NOT_UNDERSTOOD)
    if not all(isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one)
               for one in sent):
        raise Invalid(NOT_UNDERSTOOD)
    return [(one[0], one[1]) for one in sent]


def trial_form(
    task: Task,
    *,
    variables: Mapping[str, Json],
    functions: Functions,
    choices: Choices,
    zone: str,
    pairs: Pairs | None = None,
    draft: Mapping[str, Json] | None = None,
    prefix: str = "",
) -> DiagramForm:
    """The very form an officer would fill in. Photos and files are names, written one after the other.
    `prefix` keeps the ids of several forms on one page apart."""
    sent = None if pairs is None else _sent(task, pairs)
    names = {
        field.id: [Upload(one, "", one) for one in sent.getlist(field.id)] if sent is not None else []
        for field in task.fields if field.type in ("photo", "file")
    }
    form = diagram_form(
        task, variables=variables, functions=functions, choices={**choices, "report": REPORTS},
        formdata=sent, draft=draft, uploads=names, zone=zone,
    )  # fmt: skip
    for one in form.answer_fields:
        one.id = f"{prefix}{one.id}"
    return form


def answers_of(task: Task, pairs: Pairs, zone: str) -> dict[str, Json]:
    """The answers a sent form holds, right or wrong, without what was left empty; `false` is an answer. A
    field with a default that was emptied is answered with nothing, or the default would come back."""
    form = trial_form(task, variables={}, functions={}, choices={}, zone=zone, pairs=pairs)
    asked = [field for field in form.answer_fields if field.declared.type != "info"]
    return {
        field.declared.id: None if is_blank(field.data) else field.data
        for field in asked
        if not is_blank(field.data) or field.declared.default is not None
    }


def report_task(kinds: Iterable[tuple[str, str]], channels: Iterable[tuple[str, str]]) -> Task:
    """What a report brings to its SOP, asked as any other form. The texts are translated where shown."""
    options = [tuple(Option(value, label) for value, label in each) for each in (kinds, channels)]
    fields = (
        Field("jenis", "choice", told("Jenis laporan"), required=True, options=options[0]),
        Field("kategori", "category", told("Topik"), required=True),
        Field("kelurahan", "kelurahan", told("Kelurahan")),
        Field("kanal", "choice", told("Lewat apa laporan masuk"), options=options[1]),
        Field("jumlah_foto", "integer", told("Banyaknya foto dari pelapor"), min="0", max="20"),
        Field("anonim", "boolean", told("Pelapor tidak menyebut diri")),
        Field("rahasia", "boolean", told("Isi laporan tidak dibuka untuk umum")),
    )
    return Task("laporan", "", told("Laporan yang dicoba"), None, fields=fields)


def _sent(task: Task, pairs: Pairs) -> MultiDict[str, str]:
    """The pairs as a form; names of photos are parted at commas and ends of lines."""
    names = {field.id for field in task.fields if field.type in ("photo", "file")}
    split: list[tuple[str, str]] = []
    for key, value in pairs:
        parts = value.replace("\n", ",").split(",") if key in names else [value]
        split += [(key, part.strip() if key in names else part) for part in parts if part.strip() or
                  key not in names]
    return MultiDict(split)
