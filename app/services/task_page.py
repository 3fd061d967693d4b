"""Everything a task's page shows, read once: the report, the form's declaration, and what comes after."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db import pushes
from app.db.queries import report_page
from app.db.queries.directory import colleagues, named_codes
from app.db.queries.history import events_of
from app.db.queries.studio import judgements_of, proposal_judged
from app.domain.actor import Actor
from app.domain.errors import NotFound, NotPermitted
from app.engine.declaration import Task
from app.engine.functions import standard_functions
from app.engine.runner import inspect
from app.services import city, sop_versions
from app.services.history import HistoryLine, history
from app.services.sop_enactment import may_not_judge
from app.services.task_work import PROGRESS, draft_of, may_work_on
from app.services.versions_run import names_of, task_then


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task with its report. `variables`, `functions`: what the form's conditions read."""

    item: Row[Any]
    task: Task
    proposal: Row[Any] | None
    """The proposed SOP that is judged, where the task is about one instead of a report."""
    judgements: Sequence[Row[Any]]
    """What was done about it so far."""
    sop_name: str
    variables: Mapping[str, Any]
    functions: Mapping[str, Any]
    draft: Mapping[str, Any]
    draft_at: datetime | None
    deadline: Row[Any] | None
    """due_at, first_due_at, arithmetic of the task's own clock."""
    report: Row[Any] | None
    photos: Sequence[Row[Any]]
    thread: Sequence[Row[Any]]
    history: Sequence[HistoryLine]
    checked_photos: Sequence[Row[Any]]
    """Proof photos of the last round of the task this one checks."""
    labels: Mapping[str, str]
    choices: Mapping[str, Sequence[tuple[str, str, str]]]
    """Field type -> (code, name, group)."""
    colleagues: Sequence[tuple[uuid.UUID, str]]
    unit_name: str
    role_name: str
    takes_progress: bool
    """The SOP offers a form for progress, or a wish for more time, beside this task."""
    barred: bool
    """This officer did the work that the task checks, or handled a report that wants fresh eyes."""


def task_view(session: Session, task_id: uuid.UUID, *, actor: Actor, now: datetime) -> TaskView:
    """Read a task for its page. Raises NotFound, NotPermitted.

    A closed task can still be looked at; its variables are then empty, for there is no form to fill.
    """
    item = pushes.work_item(session, task_id)
    if item is None:
        raise NotFound()
    if not may_work_on(item, actor):
        raise NotPermitted("Tugas ini bukan untuk peran atau unit Anda.")
    instance = pushes.instance(session, item.instance_id)
    if instance is None:
        raise NotFound()
    compiled = sop_versions.compiled(session, instance.sop_version_id)
    task = compiled.tasks.get((item.process, item.element))
    if task is None:
        events = events_of(session, instance.stream_id)
        task = task_then(session, compiled, events, item.process, item.element)
    variables: dict[str, Any] = {}
    takes_progress = barred = False
    if item.closed_at is None and instance.state is not None:
        position = inspect(compiled, instance.state)
        variables = dict(position.variables)
        takes_progress = bool(task.boundary) and PROGRESS in position.waiting
        for open_task in position.open:
            if open_task.id == str(task_id):
                variables |= open_task.scope
                barred = actor.engine_id() in open_task.barred
    draft = draft_of(session, task_id, actor=actor)
    codes = named_codes(session)
    labels = labels_of(codes)
    report = photos = thread = story = proposal = judgements = None
    if item.report_id is not None:
        report = report_page.report_by_id(session, item.report_id)
        photos = report_page.photos_of(session, item.report_id)
        thread = report_page.thread_of(session, item.report_id)
        story = history(session, item.report_id, audience="petugas", labels=labels)
    else:
        proposal = proposal_judged(session, item.instance_id)
        judgements = judgements_of(session, item.instance_id)
        barred = barred or may_not_judge(session, item, task, actor) is not None
    return TaskView(
        item=item,
        task=task,
        proposal=proposal,
        judgements=judgements or (),
        sop_name=compiled.name,
        variables=variables,
        functions=standard_functions(city.tools(session, now)),
        draft=draft.answers if draft else {},
        draft_at=draft.updated_at if draft else None,
        deadline=report_page.deadline_of(session, task_id),
        report=report,
        photos=photos or (),
        thread=thread or (),
        history=story or (),
        checked_photos=_checked(session, item, task, photos or ()),
        labels=labels,
        choices=choices_of(codes),
        colleagues=colleagues(session, item.role_code, item.unit_code),
        unit_name=labels.get(item.unit_code or "", ""),
        role_name=labels.get(item.role_code, item.role_code),
        takes_progress=takes_progress,
        barred=barred,
    )


def labels_of(codes: Sequence[Row[Any]]) -> dict[str, str]:
    """Code -> name, for units, topics, kelurahan and roles."""
    return {row.code: row.name for row in codes}


def choices_of(codes: Sequence[Row[Any]]) -> dict[str, list[tuple[str, str, str]]]:
    """What the reference fields of a form offer: (code, name, group) by field type."""
    offered: dict[str, list[tuple[str, str, str]]] = {"unit": [], "category": [], "kelurahan": []}
    for row in codes:
        if row.active and row.type in offered:
            offered[row.type].append((row.code, row.name, row.part_of))
    return offered


def _checked(session: Session, item: Row[Any], task: Task, photos: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """The photos answered at the last completion of the task that `task` checks."""
    if task.verifies is None or item.report_id is None:
        return ()
    process, _, element = task.verifies.rpartition("/")
    where = {task.verifies, element, f"{process or task.process}/{element}"}
    chosen: set[str] = set()
    events = events_of(session, item.report_id)
    where |= {name for one in tuple(where) for name in names_of(one, events)}
    for event in events:
        if event.type == "TaskCompleted" and event.data.get("langkah") in where:
            answers = event.data.get("jawaban", {})
            chosen = {str(each) for value in answers.values() if isinstance(value, list) for each in value}
    return [photo for photo in photos if str(photo.id) in chosen]
