"""What a city may rely on, checked: nothing lost, nothing twice, nothing half done, no trace broken.

Reads only, row by row, and sees one moment of the database, so it can run beside a city at work.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import invariants as queries
from app.domain.event import GENESIS, Origin, commitment, event_hash
from app.engine.runner import inspect
from app.engine.step import EngineFault, Position
from app.services import sop_versions

GRACE = timedelta(minutes=5)
"""A timer that has been due for longer, without an incident, was forgotten."""
CHAIN, POSITION, SUM = "jejak", "posisi", "jumlah"


@dataclass(frozen=True, slots=True)
class Offence:
    """One thing that breaks a rule. `number`: of the report, None where none stands behind it."""

    rule: str
    number: str | None
    what: str
    detail: str


class Beside(Protocol):
    """Whoever looks at streams as they are read: event after event, then at each one's end (`whole`: its
    chain holds), and once after the last."""

    def take(self, row: Row[Any]) -> None: ...

    def end_of_stream(self, row: Row[Any], *, whole: bool) -> Iterator[Offence]: ...

    def rest(self) -> Iterator[Offence]: ...


@dataclass(frozen=True, slots=True)
class Counts:
    received: int
    open: int
    closed: int


def counts(session: Session) -> Counts:
    """How many reports came in, are open, and are closed."""
    row = queries.counts(session)
    return Counts(row.received, row.open, row.closed)


def offences(session: Session, *, now: datetime) -> Iterator[Offence]:
    """Everything that is not as it must be, rule after rule. The session must be fresh: what is found is
    true of one moment."""
    queries.one_moment(session)
    for rule in queries.RULES:
        for row in queries.offenders(session, rule, overdue=now - GRACE):
            yield Offence(rule, row.number, str(row.what), row.detail)
    found = counts(session)
    if found.received != found.open + found.closed:
        yield Offence(
            SUM, None, "-", f"{found.received} diterima, {found.open} terbuka dan {found.closed} ditutup"
        )
    yield from misplaced(session)
    yield from broken_chains(session)


def is_known(session: Session, number: str) -> bool:
    """Whether a report has this number."""
    return queries.is_known(session, number)


def broken_chains(
    session: Session, number: str | None = None, *, beside: Beside | None = None
) -> Generator[Offence, None, None]:
    """The first event of each stream that does not follow from the ones before it. `number`: of one report
    only. `beside` sees every stream that is whole, and says what does not fit it."""
    for _stream, rows in groupby(queries.events_by_stream(session, number), key=lambda row: row.stream_id):
        seq, digest, broken = 0, GENESIS, ""
        for last in rows:
            if last.seq is None or broken:
                continue
            fault = _fault(last, seq, digest)
            if fault:
                broken = f"peristiwa {last.stream_seq} ({last.type}) {fault}"
            elif beside is not None:
                beside.take(last)
            seq, digest = last.stream_seq, bytes(last.hash)
        if not broken and (last.last_seq != seq or bytes(last.last_hash) != digest):
            broken = f"rantai berhenti di peristiwa {seq}, seharusnya {last.last_seq}"
        if broken:
            yield Offence(CHAIN, last.number, f"{last.kind} {last.stream_id}", broken)
        if beside is not None:
            yield from beside.end_of_stream(last, whole=not broken)
    if beside is not None:
        yield from beside.rest()


def misplaced(session: Session) -> Iterator[Offence]:
    """Running SOPs whose saved state says something else than the tables."""
    for row in queries.running(session):
        try:
            position = inspect(sop_versions.compiled(session, row.sop_version_id), row.state)
        except (EngineFault, sop_versions.NoSuchSop) as fault:
            yield Offence(POSITION, row.number, str(row.id), f"keadaan tidak terbaca: {fault}")
            continue
        difference = _difference(row, position)
        if difference:
            yield Offence(POSITION, row.number, str(row.id), difference)


def _difference(row: Row[Any], position: Position) -> str | None:
    items = {
        (str(id_), process, element, _moment(due)) for id_, process, element, due in row.items
    }
    open_ = {(task.id, task.process, task.element, task.due) for task in position.open}
    if items != open_:
        names = sorted({element for _, _, element, _ in items ^ open_})
        return f"tugas terbuka tidak sama dengan keadaan SOP: {', '.join(names)}"
    if row.next_wake != (None if row.suspended_at else position.next_wake):
        return "waktu bangun tidak sama dengan keadaan SOP"
    if set(row.waiting) != position.waiting:
        return "pesan yang ditunggu tidak sama dengan keadaan SOP"
    if row.total_due_at != position.total_due:
        return "tenggat seluruh laporan tidak sama dengan keadaan SOP"
    if row.main and position.status is not None and row.status is not None and row.status != position.status:
        return f"laporan berstatus {row.status}, padahal SOP-nya {position.status}"
    return None


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).astimezone(UTC)


def _fault(row: Row[Any], seq: int, digest: bytes) -> str | None:
    """What is wrong with an event that should follow `seq`, `digest`."""
    if row.stream_seq != seq + 1:
        return f"tidak menyusul peristiwa {seq}"
    # Other JSON, such as pairs in a list for an object, may come out the same once it is hashed.
    if not isinstance(row.data, dict) or not isinstance(row.commitments, dict | None):
        return "bukan bentuk baku sebuah peristiwa"
    actor = None if row.actor_id is None else str(row.actor_id)
    origin = Origin(row.actor_kind, actor, row.role_code, row.source)
    try:
        expected = event_hash(
            str(row.stream_id), row.stream_seq, row.at, row.type, origin, row.data, row.commitments, digest
        )
    except ValueError:
        # Half a letter, or a number without end: nothing that was ever hashed.
        return "bukan bentuk baku sebuah peristiwa"
    if expected != bytes(row.hash):
        return "tidak sesuai dengan sidik rantainya"
    for name, (salt, value) in (row.secrets or {}).items():
        if (row.commitments or {}).get(name) != commitment(bytes.fromhex(salt), value):
            return f"menyimpan isi “{name}” yang bukan aslinya"
    return None
