"""A seal: one hash over where every stream of events ended, signed and kept outside the database.

Events of a stream are chained, so its last hash stands for all of them; the Merkle root over the ends of all
streams that grew stands for everything since the seal before; and each seal names the one before. Who can
write the whole database can rewrite every chain in it, but cannot make it fit the seals that were handed out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.domain import merkle
from app.domain.event import GENESIS, canonical


@dataclass(frozen=True, slots=True)
class End:
    """Where a stream stood: its last event's place in it, and that event's hash."""

    stream: str
    seq: int
    hash: bytes

    def told(self) -> list[Any]:
        return [self.stream, self.seq, self.hash.hex()]

    def leaf(self) -> bytes:
        """Its leaf in the tree."""
        return merkle.leaf(canonical(self.told()))


@dataclass(frozen=True, slots=True)
class Seal:
    """`number` counts from 1. `streams`: how many grew since the seal before; `events`: by how many events
    together; `root`: over their ends in the order of stream ids; `previous`: the head of the seal before (32
    zero bytes before the first)."""

    number: int
    sealed_at: datetime
    streams: int
    events: int
    root: bytes
    previous: bytes = GENESIS

    def told(self) -> dict[str, Any]:
        """As it is signed, printed and put into bundles."""
        return {
            "events": self.events,
            "number": self.number,
            "previous": self.previous.hex(),
            "root": self.root.hex(),
            "sealed_at": self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "streams": self.streams,
        }

    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return canonical(self.told())

    @property
    def head(self) -> bytes:
        """Stands for this seal and, through `previous`, for every event ever sealed."""
        return hashlib.sha256(self.signed_bytes()).digest()


def read_seal(told: Mapping[str, Any]) -> Seal:
    """The reverse of `Seal.told`. Raises KeyError, ValueError, TypeError."""
    return Seal(
        number=int(told["number"]),
        sealed_at=datetime.fromisoformat(told["sealed_at"]),
        streams=int(told["streams"]),
        events=int(told["events"]),
        root=bytes.fromhex(told["root"]),
        previous=bytes.fromhex(told["previous"]),
    )


def read_end(told: Sequence[Any]) -> End:
    """The reverse of `End.told`. Raises ValueError, TypeError."""
    stream, seq, hashed = told
    return End(str(stream), int(seq), bytes.fromhex(hashed))


def root_over(ends: Iterable[End]) -> bytes:
    """The root over ends in the order given, which is that of stream ids."""
    return merkle.root(end.leaf() for end in ends)


def short(head: bytes) -> str:
    """A head as people compare it: its first 16 digits in groups of four."""
    text = head.hex()[:16]
    return " ".join(text[at : at + 4] for at in range(0, 16, 4))
