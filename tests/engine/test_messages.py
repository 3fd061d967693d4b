"""Messages reach everybody who waits for them, once, and nobody else; event gateways take the first."""

from __future__ import annotations

import pytest

from app.engine.runner import deliver, wake
from app.engine.step import Refusal
from tests.engine.diagrams import (
    Walk,
    at,
    begin,
    boundary,
    bpmn,
    end,
    flows,
    gateway,
    sop,
    timer,
    user,
)

MESSAGES = '<bpmn:message id="m_tarik" name="penarikan"/><bpmn:message id="m_balas" name="balasan"/>'
BALAS = '<bpmn:messageEventDefinition messageRef="m_balas"/>'


def test_a_message_reaches_everybody_waiting_and_nobody_else() -> None:
    catch = f'<bpmn:intermediateCatchEvent id="tunggu">{BALAS}</bpmn:intermediateCatchEvent>'
    body = (
        begin()
        + gateway("parallel", "f", "j")
        + catch
        + '<bpmn:receiveTask id="terima" messageRef="m_balas"/>'
        + f'<bpmn:intermediateCatchEvent id="lagi">{BALAS}</bpmn:intermediateCatchEvent>'
        + user("a")
        + end()
        + flows("s f", "f tunggu", "f terima", "tunggu lagi", "lagi j", "terima j", "j a", "a e")
    )
    ours = Walk(sop(bpmn(body, extra=MESSAGES)))
    assert ours.step.position.waiting == {"balasan"}
    ours.take(deliver(ours.compiled, ours.state, "balasan", {"isi": "ya"}, tools=at()))
    assert sorted(ours.step.position.tokens) == ["j", "lagi"], "two in a row take two messages"
    ours.take(deliver(ours.compiled, ours.state, "balasan", {"isi": "lagi"}, tools=at()))
    assert ours.open == ["a"]
    assert ours.step.position.variables == {"isi": "lagi"}
    refused = deliver(ours.compiled, ours.state, "balasan", {}, tools=at())
    assert isinstance(refused, Refusal)
    assert refused.name == "NotExpected"


@pytest.mark.parametrize(
    "data",
    [
        {"__class__": 1},
        {"typename": "x"},
        {"len": 1},
        {"a": {"typename": 1}},
        {"a": float("nan")},
        {"a": {1: 2}},
        {"a b": 1},
    ],
)
def test_message_data_with_reserved_names_or_no_json_is_refused(data: dict[str, object]) -> None:
    body = begin() + '<bpmn:receiveTask id="t" messageRef="m_balas"/>' + end() + flows("s t", "t e")
    ours = Walk(sop(bpmn(body, extra=MESSAGES)))
    refused = deliver(ours.compiled, ours.state, "balasan", data, tools=at())
    assert isinstance(refused, Refusal)
    assert refused.name == "InvalidAnswers"


def test_an_event_gateway_with_two_timers_and_a_message_takes_the_first_that_happens() -> None:
    def catch(name: str, definition: str) -> str:
        return f'<bpmn:intermediateCatchEvent id="{name}">{definition}</bpmn:intermediateCatchEvent>'

    body = (
        begin()
        + gateway("eventBased", "g")
        + catch("c_lama", timer("'PT5H'"))
        + catch("c_cepat", timer("'PT2H'"))
        + catch("c_pesan", BALAS)
        + user("lama")
        + user("cepat")
        + user("pesan")
        + end()
        + flows(
            "s g",
            "g c_lama",
            "g c_cepat",
            "g c_pesan",
            "c_lama lama",
            "c_cepat cepat",
            "c_pesan pesan",
            "lama e",
            "cepat e",
            "pesan e",
        )
    )
    compiled = sop(bpmn(body, extra=MESSAGES))
    ours = Walk(compiled)
    assert {timer.element for timer in ours.step.position.timers} == {"c_lama", "c_cepat"}
    assert ours.step.position.next_wake == at(hours=2).now
    ours.take(wake(compiled, ours.state, tools=at(hours=9)))
    assert ours.open == ["cepat"]
    again = Walk(compiled)
    step = again.take(deliver(compiled, again.state, "balasan", {}, tools=at(hours=1)))
    assert again.open == ["pesan"]
    assert ("sop", "g_c_pesan") in step.flows


def test_a_message_too_late_for_its_timer_is_closed_by_the_deadline() -> None:
    body = (
        begin()
        + '<bpmn:receiveTask id="t" messageRef="m_balas"/>'
        + boundary("b", "t", timer("'PT2H'"))
        + user("a")
        + end()
        + flows("s t", "t e", "b a", "a e")
    )
    ours = Walk(sop(bpmn(body, extra=MESSAGES)))
    refused = deliver(ours.compiled, ours.state, "balasan", {"x": 1}, tools=at(hours=3))
    assert isinstance(refused, Refusal)
    assert refused.name == "ClosedByDeadline"
    assert refused.step is not None
    assert [task.element for task in refused.step.position.open] == ["a"]
    assert refused.step.position.variables == {}


def test_a_message_that_does_not_interrupt_may_come_again_while_its_host_is_open() -> None:
    """SpiffWorkflow hears it once only."""
    body = (
        begin()
        + user("a")
        + boundary("b", "a", BALAS, interrupting=False)
        + user("r")
        + end()
        + end("e2", "cabang")
        + flows("s a", "a e", "b r", "r e2")
    )
    ours = Walk(sop(bpmn(body, extra=MESSAGES)))
    for turn in range(1, 4):
        ours.take(deliver(ours.compiled, ours.state, "balasan", {"kali": turn}, tools=at()))
        assert ours.open == ["a", *["r"] * turn]
    ours.do("a")
    assert ours.step.position.waiting == frozenset()
