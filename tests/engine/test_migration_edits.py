"""Random SOPs, and random edits of them as the next version: a report either goes over whole, or is named.

Whatever was cut out or put in, the answer is never a crash, never a moved deadline, never a state that cannot
be loaded; and what goes over can be walked on, without a fault of the program.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import timedelta

import pytest

from app.engine.ahead import same_ahead
from app.engine.compiler import CompiledSop, CompileFailed, Source, compile_sop
from app.engine.migration import Moved, migrate
from app.engine.onward import Ended, some_end
from app.engine.runner import complete, inspect, start, wake
from app.engine.sample_answers import sample_answers
from app.engine.step import EngineFault, State, Step, Tools
from tests.engine.oracle.blocks import Draft, Malformed, lower
from tests.engine.oracle.calendar import START, OfficeHours
from tests.engine.oracle.generator import grow
from tests.engine.oracle.shrink import edits
from tests.engine.oracle.xml import bpmn

SOPS, BATCH, EDITS, PUSHES = 30, 10, 5, 12


def compiled(draft: Draft) -> CompiledSop | None:
    """None: the edit left no diagram, or none that can be published."""
    try:
        sop = lower(draft)
        return compile_sop([Source("a.bpmn", bpmn(sop).encode())], key=sop.processes[0].id)
    except (Malformed, CompileFailed, IndexError):
        return None


def reports(sop: CompiledSop, data: dict[str, object], rng: random.Random) -> list[tuple[State, Tools]]:
    """Where a report may stand: after each of some pushes."""
    now = START
    found: list[tuple[State, Tools]] = []
    try:
        step: Step = start(sop, data, tools=Tools(now, OfficeHours()))
        for number in range(PUSHES):
            if step.position.ended:
                break
            found.append((json.loads(json.dumps(step.state)), Tools(now, OfficeHours())))
            now += timedelta(minutes=rng.randrange(1, 90))
            due = step.position.next_wake
            if due is not None and (due <= now or not step.position.open or rng.random() < 0.2):
                now = max(now, due)
                step = wake(sop, step.state, tools=Tools(now, OfficeHours()))
            elif step.position.open:
                task = rng.choice(step.position.open)
                fields = sop.task(task.process, task.element).fields
                given = sample_answers(fields, rng.randrange(6), {}, now)
                answer = complete(sop, step.state, task.id, given, by=f"o{number}",
                                  tools=Tools(now, OfficeHours()))
                step = answer if isinstance(answer, Step) else answer.step or step
            else:
                break
    except EngineFault:
        return found
    return found


def judged(old: CompiledSop, new: CompiledSop, state: State, tools: Tools, seen: Counter[str]) -> None:
    kept = json.dumps(state)
    asked: set[str] = set()
    for _ in range(3):
        answer = migrate(old, new, state, {}, tools=tools, accepted=asked)
        if isinstance(answer, Moved):
            break
        assert answer.matters
        assert all(one.text for one in answer.matters)
        if any(one.blocks for one in answer.matters):
            seen["blocked"] += 1
            break
        asked |= {one.mark for one in answer.matters}
    assert json.dumps(state) == kept
    if not isinstance(answer, Moved):
        assert any(one.blocks for one in answer.matters), "agreeing to everything must be enough"
        return
    seen["moved"] += 1
    before, after = answer.before, inspect(new, answer.state)
    assert after == answer.position
    assert [(one.id, one.opened, one.due) for one in after.open] == [
        (one.id, one.opened, one.due) for one in before.open]
    assert all(one.before == one.after for one in answer.clocks)
    assert after.total_due == before.total_due
    stays = same_ahead(old, new, state)
    seen["same"] += stays
    ends = isinstance(some_end(new, answer.state, tools=tools), Ended)
    seen["ends"] += ends
    if stays:
        assert ends == isinstance(some_end(old, state, tools=tools), Ended)


@pytest.mark.parametrize("first", range(0, SOPS, BATCH))
def test_whatever_is_edited_a_report_goes_over_whole_or_is_named(first: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(first, first + BATCH):
        rng = random.Random(seed)
        draft = grow(seed)
        whole = compiled(draft)
        assert whole is not None
        smaller = list(edits(draft))
        for one in rng.sample(smaller, min(EDITS, len(smaller))):
            part = compiled(one)
            if part is None:
                continue
            for old, new in ((whole, part), (part, whole)):
                for state, tools in reports(old, dict(draft.data), rng):
                    judged(old, new, state, tools, seen)
    assert min(seen["moved"], seen["blocked"], seen["same"], seen["ends"]) > 20, seen
