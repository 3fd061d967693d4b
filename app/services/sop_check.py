"""Everything wrong with the files of an SOP, found in a child process that may be stopped."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.adapters.sandbox import SandboxStopped, in_sandbox
from app.domain.sop_rules import DEFAULT_RULES, Rule
from app.engine.city_facts import NOBODYS, CityFacts
from app.engine.compiled import Source
from app.engine.declaration import Finding
from app.engine.references import Candidate, belonging, callers, references
from app.engine.verdict import verdict

MOST_TOLD = 500
"""Findings of one check; nobody reads more, and a hostile file has many thousands."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`stopped` says, in Indonesian, why a check could not be finished; it is among the findings too."""

    findings: tuple[Finding, ...]
    stopped: str | None
    milliseconds: float

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps these files from being published."""
        return tuple(one for one in self.findings if one.severity == "error")


def check(
    files: Mapping[str, str | bytes],
    main: str,
    *,
    rules: Sequence[Rule] = DEFAULT_RULES,
    published: Sequence[Source] = (),
    facts: CityFacts = NOBODYS,
) -> Checked:
    """Findings of `files` (name -> content), of which `main` is the diagram; what they need and do not hold
    is looked for among `published`. `facts`: what is known of the city. Raises nothing for what a file
    holds."""
    given = [(name, content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
             for name, content in sorted(files.items(), key=lambda pair: pair[0] != main)]
    others = [(one.name, one.content) for one in published]
    began = time.perf_counter()
    try:
        told = in_sandbox(checked, given, others, tuple(rules), facts)
        found, stopped = tuple(Finding.from_told(one) for one in told), None
    except SandboxStopped as error:
        found, stopped = (stopped_finding(main, error.text),), error.text
    return Checked(found, stopped, (time.perf_counter() - began) * 1000)


def stopped_finding(file: str, text: str) -> Finding:
    """What is said of a file whose check was stopped."""
    return Finding(file, None, "pemeriksaan-berhenti", "error", text,
                   "Kecilkan diagram, atau bagi menjadi beberapa proses.")


def checked(given: Sequence[tuple[str, bytes]], published: Sequence[tuple[str, bytes]],
            rules: Sequence[Rule], facts: CityFacts) -> list[dict[str, Any]]:
    """The work inside the sandbox; the answer in plain values."""
    sources = [Source(*one) for one in given]
    names = {source.name for source in sources}
    files = [*sources, *_concerned(sources, [Source(*one) for one in published])]
    found = [one for one in verdict(files, rules, facts=facts, only=names)
             if one.file in names or one.severity == "error"]
    return [one.told() for one in _readable(found)]


def _readable(found: list[Finding]) -> list[Finding]:
    """As many as somebody may read, and one that says how many more there are, as grave as the gravest."""
    rest = found[MOST_TOLD:]
    if not rest:
        return found
    gravest = min(rest, key=lambda one: one.severity != "error")
    return [*found[:MOST_TOLD], Finding(gravest.file, None, "temuan-lainnya", gravest.severity,
                                        f"Masih ada {len(rest)} temuan lain.",
                                        "Perbaiki dahulu yang tertulis di sini.")]


def _concerned(sources: Sequence[Source], published: Sequence[Source]) -> list[Source]:
    """The published files that the given ones refer to, or that call or begin them."""
    files = [*sources, *published]
    candidates = [Candidate(at, references(one.name, one.content)) for at, one in enumerate(files)]
    own = candidates[:len(sources)]
    calling = [place for one in own for place in callers(one.found, candidates)]
    wanted = [place for one in (*own, *(candidates[at] for at in calling))
              for place in belonging(one.found, candidates)]
    return [files[at] for at in dict.fromkeys([*calling, *wanted]) if at >= len(sources)]
