"""Everything the page of one operation over many reports shows, read once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import operations_bulk as queries
from app.domain.actor import Actor
from app.domain.errors import NotFound
from app.domain.permissions import Permission
from app.domain.words import told
from app.services.operations_bulk_words import Meaning, Names, meaning_of
from app.services.operations_shape import DEADLINE, REASSIGN
from app.services.report_access import readable

BUSY = ("menghitung", "berjalan")
WILL, STAYS, DONE, SKIPPED = "akan", "tetap", "selesai", "dilewati"


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report. `group`: `akan` be done, `tetap` as it is (judged so), `selesai`, `dilewati` (when it came
    to it). Of one its reader may not read (`hidden`), only the number. `gone_on`: it went on since its
    consequences were worked out; it is left out if they are no longer the same."""

    instance_id: uuid.UUID
    number: str
    group: str
    meaning: Meaning
    why: str
    hidden: bool
    confidential: bool
    gone_on: bool


@dataclass(frozen=True, slots=True)
class BulkView:
    """`total`: the meanings of all reports that will be, or were, touched, added up. `done` of `all` are
    through with what goes on now."""

    operation: Row[Any]
    asked: str
    counts: Row[Any]
    lines: tuple[ReportLine, ...]
    total: Meaning
    gone_on: int
    busy: bool
    done: int
    all: int
    own: bool
    may_ask: bool
    may_confirm: bool


def bulk_view(
    session: Session,
    operation_id: uuid.UUID,
    *,
    names: Names,
    recipient: Callable[[str], str],
    actor: Actor,
) -> BulkView:
    """Read an operation over many for its page. `names`, `recipient`: see `meaning_of`. Raises NotFound."""
    operation = queries.one(session, operation_id)
    if operation is None:
        raise NotFound()
    counts = queries.counts(session, operation_id)
    lines: tuple[ReportLine, ...] = ()
    if operation.state != "menghitung":
        lines = _lines(session, operation, lambda told_: meaning_of(told_, names, recipient), actor)
    done, all_ = progress(operation, counts)
    own = str(operation.asked_by) == actor.person_id
    return BulkView(
        operation, _asked(session, operation), counts, lines,
        total=sum((line.meaning for line in lines if line.group in (WILL, DONE)), Meaning()),
        gone_on=sum(line.gone_on for line in lines), busy=operation.state in BUSY, done=done, all=all_,
        own=own,
        may_ask=own and actor.may(Permission.OPERATE),
        may_confirm=not own and actor.may(Permission.OPERATE_SECOND) and operation.state == "menunggu",
    )  # fmt: skip


def progress(operation: Row[Any], counts: Row[Any]) -> tuple[int, int]:
    """(done, all) of what an operation is at just now."""
    if operation.state == "menghitung":
        return counts.judged, counts.reports
    return counts.reports - counts.waiting, counts.reports


def _asked(session: Session, operation: Row[Any]) -> str:
    """What is to be done, in one sentence; empty where the kind says it all."""
    asked = operation.parameters
    holder, to = asked.get("dari"), asked.get("kepada", {})
    names = queries.names(session, holder, to)
    if operation.kind == REASSIGN:
        return told("Tugas %(who)s dialihkan kepada %(to)s.", who=names.holder, to=names.receiver)
    if operation.kind != DEADLINE:
        return ""
    if asked["hari"] > 0:
        return told("Batas tugas yang terbuka diundur %(n)s hari kerja.", n=asked["hari"])
    return told("Batas tugas yang terbuka dimajukan %(n)s hari kerja.", n=-asked["hari"])


def _lines(
    session: Session, operation: Row[Any], meaning: Callable[[Any], Meaning], actor: Actor
) -> tuple[ReportLine, ...]:
    rows = queries.reports_in(session, operation.id)
    may = readable(session, [row.report_id for row in rows if row.confidential], actor=actor)
    return tuple(
        _line(row, operation, meaning(row.consequences), row.confidential and str(row.report_id) not in may)
        for row in rows
    )


def _line(row: Row[Any], operation: Row[Any], meaning: Meaning, hidden: bool) -> ReportLine:
    if row.outcome == "":
        group = WILL
    elif row.done_at is None:
        group = STAYS
    else:
        group = row.outcome
    ended = operation.state in ("ditarik", "ditolak")
    gone_on = group == WILL and not ended and (row.revision_now != row.revision or row.ended)
    return ReportLine(row.instance_id, row.number, group, meaning.counted() if hidden else meaning,
                      "" if hidden else row.note, hidden, row.confidential, gone_on)
