"""Everything the page of a plan shows, read once: what is to be decided, and every report as far as its
reader may see it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import moves as queries
from app.domain.actor import Actor
from app.domain.errors import NotFound
from app.domain.permissions import Permission
from app.engine.compiled import CompiledSop
from app.engine.step import EngineFault
from app.services import sop_versions
from app.services.report_access import readable
from app.services.sop_judgement import said

BUSY = ("menguji", "berjalan", "mengembalikan")


@dataclass(frozen=True, slots=True)
class Choice:
    """A step of the new version that an old one may become."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One matter of one element, for all reports that wait on it. `targets`: what it may be mapped to;
    `mapped`: what was chosen; `agreed`: somebody agreed to it; `blocks`: agreement does not help."""

    mark: str
    element: str
    name: str
    text: str
    reports: int
    blocks: bool
    targets: tuple[Choice, ...]
    mapped: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report. Of one that its reader may not read, only number, verdict and outcome. `notes`: (words,
    moment or none) of each matter; `why`: what became of it, in words."""

    instance_id: uuid.UUID
    number: str
    verdict: str
    movable: bool
    chosen: bool
    steps: tuple[str, ...]
    notes: tuple[tuple[str, datetime | None], ...]
    hidden: bool
    confidential: bool
    outcome: str
    why: str
    undoable: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """`done` of `total` are through with what goes on now. `clocks`: deadlines and timers compared."""

    move: Row[Any]
    counts: Row[Any]
    decisions: tuple[Decision, ...]
    lines: tuple[ReportLine, ...]
    busy: bool
    done: int
    total: int
    may_plan: bool
    may_carry: bool
    own_plan: bool
    fault: str


def plan_view(session: Session, key: str, move_id: uuid.UUID, *, actor: Actor) -> PlanView:
    """Read a plan for its page. Raises NotFound."""
    move = queries.move_row(session, key, move_id)
    if move is None:
        raise NotFound()
    rows = queries.reports_in(session, move_id)
    may = readable(session, [row.report_id for row in rows if row.confidential], actor=actor)
    names, fault = _names(session, move)
    done, total = progress(session, move)
    return PlanView(
        move=move, counts=queries.counts_in(session, move_id), decisions=_decisions(rows, move, names),
        lines=tuple(_line(row, hidden=row.confidential and str(row.report_id) not in may) for row in rows),
        busy=move.state in BUSY, done=done, total=total, may_plan=actor.may(Permission.SOP_EDIT),
        may_carry=actor.may(Permission.SOP_APPROVE), own_plan=str(move.planned_by) == actor.person_id,
        fault=move.fault or fault,
    )  # fmt: skip


def progress(session: Session, move: Row[Any]) -> tuple[int, int]:
    """(done, total) of what a plan is at just now."""
    counts = queries.counts_in(session, move.id)
    if move.state == "menguji":
        return counts.reports, max(counts.reports, queries.count_running(session, move.sop_key,
                                                                         move.from_version_id))
    if move.state == "mengembalikan":
        return counts.undone, counts.undone + counts.moved
    return counts.chosen - counts.waiting, counts.chosen


def _names(session: Session, move: Row[Any]) -> tuple[Mapping[str, str], str]:
    """Key -> name of an element, those of the new version under `+key`."""
    try:
        old = sop_versions.compiled(session, move.from_version_id)
        new = sop_versions.compiled(session, move.to_version_id)
    except EngineFault as fault:
        return {}, fault.text
    return {**_titles(old), **{f"+{key}": name for key, name in _titles(new).items()}}, ""


def _titles(sop: CompiledSop) -> dict[str, str]:
    return {sop.key_of(process, element): name or element.replace("_", " ")
            for (process, element), (_tag, name) in sop.elements.items()}


def _decisions(rows: Sequence[Row[Any]], move: Row[Any], names: Mapping[str, str]) -> tuple[Decision, ...]:
    waiting: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        for matter in row.matters:
            mark = f"{matter['kind']}:{matter['element']}"
            if row.outcome != "pindah" and (matter["blocks"] or matter["asks"]):
                waiting.setdefault(mark, []).append(matter)
    found = [_decision(mark, matters, move, names) for mark, matters in waiting.items()]
    seen = {one.mark for one in found}
    mapped = {one.element for one in found}
    for source, target in move.mapping.items():
        if source not in mapped:
            choice = Choice(target, names.get(f"+{target}", target))
            found.append(Decision(f"padanan:{source}", source, names.get(source, source), "", 0, False,
                                  (choice,), target, False))
    for mark in move.accepted:
        if mark not in seen:
            element = mark.partition(":")[2]
            name = names.get(element) or names.get(f"+{element}", element)
            found.append(Decision(mark, element, name, "", 0, False, (), "", True))
    return tuple(sorted(found, key=lambda one: (one.mapped != "" or one.agreed, -one.reports, one.name)))


def _decision(mark: str, matters: Iterable[Mapping[str, Any]], move: Row[Any], names: Mapping[str, str]
              ) -> Decision:
    matters = list(matters)
    first = matters[0]
    element = first["element"]
    targets = tuple(Choice(key, names.get(f"+{key}", key)) for key in first["targets"])
    name = names.get(element) or names.get(f"+{element}", element)
    return Decision(mark, element, name, said(first["text"]), len(matters), first["blocks"], targets,
                    move.mapping.get(element, ""), mark in move.accepted)


def _line(row: Row[Any], *, hidden: bool) -> ReportLine:
    notes = tuple((said(one["text"]), datetime.fromisoformat(one["at"]) if one["at"] else None)
                  for one in row.matters)
    return ReportLine(
        row.instance_id, row.number, row.verdict, row.movable, row.chosen, () if hidden else tuple(row.steps),
        () if hidden else notes, hidden, row.confidential, row.outcome, "" if hidden else row.note,
        bool(row.undoable),
    )  # fmt: skip
