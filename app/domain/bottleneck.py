"""Where work gets stuck: what the figures of a place say, how hot it is drawn, and why it is slow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FEW = 5
"""Times below which figures are shown but judge nobody."""
LEVELS = 5
SHARES = (0.0, 0.05, 0.15, 0.3, 0.5)
"""A share above each of these is one level hotter."""

OFTEN_LATE, OFTEN_AGAIN, LONG_TAIL = 0.2, 0.15, 4
"""From which shares, and from which ratio of P90 to median, they are worth a word."""


class Measure(StrEnum):
    """What the picture is coloured by."""

    SPENT = "waktu"
    MEDIAN = "median"
    P90 = "p90"
    WAITING = "menunggu"
    LATE = "terlambat"
    AGAIN = "berulang"


IS_SHARE = frozenset({Measure.SPENT, Measure.LATE, Measure.AGAIN})


class Cause(StrEnum):
    """Why a place costs what it costs."""

    WAITING = "waiting"
    """Most of it passes before anybody takes the task."""
    WORK = "work"
    """Most of it is the work itself."""
    LATE = "late"
    """The signed limit is often missed."""
    AGAIN = "again"
    """It is often done more than once for one report."""
    TAIL = "tail"
    """Most are quick and a few take very long."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How often a place was left, and how long it took. `late`: of those after their limit; `signed_late`:
    after the limit first promised; `again`: not the first of their report; `dropped`: not done. Seconds of
    working time: `waiting` until somebody took it and `working` from then on, summed; `median` and `p90` of
    both together for one time. `elapsed`: seconds of the wall clock, summed."""

    times: int
    late: int
    signed_late: int
    again: int
    dropped: int
    waiting: int
    working: int
    elapsed: int
    median: float
    p90: float

    @property
    def spent(self) -> int:
        """Working time of all, in seconds."""
        return self.waiting + self.working

    @property
    def late_share(self) -> float:
        return self.late / self.times if self.times else 0.0

    @property
    def signed_late_share(self) -> float:
        return self.signed_late / self.times if self.times else 0.0

    @property
    def again_share(self) -> float:
        return self.again / self.times if self.times else 0.0

    @property
    def waiting_share(self) -> float:
        """Of the working time that passed here."""
        return self.waiting / self.spent if self.spent else 0.0

    @property
    def waits(self) -> float:
        """Seconds until somebody took it, on average."""
        return self.waiting / self.times if self.times else 0.0

    @property
    def works(self) -> float:
        """Seconds from then on, on average."""
        return self.working / self.times if self.times else 0.0

    @property
    def enough(self) -> bool:
        return self.times >= FEW

    def value(self, measure: Measure, whole: int) -> float:
        """By this measure: seconds, or a share from 0 to 1. `whole`: working seconds of all places."""
        if measure is Measure.SPENT:
            return self.spent / whole if whole else 0.0
        return {
            Measure.MEDIAN: self.median,
            Measure.P90: self.p90,
            Measure.WAITING: self.waits,
            Measure.LATE: self.signed_late_share,
            Measure.AGAIN: self.again_share,
        }[measure]

    def causes(self) -> tuple[Cause, ...]:
        """Waiting or work, whichever costs more, and what else stands out, in the order of `Cause`."""
        found = [Cause.WAITING if self.waiting * 2 >= self.spent else Cause.WORK]
        if self.signed_late_share >= OFTEN_LATE:
            found.append(Cause.LATE)
        if self.again_share >= OFTEN_AGAIN:
            found.append(Cause.AGAIN)
        if self.p90 >= LONG_TAIL * self.median > 0:
            found.append(Cause.TAIL)
        return tuple(found)



def levels(values: Mapping[str, float], measure: Measure) -> dict[str, int]:
    """Place -> 0 (nothing) to LEVELS. Times and the part of all time are measured against the largest, so
    that the largest is always the hottest; late and repeated shares against SHARES."""
    if measure in (Measure.LATE, Measure.AGAIN):
        return {place: sum(value > edge for edge in SHARES) for place, value in values.items()}
    largest = max(values.values(), default=0.0)
    if largest <= 0:
        return dict.fromkeys(values, 0)
    return {place: math.ceil(LEVELS * value / largest) for place, value in values.items()}


def widths(times: Mapping[str, int]) -> dict[str, int]:
    """Flow -> 1 to LEVELS by how often it was taken, against the most taken; 0 for never."""
    largest = max(times.values(), default=0)
    if largest <= 0:
        return dict.fromkeys(times, 0)
    return {flow: math.ceil(LEVELS * taken / largest) for flow, taken in times.items()}
