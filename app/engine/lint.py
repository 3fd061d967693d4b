"""Everything wrong with the files of an SOP, all at once: what does not run, what is missing, what is not
lawful, what does not come to an end.

One process is judged by itself where that can be done; rules about paths and data look at a process that no
other calls, with what it calls in place. Rules: `docs/pemeriksaan-sop.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from time import thread_time

from app.domain.sop_rules import DEFAULT_RULES, Rule
from app.engine.advice import advice, written_twice
from app.engine.city_facts import NOBODYS, CityFacts
from app.engine.compiled import Source
from app.engine.completeness import MOST_ELEMENTS, incompleteness
from app.engine.declaration import Finding
from app.engine.diagram import Process
from app.engine.lawful import unlawful
from app.engine.lawful_limits import too_long
from app.engine.names_read import unset_names
from app.engine.overlaps import offers_of, overlaps
from app.engine.refusals import refusals
from app.engine.sop_document_checks import document_doubts
from app.engine.soundness import unsound
from app.engine.soundness_search import MOST_SECONDS
from app.engine.survey import Survey, take_stock
from app.engine.ways import Ways

_OFTEN = ("tanpa-syarat", "waktu-kosong", "panah-putus", "satu-mulai", "panah-ganda")
"""What people draw wrong most often, in that order (3,734 diagrams by trainees): told first."""


def findings(sources: Sequence[Source], rules: Sequence[Rule] = DEFAULT_RULES, *,
             facts: CityFacts = NOBODYS, only: Collection[str] | None = None) -> tuple[Finding, ...]:
    """Everything wrong with these files, errors and warnings, in file order, errors first; raises nothing.
    Exploring takes so long at most for all processes together.

    `only`: names of the files to judge; the others are there for what they hold.
    """
    survey = take_stock(sources)
    found = [*survey.findings, *survey.doubts]
    judged = [one for one in survey.processes.values() if only is None or one.file in only]
    called = {node.called for one in survey.processes.values() for node in one.nodes.values()}
    left = MOST_SECONDS
    for process in judged:
        found.extend([*refusals(process, survey), *incompleteness(process), *document_doubts(process)])
        found.extend(advice(process, survey, facts))
        if not _is_drawn(process, survey, found):
            continue
        found.extend(overlaps(process, offers_of(survey.unit(process.key), survey)))
        if process.key not in called:
            found.extend(_on_its_ways(process, survey, rules))
        began = thread_time()
        found.extend(unsound(process, survey, seconds=left))
        left = max(0.0, left - (thread_time() - began))
    return _in_order(survey, found)


def _on_its_ways(process: Process, survey: Survey, rules: Sequence[Rule]) -> Iterator[Finding]:
    ways = Ways(process, survey)
    yield from unset_names(process, survey, ways)
    yield from written_twice(ways, survey)
    yield from unlawful(process, survey, ways)
    if process.subject == "laporan":
        yield from too_long(process, survey, ways, rules)


_UNDRAWN = frozenset({"panah-putus", "id-ganda", "satu-mulai", "tanpa-id", "proses-ganda"})


def _is_drawn(process: Process, survey: Survey, found: Iterable[Finding]) -> bool:
    """Whether the drawing is whole enough for rules that follow its ways."""
    files = {one.file for one in survey.unit(process.key)}
    size = sum(len(one.nodes) for one in survey.unit(process.key))
    return size <= 4 * MOST_ELEMENTS and not any(
        one.rule in _UNDRAWN and one.file in files for one in found)


def _in_order(survey: Survey, found: Iterable[Finding]) -> tuple[Finding, ...]:
    order = {name: place for place, name in enumerate(survey.files)}
    often = {rule: place for place, rule in enumerate(_OFTEN)}
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (
        order.get(one.file, 0), one.severity != "error", often.get(one.rule, len(_OFTEN)))))
