"""Trying out a draft: every step so far is taken again from the start, in memory, and the whole picture told.

Runs in the sandbox: JSON-like values in and out. Nothing is stored, sent or asked of the city. The first step
that is not accepted ends the replay; the picture then shows where the SOP stands without it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from app.domain.calendar import WEEKDAYS, BusinessCalendar
from app.domain.deadline import arithmetic
from app.engine.compiled import CompiledSop
from app.engine.play_keep import Keeper
from app.engine.play_log import FIRST, Log
from app.engine.play_sources import Files, NotRunnable, compile_draft, is_wanting, words_on_flows
from app.engine.play_words import Speaker
from app.engine.scenario import Act, Advance, Expect, Refuse, ScenarioInvalid, read_scenario
from app.engine.scenario_days import with_days
from app.engine.scenario_text import scenario_mapping, scenario_yaml
from app.engine.step import EngineFault, Json, OpenTask, Position, Refusal, Step
from app.engine.stepper import Difference, Stepper
from app.engine.walk import fault_words, unmet

MOST_STEPS = 400
MOST_SKIPPED = 60
SECONDS = 3.0
"""Of computing time that timers may take in a try."""


@dataclass(frozen=True, slots=True)
class City:
    """What the try knows of the city. `usual`: the calendar scenarios are walked with; `labels`: names of
    codes."""

    calendar: BusinessCalendar
    usual: BusinessCalendar
    unit_variables: Mapping[str, str]
    home_units: Mapping[str, str]
    labels: Mapping[str, str]


def play_draft(
    files: Files,
    main: str,
    given: Mapping[str, Json],
    city: City,
    *,
    published: Sequence[tuple[str, bytes]] | None = None,
    keep: bool = False,
) -> dict[str, Json]:
    """The picture after `given` (`at`, `calendar`, `data`, `steps` as in a scenario, or `text`, the YAML of
    one), or `{"stopped": why}` where the draft does not run or the steps cannot be read, or `{"wanting":
    True}` where it needs files that were not given: the published ones are then to be brought. `keep`: with
    the YAML of a scenario, too."""
    if published is None and is_wanting(files):
        return {"wanting": True}
    try:
        given = from_text(str(given["text"])) if given.get("text") else given
        compiled = compile_draft(files, main, published or ())
        steps = list(given.get("steps") or [])
        if len(steps) > MOST_STEPS:
            raise ScenarioInvalid(f"Paling banyak {MOST_STEPS} langkah dapat dicoba sekaligus.")
        known = {key: given[key] for key in ("at", "calendar", "data") if given.get(key)}
        scenario = read_scenario({**known, "sop": compiled.key, "steps": steps})
    except (NotRunnable, ScenarioInvalid) as error:
        return {"stopped": str(error)}
    log = Log(compiled, words_on_flows(compiled))
    stepper = Stepper(
        compiled, with_days(city.calendar, scenario.days), at=scenario.at, data=scenario.data,
        unit_variables=city.unit_variables, home_units=city.home_units,
        seconds=SECONDS,
    )
    begun, keeper = stepper.now, Keeper(stepper)

    def watch(now: datetime, step: Step) -> None:
        log.take(now, step)
        keeper.accepted = step.accepted or keeper.accepted

    stepper.watch = watch
    trouble = _replay(stepper, log, keeper, scenario.acts, steps, Speaker(
        compiled, city.calendar.zone, city.labels))
    picture = _picture(compiled, stepper, log, begun)
    if keep and stepper.position is not None:
        picture["scenario"] = scenario_yaml(keeper.scenario(begun, scenario.data, city.usual))
    accepted = trouble["step"] - 1 if trouble else len(scenario.acts)
    told = {"at": begun.isoformat(), "calendar": given.get("calendar") or {}, "steps": steps,
            "data": dict(scenario.data)}
    return {**picture, "given": told, "accepted": max(accepted, 0), "trouble": trouble, "stopped": None}


def from_text(text: str) -> Mapping[str, Json]:
    """A scenario to be played on, without what it expects on the way. Raises ScenarioInvalid."""
    whole = scenario_mapping(text)
    steps = whole.get("steps")
    deeds = [one for one in steps if not (isinstance(one, Mapping) and "expect" in one)] if isinstance(
        steps, list) else steps
    return {**whole, "steps": deeds}


def _replay(stepper: Stepper, log: Log, keeper: Keeper, acts: Sequence[Act],
            raw: Sequence[Mapping[str, Json]], speaker: Speaker) -> dict[str, Json] | None:
    """Take every step; what the first one that is not accepted was refused for, None when all were."""
    step = 0
    log.open(FIRST, "Laporan masuk.", stepper.now, [list(pair) for pair in speaker.brought(stepper.data)])
    try:
        stepper.begin()
        keeper.begun()
        for step, act in enumerate(acts, start=1):
            said = speaker.said(act)
            log.open(said.kind, said.text, stepper.now, [list(pair) for pair in said.details])
            refusal = _take(stepper, log, act)
            log.last["now"] = stepper.now.isoformat()
            if refusal is not None:
                log.entries.pop()
                return {"step": step, "kind": "refusal", "name": refusal.name, "text": refusal.text,
                        "faults": dict(refusal.faults), "element": said.element}
            log.last["skipped"] = _skipped(stepper, log.last)
            keeper.took(raw[step - 1])
    except Difference as difference:
        return {"step": step, "kind": "difference", "name": None, "text": str(difference), "faults": {},
                "element": None}
    except EngineFault as fault:
        return {"step": step, "kind": "fault", "name": None, "text": fault_words(fault), "faults": {},
                "element": fault.element}
    return None


def _take(stepper: Stepper, log: Log, act: Act) -> Refusal | None:
    """One step. Where it must be refused, that it is not is a difference."""
    if isinstance(act, Advance):
        stepper.advance(act)
    elif isinstance(act, Expect):
        log.last["unmet"] = unmet(stepper, act)
    elif isinstance(act, Refuse):
        refusal = stepper.do(act.act)
        if refusal is None:
            raise Difference("Langkah ini seharusnya ditolak, tetapi diterima.")
        log.last["note"] = refusal.text
        if act.because not in (None, refusal.name):
            log.last["unmet"] = [f"Ditolak karena alasan lain: {refusal.text}"]
    else:
        return stepper.do(act)
    return None


def _skipped(stepper: Stepper, entry: Mapping[str, Json]) -> list[list[str]]:
    """Holidays and closures the clock passed over, weekends left out: pairs of day and reason."""
    calendar = stepper.calendar
    if not isinstance(calendar, BusinessCalendar):
        return []
    first, last = (calendar.local_day(datetime.fromisoformat(entry[key])) for key in ("from", "now"))
    if (last - first).days > 800:
        return []
    off = [one for one in calendar.skipped(first, last) if one.reason not in WEEKDAYS]
    return [[one.day.isoformat(), one.reason] for one in off[:MOST_SKIPPED]]


def _picture(compiled: CompiledSop, stepper: Stepper, log: Log, begun: datetime) -> dict[str, Json]:
    position, zone = stepper.position, stepper.zone
    whole: dict[str, Json] = {
        "key": compiled.key, "name": compiled.name, "at": begun.isoformat(),
        "now": stepper.now.astimezone(zone).isoformat(), "log": log.entries,
        "done": {
            "flows": sorted(map(list, stepper.coverage.flows)),
            "elements": sorted(map(list, stepper.coverage.elements)),
        },
        "labels": {field.id: field.label for task in compiled.tasks.values() for field in task.fields
                   if field.label},
    }
    if position is None:
        return {**whole, "open": [], "timers": [], "waiting": [], "variables": {}, "tokens": [], "next": [],
                "ended": False, "end": None, "status": None, "total": None}
    return {
        **whole,
        "open": [_open(compiled, stepper, task) for task in position.open],
        "timers": [_timer(log, position, number) for number in range(len(position.timers))],
        "waiting": sorted(position.waiting),
        "variables": dict(position.variables),
        "tokens": list(position.tokens),
        "next": _next(compiled, position),
        "ended": position.ended,
        "end": position.end_reason,
        "status": stepper.status,
        "total": _total(compiled, stepper, position),
    }


def _open(compiled: CompiledSop, stepper: Stepper, task: OpenTask) -> dict[str, Json]:
    declared, siblings = compiled.task(task.process, task.element), [
        one for one in stepper.at.open if (one.process, one.element) == (task.process, task.element)]
    alike = [one for one in stepper.at.open if one.element == task.element and one.process != task.process]
    own = task.process == compiled.key and not alike
    rule = task.due_rule or ""
    return {
        "task": task.element if own else f"{task.process}/{task.element}",
        "of": task.item if len(siblings) > 1 else None, "has_of": len(siblings) > 1,
        "element": task.element, "process": task.process, "name": task.name, "role": task.role,
        "unit": stepper.units.get(task.id), "item": task.item, "opened": task.opened.isoformat(),
        "due": task.due.isoformat() if task.due else None,
        "arithmetic": arithmetic(rule, task.opened, task.due, stepper.calendar) if task.due else None,
        "scope": dict(task.scope), "barred": sorted(task.barred), "declared": asdict(declared),
    }


def _timer(log: Log, position: Position, number: int) -> dict[str, Json]:
    timer = position.timers[number]
    return {
        "process": timer.process, "element": timer.element, "name": log.name(timer.process, timer.element),
        "due": timer.due.isoformat(), "interrupting": timer.interrupting, "host": timer.host,
        "host_name": log.name(timer.process, timer.host) if timer.host else None,
    }


def _total(compiled: CompiledSop, stepper: Stepper, position: Position) -> dict[str, Json] | None:
    if position.total_due is None or compiled.total is None:
        return None
    received = position.variables.get("diterima")
    start = datetime.fromisoformat(received) if isinstance(received, str) else stepper.now
    return {"due": position.total_due.isoformat(), "paused": position.total_paused,
            "arithmetic": arithmetic(compiled.total, start, position.total_due, stepper.calendar)}


def _next(compiled: CompiledSop, position: Position) -> list[list[str]]:
    """User tasks, waits and ends that may come directly after what is open now."""
    onward: dict[tuple[str, str], list[str]] = {}
    for process, _, source, target in compiled.flows:
        onward.setdefault((process, source), []).append(target)
    ahead = deque((task.process, target) for task in position.open
                  for target in onward.get((task.process, task.element), ()))
    seen: set[tuple[str, str]] = set()
    found: list[list[str]] = []
    while ahead:
        place = ahead.popleft()
        if place in seen:
            continue
        seen.add(place)
        kind = compiled.elements.get(place, ("", ""))[0]
        if kind in {"userTask", "endEvent", "intermediateCatchEvent", "receiveTask", "callActivity",
                    "subProcess"}:
            found.append(list(place))
        else:
            ahead.extend((place[0], target) for target in onward.get(place, ()))
    return found


