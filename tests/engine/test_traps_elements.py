"""Traps 1.9, 2.1 and 2.9: elements that do nothing, or something else, in SpiffWorkflow are refused by name.

Each case shows stock swallowing the drawing, then our finding. What both refuse is in `test_refusals`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow

from app.engine.compiler import Source, findings
from app.engine.runner import deliver
from app.engine.step import EngineFault, Step
from tests.engine.diagrams import (
    Walk,
    at,
    begin,
    boundary,
    bpmn,
    end,
    flows,
    inner,
    script,
    sop,
    timer,
    user,
)
from tests.engine.stock import Stock

MESSAGE = '<bpmn:message id="m" name="m"/>'
SIGNAL = '<bpmn:signal id="sg" name="sg"/>'
HEAR_SIGNAL = '<bpmn:signalEventDefinition signalRef="sg"/>'
LINK = '<bpmn:linkEventDefinition name="L"/>'
COMPENSATE = "<bpmn:compensateEventDefinition/>"
FOREIGN = 'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'


def refused(text: str) -> set[tuple[str, str | None]]:
    found = findings([Source("a.bpmn", text.encode())])
    return {(one.rule, one.element) for one in found if one.severity == "error"}


def thrown(definition: str) -> str:
    throw = f'<bpmn:intermediateThrowEvent id="x">{definition}</bpmn:intermediateThrowEvent>'
    body = begin() + user("a") + throw + user("b") + end() + flows("s a", "a x", "x b", "b e")
    return bpmn(body, extra=SIGNAL)


def on_event(definition: str, interrupting: str = "true") -> str:
    """An event sub-process with user task b beside user task a."""
    inside = (
        f'<bpmn:startEvent id="sx" isInterrupting="{interrupting}">{definition}</bpmn:startEvent>'
        + user("b") + end("ex", "cabang") + flows("sx b", "b ex")
    )
    drawn = f'<bpmn:subProcess id="x" triggeredByEvent="true">{inside}</bpmn:subProcess>'
    return bpmn(begin() + user("a") + end() + drawn + flows("s a", "a e"), extra=MESSAGE)


SIGNALLED = bpmn(
    begin()
    + '<bpmn:parallelGateway id="f"/>'
    + f'<bpmn:intermediateCatchEvent id="c">{HEAR_SIGNAL}</bpmn:intermediateCatchEvent>'
    + user("a")
    + end("x", inside=HEAR_SIGNAL)
    + user("b")
    + end()
    + flows("s f", "f c", "f a", "a x", "c b", "b e"),
    extra=SIGNAL,
)
LINKED = bpmn(
    begin()
    + user("a")
    + f'<bpmn:intermediateThrowEvent id="x">{LINK}</bpmn:intermediateThrowEvent>'
    + f'<bpmn:intermediateCatchEvent id="y">{LINK}</bpmn:intermediateCatchEvent>'
    + user("b")
    + end()
    + flows("s a", "a x", "y b", "b e")
)
LOOSE = begin() + user("a") + end() + flows("s a", "a e")

SWALLOWED: list[tuple[str, str, Callable[[Stock], bool], tuple[str, str]]] = [
    # (what, drawing, what stock makes of it once `a` is done, our finding)
    ("signal end throws nothing", SIGNALLED, lambda s: s.open == [] and not s.ended,
     ("unsur-tidak-dijalankan", "x")),
    ("a link leads nowhere", LINKED, lambda s: s.open == [] and not s.ended, ("unsur-tidak-dijalankan", "x")),
    ("compensation does nothing", thrown(COMPENSATE), lambda s: s.open == ["b"],
     ("unsur-tidak-dijalankan", "x")),
    ("a throw of nothing does nothing", thrown(""), lambda s: s.open == ["b"],
     ("unsur-tidak-dijalankan", "x")),
    ("a send task without message does nothing",
     bpmn(begin() + user("a") + '<bpmn:sendTask id="x"/>' + user("b") + end()
          + flows("s a", "a x", "x b", "b e")),
     lambda s: s.open == ["b"], ("unsur-tidak-dijalankan", "x")),
    ("a receive task without message does not wait",
     bpmn(begin() + user("a") + '<bpmn:receiveTask id="x"/>' + end() + flows("s a", "a x", "x e")),
     lambda s: s.ended, ("tanpa-pesan", "x")),
    ("a bare task waits for a person",
     bpmn(begin() + user("a") + '<bpmn:task id="x"/>' + end() + flows("s a", "a x", "x e")),
     lambda s: s.open == ["x"], ("unsur-tidak-dijalankan", "x")),
    ("a condition out of a task is ignored",
     bpmn(begin() + user("a") + user("b") + end() + flows("s a", "a b: False", "b e")),
     lambda s: s.open == ["b"], ("syarat-diabaikan", "a_b")),
    ("what no flow reaches is dropped", bpmn(LOOSE + user("x") + flows("x e")),
     lambda s: s.ended and "x" not in s.spec.task_specs, ("tak-terjangkau", "x")),
    ("a task that leads nowhere never ends its process",
     bpmn(begin() + '<bpmn:exclusiveGateway id="g" default="g_a"/>' + user("a") + end()
          + flows("s g", "g a", "g e: False")),
     lambda s: s.open == [] and not s.ended, ("jalan-buntu", "a")),
    ("a conditional event looks at its own branch only",
     bpmn(begin() + user("a") + '<bpmn:intermediateCatchEvent id="x"><bpmn:conditionalEventDefinition>'
          "<bpmn:condition>n == 1</bpmn:condition></bpmn:conditionalEventDefinition>"
          "</bpmn:intermediateCatchEvent>" + end() + flows("s a", "a x", "x e")),
     lambda s: s.open == [] and not s.ended, ("unsur-tidak-dijalankan", "x")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "swallowed", "finding"), [case[1:] for case in SWALLOWED], ids=[case[0] for case in SWALLOWED]
)
def test_what_stock_swallows_is_refused_by_name(
    text: str, swallowed: Callable[[Stock], bool], finding: tuple[str, str]
) -> None:
    stock = Stock(text, {"n": 0})
    stock.do("a")
    assert swallowed(stock), (stock.open, stock.ended)
    assert finding in refused(text)


def test_an_interrupting_event_sub_process_interrupts_nothing() -> None:
    text = on_event('<bpmn:messageEventDefinition messageRef="m"/>', "true")
    stock = Stock(text)
    stock.hear("m")
    assert stock.open == ["a", "b"]
    assert ("unsur-tidak-dijalankan", "x") in refused(text)


def test_a_timer_event_sub_process_keeps_its_process_open_for_ever() -> None:
    text = on_event(timer('"P1D"'))
    stock = Stock(text)
    stock.do("a")
    assert (stock.open, stock.ended) == ([], False)
    assert ("unsur-tidak-dijalankan", "x") in refused(text)


def test_an_event_sub_process_writes_to_the_shared_specification() -> None:
    """A second instance of the same cached spec never ends. Ours are proven unchanged in `test_state`."""
    first = Stock(on_event('<bpmn:messageEventDefinition messageRef="m"/>'))
    alone = Stock(on_event('<bpmn:messageEventDefinition messageRef="m"/>'))
    alone.do("a")
    assert alone.ended
    first.hear("m")
    second = BpmnWorkflow(first.spec, first.subs)
    second.do_engine_steps()
    for task in second.get_tasks(manual=True, state=16):
        task.run()
    second.do_engine_steps()
    assert not second.completed


def test_an_error_nobody_catches_is_success_in_stock() -> None:
    """Ours stops with the end event named: `test_boundaries`."""
    error = '<bpmn:error id="g1" name="gagal" errorCode="G1"/>'
    text = bpmn(inner("1", definition='<bpmn:errorEventDefinition errorRef="g1"/>'), extra=error)
    stock = Stock(text)
    stock.do("u_1")
    assert (stock.ended, stock.workflow.success) == (True, True)
    with pytest.raises(EngineFault, match="G1"):
        Walk(sop(text)).do("u_1")


def test_a_script_that_fails_is_no_bpmn_error_and_its_boundary_is_refused() -> None:
    """An error boundary there catches nothing; a fault opens an incident instead."""
    text = bpmn(begin() + script("k", "x = 1 / n") + boundary("b", "k", "<bpmn:errorEventDefinition/>")
                + user("r") + end() + flows("s k", "k e", "b r", "r e"))
    with pytest.raises(Exception, match="ZeroDivisionError"):
        Stock(text, {"n": 0})
    assert ("batas-di-tempat-lain", "b") in refused(text)


def test_a_service_that_fails_hides_its_cause_in_stock_and_names_its_element_here() -> None:
    """Stock also never uses the `retries` it stores; ours only asks, the worker carries out and retries."""
    operator = (
        f"<spiffworkflow:serviceTaskOperator {FOREIGN} id=\"op\"><spiffworkflow:retry retries=\"3\"/>"
        "</spiffworkflow:serviceTaskOperator>"
    )
    with pytest.raises(NameError, match="script"):
        Stock(bpmn(begin() + f'<bpmn:serviceTask id="k"><bpmn:extensionElements>{operator}'
                   "</bpmn:extensionElements></bpmn:serviceTask>" + end() + flows("s k", "k e")))
    ask = '<sop:service name="status"><sop:parameter name="nilai" value="apa"/></sop:service>'
    with pytest.raises(EngineFault, match="apa") as caught:
        Walk(sop(bpmn(begin() + f'<bpmn:serviceTask id="k"><bpmn:extensionElements>{ask}'
                      "</bpmn:extensionElements></bpmn:serviceTask>" + end() + flows("s k", "k e"))))
    assert (caught.value.element, caught.value.names) == ("k", ("apa",))


def test_what_an_instance_sends_is_emptied_by_reading_in_stock_and_part_of_the_step_here() -> None:
    """Lost when the process dies between reading and keeping; a terminate end is left there too."""
    sends = bpmn(begin() + '<bpmn:sendTask id="k" messageRef="m"/>' + user("a")
                 + end(inside="<bpmn:terminateEventDefinition/>") + flows("s k", "k a", "a e"), extra=MESSAGE)
    stock = Stock(sends)
    assert len(stock.workflow.get_events()) == 1
    assert stock.workflow.get_events() == []
    stock.do("a")
    assert [type(one.event_definition).__name__ for one in stock.workflow.get_events()] == [
        "TerminateEventDefinition"
    ]
    ask = '<sop:service name="catat"><sop:parameter name="teks" value="\'x\'"/></sop:service>'
    ours = Walk(sop(bpmn(
        begin() + f'<bpmn:serviceTask id="k"><bpmn:extensionElements>{ask}</bpmn:extensionElements>'
        "</bpmn:serviceTask>" + user("a") + end(inside="<bpmn:terminateEventDefinition/>")
        + flows("s k", "k a", "a e")
    )))
    assert [one.operation for one in ours.step.effects] == ["catat"]
    assert ours.do("a").effects == ()


def test_a_message_that_does_not_interrupt_is_heard_once_by_stock_and_every_time_here() -> None:
    text = bpmn(
        begin() + user("a")
        + boundary("b", "a", '<bpmn:messageEventDefinition messageRef="m"/>', interrupting=False)
        + user("r") + end() + end("e2", "cabang") + flows("s a", "a e", "b r", "r e2"),
        extra=MESSAGE,
    )
    stock, ours = Stock(text), Walk(sop(text))
    for _turn in range(2):
        stock.hear("m")
        step = deliver(ours.compiled, ours.state, "m", {}, tools=at())
        assert isinstance(step, Step)
        ours.take(step)
    assert stock.open == ["a", "r"]
    assert ours.open == ["a", "r", "r"]
