"""The machine writes scenarios for what a draft's own leave out. Runs in the sandbox: JSON in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import process_time

from app.domain.calendar import BusinessCalendar
from app.engine.cases import write_cases
from app.engine.coverage import Coverage
from app.engine.play_judge import ONE_SECONDS, WRONG
from app.engine.play_sources import Files, NotRunnable, compile_draft, own_keys
from app.engine.scenario import ScenarioInvalid
from app.engine.scenario_text import scenario_of, scenario_yaml
from app.engine.step import Json
from app.engine.walk import walk

SECONDS, LEAST_SECONDS = 3.2, 0.8
"""For walking what is there and writing what is missing: well within what the sandbox allows."""


def write_missing(
    files: Files,
    main: str,
    scenarios: Sequence[Mapping[str, Json]],
    calendar: BusinessCalendar,
    *,
    published: Sequence[tuple[str, bytes]] = (),
) -> dict[str, Json]:
    """`{"written": [{name, title, text, covers}], "unreached": [{kind, id, row, reason}], "finished",
    "stopped"}`. What a scenario marked wrong walks counts as not walked; what belongs to other, published
    SOPs, and rows this SOP can never come to, are not asked for."""
    begun = process_time()
    try:
        compiled = compile_draft(files, main, published)
    except NotRunnable as error:
        return {"written": [], "unreached": [], "finished": True, "stopped": str(error)}
    known = Coverage()
    for one in scenarios:
        if one.get("verdict") == WRONG:
            continue
        try:
            outcome = walk(compiled, scenario_of(str(one.get("text", ""))), calendar, seconds=ONE_SECONDS)
        except ScenarioInvalid:
            continue
        if outcome.agrees:
            known.merge(outcome.coverage)
    processes, decisions = own_keys(files)
    known.flows |= {(flow[0], flow[1]) for flow in compiled.flows if flow[0] not in processes}
    known.boundaries |= {one for one in compiled.boundaries if one[0] not in processes}
    for key, table in compiled.decisions.items():
        if key not in decisions:
            known.rows.setdefault(key, set()).update(rule.number for rule in table.rules)
    left = max(LEAST_SECONDS, SECONDS - (process_time() - begun))
    cases = write_cases(compiled, calendar, budget_seconds=left, known=known)
    return {
        "written": [
            {"name": one.name, "title": one.title, "text": scenario_yaml(one.scenario),
             "covers": dict(one.covers)}
            for one in cases.cases
        ],
        "unreached": [
            {"kind": one.kind, "id": one.id, "row": one.row, "reason": one.reason}
            for one in cases.uncovered if not (one.kind == "row" and one.impossible)
        ],
        "finished": cases.finished,
        "stopped": None,
    }
