"""What a draft would mean for the reports that run, before it is published: asked for, worked out by a job.

Every running report of the SOP, on whatever version, is moved as a copy in memory, loaded back, and walked
on to an end. Nothing of it is written but the result.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete
from sqlalchemy.orm import Session

from app.adapters.jobs import Job, defer
from app.adapters.sandbox import SandboxStopped, in_sandbox
from app.db.models import SopImpact
from app.db.queries import moves as queries
from app.domain.actor import Actor
from app.domain.errors import Invalid, NotFound
from app.domain.words import told
from app.engine.compiled import CompiledSop, CompileFailed, Source
from app.engine.compiler import compile_sop
from app.engine.references import Candidate, belonging, references
from app.engine.step import EngineFault
from app.services import city, sop_versions
from app.services.report_access import readable
from app.services.sop_judgement import Judged, judged_safely, matter_json, said, unreadable
from app.services.sop_migration import past_of

JOB = "judge_impact"
SLICE = 40
SLICE_SECONDS = 1.5
ORDER = ("keputusan", "dapat", "tetap")
MOST_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One running report as its reader may see it: of one they may not read only number and verdict."""

    number: str
    version: int
    verdict: str
    steps: tuple[str, ...]
    matters: tuple[Mapping[str, Any], ...]
    clocks: int
    hidden: bool


@dataclass(frozen=True, slots=True)
class Impact:
    """`clocks`: deadlines and timers compared, before and after; that none of them moves is a condition of
    *dapat*. `state`: berjalan, selesai, gagal."""

    id: uuid.UUID
    state: str
    fault: str
    done: int
    total: int
    stays: int
    can: int
    asks: int
    clocks: int
    lines: tuple[Line, ...]
    places: Mapping[str, int]
    """Element -> how many reports wait there for a decision."""


def ask(
    session: Session, files: Mapping[str, str], main: str, *, actor: Actor, now: datetime
) -> uuid.UUID:
    """Have the impact of these files worked out; the id to ask by. Raises Invalid when they cannot run."""
    if main not in files or sum(len(text) for text in files.values()) > MOST_BYTES:
        raise Invalid("Berkas SOP ini tidak lengkap atau terlalu besar.")
    whole = _whole(session, files, main, now)
    key = _key_of(whole)
    # Whoever asks anew no longer waits for the answer before; its job finds nothing left to do.
    session.execute(delete(SopImpact).where(SopImpact.asked_by == uuid.UUID(actor.person_id)))
    total = queries.count_running(session, key)
    row = SopImpact(
        id=uuid.uuid4(), sop_key=key, files={one.name: one.content.decode() for one in whole},
        main_file=main, total=total, results=[], asked_by=uuid.UUID(actor.person_id), asked_at=now,
        state="berjalan" if total else "selesai",
    )  # fmt: skip
    session.add(row)
    session.flush()
    if total:
        defer(session, [Job(JOB, {"impact_id": str(row.id)}, key=f"impact:{row.id}")])
    return row.id


def impact(session: Session, impact_id: uuid.UUID, *, actor: Actor) -> Impact:
    """How far it is, and what is known. Raises NotFound for what somebody else asked."""
    row = session.get(SopImpact, impact_id, populate_existing=True)
    if row is None or str(row.asked_by) != actor.person_id:
        raise NotFound()
    confidential = [uuid.UUID(one["report"]) for one in row.results if one["rahasia"] and one["report"]]
    may = readable(session, confidential, actor=actor)
    lines = tuple(_line(one, hidden=one["rahasia"] and one["report"] not in may) for one in row.results)
    verdicts = [one.verdict for one in lines]
    return Impact(
        row.id, row.state, row.fault, len(lines), max(row.total, len(lines)), verdicts.count("tetap"),
        verdicts.count("dapat"), verdicts.count("keputusan"), sum(one["clocks"] for one in row.results),
        tuple(sorted(lines, key=lambda one: (ORDER.index(one.verdict), one.number))), _places(row.results),
    )  # fmt: skip


