"""The last word on files before they are published: what lint finds, and that they really compile."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.domain.sop_rules import DEFAULT_RULES, Rule
from app.engine.city_facts import NOBODYS, CityFacts
from app.engine.compiled import CompileFailed, Source
from app.engine.compiler import compile_sop
from app.engine.declaration import Finding
from app.engine.lint import findings
from app.engine.references import references


def verdict(sources: Sequence[Source], rules: Sequence[Rule] = DEFAULT_RULES, *,
            facts: CityFacts = NOBODYS, only: Collection[str] | None = None) -> tuple[Finding, ...]:
    """Everything `findings` tells; where that is no error, also why a process does not compile even so."""
    found = findings(sources, rules, facts=facts, only=only)
    if any(one.severity == "error" for one in found):
        return found
    judged = [one for one in sources if only is None or one.name in only]
    for key in dict.fromkeys(key for one in judged for key in references(one.name, one.content).processes):
        try:
            compile_sop(sources, key=key)
        except CompileFailed as failed:
            return (*failed.findings, *found)
    return found
