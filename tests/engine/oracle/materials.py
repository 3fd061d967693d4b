"""What random SOPs are made of: names, variables, moments, conditions, and the place where a block grows."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from .graph import Condition, Json, Span

FEATURES = frozenset({
    "and", "or", "loop", "sub", "call", "multi", "boundary", "timer", "cycle", "message", "event", "error",
    "escalation", "terminate", "script", "deadline", "leave", "jump", "loose",
})
"""What can be switched off. `leave`: branches that end instead of meeting the others again; `jump`: flows
back to any earlier element, across loops and into branches; `loose`: one in six is
grown without care for whether it comes to its end (if not, both sides must say so at the same push)."""
REASONS = ("selesai", "ditolak", "duplikat", "diarsipkan", "dibatalkan")
CHOICES = ("a", "b", "c")
CODES = ("satu", "dua")
"""Of errors and of escalations: few, so that boundaries of one code stand inside each other."""
LANES = ("verifikator", "bappeda", "pelapor")


@dataclass(frozen=True)
class Place:
    """Where a sequence grows."""

    process: str
    depth: int = 0
    may_end: bool = True
    """False inside a parallel block: a branch that ends there would leave its join waiting for ever."""
    plain: bool = False
    """A branch that several tokens may walk at once: joins would mix them."""
    looped: bool = False
    """An element may open again here while a side branch it set going before still runs."""
    targets: tuple[str, ...] = ()
    """Elements before this that a flow may lead back to; none outside a parallel or inclusive block."""
    heard: int = 0
    """How many enclosing boundaries wait for an escalation."""
    errors: tuple[str, ...] = ()
    """Codes some enclosing boundary of this process catches."""
    lane: bool = True

    def deeper(self, **changes: object) -> Place:
        return replace(self, depth=self.depth + 1, **changes)  # type: ignore[arg-type]


class Materials:
    """A seeded supply. Moments are drawn without repetition, so that no two timers are due together."""

    def __init__(self, rng: random.Random, size: int, features: frozenset[str]) -> None:
        self.rng = rng
        self.features = features
        self.left = size
        self.count = 0
        self.minutes = rng.sample(range(7, 9000), 400)
        self.shares = rng.sample([n for n in range(11, 189) if n % 10], 100)
        self.hours = rng.sample(range(3, 90), 80)
        self.data: dict[str, Json] = {f"pilih{n}": rng.choice(CHOICES) for n in range(3)}
        self.loose = self.can("loose") and rng.random() < 1 / 6

    def can(self, feature: str) -> bool:
        return feature in self.features

    def name(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def lane(self, place: Place) -> str | None:
        return self.rng.choice(LANES) if place.lane else None

    def span(self) -> Span:
        kind = self.rng.choice(("duration", "duration", "duration", "jam", "menit", "jam_kerja"))
        if kind in ("jam", "jam_kerja"):
            return Span(kind, self.hours.pop() if self.hours else 91)
        return Span(kind, self.minutes.pop())

    def variable(self, stem: str, value: Json) -> str:
        name = self.name(stem)
        self.data[name] = value
        return name

    def choice_variable(self) -> str:
        """Mostly a variable of its own; sometimes one that other tasks answer too: the last one wins."""
        if self.rng.random() < 0.3:
            return f"pilih{self.rng.randrange(3)}"
        return self.variable("k", self.rng.choice(CHOICES))

    def known(self) -> str:
        return self.rng.choice([k for k in self.data if k.startswith(("k", "pilih"))])

    def condition(self, name: str | None = None) -> Condition:
        name = name or self.known()
        kind = self.rng.random()
        if kind < 0.6:
            return Condition(name, "==", self.rng.choice(CHOICES))
        if kind < 0.8:
            return Condition(name, "!=", self.rng.choice(CHOICES))
        return Condition(name, "in", self.rng.sample(CHOICES, 2))
