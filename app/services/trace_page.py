"""Everything an auditor reads of one report, or of the judgement of a proposed SOP: its events with their
proof, its way, its clocks.

Names of officers are there, for whoever may read the trace may read who acted. Of the reporter there is
nothing: no name, no contact, no point, and no answer that the SOP declares personal.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import seals as seal_queries
from app.db.queries import trace as queries
from app.db.queries.operations_list import names_of
from app.domain.actor import Actor
from app.domain.errors import NotFound, NotPermitted
from app.domain.permissions import Permission
from app.domain.words import told
from app.services import city, sop_versions, trail
from app.services.history import AuditTeller, HistoryLine
from app.services.history_operations import OPERATION
from app.services.operations_told import people_in, picture_changes
from app.services.report_access import may_read
from app.services.seals import seal_of
from app.services.trace_origin import from_where
from app.services.trace_subject import Subject, report_subject
from app.services.trace_way import Figure, Mark, Walk
from app.services.trace_why import Why, why
from app.services.versions_run import Versions

READ = "TraceRead"


@dataclass(frozen=True, slots=True)
class Change:
    """Before and after. Moments are moments, everything else is words."""

    label: str
    before: datetime | str
    after: datetime | str


@dataclass(frozen=True, slots=True)
class EventShown:
    """One event. `seal`: number of the seal that covers it, None until tonight."""

    seq: int
    type: str
    line: HistoryLine
    where: str
    source: str
    changes: tuple[Change, ...]
    decisions: tuple[tuple[Why, Row[Any] | None], ...]
    sent: tuple[str, int] | None
    """Why it went to another agency here, and the place of the event whose table said so."""
    marks: tuple[Mark, ...]
    rang: tuple[tuple[str, datetime | str], ...]
    """Timers that rang: what they are called in the diagram, and when they were due."""
    hash: str
    seal: int | None


@dataclass(frozen=True, slots=True)
class StepTime:
    """One task against its limit. `worked`: seconds of working time it took so far; `since`, `until`: places
    of the events that opened and closed it; `done`: completed, not taken away."""

    row: Row[Any]
    worked: float
    since: int | None
    until: int | None
    done: bool
    late: bool


@dataclass(frozen=True, slots=True)
class SealShown:
    """A seal that covers events up to `upto`. `head`: what the printed seal letter says."""

    number: int
    at: datetime
    upto: int
    head: str


@dataclass(frozen=True, slots=True)
class FigureShown:
    """A diagram with the version it belongs to."""

    figure: Figure
    version: Row[Any]
    moved: bool
    """Another version went on with the report after it."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The page."""

    events: tuple[EventShown, ...]
    figures: tuple[FigureShown, ...]
    steps: tuple[StepTime, ...]
    instances: Sequence[Row[Any]]
    messages: Sequence[Row[Any]]
    incidents: Sequence[Row[Any]]
    seals: tuple[SealShown, ...]
    versions: Mapping[uuid.UUID, Row[Any]]


def open_trace(
    session: Session, report_id: uuid.UUID, *, labels: Mapping[str, str], actor: Actor, now: datetime
) -> Trace:
    """Read a report's trace; that it was read is itself an event in it, once per person and day. Raises
    NotPermitted, and NotFound for whoever may not know of the report."""
    if not actor.may(Permission.TRACE_READ):
        raise NotPermitted
    if not may_read(session, report_id, actor=actor):
        raise NotFound
    note_reading(session, report_id, {}, actor=actor, role=actor.role_with(Permission.TRACE_READ), now=now)
    return trace_of(session, report_subject(session, report_id), labels, now)


def note_reading(
    session: Session, stream: uuid.UUID, facts: Mapping[str, str], *, actor: Actor, role: str | None,
    now: datetime,
) -> None:  # fmt: skip
    """That a trace was read is itself an event in it, once per person and day. `facts`: whose trace, where
    the stream holds several."""
    zone = ZoneInfo(city.ZONE)
    since = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    person = uuid.UUID(str(actor.person_id))
    if queries.was_read(session, stream, facts, person, since):
        return
    written = trail.open_stream(session, stream)
    # Asked again under the lock: two windows opened at once are one reading.
    if not queries.was_read(session, stream, facts, person, since):
        written.add(READ, facts)
        written.write(session, origin=actor.origin(role), now=now)


