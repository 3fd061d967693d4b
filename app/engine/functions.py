"""The functions a diagram may call. Moments come back as ISO 8601 text with the offset of the city's zone.

`tenggat(p)` is bound by the runner, which alone knows the host of a timer.
Rule: sections "Timers" and "Expressions" of the SOP file contract.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.engine.evaluator import EvaluationError
from app.engine.step import Json, Tools

WORKING_FUNCTIONS = frozenset({"hari_kerja", "jam_kerja"})
"""A deadline that calls one of these is measured in working time, any other by the wall clock."""

MAX_WORKING_DAYS = 2_600
"""Ten years; a longer limit in an SOP is a slip of the pen."""
MAX_DAYS = 3_660


def standard_functions(tools: Tools) -> dict[str, Callable[..., Json]]:
    """All functions but `tenggat`, bound to the clock and calendar of one push.

    Every one raises `EvaluationError` for arguments it cannot take.
    """
    calendar = tools.calendar
    now = tools.now.astimezone(ZoneInfo(calendar.zone))

    def hari_kerja(days: Json) -> str:
        return iso(calendar.add_working_days(now, _whole("hari_kerja", days, 0, MAX_WORKING_DAYS)), now)

    def jam_kerja(hours: Json) -> str:
        seconds = _number("jam_kerja", hours, 0, MAX_WORKING_DAYS * 8) * 3600
        return iso(calendar.add_working_time(now, seconds), now)

    def wall(name: str, hours_each: float) -> Callable[[Json], str]:
        limit = MAX_DAYS * 24 / hours_each
        return lambda count: iso(now + timedelta(hours=_number(name, count, -limit, limit) * hours_each), now)

    return {
        "hari_kerja": hari_kerja,
        "jam_kerja": jam_kerja,
        "hari": wall("hari", 24),
        "jam": wall("jam", 1),
        "menit": wall("menit", 1 / 60),
        "sekarang": lambda: iso(now, now),
        "hari_ini": lambda: now.date().isoformat(),
        **PLAIN_FUNCTIONS,
    }


def iso(moment: datetime, like: datetime) -> str:
    """A moment as text in the zone of `like`, so that texts of one SOP compare as moments do."""
    return moment.astimezone(like.tzinfo).isoformat()


def _len(value: Json) -> int:
    if isinstance(value, str | list | dict):
        return len(value)
    raise EvaluationError("len(…) menghitung huruf teks atau isi daftar; nilai ini bukan keduanya.")


def _round(value: Json, digits: Json = 0) -> Json:
    places = _whole("round", digits, 0, 10)
    number = _number("round", value)
    return round(number, places) if places else round(number)


def _least(*values: Json) -> Json:
    return min(_comparable("min", values))


def _most(*values: Json) -> Json:
    return max(_comparable("max", values))


def _lower(value: Json) -> str:
    return _text("lower", value).lower()


def _upper(value: Json) -> str:
    return _text("upper", value).upper()


PLAIN_FUNCTIONS: dict[str, Callable[..., Json]] = {
    "len": _len, "round": _round, "min": _least, "max": _most, "lower": _lower, "upper": _upper,
}
"""The functions that need neither clock nor calendar."""


def _text(name: str, value: Json) -> str:
    if not isinstance(value, str):
        raise EvaluationError(f"{name}(…) memerlukan teks.")
    return value


def _number(name: str, value: Json, least: float = float("-inf"), most: float = float("inf")) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EvaluationError(f"{name}(…) memerlukan angka.")
    if not least <= value <= most:
        raise EvaluationError(f"{name}({value}) di luar batas: antara {least:g} dan {most:g}.")
    return value


def _whole(name: str, value: Json, least: int, most: int) -> int:
    number = _number(name, value, least, most)
    if number != int(number):
        raise EvaluationError(f"{name}(…) memerlukan bilangan bulat.")
    return int(number)


def _comparable(name: str, values: tuple[Json, ...]) -> list[Json]:
    """The values to compare: the arguments, or the items of a single list; all numbers or all texts."""
    items = list(values[0]) if len(values) == 1 and isinstance(values[0], list) else list(values)
    numbers = all(isinstance(item, int | float) and not isinstance(item, bool) for item in items)
    if not items or not (numbers or all(isinstance(item, str) for item in items)):
        raise EvaluationError(f"{name}(…) memerlukan angka saja atau teks saja, paling sedikit satu.")
    return items
