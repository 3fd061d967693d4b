"""What a trace is of: a report with all its SOPs, or one judgement of a proposed SOP, whose events lie among
others on the SOP's own stream."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import trace as queries
from app.db.queries.history import events_of
from app.services.history import HistoryLine
from app.services.history_approvals import approval_line
from app.services.step_record import message_id

MOST_NOTICES = 16
"""Messages of one push that are looked for; the SOP of approvals sends one at most."""
NAMELESS = frozenset({"TimersFired", "MessageDelivered", "IncidentOpened"})
"""Pushes that may open and close no task: those from before events named their flow name nothing at all."""
FOLLOWING = frozenset({
    "ProcessStarted", "TaskFellToKominfo", "NoteTaken", "SopPublished", "DeadlineMoved", "TotalDeadlineMoved",
    "IncidentOpened", "ProcessEnded",
})  # fmt: skip
"""Events that a push may write behind its own."""


def as_told(line: HistoryLine, event: Row[Any]) -> HistoryLine:
    """A report's events are told as everywhere else."""
    return line


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a trace is made of. `stream`: the chain its events stand in; `events`: those of this subject,
    in order; `retold`: another way to tell an event."""

    stream: uuid.UUID
    events: Sequence[Row[Any]]
    instances: Sequence[Row[Any]]
    tasks: Sequence[Row[Any]]
    messages: Sequence[Row[Any]]
    incidents: Sequence[Row[Any]]
    retold: Callable[[HistoryLine, Row[Any]], HistoryLine] = field(default=as_told)


def report_subject(session: Session, report_id: uuid.UUID) -> Subject:
    """A report: its stream holds nothing else."""
    return Subject(
        report_id,
        events_of(session, report_id),
        queries.instances(session, report_id),
        queries.tasks(session, report_id),
        queries.messages(session, report_id),
        queries.incidents(session, report_id),
    )


def approval_subject(
    session: Session, stream: uuid.UUID, *, proposal_id: uuid.UUID, instance_id: uuid.UUID
) -> Subject:
    """One judgement of a proposed SOP."""
    instances = queries.instance(session, instance_id)
    tasks = queries.tasks_of_instance(session, instance_id)
    incidents = queries.incidents_of_instance(session, instance_id)
    own = Named(
        str(proposal_id),
        str(instance_id),
        frozenset(str(row.id) for row in tasks),
        frozenset(str(row.id) for row in incidents),
    )
    pushes = range(max((row.revision for row in instances), default=0) + 1)
    called = [message_id(instance_id, push, place) for push in pushes for place in range(MOST_NOTICES)]
    return Subject(
        stream,
        list(own.among(events_of(session, stream))),
        instances,
        tasks,
        queries.messages_called(session, called),
        incidents,
        approval_line,
    )


@dataclass(frozen=True, slots=True)
class Named:
    """What events call the one judgement they belong to: its proposal, its flow, its tasks, its incidents."""

    proposal: str
    flow: str
    tasks: AbstractSet[str]
    incidents: AbstractSet[str]

    def among(self, events: Iterable[Row[Any]]) -> Iterator[Row[Any]]:
        """The events of this judgement, out of its SOP's stream."""
        mine = runs = False
        before: Row[Any] | None = None
        for event in events:
            named = self._names(event.data)
            if named is None and before is not None and event.type in FOLLOWING and _together(before, event):
                named = mine
            elif named is None:
                named = runs and event.type in NAMELESS
            before, mine = event, named
            if not mine:
                continue
            runs = event.type != "ProcessEnded" and (runs or event.type == "ProcessStarted")
            yield event

    def _names(self, data: Mapping[str, Any]) -> bool | None:
        """Whether these facts name this judgement; None when they name none."""
        for key, own in (("usulan", self.proposal), ("alur", self.flow)):
            if key in data:
                return bool(data[key] == own)
        if "insiden" in data:
            return data["insiden"] in self.incidents
        named = set(_tasks(data))
        return bool(named & self.tasks) if named else None


def _tasks(data: Mapping[str, Any]) -> Iterator[str]:
    """Ids of the tasks that an event names."""
    task = data.get("tugas")
    if isinstance(task, str):
        yield task
    several = (*data.get("dibuka", ()), *data.get("ditutup", ()), *(task if isinstance(task, list) else ()))
    yield from (one[0] for one in several)


def _together(before: Row[Any], event: Row[Any]) -> bool:
    """Whether two neighbours were written in one go."""
    return (before.at, before.actor_id, before.source) == (event.at, event.actor_id, event.source)
