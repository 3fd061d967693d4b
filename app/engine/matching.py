"""What a cell of a decision table matches: constants of six kinds, put in order or listed.

Dates are days or moments with an offset; in data they are ISO text. Rule: DMN 1.3, chapter 9.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from app.engine.iso_time import day_of, moment_of
from app.engine.step import Json

Kind: TypeAlias = Literal["text", "number", "boolean", "date", "moment", "null"]

KIND_WORDS: dict[str, str] = {
    "text": "teks", "number": "angka", "integer": "bilangan bulat", "boolean": "true atau false",
    "date": "tanggal", "moment": "waktu", "null": "null",
}
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge
}


class KindMismatch(ValueError):
    """A value was to be put in order with a cell of another kind, such as text with `< 5`."""

    def __init__(self, wanted: Kind) -> None:
        super().__init__(f"seharusnya {KIND_WORDS[wanted]}")


@dataclass(frozen=True, slots=True)
class Constant:
    kind: Kind
    value: Json
    """As it stands in data: dates are ISO text."""

    @property
    def comparable(self) -> Any:
        return as_kind(self.kind, self.value)


@dataclass(frozen=True, slots=True)
class Anything:
    def matches(self, value: Json) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Equal:
    constant: Constant

    def matches(self, value: Json) -> bool:
        if self.constant.kind == "null":
            return value is None
        found = as_kind(self.constant.kind, value)
        return found is not None and bool(found == self.constant.comparable)


@dataclass(frozen=True, slots=True)
class Ordered:
    sign: str
    constant: Constant

    def matches(self, value: Json) -> bool:
        if value is None:
            return False
        found = as_kind(self.constant.kind, value)
        if found is None:
            raise KindMismatch(self.constant.kind)
        return ORDER[self.sign](found, self.constant.comparable)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Both ends of a range."""

    low: Ordered
    high: Ordered

    def matches(self, value: Json) -> bool:
        return self.low.matches(value) and self.high.matches(value)


@dataclass(frozen=True, slots=True)
class OneOf:
    tests: tuple[Equal | Ordered | AllOf, ...]
    negated: bool = False

    def matches(self, value: Json) -> bool:
        return any(test.matches(value) for test in self.tests) is not self.negated


Test: TypeAlias = Anything | OneOf


def as_kind(kind: str, value: Json) -> Any:
    """The value in the form in which this kind compares; None when it is of another kind."""
    match kind:
        case "text":
            return value if isinstance(value, str) else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "number":
            return value if isinstance(value, int | float) and not isinstance(value, bool) else None
        case "integer":
            number = as_kind("number", value)
            return number if isinstance(number, int) or _is_whole(number) else None
        case "date":
            return day_of(value)
        case "moment":
            return moment_of(value)
    return None


def constants_of(test: Test) -> Sequence[Constant]:
    """Every constant a test cell mentions."""
    found: list[Constant] = []
    for part in test.tests if isinstance(test, OneOf) else ():
        ends = (part.low, part.high) if isinstance(part, AllOf) else (part,)
        found.extend(end.constant for end in ends)
    return found


def _is_whole(number: Any) -> bool:
    return isinstance(number, float) and number.is_integer()
