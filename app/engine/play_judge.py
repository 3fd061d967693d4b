"""Whether a draft keeps what its scenarios say, and how much of it those marked right have walked.

Runs in the sandbox: JSON-like values in and out. A scenario counts for coverage when a person marked it
*benar* and it agrees with the draft as it is now. Processes and tables of other, published SOPs that the
draft only calls were proven when they were published, and are not counted again; nor are rows of a shared
table that this SOP provably never comes to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import process_time
from typing import Any

from app.domain.calendar import BusinessCalendar
from app.engine.cases import impossible_rows
from app.engine.compiled import CompiledSop
from app.engine.coverage import Coverage, Walked
from app.engine.play_sources import Files, NotRunnable, compile_draft, own_keys
from app.engine.play_words import Speaker
from app.engine.scenario import Scenario, ScenarioInvalid
from app.engine.scenario_text import scenario_of
from app.engine.step import Json
from app.engine.walk import walk

RIGHT, WRONG = "benar", "salah"
SECONDS = 2.0
"""Of computing time after which the rest is left to a further call."""
ONE_SECONDS = 1.5
"""For the timers of one scenario: far more than any that people read."""


def judge_draft(
    files: Files,
    main: str,
    scenarios: Sequence[Mapping[str, Json]],
    calendar: BusinessCalendar,
    *,
    published: Sequence[tuple[str, bytes]] = (),
    labels: Mapping[str, str] | None = None,
    unit_variables: Mapping[str, str] | None = None,
    home_units: Mapping[str, str] | None = None,
    earlier: Sequence[Mapping[str, Json]] = (),
) -> dict[str, Json]:
    """`{"results", "coverage", "missing", "stopped", "rest"}`; see `Judged` in the service for their shape.
    `rest`: place of the first scenario there was no time for; it and those behind it are to be judged with a
    further call, with the results so far as `earlier`. None when all was judged."""
    begun = process_time()
    try:
        compiled = compile_draft(files, main, published)
    except NotRunnable as error:
        return {"results": [], "coverage": None, "missing": [], "stopped": str(error), "rest": None}
    roles = {"unit_variables": unit_variables, "home_units": home_units}
    given = {name: value for name, value in roles.items() if value is not None}
    speaker = Speaker(compiled, calendar.zone, labels or {})
    results: list[dict[str, Json]] = []
    proven, walked = Coverage(), Coverage()
    for one in earlier:
        if one["agrees"]:
            walked.merge(_from_told(one["covers"]))
            if one["verdict"] == RIGHT:
                proven.merge(_from_told(one["covers"]))
    for at, one in enumerate(scenarios):
        if at and process_time() - begun > SECONDS:
            return {"results": results, "stopped": None, "rest": at}
        scenario, outcome = _walked(compiled, str(one.get("text", "")), calendar, given)
        results.append(_result(one, scenario, outcome, speaker))
        if outcome.agrees:
            walked.merge(outcome.coverage)
            if one.get("verdict") == RIGHT:
                proven.merge(outcome.coverage)
    whole = _wanted(compiled, *own_keys(files))
    never = _never(compiled, calendar, whole, walked)
    wanted = [one for one in whole if (one["id"], one["row"]) not in never]
    missing = _missing(wanted, proven)
    return {
        "results": results,
        "coverage": {**_figures(wanted, proven), "walked": _figures(wanted, walked)["percent"]},
        "missing": [{**one, "walked": _touched(one, walked)} for one in missing],
        "covered": _told(proven),
        "never": [{"text": one["text"], "reason": never[one["id"], one["row"]]}
                  for one in whole if (one["id"], one["row"]) in never],
        "tables": {
            key: [[rule.id, rule.number in proven.rows.get(key, ())] for rule in table.rules if rule.id]
            for key, table in compiled.decisions.items()
        },
        "stopped": None,
        "rest": None,
    }


def _never(compiled: CompiledSop, calendar: BusinessCalendar, whole: Sequence[Mapping[str, Json]],
           walked: Coverage) -> dict[tuple[str, int | None], str]:
    """Decision rows that this SOP provably never comes to, as of a table it shares with others: (decision,
    row) -> why. They need no scenario. Flows and boundary events always do."""
    left = [one for one in whole if one["kind"] == "row" and not _touched(one, walked)]
    if not left:
        return {}
    impossible = impossible_rows(compiled, calendar)
    return {(one["id"], one["row"]): impossible[one["id"], one["row"]]
            for one in left if (one["id"], one["row"]) in impossible}


def _walked(compiled: CompiledSop, text: str, calendar: BusinessCalendar,
            roles: Mapping[str, Any]) -> tuple[Scenario | None, Walked]:
    try:
        scenario = scenario_of(text)
    except ScenarioInvalid as error:
        return None, Walked(str(error), None, None, (), Coverage())
    if scenario.sop not in (compiled.key, *(source.name for source in compiled.sources)):
        said = f"Skenario ini untuk SOP “{scenario.sop}”, bukan “{compiled.key}”."
        return scenario, Walked(said, None, None, (), Coverage())
    return scenario, walk(compiled, scenario, calendar, seconds=ONE_SECONDS, **roles)


def _result(one: Mapping[str, Json], scenario: Scenario | None, outcome: Walked,
            speaker: Speaker) -> dict[str, Json]:
    said = [speaker.said(act) for act in scenario.acts] if scenario is not None else []
    return {
        "name": one.get("name"), "title": one.get("title"), "verdict": one.get("verdict"),
        "origin": one.get("origin"), "agrees": outcome.agrees, "step": outcome.step,
        "difference": outcome.difference, "end": outcome.end, "path": list(outcome.path),
        "unreadable": scenario is None,
        "at": None if scenario is None or scenario.at is None else scenario.at.isoformat(),
        "data": {} if scenario is None else dict(speaker.brought(scenario.data)),
        "wanted_end": scenario.end if scenario else None,
        "steps": [{"kind": words.kind, "text": words.text, "element": words.element,
                   "details": [list(pair) for pair in words.details]} for words in said],
        "covers": _told(outcome.coverage),
    }


def _told(coverage: Coverage) -> dict[str, Json]:
    return {
        "flows": sorted(map(list, coverage.flows)),
        "boundaries": sorted(map(list, coverage.boundaries)),
        "rows": {name: sorted(rows) for name, rows in sorted(coverage.rows.items())},
    }


def _from_told(covers: Mapping[str, Json]) -> Coverage:
    return Coverage(
        flows={(one[0], one[1]) for one in covers["flows"]},
        boundaries={(one[0], one[1]) for one in covers["boundaries"]},
        rows={name: set(rows) for name, rows in covers["rows"].items()},
    )


def _wanted(compiled: CompiledSop, processes: frozenset[str],
            decisions: frozenset[str]) -> list[dict[str, Json]]:
    """Everything that is to be walked, in the order of the file, each with its name in words."""
    names = {place: name or place[1] for place, (_tag, name) in compiled.elements.items()}
    flows = [
        {"kind": "flow", "process": process, "id": flow, "row": None,
         "text": f"Alur dari “{names.get((process, source), source)}” "
                 f"ke “{names.get((process, target), target)}”"}
        for process, flow, source, target in compiled.flows if process in processes
    ]
    boundaries = [
        {"kind": "boundary", "process": process, "id": element, "row": None,
         "text": f"Peristiwa tepi “{names.get((process, element), element)}”"}
        for process, element in compiled.boundaries if process in processes
    ]
    rows = [
        {"kind": "row", "process": None, "id": key, "row": rule.number,
         "text": f"Baris {rule.number} tabel “{table.name}”"}
        for key, table in sorted(compiled.decisions.items()) if key in decisions for rule in table.rules
    ]
    return [*flows, *boundaries, *rows]


def _touched(one: Mapping[str, Json], coverage: Coverage) -> bool:
    if one["kind"] == "row":
        return one["row"] in coverage.rows.get(one["id"], set())
    place = (one["process"], one["id"])
    return place in (coverage.flows if one["kind"] == "flow" else coverage.boundaries)


def _missing(wanted: Sequence[Mapping[str, Json]], proven: Coverage) -> list[Mapping[str, Json]]:
    return [one for one in wanted if not _touched(one, proven)]


def _figures(wanted: Sequence[Mapping[str, Json]], coverage: Coverage) -> dict[str, Json]:
    """Of each kind how many there are and how many were walked; `percent` is rounded down, so that 100 means
    all of them."""
    figures: dict[str, Json] = {}
    for name, kind in (("flows", "flow"), ("boundaries", "boundary"), ("rows", "row")):
        all_of_kind = [one for one in wanted if one["kind"] == kind]
        figures[name] = {"all": len(all_of_kind), "done": sum(_touched(one, coverage) for one in all_of_kind)}
    done, whole = (sum(figures[name][part] for name in ("flows", "boundaries", "rows"))
                   for part in ("done", "all"))
    return {**figures, "done": done, "all": whole, "percent": 100 * done // whole if whole else 100}
