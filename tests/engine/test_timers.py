"""Moments, durations, cycles, shares of a deadline; catching up after downtime; calendars that change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.engine.compiler import CompileFailed
from app.engine.runner import complete, inspect, wake
from app.engine.step import EngineFault, Refusal, Tools
from app.engine.timers import TimerError, arm, parse_duration
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
    reminders,
    sop,
    timer,
    user,
)

ZONE = "Asia/Makassar"


@pytest.mark.parametrize(
    ("text", "months", "seconds"),
    [
        ("PT4H", 0, 14_400),
        ("P2D", 0, 172_800),
        ("P1W", 0, 604_800),
        ("P1Y2M3DT4H5M6S", 14, 273_906),
        ("PT0.5H", 0, 1_800),
        ("p1d", 0, 86_400),
        ("PT0S", 0, 0),
    ],
)
def test_durations_are_read(text: str, months: int, seconds: float) -> None:
    duration = parse_duration(text)
    assert (duration.months, duration.seconds) == (months, seconds)


@pytest.mark.parametrize("text", ["P", "PT", "P1X", "-P1D", "P1W2D", "PT1", "1D", "P-1D", "P99Y", "PT1H30"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(TimerError):
        parse_duration(text)


def test_a_month_after_the_31st_is_the_last_day_of_the_next() -> None:
    end_of_january = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)
    assert parse_duration("P1M").after(end_of_january, ZONE) == datetime(2026, 2, 28, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [None, 3, "", "besok", True, "R0/PT1H", "R/PT0S", "R3", ["P1D"], "2026-031"]
)
def test_a_timer_value_that_is_none_is_said(value: object) -> None:
    with pytest.raises(TimerError):
        arm(value, MONDAY, ZONE)


def test_a_moment_without_offset_is_read_in_the_city() -> None:
    assert arm("2026-03-20T08:00:00", MONDAY, ZONE).at == datetime(2026, 3, 20, 0, 0, tzinfo=UTC)


def test_shares_of_a_deadline_are_working_time_and_go_on_beyond_it() -> None:
    ours = Walk(sop(reminders(50, 80, 100, 120, 150)))
    due = {one.element: one.due for one in ours.step.position.timers}
    assert due == {  # three working days of eight hours: Monday to Wednesday
        "t50": MONDAY + timedelta(days=1, hours=4),
        "t80": MONDAY + timedelta(days=2, hours=3.2),
        "t100": MONDAY + timedelta(days=2, hours=8),
        "t120": MONDAY + timedelta(days=3, hours=4.8),
        "t150": MONDAY + timedelta(days=4, hours=4),
    }


def test_shares_of_a_wall_clock_deadline_are_wall_time() -> None:
    ours = Walk(sop(reminders(50, 150, deadline="jam(10)")))
    assert [one.due - MONDAY for one in ours.step.position.timers] == [
        timedelta(hours=5),
        timedelta(hours=15),
    ]
    assert ours.step.position.open[0].due_unit == "jam"


def test_after_downtime_timers_fire_in_the_order_they_were_due() -> None:
    """Not in file order, and refreshed until nothing changes."""
    ours = Walk(sop(reminders(150, 50, 100, 80)))
    step = ours.take(wake(ours.compiled, ours.state, tools=at(days=10)))
    assert [one.element for one in step.fired] == ["t50", "t80", "t100", "t150"]
    assert ours.open == ["a", "r100", "r150", "r50", "r80"]
    assert step.position.next_wake is None


def test_a_task_completed_after_its_deadline_closed_it_is_refused_with_the_timers_step() -> None:
    ours = Walk(sop(reminders(100, interrupting="100")))
    refused = complete(ours.compiled, ours.state, ours.id("a"), {}, by="budi", tools=at(days=9))
    assert isinstance(refused, Refusal)
    assert refused.name == "ClosedByDeadline"
    assert refused.step is not None
    assert [task.element for task in refused.step.position.open] == ["r100"]
    assert refused.step.closed[0].cause == "t100"
    assert [task.element for task in inspect(ours.compiled, ours.state).open] == ["a"], (
        "the old state is still true"
    )


def test_due_timers_fire_before_the_task_is_completed() -> None:
    ours = Walk(sop(reminders(50)))
    step = ours.do("a", tools=at(days=5))
    assert [one.element for one in step.fired] == ["t50"]
    assert ours.open == ["r50"]


def cycle(text: str, catch_up: str = "") -> str:
    return bpmn(
        begin()
        + user("a")
        + end()
        + boundary("b", "a", timer(text, "timeCycle"), interrupting=False, catch_up=catch_up)
        + user("r")
        + end("e2", "cabang")
        + flows("s a", "a e", "b r", "r e2")
    )


def test_children_of_a_cycle_stay_when_its_host_is_done() -> None:
    ours = Walk(sop(cycle("'R3/PT10H'")))
    for hours in (10, 20):
        ours.take(wake(ours.compiled, ours.state, tools=at(hours=hours)))
    ours.do("a", tools=at(hours=21))
    assert ours.open == ["r", "r"]
    assert ours.step.position.timers == ()


def test_a_cycle_ends_after_its_turns() -> None:
    ours = Walk(sop(cycle("'R2/PT10H'", "replay")))
    for hours in (10, 20, 30):
        ours.take(wake(ours.compiled, ours.state, tools=at(hours=hours)))
    assert ours.open == ["a", "r", "r"]


def test_missed_turns_are_collapsed_or_replayed_as_the_diagram_says() -> None:
    for catch_up, count, reminded in (("collapse", [3], 1), ("replay", [1, 1, 1], 3), ("", [3], 1)):
        ours = Walk(sop(cycle("'R/PT10H'", catch_up)))
        step = ours.take(wake(ours.compiled, ours.state, tools=at(hours=35)))
        assert [one.count for one in step.fired] == count
        assert step.fired[0].due == at(hours=10).now
        assert ours.open == ["a"] + ["r"] * reminded
        assert step.position.next_wake == at(hours=40).now


def test_an_endless_cycle_keeps_the_state_small() -> None:
    ours = Walk(sop(cycle("'R/PT1H'")))
    sizes = set()
    for hour in range(1, 51):
        ours.take(wake(ours.compiled, ours.state, tools=at(hours=hour)))
        ours.do("r", tools=at(hours=hour))
        sizes.add(len(str(ours.state)))
    assert max(sizes) - min(sizes) <= 8


@pytest.mark.parametrize("text", ["3", "'besok'", "n + 1", "tidak_ada"])
def test_a_timer_without_a_moment_stops_with_its_element_named(text: str) -> None:
    body = (
        begin()
        + f'<bpmn:intermediateCatchEvent id="t">{timer(text)}</bpmn:intermediateCatchEvent>'
        + end()
        + flows("s t", "t e")
    )
    with pytest.raises((EngineFault, CompileFailed)) as caught:
        Walk(sop(bpmn(body)), {"n": 1})
    if isinstance(caught.value, EngineFault):
        assert caught.value.element == "t"


def test_nothing_in_a_push_reads_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoClock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            raise AssertionError("asked the clock")

    monkeypatch.setattr("SpiffWorkflow.bpmn.specs.event_definitions.timer.datetime", NoClock)
    monkeypatch.setattr("app.engine.timers.datetime", NoClock)
    monkeypatch.setattr("app.engine.clockwork.datetime", NoClock)
    ours = Walk(sop(reminders(50, 100)))
    ours.take(wake(ours.compiled, ours.state, tools=Tools(at(days=5).now, OfficeHours())))
    assert ours.open == ["a", "r100", "r50"]


def test_a_fork_into_timers_wakes_at_the_earliest() -> None:
    def catch(name: str, text: str) -> str:
        return f'<bpmn:intermediateCatchEvent id="{name}">{timer(text)}</bpmn:intermediateCatchEvent>'

    body = (
        begin()
        + gateway("parallel", "f", "j")
        + catch("x", "'PT3H'")
        + catch("y", "jam_kerja(10)")
        + end()
        + flows("s f", "f x", "f y", "x j", "y j", "j e")
    )
    ours = Walk(sop(bpmn(body)))
    assert ours.step.position.next_wake == at(hours=3).now
    ours.take(wake(ours.compiled, ours.state, tools=at(hours=3)))
    assert ours.step.position.next_wake == at(days=1, hours=2).now
    ours.take(wake(ours.compiled, ours.state, tools=at(days=1, hours=2)))
    assert ours.step.position.ended
