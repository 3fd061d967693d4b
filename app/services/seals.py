"""Seal the trace once a day, and prove that it is still what was sealed."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import seals as queries
from app.domain.event import GENESIS
from app.domain.merkle import Root
from app.domain.seal import End, Seal, root_over
from app.services.invariants import CHAIN, Offence

LATE = timedelta(minutes=15)
"""For so long an event may be on its way when a seal is made."""


class Signer(Protocol):
    """The city's audit key (`app.adapters.signing`)."""

    @property
    def public(self) -> str: ...

    def sign(self, content: bytes) -> bytes: ...


class IsSigned(Protocol):
    def __call__(self, public: str, content: bytes, signature: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal as it leaves the house."""

    seal: Seal
    signature: bytes
    ends: tuple[End, ...]

    def told(self, public: str) -> dict[str, Any]:
        """The content of the file that is kept outside."""
        return {
            "format": "tuntas-segel-1",
            "seal": self.seal.told(),
            "head": self.seal.head.hex(),
            "signature": self.signature.hex(),
            "public_key": public,
            "ends": [end.told() for end in self.ends],
        }


def seal_trace(session: Session, signer: Signer, *, now: datetime) -> Sealed | None:
    """Seal every event that no seal covers yet; None when there is none. The caller commits.

    Appending waits meanwhile: a few milliseconds for a day of a city.
    """
    queries.stop_writers(session)
    before = queries.last_seal(session)
    grown = queries.grown_streams(session, before.upto if before else 0)
    if not grown:
        return None
    ends = tuple(End(str(row.stream_id), row.stream_seq, bytes(row.hash)) for row in grown)
    seal = Seal(
        number=before.number + 1 if before else 1,
        sealed_at=now,
        streams=len(ends),
        events=sum(row.events for row in grown),
        root=root_over(ends),
        previous=seal_of(before).head if before else GENESIS,
    )
    signature = signer.sign(seal.signed_bytes())
    row = {
        "number": seal.number,
        "sealed_at": now,
        "upto": max(row.upto for row in grown),
        "streams": seal.streams,
        "events": seal.events,
        "root": seal.root,
        "previous": seal.previous,
        "signature": signature,
    }
    queries.keep(session, row, [(one.stream_id, one.stream_seq, bytes(one.hash)) for one in grown])
    return Sealed(seal, signature, ends)


def sealed(session: Session, number: int) -> Sealed:
    """A seal that was made. Raises LookupError when there is none of that number."""
    row = next((one for one in queries.all_seals(session) if one.number == number), None)
    if row is None:
        raise LookupError(f"no seal {number}")
    rows = queries.ends_of(session, number)
    ends = (End(str(one.stream_id), one.stream_seq, bytes(one.hash)) for one in rows)
    return Sealed(seal_of(row), bytes(row.signature), tuple(ends))


def seal_of(row: Row[Any]) -> Seal:
    """A stored seal as a value."""
    return Seal(row.number, row.sealed_at, row.streams, row.events, bytes(row.root), bytes(row.previous))


def broken_seals(
    session: Session, *, public: str, is_signed: IsSigned, handed_out: Mapping[int, bytes] | None = None
) -> Generator[Offence, None, None]:
    """What no longer fits the seals, seal after seal: a signature, the chain of seals, a stream that was cut
    or written anew. `handed_out`: heads of seals as they lie outside, by number."""
    outside = dict(handed_out or {})
    previous = GENESIS
    rows = queries.all_seals(session)
    for place, row in enumerate(rows, start=1):
        seal = seal_of(row)
        if seal.number != place:
            yield _offence(seal.number, f"segel {place} hilang")
            return
        if seal.previous != previous:
            yield _offence(seal.number, "tidak menyusul segel sebelumnya")
        if not is_signed(public, seal.signed_bytes(), bytes(row.signature)):
            yield _offence(seal.number, "tanda tangannya tidak cocok")
        if outside.pop(seal.number, seal.head) != seal.head:
            yield _offence(seal.number, "berbeda dari segel yang disimpan di luar")
        previous = seal.head
    for number in sorted(outside):
        yield _offence(number, "ada di luar, tetapi hilang dari basis data")
    yield from _moved_ends(session, {row.number: row for row in rows})
    for row in queries.behind_seals(session, LATE):
        detail = f"peristiwa {row.stream_seq} ({row.type}) belum ada ketika segel {row.seal_number} dibuat"
        yield Offence(CHAIN, row.number, f"{row.kind} {row.stream_id}", f"{detail}: ditulis mundur")


def _moved_ends(session: Session, known: Mapping[int, Row[Any]]) -> Generator[Offence, None, None]:
    """Streams that no longer hold the event a seal saw at their end, and seals whose ends were touched."""
    growing: dict[int, Root] = {number: Root() for number in known}
    upto: dict[int, int] = {}
    whole = True
    for row in queries.ends_and_events(session):
        end = End(str(row.stream_id), row.stream_seq, bytes(row.hash))
        if row.seal_number in growing:
            growing[row.seal_number].add(end.leaf())
        upto[row.seal_number] = max(row.seq or 0, upto.get(row.seal_number, 0))
        if row.stands is None:
            what = "hilang, padahal sudah disegel"
        elif bytes(row.stands) != end.hash:
            what = "bukan lagi yang disegel"
        else:
            continue
        whole = False
        detail = f"peristiwa {end.seq} {what} (segel {row.seal_number})"
        yield Offence(CHAIN, row.number, f"{row.kind or 'aliran'} {row.stream_id}", detail)
    for number, root in growing.items():
        if (root.digest(), root.count) != (bytes(known[number].root), known[number].streams):
            yield _offence(number, "daftar ujung rantainya diubah")
        elif whole and known[number].upto != upto.get(number):
            yield _offence(number, "batas nomor peristiwanya diubah; peristiwa sesudahnya tidak akan disegel")


def _offence(number: int, detail: str) -> Offence:
    return Offence(CHAIN, None, f"segel {number}", f"segel {number} {detail}")
