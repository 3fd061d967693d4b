"""What a timer's value means: text that begins with `P` is a duration, with `R` a cycle, else a moment.

ISO 8601 as the contract uses it: weeks, years to seconds, fractions on the last part, no signs. Months are
calendar months in the city's zone; the 31st of January plus a month is the last day of February.
Rule: the SOP file contract, "Timers".
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.engine.step import Json, WorkingTime

_DURATION = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+(?:[.,]\d+)?)W|"
    r"(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+(?:[.,]\d+)?)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+(?:[.,]\d+)?)H)?(?:(?P<minutes>\d+(?:[.,]\d+)?)M)?"
    r"(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?)", re.IGNORECASE)
_CYCLE = re.compile(r"R(?P<turns>\d*)/(?:(?P<start>\d[^/]*)/)?(?P<every>P[^/]+)", re.IGNORECASE)
_UNITS = (("weeks", 604_800), ("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
MOST_SECONDS = 3_660 * 86_400.0
"""Ten years; longer is a slip of the pen."""


class TimerError(ValueError):
    """The value of a timer is none; the text is Indonesian and says what to write."""


@dataclass(frozen=True, slots=True)
class Duration:
    months: int
    seconds: float

    def after(self, start: datetime, zone: str) -> datetime:
        """`start` plus this duration, months first; aware, in UTC."""
        if not self.months:
            return start.astimezone(UTC) + timedelta(seconds=self.seconds)
        there = start.astimezone(ZoneInfo(zone))
        year, month = divmod(there.year * 12 + there.month - 1 + self.months, 12)
        day = min(there.day, monthrange(year, month + 1)[1])
        moved = there.replace(year=year, month=month + 1, day=day)
        return moved.astimezone(UTC) + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Armed:
    """When a timer is due; of a cycle also how far its turns lie apart and how many are left
    (None: endless)."""

    at: datetime
    every: str | None = None
    left: int | None = None


def parse_duration(text: str) -> Duration:
    """Raises `TimerError` for anything but an ISO duration above zero and up to ten years."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise TimerError(f"'{text}' bukan lama waktu; tulis misalnya 'PT4H' atau 'P2D'.")
    seconds = sum(float(match[unit].replace(",", ".")) * size for unit, size in _UNITS if match[unit])
    months = int(match["years"] or 0) * 12 + int(match["months"] or 0)
    if months * 28 * 86_400 + seconds > MOST_SECONDS:
        raise TimerError(f"'{text}' lebih lama dari sepuluh tahun.")
    return Duration(months, seconds)


def parse_moment(text: str, zone: str) -> datetime:
    """A moment in ISO 8601; without an offset it is read in the city's zone. UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise TimerError(f"'{text}' bukan waktu; tulis misalnya '2026-03-31T16:00:00+08:00'.") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC)


def arm(value: Json, start: datetime, zone: str) -> Armed:
    """What a timer's value means when it begins to run at `start`. Raises `TimerError`."""
    if not isinstance(value, str) or not value.strip():
        raise TimerError(f"nilai {value!r} bukan lama waktu, putaran, ataupun waktu.")
    text = value.strip()
    if text[0] in "Pp":
        return Armed(parse_duration(text).after(start, zone))
    if text[0] in "Rr":
        return _cycle(text, start, zone)
    return Armed(parse_moment(text, zone))


def is_cycle(value: Json) -> bool:
    return isinstance(value, str) and value.strip()[:1] in {"R", "r"}


def missed_turns(armed: Armed, now: datetime, zone: str) -> int:
    """How many turns of a cycle are due at `now`, the one at `armed.at` counted; at least 1."""
    count, at = 1, armed.at
    while armed.left is None or count < armed.left:
        at = next_turn(at, armed.every or "", zone)
        if at > now:
            break
        count += 1
    return count


def next_turn(at: datetime, every: str, zone: str) -> datetime:
    return parse_duration(every).after(at, zone)


def share_of_deadline(percent: Json, opened: datetime, due: datetime, unit: str | None,
                      calendar: WorkingTime) -> datetime:
    """`tenggat(p)`: the opening plus p % of the time to the deadline, in the deadline's measure."""
    if isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 < percent <= 10_000:
        raise TimerError(f"tenggat({percent!r}) memerlukan angka persen di atas nol.")
    if percent == 100:
        return due
    if unit != "kerja":
        return opened + (due - opened) * (percent / 100)
    seconds = calendar.working_seconds(opened, due) * percent / 100
    return calendar.add_working_time(opened, seconds)


def _cycle(text: str, start: datetime, zone: str) -> Armed:
    match = _CYCLE.fullmatch(text)
    if match is None:
        raise TimerError(f"'{text}' bukan putaran; tulis misalnya 'R3/PT8H'.")
    turns = int(match["turns"]) if match["turns"] else None
    every = parse_duration(match["every"])
    if turns == 0 or not (every.months or every.seconds >= 1):
        raise TimerError(f"putaran '{text}' tidak pernah atau tanpa henti berbunyi.")
    if match["start"]:
        return Armed(parse_moment(match["start"], zone), match["every"], turns)
    return Armed(every.after(start, zone), match["every"], turns)
