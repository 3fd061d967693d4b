"""Sentences for people that begin in a rule or a service, and may be read in another language."""

from __future__ import annotations

from collections.abc import Mapping


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
