"""Scenario files that come with an SOP, as the regression suite of its version."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.engine.scenario import ScenarioInvalid
from app.engine.scenario_text import scenario_of


def suite(
    key: str, texts: Iterable[tuple[str, str]], *, marked_by: str, now: datetime
) -> tuple[dict[str, Any], ...]:
    """Those of `texts` (name, YAML) that are about the SOP `key`, marked right by whoever publishes them.
    What is no scenario, or about another SOP, is left out."""
    found = []
    for name, text in texts:
        try:
            about = scenario_of(text).sop
        except ScenarioInvalid:
            continue
        if about == key:
            found.append(
                {
                    "name": name,
                    "title": title_of(name, text),
                    "text": text,
                    "origin": "orang",
                    "covers": {},
                    "verdict": "benar",
                    "marked_by": marked_by,
                    "marked_at": now.isoformat(),
                }
            )
    return tuple(found)


def title_of(name: str, text: str) -> str:
    """The comment a scenario begins with, else its name."""
    first = text.partition("\n")[0].strip()
    return (first.lstrip("# ") if first.startswith("#") else name)[:300]
