"""One hash that stands for many, and short proofs that something is among them.

The tree is the one of RFC 6962 (certificate transparency), 2.1: a leaf is hashed with a 0 byte before it, an
inner node with a 1 byte, and a level with an odd number of nodes is split at the largest power of two below.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256().digest()
"""Root of no leaves."""


def leaf(content: bytes) -> bytes:
    return hashlib.sha256(b"\0" + content).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Root:
    """The root over leaves that come one by one; keeps as many hashes as their number has binary digits."""

    def __init__(self) -> None:
        self.count = 0
        self._whole: list[tuple[int, bytes]] = []
        """Perfect subtrees from the left: (number of leaves, hash)."""

    def add(self, hashed: bytes) -> None:
        """The next leaf, hashed by `leaf`."""
        size = 1
        while self._whole and self._whole[-1][0] == size:
            hashed = node(self._whole.pop()[1], hashed)
            size *= 2
        self._whole.append((size, hashed))
        self.count += 1

    def digest(self) -> bytes:
        if not self._whole:
            return EMPTY
        whole = [hashed for _size, hashed in self._whole]
        top = whole.pop()
        while whole:
            top = node(whole.pop(), top)
        return top


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    growing = Root()
    for one in leaves:
        growing.add(one)
    return growing.digest()


def proof(leaves: Sequence[bytes], place: int) -> list[bytes]:
    """The neighbours on the way from the leaf at `place` (from 0) to the root, the lowest first."""
    if not 0 <= place < len(leaves):
        raise IndexError(place)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if place < split:
        return [*proof(leaves[:split], place), root(leaves[split:])]
    return [*proof(leaves[split:], place - split), root(leaves[:split])]


def root_of(hashed: bytes, place: int, count: int, neighbours: Sequence[bytes]) -> bytes | None:
    """The root that a proof leads to; None when the proof has not the right length."""
    if not 0 <= place < count:
        return None
    sides: list[bool] = []
    while count > 1:
        split = _split(count)
        left = place < split
        sides.append(left)
        place, count = (place, split) if left else (place - split, count - split)
    if len(sides) != len(neighbours):
        return None
    for left, neighbour in zip(reversed(sides), neighbours, strict=True):
        hashed = node(hashed, neighbour) if left else node(neighbour, hashed)
    return hashed


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)
