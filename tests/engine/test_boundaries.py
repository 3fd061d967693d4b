"""Boundary events, errors, escalations, terminate ends, end reasons, roles."""

from __future__ import annotations

import pytest
from SpiffWorkflow.exceptions import TaskNotFoundException

from app.engine.runner import deliver, wake
from app.engine.step import EngineFault, Step
from tests.engine.diagrams import (
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
from tests.engine.stock import Stock

MESSAGES = '<bpmn:message id="m_tarik" name="penarikan"/><bpmn:message id="m_balas" name="balasan"/>'
TARIK = '<bpmn:messageEventDefinition messageRef="m_tarik"/>'
ERRORS = '<bpmn:error id="g1" name="gagal" errorCode="G1"/><bpmn:error id="g2" name="lain" errorCode="G2"/>'
G1 = '<bpmn:errorEventDefinition errorRef="g1"/>'
ESCALATIONS = '<bpmn:escalation id="k1" name="naik" escalationCode="K1"/>'
K1 = '<bpmn:escalationEventDefinition escalationRef="k1"/>'


def test_withdrawal_takes_everything_inside_away() -> None:
    """N3, and the drawing of withdrawal: calls, forks and timers inside one interrupted sub-process."""
    inside = (
        begin("s1")
        + gateway("parallel", "f")
        + '<bpmn:callActivity id="panggil" calledElement="lain"/>'
        + user("a")
        + boundary("t", "a", timer("'PT4H'"), interrupting=False)
        + user("ingat")
        + user("b")
        + end("e1", "cabang")
        + end("e2", "cabang")
        + end("e3", "cabang")
        + flows("s1 f", "f panggil", "f a", "f b", "panggil e1", "a e2", "b e3", "t ingat", "ingat e3")
    )
    body = (
        begin()
        + sub("semua", inside)
        + boundary("tarik", "semua", TARIK)
        + end("batal", "dibatalkan")
        + end()
        + flows("s semua", "semua e", "tarik batal")
    )
    ours = Walk(sop(bpmn(body, extra=MESSAGES), bpmn(inner("lain"), key="lain"), key="sop"))
    ours.take(wake(ours.compiled, ours.state, tools=at(hours=5)))
    assert ours.open == ["a", "b", "ingat", "u_lain"]
    step = deliver(ours.compiled, ours.state, "penarikan", {}, tools=at(hours=6))
    assert isinstance(step, Step)
    ours.take(step)
    assert step.position.ended
    assert step.position.end_reason == "dibatalkan"
    assert sorted(task.element for task in step.closed) == ["a", "b", "ingat", "u_lain"]
    assert {task.cause for task in step.closed} == {"tarik"}
    assert step.state["rows"] == []


def test_an_interrupted_multi_instance_leaves_no_orphans() -> None:
    """N3: SpiffWorkflow keeps the sub-processes of removed children and then cannot find their tasks."""
    body = (
        begin()
        + sub("tanya", inner("t"), loop("daftar", "satu"))
        + boundary("tarik", "tanya", TARIK)
        + user("lanjut")
        + user("x")
        + gateway("parallel", "f")
        + end()
        + end("e2", "cabang")
        + flows("s f", "f tanya", "f x", "tanya e", "tarik lanjut", "lanjut e", "x e2")
    )
    text = bpmn(body, extra=MESSAGES)
    stock = Stock(text, {"daftar": [1, 2]})
    message = next(spec for spec in stock.workflow.spec.task_specs.values() if spec.name == "tarik")
    from_outside = type(
        "E",
        (),
        {"event_definition": message.event_definition, "payload": {}, "correlations": {}, "target": None},
    )
    stock.workflow.catch(from_outside())
    with pytest.raises(TaskNotFoundException):
        stock.workflow.do_engine_steps()

    ours = Walk(sop(text), {"daftar": [1, 2]})
    assert ours.open == ["u_t", "u_t", "x"]
    ours.take(deliver(ours.compiled, ours.state, "penarikan", {}, tools=at(hours=1)))
    assert ours.open == ["lanjut", "x"]
    ours.do("x")
    ours.do("lanjut")
    assert ours.step.position.ended


def test_an_error_goes_to_the_nearest_enclosing_boundary_only() -> None:
    """N5: SpiffWorkflow's error in one sub-process also interrupts its neighbour's boundary."""
    body = (
        begin()
        + gateway("parallel", "f")
        + sub("satu", inner("1", definition=G1))
        + sub("dua", inner("2"))
        + boundary("b1", "satu", G1)
        + boundary("b2", "dua", G1)
        + user("r1")
        + user("r2")
        + "".join(end(f"e{n}", "cabang") for n in range(4))
        + flows("s f", "f satu", "f dua", "satu e0", "dua e1", "b1 r1", "b2 r2", "r1 e2", "r2 e3")
    )
    text = bpmn(body, extra=ERRORS)
    stock = Stock(text)
    stock.do("u_1")
    assert stock.open == ["r1", "r2"], "stock 3.2.0 interrupts the neighbour too"
    ours = Walk(sop(text))
    ours.do("u_1")
    assert ours.open == ["r1", "u_2"]


def test_an_error_climbs_out_of_a_call_and_a_plain_code_comes_before_a_catch_all() -> None:
    called = bpmn(inner("l", definition=G1), key="lain", extra=ERRORS)
    body = (
        begin()
        + sub(
            "dalam",
            begin("s1")
            + '<bpmn:callActivity id="c" calledElement="lain"/>'
            + end("e1", "cabang")
            + flows("s1 c", "c e1"),
        )
        + boundary("semua", "dalam", "<bpmn:errorEventDefinition/>")
        + boundary("tepat", "dalam", G1)
        + user("r_semua")
        + user("r_tepat")
        + end()
        + flows("s dalam", "dalam e", "semua r_semua", "tepat r_tepat", "r_semua e", "r_tepat e")
    )
    ours = Walk(sop(bpmn(body, extra=ERRORS), called, key="sop"))
    ours.do("u_l")
    assert ours.open == ["r_tepat"]


def test_an_error_nobody_catches_stops_with_its_end_event_named() -> None:
    ours = Walk(sop(bpmn(inner("1", definition=G1), extra=ERRORS)))
    with pytest.raises(EngineFault, match="G1") as caught:
        ours.do("u_1")
    assert caught.value.element == "e_1"
    assert ours.open == ["u_1"], "the push did not happen"


def test_an_escalation_tells_the_outside_and_goes_on() -> None:
    body = (
        begin()
        + sub(
            "dalam",
            begin("s1")
            + f'<bpmn:intermediateThrowEvent id="naik">{K1}</bpmn:intermediateThrowEvent>'
            + user("a")
            + end("e1", "cabang")
            + flows("s1 naik", "naik a", "a e1"),
        )
        + boundary("b", "dalam", K1, interrupting=False)
        + user("camat")
        + end()
        + end("e2", "cabang")
        + flows("s dalam", "dalam e", "b camat", "camat e2")
    )
    ours = Walk(sop(bpmn(body, extra=ESCALATIONS)))
    assert ours.open == ["a", "camat"]


def test_a_terminate_end_inside_ends_only_its_sub_process() -> None:
    done = "<bpmn:terminateEventDefinition/>"
    body = (
        begin()
        + sub(
            "dalam",
            begin("s1")
            + gateway("parallel", "f")
            + user("a")
            + user("b")
            + end("mati", "cabang", done)
            + end("e1", "cabang")
            + flows("s1 f", "f a", "f b", "a mati", "b e1"),
        )
        + user("lanjut")
        + end()
        + flows("s dalam", "dalam lanjut", "lanjut e")
    )
    ours = Walk(sop(bpmn(body)))
    step = ours.do("a")
    assert ours.open == ["lanjut"]
    assert [(one.element, one.cause) for one in step.closed if one.reason == "cancelled"] == [("b", "mati")]


def test_the_end_reason_is_the_last_one_that_is_no_side_branch() -> None:
    """A side branch that ends last, and a reason inside the withdrawn sub-process, must not lose it."""
    body = (
        begin()
        + sub("dalam", inner("1", ending="ditolak"))
        + boundary("t", "dalam", timer("'PT1H'"), interrupting=False)
        + user("ingat")
        + end("e", "cabang")
        + end("e2", "cabang")
        + flows("s dalam", "dalam e", "t ingat", "ingat e2")
    )
    ours = Walk(sop(bpmn(body)))
    ours.take(wake(ours.compiled, ours.state, tools=at(hours=2)))
    ours.do("u_1")
    assert not ours.step.position.ended, "an open side branch keeps the report open"
    ours.do("ingat")
    assert ours.step.position.end_reason == "ditolak"
    assert ours.step.position.status == ours.step.status == "ditolak"


def test_a_role_comes_from_the_lane_the_sub_process_or_the_caller_innermost_first() -> None:
    """N6: SpiffWorkflow ignores lanes inside a sub-process and knows lanes by name, so that renaming one
    re-routes its work."""
    lanes = (
        '<bpmn:laneSet id="l"><bpmn:lane id="kominfo" name="Kominfo"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>'
        "<bpmn:flowNodeRef>dalam</bpmn:flowNodeRef><bpmn:flowNodeRef>b</bpmn:flowNodeRef></bpmn:lane>"
        '<bpmn:lane id="opd_x" name="OPD"><bpmn:flowNodeRef>panggil</bpmn:flowNodeRef></bpmn:lane>'
        "</bpmn:laneSet>"
    )
    nested = (
        '<bpmn:laneSet id="l2"><bpmn:lane id="sekda" name="Sekda"><bpmn:flowNodeRef>b</bpmn:flowNodeRef>'
        "</bpmn:lane></bpmn:laneSet>"
    )
    body = (
        lanes
        + begin()
        + gateway("parallel", "f")
        + user("a")
        + sub(
            "dalam",
            nested
            + begin("s1")
            + gateway("parallel", "f1")
            + user("b")
            + user("c")
            + end("e1", "cabang")
            + flows("s1 f1", "f1 b", "f1 c", "b e1", "c e1"),
        )
        + '<bpmn:callActivity id="panggil" calledElement="lain"/>'
        + end()
        + flows("s f", "f a", "f dalam", "f panggil", "a e", "dalam e", "panggil e")
    )
    alone = body.replace('<bpmn:callActivity id="panggil" calledElement="lain"/>', user("panggil"))
    stock = Stock(bpmn(alone))
    lanes = {name: stock.task(name).task_spec.lane for name in ("a", "b", "c")}
    assert lanes == {"a": "Kominfo", "b": "Kominfo", "c": "Kominfo"}
    ours = Walk(sop(bpmn(body), bpmn(inner("l"), key="lain"), key="sop"))
    roles = {task.element: task.role for task in ours.step.position.open}
    assert roles == {"a": "kominfo", "b": "sekda", "c": "kominfo", "u_l": "opd_x"}
