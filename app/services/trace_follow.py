"""Follow the trace: gather what it says of each report, a slice of new events at a time, each exactly once.

A slice is one transaction: a report's place in its chain, its traits and what was counted are written
together, under the reader's lock. Events become visible in another order than they were numbered, so the
reader moves on only over places before which no transaction still writes; what lies beyond is taken in at
once all the same, and looked at again. Nothing is asked of those who write events.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.adapters.jobs import Job, defer
from app.db import calendars, traits
from app.engine.compiled import CompiledSop
from app.engine.step import EngineFault
from app.services import city, sop_versions
from app.services.trace_follow_notes import Gathered
from app.services.trace_follow_story import UNREADABLE, Story, tasks_in
from app.services.trace_follow_times import Tally

log = structlog.get_logger("tuntas.trace")
JOB = "follow_trace"
READER = "laporan"
WINDOW = 1_000
"""Events a slice looks at; every report among them is read to its end."""
REPORTS = 250
"""Reports a slice reads beyond what is surely written."""


def ask(session: Session) -> None:
    """Ask a worker to follow when there is anything new; one statement when there is not."""
    if traits.has_news(session, READER):
        defer(session, [Job(JOB, {}, key=JOB)])


def follow(session: Session, *, window: int = WINDOW, reports: int = REPORTS) -> bool:
    """Take in one slice; whether another is to follow. Does nothing while another worker follows."""
    reader = traits.hold_reader(session, READER)
    if reader is None:
        return False
    upto, seen, horizon = reader.upto, reader.seen, reader.horizon
    if upto >= reader.last:
        return False
    if horizon is not None and horizon > reader.next:
        # A city restored into another server: transactions are numbered anew there.
        seen, horizon = None, None
    if horizon is not None and reader.oldest >= horizon:
        end = traits.window_end(session, after=upto, until=seen, most=window)
        take_in(session, traits.grown(session, after=upto, until=end))
        seen, horizon = (None, None) if end >= seen else (seen, horizon)
        traits.move_reader(session, READER, upto=end, seen=seen, horizon=horizon)
        return bool(end < reader.last)
    found = traits.grown(session, after=upto, until=reader.last, most=reports)
    take_in(session, found)
    if horizon is None:
        traits.move_reader(session, READER, upto=upto, seen=reader.last, horizon=reader.next)
    return len(found) == reports


def catch_missed(
    session: Session, after: uuid.UUID | None = None, *, reports: int = REPORTS
) -> uuid.UUID | None:
    """Take in reports of which anything is missing, however that came, in the order of ids from behind
    `after` on; the last of them. None: there is none, or another follows."""
    if traits.hold_reader(session, READER) is None:
        return None
    found = traits.behind(session, reports, after=after)
    take_in(session, found)
    return found[-1] if found else None


def rebuild(session: Session, *, reports: int = REPORTS) -> Iterator[int]:
    """Forget what was gathered and gather it anew, all in this transaction: others read what was there until
    it ends, and nobody follows meanwhile. Says after each slice how many reports it took in."""
    traits.hold_reader(session, READER, wait=True)
    traits.forget(session)
    yield from _all_behind(session, reports)


def differing(session: Session) -> list[str]:
    """The tables in which what was gathered by and by is not what gathering it at once comes to. Leaves
    everything as it was; events that are written meanwhile are left out."""
    with session.begin_nested() as trial:
        traits.hold_reader(session, READER, wait=True)
        for _ in _all_behind(session, REPORTS):
            continue
        before, places = traits.fingerprints(session), traits.places(session)
        traits.forget(session)
        for _ in _all_behind(session, REPORTS, places):
            continue
        after = traits.fingerprints(session)
        trial.rollback()
    return [name for name, value in before.items() if after[name] != value]


def _all_behind(
    session: Session, reports: int, until: Mapping[uuid.UUID, int] | None = None
) -> Iterator[int]:
    """Take in everything; with `until` only those reports, each up to that place."""
    last = None
    while found := traits.behind(session, reports, after=last):
        last = found[-1]
        yield take_in(session, [one for one in found if until is None or one in until], until)


def take_in(
    session: Session, ids: Sequence[uuid.UUID], until: Mapping[uuid.UUID, int] | None = None
) -> int:
    """Read these reports on to the end of their chains; how many could be read. One that cannot, because its
    trace was spoiled, stays as it was. Whoever calls holds the reader."""
    if not ids:
        return 0
    known = {row.id: Gathered.read(row) for row in traits.known(session, ids)}
    places = {one.report_id: one.seq for one in known.values()}
    events = traits.events_after(session, places, until or {})
    still_open = (uuid.UUID(task) for one in known.values() for task in one.notes.open)
    tasks = traits.tasks(session, [*tasks_in(events), *still_open])
    runs: dict[uuid.UUID, list[Row[Any]]] = {one: [] for one in ids}
    for row in traits.instances(session, ids):
        runs[row.report_id].append(row)
    calendar = city.calendar_at(session, calendars.mark_of_calendar(session))
    tally, zone, sops = Tally(), ZoneInfo(city.ZONE), dict[str, CompiledSop | None]()

    def sop(version: str) -> CompiledSop | None:
        if version not in sops:
            sops[version] = _compiled(session, version)
        return sops[version]

    read = []
    for report, own in groupby(events, lambda event: event.stream_id):
        counted = Tally()
        story = Story(known[report], runs[report], tasks, sop, counted, calendar, zone)
        try:
            for event in own:
                story.take(event)
        except UNREADABLE as spoiled:
            log.error("trace_unreadable", report=known[report].number, error=type(spoiled).__name__)
            continue
        tally.add(counted)
        read.append(story.it.told())
    traits.keep(session, traits=read, ways=list(tally.ways.values()), times=tally.rows())
    return len(read)


def _compiled(session: Session, version: str) -> CompiledSop | None:
    """None for a version that this engine no longer runs: its steps count, its flows have no names."""
    try:
        return sop_versions.compiled(session, uuid.UUID(version))
    except (EngineFault, sop_versions.NoSuchSop):
        return None
