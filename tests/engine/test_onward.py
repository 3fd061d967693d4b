"""Any report of an SOP that can end is walked to an end; one that stands in a blind alley is told so."""

from __future__ import annotations

import json

import pytest

from app.engine.compiler import Source, compile_sop
from app.engine.onward import MOST_EFFORT, Ended, Stuck, some_end
from app.engine.runner import start
from app.engine.step import Tools
from tests.engine.diagrams import at, begin, boundary, bpmn, end, flows, gateway, sop, timer, user
from tests.engine.oracle.blocks import lower
from tests.engine.oracle.calendar import START, OfficeHours
from tests.engine.oracle.generator import grow
from tests.engine.oracle.xml import bpmn as drawn


@pytest.mark.parametrize("first", range(0, 120, 40))
def test_every_sound_random_sop_is_walked_to_an_end(first: int) -> None:
    walked = 0
    for seed in range(first, first + 40):
        draft = grow(seed)
        if draft.loose:
            continue
        graph = lower(draft)
        compiled = compile_sop([Source("a.bpmn", drawn(graph).encode())], key=graph.processes[0].id)
        tools = Tools(START, OfficeHours())
        step = start(compiled, dict(graph.data), tools=tools)
        kept = json.dumps(step.state)
        assert step.position.ended or isinstance(some_end(compiled, step.state, tools=tools), Ended), seed
        assert json.dumps(step.state) == kept
        walked += 1
    assert walked > 20


def test_a_loop_is_left_by_other_answers() -> None:
    looped = sop(bpmn(
        begin() + user("a", "lagi:boolean") + gateway("exclusive", "g", default="g_e") + end()
        + flows("s a", "a g", "g a: lagi", "g e")))
    outcome = some_end(looped, start(looped, {}, tools=at()).state, tools=at())
    assert isinstance(outcome, Ended)
    assert outcome.pushes > 1


def test_a_way_without_an_end_is_given_up_in_bounded_time() -> None:
    endless = sop(bpmn(
        begin() + user("a", deadline="jam(1)") + gateway("exclusive", "g", default="g_a") + end()
        + boundary("usik", "a", timer("'R/PT1M'", "timeCycle"), interrupting=False) + end("t", "cabang")
        + flows("s a", "a g", "g a", "g e: 1 == 2", "usik t")))
    outcome = some_end(endless, start(endless, {}, tools=at()).state, tools=at())
    assert isinstance(outcome, Stuck)
    assert outcome.pushes <= MOST_EFFORT
    assert "belum juga sampai akhir" in outcome.text
