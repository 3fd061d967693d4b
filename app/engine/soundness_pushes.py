"""What may happen from outside, and how a push may fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.engine.soundness_net import Place

Kind = Literal["complete", "time", "message", "start"]
Trouble = Literal["loop", "uncaught", "unproven", "no-way", "twice"]


@dataclass(frozen=True, slots=True)
class Push:
    """What happens from outside. `way`: indexes of the token, from the outermost scope in. `place`: the
    boundary or catch event whose moment came. `name`: of a message."""

    kind: Kind
    way: tuple[int, ...] = ()
    place: int | None = None
    name: str | None = None


class Halted(Exception):
    """The engine would stop here. `known`: no choice that may be none was made on the way."""

    def __init__(self, trouble: Trouble, place: Place) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.place = place


class Circle(Exception):
    """Nothing new comes of going on: only choices that may be none lead round again."""
