"""Two versions of an SOP, or two parts of one version, side by side: what is faster, slower, by how much."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.bottleneck import Figures
from app.services.bottlenecks import Asked, Bottlenecks, where_it_hurts
from app.services.bottlenecks_places import Step

CERTAIN = 0.1
"""Medians closer than this, as a share of the larger, count as the same: each may be 4 % off."""
SURE = 2.0
"""Standard errors by which medians must differ: one in twenty differences is then chance."""


@dataclass(frozen=True, slots=True)
class Other:
    """What the first side is compared with: another version, or another part of the same one."""

    version: int | None = None
    unit: str = ""
    kelurahan: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One step on both sides; None where a side has no figures of it."""

    place: str
    name: str
    left: Step | None
    right: Step | None

    @property
    def judged(self) -> bool:
        """Whether both sides have enough to be compared."""
        return bool(self.left and self.right and self.left.figures.enough and self.right.figures.enough)

    @property
    def weight(self) -> float:
        """Working seconds that the difference of the medians makes over all times of the right side."""
        if not (self.left and self.right):
            return 0.0
        return abs(self.left.figures.median - self.right.figures.median) * self.right.figures.times

    @property
    def speed(self) -> float:
        """By which share the right side's median is shorter (below 0) or longer; 0 for the same."""
        return speed(self.left.figures, self.right.figures) if self.left and self.right else 0.0

    @property
    def unsure(self) -> bool:
        """Whether the medians differ, though chance alone may do that among so few times."""
        return bool(self.left and self.right) and not self.speed and not self._alike

    @property
    def _alike(self) -> bool:
        return bool(self.left and self.right and alike(self.left.figures, self.right.figures))


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left` and `right`; `changes`: every step of either, in the order of the right side's SOP."""

    left: Bottlenecks
    right: Bottlenecks
    changes: tuple[Change, ...]

    @property
    def telling(self) -> tuple[Change, ...]:
        """The city's steps whose medians surely differ, those that weigh most first."""
        own = [one for one in self.changes if one.judged and one.speed and not _by_reporter(one)]
        return tuple(sorted(own, key=lambda one: (-one.weight, one.place)))


def compared(
    session: Session, key: str, number: int, asked: Asked, other: Other, *, actor: Actor
) -> Comparison:
    """Versions stand with the older at the left; one that has nothing in the months asked for shows its own
    last ones. Parts stand with the one asked for at the left, in the same months. Raises NotPermitted and
    NoSuchSop."""
    first = where_it_hurts(session, key, number, asked, actor=actor)
    if other.version is not None:
        second = where_it_hurts(session, key, other.version, asked, actor=actor)
        if not second.steps and (asked.since or asked.until):
            own = replace(asked, since=None, until=None)
            second = where_it_hurts(session, key, other.version, own, actor=actor)
        left, right = sorted((first, second), key=lambda one: int(one.version.version))
    else:
        months = asked
        if first.side:
            months = replace(asked, since=first.side.since, until=first.side.until)
        part = replace(months, unit=other.unit, kelurahan=other.kelurahan)
        left, right = first, where_it_hurts(session, key, number, part, actor=actor)
    return Comparison(left, right, _changes(left, right))


def alike(left: Figures, right: Figures) -> bool:
    """Whether the medians are as good as the same, however many times stand behind them."""
    return abs(left.median - right.median) <= CERTAIN * max(left.median, right.median)


def speed(left: Figures, right: Figures) -> float:
    """By which share the right median is shorter (below 0) or longer than the left; 0 when too close to say,
    or when chance alone may make such a difference between so few times; infinite from less than a second."""
    if not (left.enough and right.enough) or alike(left, right):
        return 0.0
    if not (left.median and right.median):
        return math.inf if right.median else -1.0
    if abs(math.log(right.median / left.median)) < SURE * math.hypot(_error(left), _error(right)):
        return 0.0
    return (right.median - left.median) / left.median


def _error(figures: Figures) -> float:
    """Standard error of the logarithm of a median, taking times for log-normal: their spread is then read
    off P90, which lies 1.2816 deviations above."""
    spread = math.log(figures.p90 / figures.median) / 1.2816
    return 1.2533 * spread / math.sqrt(figures.times)


def _changes(left: Bottlenecks, right: Bottlenecks) -> tuple[Change, ...]:
    before = {step.place: step for step in left.steps}
    after = {step.place: step for step in right.steps}
    places = [*after, *(place for place in before if place not in after)]
    return tuple(
        Change(place, (after.get(place) or before[place]).name, before.get(place), after.get(place))
        for place in places
    )


def _by_reporter(change: Change) -> bool:
    step = change.right or change.left
    return bool(step and step.by_reporter)
