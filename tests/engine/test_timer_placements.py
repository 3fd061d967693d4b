"""A timer keeps its word wherever an SOP may place one.

Every placement is run twice: once woken at its own moment, and once only after a downtime that passed over
it, where it must come out the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from app.engine.runner import deliver, wake
from app.engine.step import Step, Tools
from tests.engine.diagrams import (
    MONDAY,
    OfficeHours,
    Walk,
    at,
    begin,
    boundary,
    bpmn,
    end,
    flows,
    gateway,
    inner,
    loop,
    sop,
    sub,
    timer,
    user,
)

BALAS = '<bpmn:message id="m" name="balasan"/>'
ON_BALAS = '<bpmn:messageEventDefinition messageRef="m"/>'


@dataclass(frozen=True)
class Placement:
    """A diagram whose only timer is due `due` after its start, and what is open before and after it fired."""

    files: tuple[str, ...]
    due: timedelta
    before: list[str]
    after: list[str]
    fired: str = "t"


def on_task(definition: str, *, interrupting: bool = True) -> str:
    """A timer on user task a, a task `naik` behind it."""
    parts = begin() + user("a") + end() + boundary("t", "a", definition, interrupting=interrupting)
    return bpmn(parts + user("naik") + end("e2", "cabang") + flows("s a", "a e", "t naik", "naik e2"))


def around(host: str, *, interrupting: bool = True) -> str:
    """The same timer on a sub-process or call activity `kerja`."""
    parts = begin() + host + end() + boundary("t", "kerja", timer("jam_kerja(8)"), interrupting=interrupting)
    return bpmn(parts + user("naik") + end("e2", "cabang") + flows("s kerja", "kerja e", "t naik", "naik e2"))


def in_a_branch() -> str:
    parts = begin() + gateway("parallel", "f", "j") + user("a") + user("b") + end()
    parts += boundary("t", "a", timer("'PT6H'")) + user("naik")
    return bpmn(parts + flows("s f", "f a", "f b", "a j", "b j", "t naik", "naik j", "j e"))


def intermediate() -> str:
    parts = begin() + user("a") + gateway("parallel", "f", "j")
    parts += f'<bpmn:intermediateCatchEvent id="t">{timer("hari_kerja(1)")}</bpmn:intermediateCatchEvent>'
    parts += user("lanjut") + end()
    return bpmn(parts + flows("s f", "f a", "f t", "a j", "t lanjut", "lanjut j", "j e"))


def event_gateway() -> str:
    parts = begin() + gateway("eventBased", "g") + user("terbalas") + user("didiamkan") + end() + end("e2")
    parts += f'<bpmn:intermediateCatchEvent id="m1">{ON_BALAS}</bpmn:intermediateCatchEvent>'
    parts += f'<bpmn:intermediateCatchEvent id="t">{timer("hari_kerja(10)")}</bpmn:intermediateCatchEvent>'
    drawn = flows("s g", "g m1", "g t", "m1 terbalas", "t didiamkan", "terbalas e", "didiamkan e2")
    return bpmn(parts + drawn, extra=BALAS)


def for_each_unit(*, inside: bool) -> str:
    """One child for each unit: the timer stands on the whole, or on the task in each child."""
    children = loop("unit", "opd")
    if not inside:
        parts = begin() + user("a", inside=children) + end() + user("naik") + end("e2", "cabang")
        parts += boundary("t", "a", timer("'PT2H'"), interrupting=False)
        return bpmn(parts + flows("s a", "a e", "t naik", "naik e2"))
    child = begin("s1") + user("a") + end("e1", "cabang") + user("naik") + end("e2", "cabang")
    child += boundary("t", "a", timer("'PT2H'"), interrupting=False)
    child += flows("s1 a", "a e1", "t naik", "naik e2")
    return bpmn(begin() + sub("semua", child, children) + end() + flows("s semua", "semua e"))


CALLED = '<bpmn:callActivity id="kerja" calledElement="lain"/>'
ONE_DAY = timedelta(hours=24)
WORKING_DAY_END = timedelta(days=1, hours=8)
PLACEMENTS = {
    "a duration": Placement((on_task(timer("'PT24H'")),), ONE_DAY, ["a"], ["naik"]),
    "a date": Placement(
        (on_task(timer("'2026-03-17T08:00:00+08:00'", "timeDate")),), ONE_DAY, ["a"], ["naik"]
    ),
    "a date without its offset is the city's": Placement(
        (on_task(timer("'2026-03-17T08:00:00'", "timeDate")),), ONE_DAY, ["a"], ["naik"]
    ),
    "working days": Placement((on_task(timer("hari_kerja(1)")),), WORKING_DAY_END, ["a"], ["naik"]),
    "a cycle's first turn": Placement(
        (on_task(timer("'R/PT24H'", "timeCycle"), interrupting=False),), ONE_DAY, ["a"], ["a", "naik"]
    ),
    "on a user task, not interrupting": Placement(
        (on_task(timer("'PT24H'"), interrupting=False),), ONE_DAY, ["a"], ["a", "naik"]
    ),
    "on the sub-process that holds the task": Placement(
        (around(sub("kerja", inner("x"))),), timedelta(hours=8), ["u_x"], ["naik"]
    ),
    "on the sub-process, not interrupting": Placement(
        (around(sub("kerja", inner("x")), interrupting=False),), timedelta(hours=8), ["u_x"], ["naik", "u_x"]
    ),
    "on a call activity": Placement(
        (around(CALLED), bpmn(inner("x"), key="lain")), timedelta(hours=8), ["u_x"], ["naik"]
    ),
    "on a call activity, not interrupting": Placement(
        (around(CALLED, interrupting=False), bpmn(inner("x"), key="lain")),
        timedelta(hours=8), ["u_x"], ["naik", "u_x"],
    ),
    "in one of two parallel branches": Placement(
        (in_a_branch(),), timedelta(hours=6), ["a", "b"], ["b", "naik"]
    ),
    "an intermediate one": Placement((intermediate(),), WORKING_DAY_END, ["a"], ["a", "lanjut"]),
    "behind an event gateway with a message": Placement(
        (event_gateway(),), timedelta(days=14, hours=8), [], ["didiamkan"]
    ),
}  # fmt: skip


def started(placement: Placement) -> Walk:
    return Walk(sop(*placement.files, key="sop"))


def after(span: timedelta) -> Tools:
    return Tools(MONDAY + span, OfficeHours())


def waking(ours: Walk, span: timedelta) -> Step:
    return ours.take(wake(ours.compiled, ours.state, tools=after(span)))


@pytest.mark.parametrize("placement", PLACEMENTS.values(), ids=PLACEMENTS.keys())
def test_it_says_when_it_is_due_and_fires_then_and_not_a_second_earlier(placement: Placement) -> None:
    ours = started(placement)
    assert ours.open == placement.before
    assert ours.step.position.next_wake == MONDAY + placement.due
    early = waking(ours, placement.due - timedelta(seconds=1))
    assert (list(early.fired), ours.open) == ([], placement.before)
    step = waking(ours, placement.due)
    assert [(one.element, one.due) for one in step.fired] == [(placement.fired, MONDAY + placement.due)]
    assert ours.open == placement.after


@pytest.mark.parametrize("placement", PLACEMENTS.values(), ids=PLACEMENTS.keys())
def test_it_fires_once_however_often_the_instance_is_woken(placement: Placement) -> None:
    ours = started(placement)
    waking(ours, placement.due)
    again = waking(ours, placement.due)
    assert (list(again.fired), ours.open) == ([], placement.after)


@pytest.mark.parametrize("placement", PLACEMENTS.values(), ids=PLACEMENTS.keys())
def test_after_a_downtime_it_comes_out_the_same_and_keeps_its_own_moment(placement: Placement) -> None:
    ours = started(placement)
    step = waking(ours, placement.due + timedelta(days=40))
    assert step.fired[0].due == MONDAY + placement.due
    assert ours.open == placement.after


@pytest.mark.parametrize(
    "name", [name for name in PLACEMENTS if name not in ("a cycle's first turn",) and "interm" not in name]
)
def test_a_host_that_is_done_in_time_takes_its_timer_along(name: str) -> None:
    ours = started(PLACEMENTS[name])
    if not ours.open:
        ours.take(deliver(ours.compiled, ours.state, "balasan", {}, tools=at(hours=1)))
        assert ours.open == ["terbalas"]
    else:
        ours.do(ours.open[0], tools=at(hours=1))
    assert ours.step.position.next_wake is None
    late = waking(ours, timedelta(days=90))
    assert (list(late.fired), "naik" in ours.open) == ([], False)


def two_timers() -> Walk:
    """A reminder after two hours and an end after six, on one task."""
    parts = begin() + user("a") + end() + end("e2", "cabang") + end("e3", "diarsipkan") + user("ingat")
    parts += boundary("akhir", "a", timer("'PT6H'"))
    parts += boundary("awal", "a", timer("'PT2H'"), interrupting=False)
    return Walk(sop(bpmn(parts + flows("s a", "a e", "awal ingat", "ingat e2", "akhir e3"))))


def test_two_timers_on_one_task_each_have_their_own_moment() -> None:
    ours = two_timers()
    assert ours.step.position.next_wake == at(hours=2).now
    assert [one.element for one in waking(ours, timedelta(hours=2)).fired] == ["awal"]
    assert ours.open == ["a", "ingat"]
    assert ours.step.position.next_wake == at(hours=6).now
    step = waking(ours, timedelta(hours=6))
    assert [one.element for one in step.fired] == ["akhir"]
    assert (ours.open, step.position.end_reason) == (["ingat"], "diarsipkan")


def test_two_timers_missed_in_a_downtime_fire_in_the_order_of_their_moments_not_of_the_file() -> None:
    ours = two_timers()
    step = waking(ours, timedelta(days=3))
    assert [one.element for one in step.fired] == ["awal", "akhir"]
    assert ours.open == ["ingat"]


def test_a_loop_back_winds_the_timer_up_again_each_time() -> None:
    parts = begin() + user("a") + user("b", "lagi:boolean") + gateway("exclusive", "g", default="g_e")
    parts += boundary("t", "a", timer("jam_kerja(4)"), interrupting=False) + user("naik")
    parts += end() + end("e2", "cabang")
    drawn = flows("s a", "a b", "b g", "g a: lagi", "g e", "t naik", "naik e2")
    ours = Walk(sop(bpmn(parts + drawn)))
    moments: list[datetime | None] = []
    for hour in range(4):
        ours.do("a", tools=at(hours=hour))
        assert ours.step.position.next_wake is None, "the task is done: nothing is left to remind of"
        ours.do("b", tools=at(hours=hour + 0.5), lagi=True)
        moments.append(ours.step.position.next_wake)
    assert moments == [at(hours=hour + 4.5).now for hour in range(4)]
    waking(ours, timedelta(hours=9))
    assert ours.open == ["a", "naik"], "one reminder, for the round that is late"


def test_in_a_multi_instance_each_child_has_a_timer_of_its_own() -> None:
    ours = Walk(sop(for_each_unit(inside=True)), {"unit": ["DPU", "DLH", "PDAM"]})
    ours.do("a", item="DLH", tools=at(hours=1))
    step = waking(ours, timedelta(hours=2))
    assert [one.element for one in step.fired] == ["t", "t"]
    assert ours.open == ["a", "a", "naik", "naik"]
    assert sorted(task.item for task in step.position.open if task.element == "naik") == ["DPU", "PDAM"]


def test_on_a_multi_instance_one_timer_speaks_for_all_children() -> None:
    ours = Walk(sop(for_each_unit(inside=False)), {"unit": ["DPU", "DLH", "PDAM"]})
    ours.do("a", item="DLH", tools=at(hours=1))
    assert [one.element for one in waking(ours, timedelta(hours=2)).fired] == ["t"]
    assert ours.open == ["a", "a", "naik"]


def test_a_timer_inside_a_called_process_fires_there() -> None:
    called = begin() + user("x") + end("ex") + boundary("t", "x", timer("'PT3H'")) + user("naik")
    drawn = flows("s x", "x ex", "t naik", "naik ex")
    main = bpmn(begin() + CALLED + end() + flows("s kerja", "kerja e"))
    ours = Walk(sop(main, bpmn(called + drawn, key="lain"), key="sop"))
    step = waking(ours, timedelta(hours=3))
    assert [(one.process, one.element) for one in step.fired] == [("lain", "t")]
    ours.do("naik", tools=at(hours=4))
    assert ours.step.position.end_reason == "selesai"
