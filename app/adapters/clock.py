"""The clock on the wall. Asked by routes, worker and command line only; everybody else is told the time.

Outside production the time can be moved, to show a deadline passing without waiting for it. The shift lies
in a file that web server, worker and command line share; a production clock never looks at it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

NO_SHIFT = timedelta(0)


class Clock:
    """A clock, `offset` ahead of real time, and further ahead by what `shift_file` says (whole seconds)."""

    def __init__(self, *, offset: timedelta = NO_SHIFT, shift_file: Path | None = None) -> None:
        self._offset = offset
        self._file = shift_file
        self._stamp: int | None = None
        self._shift = NO_SHIFT

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC) + self.shift()

    def shift(self) -> timedelta:
        """How far this clock runs ahead of real time."""
        if self._file is None:
            return self._offset
        try:
            stamp = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return self._offset
        if stamp != self._stamp:
            self._shift = timedelta(seconds=int(self._file.read_text().strip() or "0"))
            self._stamp = stamp
        return self._offset + self._shift

    def move(self, by: timedelta) -> datetime:
        """Move this clock, for every process that shares the file; returns the new time."""
        if self._file is None:
            raise ClockIsFixed("the clock of a production city cannot be moved")
        moved = self.shift() - self._offset + by
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{round(moved.total_seconds())}\n")
        fresh.replace(self._file)
        return self.now()


class ClockIsFixed(RuntimeError):
    """Somebody wanted to move a clock that shows real time only."""


_wall = Clock()


def use(clock: Clock) -> None:
    """Make `clock` the one this process asks. Called once, when the program starts."""
    global _wall
    _wall = clock


def now() -> datetime:
    """The time, aware, in UTC."""
    return _wall.now()


def shift() -> timedelta:
    """How far the clock runs ahead of real time; zero in production."""
    return _wall.shift()


def move(by: timedelta) -> datetime:
    """Move the clock of a demo or test city. Raises ClockIsFixed in production."""
    return _wall.move(by)
