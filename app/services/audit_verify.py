"""Is everything an auditor reads still what happened? Chains, seals, and whatever lies beside the trace.

Reads only and sees one moment of the database, so it can run beside a city at work. Streams pass once; for
each slice of them the rows beside are fetched with one statement a table, so memory stays the same however
large the city is.
"""

from __future__ import annotations

import gc
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import beside as queries
from app.db.queries.invariants import one_moment
from app.services import audit_verify_rows as rows_
from app.services.audit_verify_operations import bulk_operations, exports, operations
from app.services.audit_verify_sops import changed_versions
from app.services.audit_verify_stream import Stream, lost_words
from app.services.invariants import CHAIN, Offence, broken_chains
from app.services.seals import IsSigned, broken_seals

SLICE = 400
"""Reports whose rows are compared at once."""
SLICES_BETWEEN = 25
"""Slices between two looks for memory that only refers to itself."""
REPORT, CITY = "laporan", "kota"
SEAL = "segel "
BESIDE = "catatan"
"""Rule: what lies beside the trace is what the trace says."""

Rows = Sequence[Row[Any]]
Compare = Callable[[Stream, Rows], Iterator[tuple[str, str]]]
OF_REPORTS: Sequence[tuple[Callable[[Session, Sequence[uuid.UUID]], Rows], Compare]] = (
    (queries.reports, rows_.head),
    (queries.tasks, rows_.tasks),
    (queries.photos, rows_.photos),
    (queries.readings, rows_.readings),
    (queries.messages, rows_.messages),
    (queries.incidents, rows_.incidents),
    (queries.operations, operations),
)
OF_CITY: Sequence[tuple[Callable[[Session], Rows], Compare]] = (
    (queries.exports, exports),
    (queries.bulk_operations, bulk_operations),
)


def verify(
    session: Session,
    number: str | None = None,
    *,
    public: str,
    is_signed: IsSigned,
    handed_out: Mapping[int, bytes] | None = None,
) -> Iterator[Offence]:
    """Everything that was changed behind the application's back, of one report when it is named. The session
    must be fresh. `public`, `is_signed`, `handed_out`: see `seals.broken_seals`."""
    one_moment(session)
    with _no_search_for_rings():
        yield from found_now(session, number, public=public, is_signed=is_signed, handed_out=handed_out)


def found_now(
    session: Session,
    number: str | None = None,
    *,
    public: str,
    is_signed: IsSigned,
    handed_out: Mapping[int, bytes] | None = None,
) -> Iterator[Offence]:
    """The same within a transaction of the caller's."""
    yield from broken_chains(session, number, beside=Beside(session))
    seals = broken_seals(session, public=public, is_signed=is_signed, handed_out=handed_out)
    # A seal that was touched proves no report any more, whichever is asked for.
    yield from (one for one in seals if number in (None, one.number) or one.what.startswith(SEAL))
    yield from changed_versions(session, number)
    if number is None:
        for one in queries.untraced(session):
            yield Offence(CHAIN, one, one, "laporan ini tidak mempunyai jejak")


class Beside:
    """Compares the rows beside each stream as the streams pass (see `invariants.Beside`)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._now: Stream | None = None
        self._slice: list[Stream] = []
        self._slices = 0

    def take(self, row: Row[Any]) -> None:
        if self._now is None:
            self._now = Stream(row.stream_id)
        self._now.take(row)

    def end_of_stream(self, row: Row[Any], *, whole: bool) -> Iterator[Offence]:
        """What events of a broken chain say is no measure for anything."""
        stream, self._now = self._now, None
        if stream is None or not whole:
            return
        stream.kind, stream.number = row.kind, row.number
        for what, detail in lost_words(stream):
            yield Offence(CHAIN, stream.number, what, detail)
        if stream.kind == CITY:
            for read, compare in OF_CITY:
                yield from _told(stream, compare(stream, read(self._session)))
        if stream.kind != REPORT:
            return
        self._slice.append(stream)
        if len(self._slice) == SLICE:
            yield from self.rest()

    def rest(self) -> Iterator[Offence]:
        """Compare the slice in hand."""
        streams, self._slice = self._slice, []
        self._slices += 1
        if not self._slices % SLICES_BETWEEN:
            gc.collect()
        ids = [stream.id for stream in streams]
        for read, compare in OF_REPORTS if ids else ():
            rows: dict[uuid.UUID, list[Row[Any]]] = {}
            for row in read(self._session, ids):
                rows.setdefault(row.stream_id, []).append(row)
            for stream in streams:
                yield from _told(stream, compare(stream, rows.get(stream.id, ())))


@contextmanager
def _no_search_for_rings() -> Iterator[None]:
    """Rows and facts refer to nothing that refers back. That Python searches them for it, again and again,
    costs a third of the time."""
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


def _told(stream: Stream, found: Iterator[tuple[str, str]]) -> Iterator[Offence]:
    for what, detail in found:
        yield Offence(BESIDE, stream.number, what, detail)
