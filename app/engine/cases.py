"""Scenarios the machine writes: short walks on the real engine that together pass everything an SOP can do.

Every flow, boundary event and decision row is walked by some case; once for every task it is shown that its
own worker and an incomplete form are refused. After each step stands what is then open, whose it is, by when,
and the public status, so that an officer can say whether that is right. The same SOP gives the same cases.
Rule: issue "proof before publishing"; docs/skenario.md, "Skenario yang ditulis mesin".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.engine.cases_book import Written
from app.engine.cases_words import title_of
from app.engine.cases_writer import Writer
from app.engine.compiled import CompiledSop
from app.engine.coverage import Coverage
from app.engine.step import WorkingTime

BUDGET_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Case:
    """`scenario` has the shape of the contract's YAML. `covers`: `{"flows": [[process, id]], "boundaries":
    [[process, id]], "rows": {decision: [n]}}`, all it passes, not only what is new."""

    name: str
    title: str
    scenario: Mapping[str, Any]
    covers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Uncovered:
    """`kind`: `flow`, `boundary` or `row` (`id` is the decision, `row` its number); `reason` in Indonesian.
    `impossible`: it is proven that nothing in this SOP leads there."""

    kind: str
    process: str | None
    id: str
    row: int | None
    reason: str
    impossible: bool = False


@dataclass(frozen=True, slots=True)
class Cases:
    """`finished`: the time was enough; else another call with what is covered so far goes on from here."""

    cases: tuple[Case, ...]
    uncovered: tuple[Uncovered, ...]
    coverage: Coverage
    finished: bool

    def told(self) -> dict[str, Any]:
        """Plain JSON, for the way out of a child process."""
        return {
            "cases": [{"name": one.name, "title": one.title, "scenario": dict(one.scenario),
                       "covers": dict(one.covers)} for one in self.cases],
            "uncovered": [{"kind": one.kind, "process": one.process, "id": one.id, "row": one.row,
                           "reason": one.reason, "impossible": one.impossible} for one in self.uncovered],
            "finished": self.finished,
        }


def write_cases(compiled: CompiledSop, calendar: WorkingTime, *, budget_seconds: float = BUDGET_SECONDS,
                known: Coverage | None = None) -> Cases:
    """Write cases for all that `known` (what existing scenarios pass) leaves out. Raises nothing for what an
    SOP says: what cannot be reached is in `uncovered`, with the reason."""
    writer = Writer(compiled, calendar, known or Coverage(), budget_seconds)
    written = writer.write()
    told = [one for one in written if not one.title]
    common = Counter(text for one in told for text in {phrase.text for phrase in one.phrases})
    names: set[str] = set()
    cases = []
    for one in written:
        title = one.title or title_of(one.phrases, one.scenario.get("end"), common, len(told))
        cases.append(Case(_name(compiled.key, title, names), title, one.scenario, _covers(one)))
    return Cases(tuple(cases), tuple(Uncovered(*left) for left in writer.left()), writer.coverage,
                 writer.finished)


def impossible_rows(compiled: CompiledSop, calendar: WorkingTime) -> dict[tuple[str, int], str]:
    """Rows of decision tables that this SOP provably never comes to, as of a table it shares with others:
    (decision, row) -> why. No case is written for it."""
    known = Coverage(flows={(flow[0], flow[1]) for flow in compiled.flows},
                     boundaries=set(compiled.boundaries))
    left = Writer(compiled, calendar, known, BUDGET_SECONDS).left()
    return {(name, row): reason for kind, _process, name, row, reason, impossible in left
            if kind == "row" and impossible and row is not None}


def covers(coverage: Coverage) -> dict[str, Any]:
    """Coverage as plain JSON, in order."""
    return {"flows": [list(one) for one in sorted(coverage.flows)],
            "boundaries": [list(one) for one in sorted(coverage.boundaries)],
            "rows": {decision: sorted(rows) for decision, rows in sorted(coverage.rows.items())}}


def _covers(one: Written) -> dict[str, Any]:
    return covers(one.coverage)


def _name(key: str, title: str, names: set[str]) -> str:
    """A file's name: the SOP and the title's words, told apart by a number where need be."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in title.lower())
    words = [word for word in plain.split("_") if word]
    stem = "_".join([key, *words])[:60].rstrip("_")
    name, number = stem, 1
    while name in names:
        number += 1
        name = f"{stem}_{number}"
    names.add(name)
    return name
