"""Deadlines of tasks, sub-processes, multi-instances and of the whole report; extended and recounted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.engine.runner import extend, recalculate, wake
from app.engine.step import Refusal, Step
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
    loop,
    reminders,
    sop,
    timer,
    user,
)


def test_an_extension_moves_the_deadline_and_the_timers_still_to_come() -> None:
    ours = Walk(sop(reminders(50, 100)))
    ours.take(wake(ours.compiled, ours.state, tools=at(days=1, hours=5)))
    until = MONDAY + timedelta(days=7, hours=8)
    step = extend(ours.compiled, ours.state, "a", until, tools=at(days=1, hours=6))
    assert isinstance(step, Step)
    ours.take(step)
    assert step.moved == ((ours.id("a"), MONDAY + timedelta(days=2, hours=8), until),)
    assert [(one.element, one.due) for one in step.position.timers] == [("t100", until)]
    again = ours.take(recalculate(ours.compiled, ours.state, tools=at(days=2)))
    assert again.moved == (), "an extended deadline stays where the officer put it"
    assert isinstance(extend(ours.compiled, ours.state, "tidak_ada", until, tools=at(days=2)), Refusal)


class Holiday(OfficeHours):
    """Tuesday 17 March is suddenly a holiday."""

    def add_working_days(self, start: datetime, days: int) -> datetime:
        found = super().add_working_days(start, days)
        return (
            super().add_working_days(start, days + 1)
            if start.date() < date(2026, 3, 17) <= found.date()
            else found
        )


def test_a_changed_calendar_moves_open_deadlines_from_where_they_began() -> None:
    ours = Walk(sop(reminders(100, deadline="hari_kerja(n)")), {"n": 2})
    ours.state["vars"]["n"] = 40
    step = ours.take(recalculate(ours.compiled, ours.state, tools=at(hours=3, calendar=Holiday())))
    before, after = MONDAY + timedelta(days=2, hours=8), MONDAY + timedelta(days=3, hours=8)
    assert step.moved == ((ours.id("a"), before, after),)
    assert step.position.next_wake == after


TOTAL = bpmn(
    begin()
    + user("tetapkan", "batas:integer")
    + user("kerja", deadline="hari_kerja(1)")
    + user("tunggu", pauses="total")
    + user("lanjut")
    + end()
    + flows("s tetapkan", "tetapkan kerja", "kerja tunggu", "tunggu lanjut", "lanjut e"),
    total="hari_kerja(batas)",
)


def test_the_total_deadline_stands_still_while_a_pausing_task_is_open() -> None:
    ours = Walk(sop(TOTAL))
    assert ours.step.position.total_due is None
    ours.do("tetapkan", batas=3, tools=at(hours=1))
    assert ours.step.position.total_due == MONDAY + timedelta(days=3, hours=8), (
        "counted from the report's start"
    )
    assert ours.step.position.total_unit == "kerja"
    ours.do("kerja", tools=at(days=1))
    assert ours.step.position.total_paused
    ours.do("tunggu", tools=at(days=2))
    assert not ours.step.position.total_paused
    assert ours.step.position.total_due == MONDAY + timedelta(days=4, hours=8)


def test_an_extension_puts_the_total_deadline_off_as_long() -> None:
    ours = Walk(sop(TOTAL))
    ours.do("tetapkan", batas=3, tools=at(hours=1))
    until = MONDAY + timedelta(days=3, hours=8)
    step = extend(ours.compiled, ours.state, "kerja", until, tools=at(hours=2))
    assert isinstance(step, Step)
    ours.take(step)
    assert step.moved == ((step.moved[0][0], MONDAY + timedelta(days=1, hours=8), until),)
    assert step.position.total_due == MONDAY + timedelta(days=7, hours=8), "two days, past the weekend"
    earlier = MONDAY + timedelta(days=1, hours=8)
    sooner = extend(ours.compiled, ours.state, "kerja", earlier, tools=at(hours=3))
    assert isinstance(sooner, Step)
    assert sooner.position.total_due == step.position.total_due, "an earlier date gives nothing back"


def test_timers_on_a_multi_instance_measure_the_whole() -> None:
    body = (
        begin()
        + user("a", inside=loop("daftar", "satu"), deadline="jam(10)")
        + boundary("b", "a", timer("tenggat(50)", "timeDate"))
        + user("r")
        + end()
        + flows("s a", "a e", "b r", "r e")
    )
    ours = Walk(sop(bpmn(body)), {"daftar": [1, 2]})
    assert {task.due for task in ours.step.position.open} == {at(hours=10).now}
    ours.take(wake(ours.compiled, ours.state, tools=at(hours=5)))
    assert ours.open == ["r"]


def test_a_deadline_on_a_sub_process_gives_its_timers_their_measure() -> None:
    inside = begin("s1") + user("a") + end("e1", "cabang") + flows("s1 a", "a e1")
    body = (
        begin() + '<bpmn:subProcess id="dalam"><bpmn:extensionElements><sop:task deadline="jam(10)"/>'
        f"</bpmn:extensionElements>{inside}</bpmn:subProcess>"
        + boundary("b", "dalam", timer("tenggat(50)", "timeDate"))
        + user("r")
        + end()
        + flows("s dalam", "dalam e", "b r", "r e")
    )
    ours = Walk(sop(bpmn(body)))
    assert ours.step.position.timers[0].host == "dalam"
    ours.take(wake(ours.compiled, ours.state, tools=at(hours=5)))
    assert ours.open == ["r"]


ASKED = bpmn(
    begin()
    + user("a", inside=loop("daftar", "satu"), deadline="jam(10)")
    + boundary("separuh", "a", timer("tenggat(50)", "timeDate"), interrupting=False)
    + boundary("penuh", "a", timer("tenggat(100)", "timeDate"), interrupting=False)
    + end()
    + end("e2", "cabang")
    + flows("s a", "a e", "separuh e2", "penuh e2")
)


def test_extending_every_child_of_a_multi_instance_moves_the_timers_on_the_whole() -> None:
    ours = Walk(sop(ASKED), {"daftar": [1, 2]})
    ours.take(wake(ours.compiled, ours.state, tools=at(hours=5)))
    step = ours.take(extend(ours.compiled, ours.state, "a", at(hours=20).now, tools=at(hours=6)))
    assert {task.due for task in step.position.open} == {at(hours=20).now}
    assert len(step.moved) == 2
    assert [(one.element, one.due) for one in step.position.timers] == [("penuh", at(hours=20).now)]
    again = ours.take(recalculate(ours.compiled, ours.state, tools=at(hours=7)))
    assert [one.due for one in again.position.timers] == [at(hours=20).now], "and they stay there"


def test_extending_one_child_leaves_the_whole_where_the_others_are_due() -> None:
    ours = Walk(sop(ASKED), {"daftar": [1, 2]})
    first, second = ours.id("a", 1), ours.id("a", 2)
    ours.take(extend(ours.compiled, ours.state, first, at(hours=20).now, tools=at(hours=1)))
    assert [one.due for one in ours.step.position.timers] == [at(hours=5).now, at(hours=10).now]
    ours.take(extend(ours.compiled, ours.state, second, at(hours=16).now, tools=at(hours=2)))
    assert [one.due for one in ours.step.position.timers] == [at(hours=8).now, at(hours=16).now]


def test_a_timer_is_counted_again_with_the_values_it_was_armed_with() -> None:
    """As deadlines are: what a script or form assigned since then does not move what is running."""
    gate = f'<bpmn:intermediateCatchEvent id="c">{timer("hari_kerja(n + 2)")}</bpmn:intermediateCatchEvent>'
    body = (
        begin()
        + gateway("parallel", "f")
        + user("a", deadline="hari_kerja(5)")
        + boundary("b", "a", timer("hari_kerja(n)"), interrupting=False)
        + boundary("p", "a", timer("tenggat(n * 50)", "timeDate"), interrupting=False)
        + f'<bpmn:intermediateCatchEvent id="t">{timer("hari_kerja(n + 1)")}</bpmn:intermediateCatchEvent>'
        + gateway("eventBased", "g")
        + gate
        + user("x", "n:integer")
        + "".join(end(f"e{k}", "cabang") for k in range(6))
        + flows("s f", "f a", "f t", "f g", "f x", "g c", "a e0", "b e1", "p e2", "t e3", "c e4", "x e5")
    )
    ours = Walk(sop(bpmn(body)), {"n": 1})
    armed = {one.element: one.due for one in ours.step.position.timers}
    assert set(armed) == {"b", "p", "t", "c"}
    ours.do("x", n=3)
    ours.take(recalculate(ours.compiled, ours.state, tools=at(hours=2)))
    assert {one.element: one.due for one in ours.step.position.timers} == armed
    until = at(days=8).now
    ours.take(extend(ours.compiled, ours.state, "a", until, tools=at(hours=2)))
    moved = {one.element: one.due for one in ours.step.position.timers}
    assert moved["p"] == OfficeHours().add_working_time(
        MONDAY, OfficeHours().working_seconds(MONDAY, until) / 2
    )
    ours.take(recalculate(ours.compiled, ours.state, tools=at(hours=3, calendar=Holiday())))
    holiday = {one.element: one.due for one in ours.step.position.timers}
    assert {name: holiday[name] - armed[name] for name in ("b", "t", "c")} == dict.fromkeys(
        ("b", "t", "c"), timedelta(days=1)
    )
