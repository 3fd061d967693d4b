"""Random SOPs: where the real engine stops, the exploration has said so; what it says really stops it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from app.engine.compiler import CompiledSop, Source, compile_sop
from app.engine.coverage import Coverage
from app.engine.runner import complete, deliver, start, wake
from app.engine.soundness import explore
from app.engine.soundness_net import net_of
from app.engine.soundness_plan import Plan
from app.engine.soundness_search import Search
from app.engine.step import EngineFault, Json, Refusal, Step, Tools
from app.engine.survey import take_stock

from .oracle.blocks import Draft, Malformed, lower
from .oracle.calendar import START, OfficeHours
from .oracle.generator import grow
from .oracle.graph import Sop
from .oracle.materials import FEATURES
from .oracle.xml import bpmn
from .soundness_replay import NotReplayed, Replay

SEEDS = range(3_000, 3_600)
WALKS = 4
ALONE_MULTIPLE = FEATURES - {"multi"}
"""Without repetition: of how many the exploration does not ask."""


def loose(count: int) -> list[Draft]:
    """SOPs grown without care for whether they come to their end."""
    drafts = (grow(seed, size=12, features=ALONE_MULTIPLE) for seed in SEEDS)
    found = []
    for draft in drafts:
        if draft.loose:
            found.append(draft)
        if len(found) == count:
            break
    return found


def explored(sop: Sop) -> tuple[CompiledSop, Search]:
    sources = [Source("oracle.bpmn", bpmn(sop).encode())]
    survey = take_stock(sources)
    search = explore(survey.processes[sop.processes[0].id], survey, spots=1_500, seconds=5)
    assert search is not None
    return compile_sop(sources, key=sop.processes[0].id), search


def random_walk(compiled: CompiledSop, data: dict[str, Json], seed: int) -> EngineFault | None:
    """What stopped the engine within sixty pushes, if anything did."""
    return walked(compiled, data, START, seed)[0]


def random_coverage(compiled: CompiledSop, data: dict[str, Json], now: datetime, seed: int) -> Coverage:
    """What a random walk passed."""
    return walked(compiled, data, now, seed)[1]


def walked(compiled: CompiledSop, data: dict[str, Json], now: datetime,
           seed: int) -> tuple[EngineFault | None, Coverage]:
    rng, calendar, coverage = random.Random(seed), OfficeHours(), Coverage()
    try:
        step = start(compiled, data, tools=Tools(now, calendar))
        coverage.note(step)
        for _ in range(60):
            reply = push(compiled, step, rng, now, calendar)
            if reply is None:
                break
            now, answer = reply
            step = (answer.step or step) if isinstance(answer, Refusal) else answer
            coverage.note(step)
    except EngineFault as fault:
        return fault, coverage
    return None, coverage


def push(compiled: CompiledSop, step: Step, rng: random.Random, now: datetime,
         calendar: OfficeHours) -> tuple[datetime, Step | Refusal] | None:
    position = step.position
    menu = ["task"] * 6 * bool(position.open) + ["message"] * 2 * bool(position.waiting)
    menu += ["time"] * 2 * (position.next_wake is not None)
    if position.ended or not menu:
        return None
    act = rng.choice(menu)
    now = now + timedelta(minutes=1)
    if act == "time" and position.next_wake is not None:
        now = max(now, position.next_wake)
    tools = Tools(now, calendar)
    if act == "time":
        return now, wake(compiled, step.state, tools=tools)
    if act == "message":
        return now, deliver(compiled, step.state, rng.choice(sorted(position.waiting)), {}, tools=tools)
    task = rng.choice(sorted(position.open, key=lambda one: (one.element, one.id)))
    fields = compiled.task(task.process, task.element).fields
    answers = {one.id: rng.choice(one.options).value if one.options else rng.randrange(4) for one in fields}
    return now, complete(compiled, step.state, task.id, answers, by="budi", tools=tools)


def test_where_the_engine_stops_the_exploration_has_said_so() -> None:
    faults = 0
    for draft in loose(30):
        try:
            sop = lower(draft)
        except Malformed:
            continue
        compiled, search = explored(sop)
        for seed in range(WALKS):
            fault = random_walk(compiled, dict(sop.data), seed)
            if fault is not None:
                faults += 1
                assert search.problems or not search.complete, f"{fault.text} ({fault.element})"
    assert faults, "the random SOPs do stop now and then"


def test_what_the_exploration_says_really_stops_the_engine() -> None:
    stopped = 0
    for draft in loose(40):
        try:
            sop = lower(draft)
        except Malformed:
            continue
        compiled, search = explored(sop)
        for problem in search.problems.values():
            if problem.kind not in {"deadlock", "uncaught", "no-way", "loop"}:
                continue
            try:
                replay = Replay(compiled, OfficeHours(), dict(sop.data)).walk(problem)
            except NotReplayed:
                continue
            waits = replay.position is not None and problem.place.node.id in replay.position.tokens
            assert replay.fault is not None or (problem.kind == "deadlock" and waits), problem
            stopped += 1
    assert stopped > 10


def test_walking_side_by_side_work_in_turn_finds_the_same() -> None:
    """Of work that does not concern each other one order is as good as all."""
    fewer = 0
    for draft in loose(20) + [grow(seed, size=12) for seed in range(4_000, 4_030)]:
        try:
            sop = lower(draft)
        except Malformed:
            continue
        survey = take_stock([Source("oracle.bpmn", bpmn(sop).encode())])
        plan = Plan(net_of(survey.processes[sop.processes[0].id], survey), survey)
        every, some = (Search(plan, spots=1_500, seconds=5, in_turn=one) for one in (False, True))
        every.run()
        some.run()
        if every.complete and some.complete:
            assert told(some) == told(every)
            assert every.problems or some.touched == every.touched
            fewer += some.count < every.count
    assert fewer


def told(search: Search) -> set[tuple[str, int]]:
    """What was found, but for what one order may overlook."""
    return {key for key in search.problems if key[0] not in {"twice", "growth", "alike"}}
