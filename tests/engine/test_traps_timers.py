"""Trap 2.2: SpiffWorkflow's timers are Python, know no calendar, and fire when somebody happens to look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from app.engine.compiler import CompileFailed
from app.engine.runner import complete, wake
from app.engine.step import EngineFault, Refusal
from app.engine.timers import arm, parse_duration
from tests.engine.diagrams import (
    MONDAY,
    Walk,
    at,
    begin,
    boundary,
    bpmn,
    end,
    flows,
    gateway,
    script,
    sop,
    timer,
    user,
)
from tests.engine.stock import Stock


def waiting(text: str, place: str = "timeDuration") -> str:
    event = f'<bpmn:intermediateCatchEvent id="t">{timer(text, place)}</bpmn:intermediateCatchEvent>'
    return bpmn(begin() + event + user("u") + end() + flows("s t", "t u", "u e"))


AT_RUN: list[tuple[str, str, str | None]] = [
    # (text, element of the timer, rule that names it before publishing; None: it means something here)
    ("PT1H", "timeDuration", "durasi-tanpa-kutip"),
    ("'P1X'", "timeDuration", "waktu"),
    ("'P1W2D'", "timeDuration", "waktu"),
    ("5", "timeDuration", "waktu"),
    ("'R3'", "timeCycle", "putaran-di-tempat-lain"),
    ("'PT1H'", "timeDate", None),
    ("'2026-03-20'", "timeDuration", None),
]


@pytest.mark.parametrize(("text", "place", "rule"), AT_RUN)
def test_a_bad_timer_fails_while_running_in_stock_and_before_publishing_here(
    text: str, place: str, rule: str | None
) -> None:
    with pytest.raises(Exception, match=r"."):
        Stock(waiting(text, place)).wake()
    if rule is None:
        due = Walk(sop(waiting(text, place))).step.position.timers[0].due
        assert due > MONDAY, "the value decides what it is, not the tag around it"
        return
    with pytest.raises(CompileFailed) as caught:
        sop(waiting(text, place))
    assert (rule, "t") in {(one.rule, one.element) for one in caught.value.findings}


def test_a_bare_p_fires_at_once_in_stock_and_is_no_duration_here() -> None:
    stock = Stock(waiting("'P'"))
    stock.wake()
    assert stock.open == ["u"]
    with pytest.raises(CompileFailed):
        sop(waiting("'P'"))
    with pytest.raises(EngineFault, match="lama waktu"):
        Walk(sop(waiting("n")), {"n": "P"})


def test_a_month_from_the_31st_is_in_march_for_stock() -> None:
    """Ours: the last day of February, in the city's calendar."""
    start = datetime(2026, 1, 31, tzinfo=UTC)
    theirs = start + TimerEventDefinition.get_timedelta_from_start({"months": 1}, start)
    assert theirs == datetime(2026, 3, 3, tzinfo=UTC)
    assert parse_duration("P1M").after(start, "Asia/Makassar") == datetime(2026, 2, 28, tzinfo=UTC)


def test_a_time_without_offset_means_the_servers_zone_in_stock_and_the_citys_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text, found = "2026-03-20T08:00:00", set()
    for zone in ("UTC", "Asia/Jayapura"):
        monkeypatch.setattr(
            "SpiffWorkflow.bpmn.specs.event_definitions.timer.LOCALTZ", ZoneInfo(zone)
        )
        found.add(TimerEventDefinition.get_datetime(text))
        assert arm(text, MONDAY, "Asia/Makassar").at == datetime(2026, 3, 20, tzinfo=UTC)
    assert len(found) == 2


def test_what_follows_a_due_timer_runs_in_the_same_push_here_only() -> None:
    """`do_engine_steps` refreshes after its loop. Ours goes on until nothing changes, also over several."""
    event = '<bpmn:intermediateCatchEvent id="{0}">{1}</bpmn:intermediateCatchEvent>'
    text = bpmn(
        begin() + event.format("t", timer("'PT1H'")) + script("k", "x = 1")
        + event.format("t2", timer("'PT1H'")) + user("u") + end()
        + flows("s t", "t k", "k t2", "t2 u", "u e")
    )
    stock = Stock(text.replace("'PT1H'", "'P1D'"))
    stock.overdue("t")
    stock.workflow.do_engine_steps()
    assert not stock.task("k").data, "it is due, and nothing happened"
    stock.workflow.do_engine_steps()
    assert stock.task("t2").data == {"x": 1}

    ours = Walk(sop(text))
    ours.take(wake(ours.compiled, ours.state, tools=at(hours=1)))
    assert ours.step.position.variables == {"x": 1}
    assert ours.step.position.next_wake == at(hours=2).now


