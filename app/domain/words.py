"""Sentences for people that begin in a rule or a service, and may be read in another language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date


class Sentence(str):
    """Whole Indonesian text that still knows what it was made of, so that the edge can say it otherwise."""

    __slots__ = ("pattern", "values")

    pattern: str
    values: Mapping[str, object]


def told(pattern: str, **values: object) -> str:
    """`pattern` filled with `values`, e.g. `told("Paling banyak %(n)s foto.", n=5)`.

    A pattern without values is taken as it stands. `make words` collects the patterns for the translators.
    """
    sentence = Sentence(pattern % values if values else pattern)
    sentence.pattern = pattern
    sentence.values = values
    return sentence


class Dated(str):
    """A day or a moment as people here say it, that still knows which it is."""

    __slots__ = ("on",)

    on: date


def dated(words: str, on: date) -> str:
    """`words` for `on`, a day or (as a datetime) a moment: `dated("17 Maret 2026", date(2026, 3, 17))`."""
    said = Dated(words)
    said.on = on
    return said


def joined(separator: str, parts: Iterable[str]) -> str:
    """`separator.join(parts)` of parts that can still be said in another language, each by itself."""
    values = {f"part{place}": part for place, part in enumerate(parts)}
    return told(separator.replace("%", "%%").join(f"%({name})s" for name in values), **values)
