"""How limits came about, in the words of the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app

from app.domain.deadline import explain
from app.i18n import translated
from app.web.uploads import settings

TOTAL = "total"


def reckoned(stored: Mapping[str, Any], *, rule: bool = True) -> tuple[str, ...]:
    """The arithmetic of one limit, a sentence each. `rule`: with the expression as the SOP has it."""
    filters = current_app.jinja_env.filters
    said = explain(
        stored, settings().city.zone, moment=filters["moment"], day=filters["day"], rule=rule
    )
    return tuple(translated(sentence) for sentence in said)


def reckonings(clocks: Iterable[Any], *, rule: bool = True) -> dict[str, tuple[str, ...]]:
    """Task id as text, or `total`, -> its sentences."""
    return {
        TOTAL if clock.kind == TOTAL else str(clock.id): reckoned(clock.arithmetic, rule=rule)
        for clock in clocks
    }
