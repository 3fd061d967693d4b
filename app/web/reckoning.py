"""How limits came about, in the words of the page's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def reckonings(clocks: Sequence[Any], *, rule: bool = True) -> dict[str, tuple[str, ...]]:
    """Task id as text, or `total`, -> its sentences. The legal source is said once, with the total."""
    has_total = any(clock.kind == TOTAL for clock in clocks)
    said = {}
    for clock in clocks:
        total = clock.kind == TOTAL
        stored = {**clock.arithmetic, "sumber": ""} if has_total and not total else clock.arithmetic
        said[TOTAL if total else str(clock.id)] = reckoned(stored, rule=rule)
    return said