def trace_of(session: Session, subject: Subject, labels: Mapping[str, str], now: datetime) -> Trace:
    """The page, whoever reads it."""
    events, instances, tasks = subject.events, subject.instances, subject.tasks
    sops = {row.sop_key: sop_versions.compiled(session, row.sop_version_id) for row in instances}
    versions = Versions(session, sops, events)
    walk = Walk(instances, {str(row.id): row.instance_id for row in tasks}, versions)
    teller = AuditTeller(versions, labels)
    hashes, people = queries.hashes(session, subject.stream), _holders(session, events)
    seals = tuple(
        SealShown(row.number, row.sealed_at, row.stream_seq, seal_of(row).head.hex())
        for row in seal_queries.seals_with(session, subject.stream)
    )
    names = {str(row.id): row.name for row in tasks}
    totals = _totals(events, next((row.first_due_at for row in instances if row.main), None))
    walked: list[tuple[Row[Any], HistoryLine, list[Mark], list[Why]]] = []
    sent: dict[int, tuple[str, int]] = {}
    advised: dict[str, tuple[Why, int]] = {}
    for event in events:
        versions.pass_(event)
        marks = walk.take(event)
        made = _decisions(event, versions, labels)
        walked.append((event, subject.retold(teller.line(event), event), marks, made))
        advised |= {code: (one, event.stream_seq) for one in made if one.rows for code in one.codes}
        unit = (event.data.get("opd") or [None, None])[1]
        if unit in advised:
            said, place = advised[unit]
            sent[event.stream_seq] = (said.sent(labels.get(unit, unit)), place)
    figures = [one for one in walk.finish() if one.svg or one.main]
    shown = {one.id for one in figures}
    ran = {row.sop_version_id for row in instances} | {one.version for one in figures}
    known = queries.versions(session, ran)
    files = {source.name: one.version for one in figures for source in one.sop.sources}
    return Trace(
        events=tuple(
            EventShown(
                event.stream_seq,
                event.type,
                line,
                from_where(event.source),
                event.source,
                (
                    *_changes(event, names, labels), *totals.get(event.stream_seq, ()),
                    *_pictured(event, walk.name, labels, people),
                ),
                tuple((one, known.get(files[one.file]) if one.file in files else None) for one in made),
                sent.get(event.stream_seq),
                tuple(mark for mark in marks if mark.figure in shown),
                tuple((walk.timer(ring[0]), _moment(ring[1])) for ring in event.data.get("timer", ())),
                hashes[event.stream_seq].hex(),
                next((seal.number for seal in seals if seal.upto >= event.stream_seq), None),
            )
            for event, line, marks, made in walked
        ),
        figures=tuple(
            FigureShown(one, known[one.version], _moved_on(one, figures)) for one in figures
        ),
        steps=_steps(session, tasks, events, now),
        instances=instances,
        messages=subject.messages,
        incidents=subject.incidents,
        seals=seals,
        versions=known,
    )


def _moved_on(figure: Figure, figures: Sequence[Figure]) -> bool:
    return any(
        one.process == figure.process and one.sop.key == figure.sop.key and one.version != figure.version
        and one.since >= figure.until
        for one in figures
    )


def _decisions(event: Row[Any], versions: Versions, labels: Mapping[str, str]) -> list[Why]:
    found = []
    for made in event.data.get("keputusan", ()):
        sops = (sop for _key, sop in versions.all() if made["tabel"] in sop.decisions)
        sop = next(sops, None)
        said = None if sop is None else why(sop, made, labels)
        found += [] if said is None else [said]
    return found


def _changes(event: Row[Any], names: Mapping[str, str], labels: Mapping[str, str]) -> list[Change]:
    """What was one thing before the event and another after it."""
    data, found = event.data, []
    for key, label in (("status", told("Status")), ("opd", told("Perangkat daerah"))):
        pair = data.get(key)
        if isinstance(pair, list) and len(pair) == 2:
            before, after = (labels.get(one, str(one).replace("_", " ")) if one else "–" for one in pair)
            found.append(Change(label, before, after))
    if event.type == "DeadlineMoved":
        for task, before, after in data.get("tugas", ()):
            found.append(Change(names.get(task, task), _moment(before), _moment(after)))
    return found


def _totals(events: Sequence[Row[Any]], first: datetime | None) -> dict[int, list[Change]]:
    """Place of an event -> how it moved the limit of the whole report, which was `first` to begin with."""
    found, limit = {}, first
    for event in events:
        data = event.data
        before: datetime | str
        if event.type != "TotalDeadlineMoved" or "menjadi" not in data:
            continue
        after = datetime.fromisoformat(data["menjadi"])
        if data.get("jenis") == "jeda":
            label, before = told("Batas seluruh laporan, jedanya tidak dihitung"), limit or "–"
        else:
            label, before = told("Batas seluruh laporan"), _moment(data.get("dari"))
        found[event.stream_seq] = [Change(label, before, after)]
        limit = after
    return found


def _pictured(
    event: Row[Any], name: Callable[[str], str], labels: Mapping[str, str], people: Mapping[str, str]
) -> list[Change]:
    """What an operation changed, from the pictures taken before and after it."""
    if event.type != OPERATION:
        return []
    said = picture_changes(
        event.data["sebelum"], event.data.get("sesudah", {}), name=name, labels=labels, people=people
    )
    return [Change(one.label, one.before, one.after) for one in said if one.label != told("Status")]


def _holders(session: Session, events: Sequence[Row[Any]]) -> Mapping[str, str]:
    """Names of those who held tasks when operations were done; nothing is read where there was none."""
    done = [event.data for event in events if event.type == OPERATION]
    pictures = [data.get(key, {}) for data in done for key in ("sebelum", "sesudah")]
    return names_of(session, people_in(*pictures))


def _moment(told_: str | None) -> datetime | str:
    return datetime.fromisoformat(told_) if told_ else "–"


def _steps(
    session: Session, tasks: Sequence[Row[Any]], events: Sequence[Row[Any]], now: datetime
) -> tuple[StepTime, ...]:
    opened: dict[str, int] = {}
    closed: dict[str, int] = {}
    for event in events:
        for task, *_rest in event.data.get("dibuka", ()):
            opened.setdefault(task, event.stream_seq)
        for task, *_rest in event.data.get("ditutup", ()):
            closed[task] = event.stream_seq
        if event.type == "TaskCompleted":
            closed[str(event.data.get("tugas"))] = event.stream_seq
    calendar = city.calendar(session)
    found = []
    for row in tasks:
        until = row.closed_at or now
        found.append(
            StepTime(
                row,
                calendar.working_seconds(row.opened_at, until),
                opened.get(str(row.id)),
                closed.get(str(row.id)),
                row.outcome == "completed",
                row.due_at is not None and until > row.due_at,
            )
        )
    return tuple(found)