def test_two_timers_of_an_event_gateway_share_one_moment_in_stock() -> None:
    """And none is told to a scheduler. Ours keeps one each, by element id."""
    def event(name: str, text: str) -> str:
        return f'<bpmn:intermediateCatchEvent id="{name}">{timer(text)}</bpmn:intermediateCatchEvent>'

    text = bpmn(
        begin() + gateway("eventBased", "g") + event("lama", "'PT5H'") + event("cepat", "'PT1H'")
        + user("u") + user("v") + end()
        + flows("s g", "g lama", "g cepat", "lama u", "cepat v", "u e", "v e")
    )
    stock = Stock(text)
    due = datetime.fromisoformat(stock.task("g").internal_data["event_value"])
    assert due - datetime.now(UTC) > timedelta(hours=4)
    assert [one.value for one in stock.workflow.waiting_events()] == [None]
    ours = Walk(sop(text))
    assert {one.element: one.due for one in ours.step.position.timers} == {
        "lama": at(hours=5).now, "cepat": at(hours=1).now
    }
    ours.take(wake(ours.compiled, ours.state, tools=at(hours=1)))
    assert ours.open == ["v"]


REMINDED = bpmn(
    begin()
    + user("a")
    + boundary("b", "a", timer("'R3/PT10H'", "timeCycle"), interrupting=False)
    + user("r")
    + user("lanjut")
    + end()
    + end("e2", "cabang")
    + flows("s a", "a lanjut", "lanjut e", "b r", "r e2")
)


def test_reminders_of_a_cycle_vanish_with_their_host_in_stock_and_stay_here() -> None:
    stock = Stock(REMINDED)
    stock.overdue("b")
    stock.wake()
    assert stock.open == ["a", "r"]
    stock.do("a")
    assert stock.open == ["lanjut"], "an open escalation task is gone without a trace"

    ours = Walk(sop(REMINDED))
    ours.take(wake(ours.compiled, ours.state, tools=at(hours=10)))
    ours.do("a", tools=at(hours=11))
    assert ours.open == ["lanjut", "r"]


def test_missed_turns_come_one_by_one_as_somebody_looks_in_stock() -> None:
    """Ours makes them up in one push, or takes them together, as the diagram says (`test_timers`)."""
    stock = Stock(REMINDED)
    stock.task("b").internal_data["event_value"]["next"] = "2020-01-01T00:00:00+00:00"
    for turn in range(1, 4):
        stock.workflow.refresh_timers()
        assert stock.open == ["a", *["r"] * turn]
    ours = Walk(sop(REMINDED))
    step = ours.take(wake(ours.compiled, ours.state, tools=at(days=10)))
    assert [one.count for one in step.fired] == [3]
    assert step.position.next_wake is None


def test_completing_after_the_deadline_wins_silently_in_stock_and_is_refused_here() -> None:
    text = bpmn(begin() + user("a") + boundary("b", "a", timer("'PT2H'")) + user("r") + end()
                + flows("s a", "a e", "b r", "r e"))
    stock = Stock(text)
    stock.overdue("b")
    stock.do("a")
    assert stock.ended

    ours = Walk(sop(text))
    reply = complete(ours.compiled, ours.state, ours.id("a"), {}, by="budi", tools=at(hours=3))
    assert isinstance(reply, Refusal)
    assert (reply.name, reply.step is not None) == ("ClosedByDeadline", True)


def test_nothing_wakes_a_stock_instance_and_ours_says_when_to() -> None:
    stock = Stock(waiting("'PT1H'"))
    stock.overdue("t")
    assert stock.open == []
    assert Walk(sop(waiting("'PT1H'"))).step.position.next_wake == at(hours=1).now
