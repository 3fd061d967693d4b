"""The reporter's page, read once: where the report stands, who holds it, what happens otherwise."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import report_page
from app.db.queries import tracking as queries
from app.db.queries.directory import named_codes
from app.domain.actor import Actor
from app.domain.errors import NotFound
from app.engine.declaration import Task
from app.engine.functions import standard_functions
from app.services import city
from app.services.history import REPORTER_SIDE, HistoryLine, history
from app.services.history_words import end_words
from app.services.outlook import Outlook, outlook
from app.services.photos import REPORT
from app.services.task_page import choices_of, labels_of
from app.services.task_work import draft_of

REPORTER = "pelapor"


@dataclass(frozen=True, slots=True)
class Current:
    """The step the report stands at. `holder`: role and unit, never a person."""

    task_id: uuid.UUID
    title: str
    holder: str
    opened_at: datetime
    due_at: datetime | None
    otherwise: str
    """What happens by itself at `otherwise_at` if nothing is done until then."""
    otherwise_at: datetime | None = None
    first_due_at: datetime | None = None
    """The limit before anybody moved it."""


@dataclass(frozen=True, slots=True)
class Closed:
    """How the report ended."""

    title: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnTask:
    """A task of the reporter with all its form needs."""

    id: uuid.UUID
    name: str
    opened_at: datetime
    due_at: datetime | None
    task: Task
    variables: Mapping[str, Any]
    functions: Mapping[str, Any]
    choices: Mapping[str, Sequence[tuple[str, str, str]]]
    draft: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrackingView:
    report: Row[Any]
    current: Current | None
    closed: Closed | None
    history: Sequence[HistoryLine]
    next_steps: tuple[str, ...]
    tasks: Sequence[OwnTask]
    waiting: frozenset[str]
    photos: Sequence[Row[Any]]
    """The reporter's own."""
    conversation: Sequence[Row[Any]]
    readings: Sequence[Row[Any]]
    clocks: Sequence[Row[Any]]
    """How the limits of open steps and the report's own came about."""


def tracking_view(session: Session, report_id: uuid.UUID, *, actor: Actor, now: datetime) -> TrackingView:
    """Everything the secret link shows. Raises NotFound."""
    report = report_page.report_by_id(session, report_id)
    if report is None:
        raise NotFound
    codes = named_codes(session)
    ahead = outlook(session, report_id)
    items = queries.open_tasks_of(session, report_id)
    story = history(session, report_id, audience="pelapor", labels=labels_of(codes))
    tools = standard_functions(city.tools(session, now))
    choices = choices_of(codes)
    own = [
        OwnTask(
            item.id,
            item.name,
            item.opened_at,
            item.due_at,
            ahead.compiled.task(item.process, item.element),
            {**ahead.variables, **ahead.scopes.get(str(item.id), {})},
            tools,
            choices,
            _draft(session, item.id, actor),
        )
        for item in items
        if item.role_code == REPORTER and item.main and ahead.compiled is not None
    ]
    return TrackingView(
        report=report,
        current=_current(items, ahead),
        closed=_closed(report, story),
        history=story,
        next_steps=ahead.next_steps,
        tasks=own,
        waiting=ahead.waiting,
        photos=[each for each in report_page.photos_of(session, report_id) if each.purpose == REPORT],
        conversation=queries.conversation_of(session, report_id),
        readings=queries.readings_of(session, report_id),
        clocks=() if report.closed_at else report_page.clocks_of(session, report_id),
    )


def _draft(session: Session, task_id: uuid.UUID, actor: Actor) -> Mapping[str, Any]:
    kept = draft_of(session, task_id, actor=actor)
    return {} if kept is None else dict(kept.answers)


def _current(items: Sequence[Row[Any]], ahead: Outlook) -> Current | None:
    """The oldest open step of the main SOP: what it is called for the public, and what its timers do."""
    if not items:
        return None
    item = items[0]
    task = None if ahead.compiled is None else ahead.compiled.tasks.get((item.process, item.element))
    title = task.duty.public if task is not None and task.duty.public else item.name
    then = next((each for each in ahead.consequences if each.task_id == str(item.id)), None)
    holder = ", ".join(part for part in (item.role_name, item.unit_name) if part)
    otherwise, at = (then.text, then.at) if then is not None else ("", None)
    return Current(item.id, title, holder, item.opened_at, item.due_at, otherwise, at, item.first_due_at)


def _closed(report: Row[Any], story: Sequence[HistoryLine]) -> Closed | None:
    """How it ended, with the last account that officers gave of it; not what the reporter said then."""
    if report.closed_at is None:
        return None
    reason = report.end_reason or report.status
    told = next((line.title for line in reversed(story) if line.kind == "ReportClosed"), "")
    title = told or end_words(reason)
    last = next((line for line in reversed(story) if line.answers and line.who != REPORTER_SIDE), None)
    text = "\n".join(answer.text for answer in last.answers if answer.text) if last is not None else ""
    return Closed(title, text, report.closed_at)
