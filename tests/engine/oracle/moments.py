"""Deadlines and timers of the contract, worked out a second time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from .graph import Node, Span


class Calendar(Protocol):
    """The city's working time; given to both sides alike."""

    def add_working_days(self, start: datetime, days: int) -> datetime: ...
    def add_working_time(self, start: datetime, seconds: float) -> datetime: ...
    def working_seconds(self, start: datetime, end: datetime) -> float: ...


class Opened(Protocol):
    """A host of boundary timers."""

    opened: datetime
    due: datetime | None
    unit: str | None


@dataclass
class Armed:
    """A timer that waits. `order`: the sequence in which timers were armed."""

    node: Node
    due: datetime
    order: int
    left: int | None = 1
    """Turns still to come; None for ever."""
    every: timedelta | None = None

    def missed(self, now: datetime) -> int:
        """Turns one firing stands for: a collapsing cycle takes all that lie behind `now` at once."""
        assert self.node.timer is not None
        if self.every is None or self.node.timer.replay:
            return 1
        behind = (now - self.due) // self.every + 1
        return behind if self.left is None else min(behind, self.left)

    def turn(self, count: int) -> bool:
        """Move on by `count` turns; True when none is left."""
        if self.every is not None:
            self.due += self.every * count
        if self.left is not None:
            self.left -= count
        return self.left == 0


def moment(span: Span, now: datetime, calendar: Calendar) -> datetime:
    match span.kind:
        case "duration" | "cycle" | "menit":
            return now + timedelta(minutes=span.n)
        case "jam":
            return now + timedelta(hours=span.n)
        case "hari":
            return now + timedelta(days=span.n)
        case "jam_kerja":
            return calendar.add_working_time(now, span.n * 3600)
        case "hari_kerja":
            return calendar.add_working_days(now, span.n)
    raise ValueError(span.kind)


def due_of(deadline: Span | None, now: datetime, calendar: Calendar) -> tuple[datetime | None, str | None]:
    """Deadline of a host that opens now, and whether its rule counts working time."""
    if deadline is None:
        return None, None
    return moment(deadline, now, calendar), "kerja" if deadline.kind.endswith("_kerja") else "jam"


def arm(node: Node, order: int, now: datetime, host: Opened, calendar: Calendar) -> Armed:
    span = node.timer
    assert span is not None
    if span.kind == "tenggat":
        assert host.due is not None
        if host.unit == "kerja":
            share = calendar.working_seconds(host.opened, host.due) * span.n / 100
            return Armed(node, calendar.add_working_time(host.opened, share), order)
        return Armed(node, host.opened + (host.due - host.opened) * span.n / 100, order)
    if span.kind == "cycle":
        return Armed(node, moment(span, now, calendar), order, span.turns, timedelta(minutes=span.n))
    return Armed(node, moment(span, now, calendar), order)