def judge_slice(session: Session, impact_id: uuid.UUID, *, now: datetime) -> bool:
    """Judge some more running reports; False when none is left."""
    row = session.get(SopImpact, impact_id, with_for_update=True, populate_existing=True)
    if row is None or row.state != "berjalan":
        return False
    sources = [Source(name, text.encode()) for name, text in
               sorted(row.files.items(), key=lambda pair: (pair[0] != row.main_file, pair[0]))]
    try:
        new = compile_sop(sources, key=row.sop_key)
    except CompileFailed as failed:
        row.state, row.fault, row.ended_at = "gagal", str(failed), now
        return False
    running = queries.running_of(session, row.sop_key, after=row.last_instance, most=SLICE)
    until = time.monotonic() + SLICE_SECONDS
    results: list[Any] = []
    drafted = queries.drafted_in(session, [one.id for one in running])
    for one in running:
        results.append(_result(one, _judged(session, one, new, drafted.get(one.id), now)))
        row.last_instance = one.id
        if time.monotonic() > until:
            break
    row.results = [*row.results, *results]
    if len(results) < len(running) or len(running) == SLICE:
        return True
    row.state, row.ended_at = "selesai", now
    return False


def _judged(session: Session, one: Row[Any], new: CompiledSop, drafted: Any, now: datetime) -> Judged:
    try:
        old = sop_versions.compiled(session, one.sop_version_id)
    except EngineFault as fault:
        return unreadable(one.state, fault)
    past = past_of(session, old, new, [one.stream_id])
    return judged_safely(old, new, one.state, tools=city.tools(session, now), mapping={}, drafted=drafted,
                         past=past.get(one.stream_id, ()))


def _result(one: Row[Any], judged: Judged) -> dict[str, Any]:
    return {
        "report": None if one.report_id is None else str(one.report_id), "number": one.number,
        "rahasia": one.confidential, "version": one.version, "verdict": judged.verdict,
        "steps": list(judged.steps), "matters": [matter_json(each) for each in judged.matters],
        "clocks": len(judged.clocks),
    }  # fmt: skip


def _places(results: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in results:
        if one["verdict"] == "keputusan":
            found.update({matter["element"] for matter in one["matters"] if matter["element"]})
    return dict(found)


def _line(one: Mapping[str, Any], *, hidden: bool) -> Line:
    matters = tuple({**each, "text": said(each["text"])} for each in one["matters"])
    line = Line(one["number"], one["version"], one["verdict"], tuple(one["steps"]), matters, one["clocks"],
                hidden)
    return replace(line, steps=(), matters=(), clocks=0) if hidden else line


def _whole(session: Session, files: Mapping[str, str], main: str, now: datetime) -> list[Source]:
    """The draft's files with what they need of the published ones, the diagram first; all proven to run."""
    ordered = sorted(files.items(), key=lambda pair: (pair[0] != main, pair[0]))
    given = [(name, content.encode()) for name, content in ordered]
    others = [(one.name, one.content) for one in sop_versions.published_files(session, now)]
    try:
        answer = in_sandbox(gathered, given, others)
    except SandboxStopped as stopped:
        raise Invalid(stopped.text) from stopped
    if isinstance(answer, str):
        raise Invalid(told("Konsep ini belum dapat dijalankan: %(why)s", why=answer))
    all_files = [*given, *others]
    return [Source(name, all_files[at][1]) for name, at in answer]


def gathered(given: Sequence[tuple[str, bytes]], others: Sequence[tuple[str, bytes]]) -> Any:
    """(name, place among all files) of what the first of `given` needs, or a sentence why it does not run.
    For a child process."""
    everything = [*given, *others]
    candidates = [Candidate(at, references(name, content))
                  for at, (name, content) in enumerate(everything[1:], start=1)]
    main = references(*given[0])
    chosen = [(given[0][0], 0)]
    for at in belonging(main, candidates):
        name, number = everything[at][0], 2
        while name in {taken for taken, _at in chosen}:
            name, number = f"{number}-{everything[at][0]}", number + 1
        chosen.append((name, at))
    try:
        compile_sop([Source(name, everything[at][1]) for name, at in chosen], key=main.main)
    except CompileFailed as failed:
        return next((one.message for one in failed.findings if one.severity == "error"), str(failed))
    return chosen


def _key_of(whole: Sequence[Source]) -> str:
    key = references(whole[0].name, whole[0].content).main
    if key is None:
        raise Invalid("Berkas ini tidak berisi proses.")
    return key
