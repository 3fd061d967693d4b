"""Traps 1.1, 1.2 and 2.9: in SpiffWorkflow a diagram is code, and data reach into the machinery."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

from app.engine.compiler import CompileFailed, Source, findings
from app.engine.runner import complete, deliver, start
from app.engine.step import EngineFault, Refusal
from tests.engine.diagrams import (
    Walk,
    at,
    begin,
    bpmn,
    end,
    flows,
    gateway,
    loop,
    script,
    sop,
    sub,
    timer,
    user,
)
from tests.engine.stock import Stock


def choosing(condition: str) -> str:
    """A when the condition holds, else b."""
    parts = gateway("exclusive", "g", default="g_b") + user("a") + user("b")
    return bpmn(begin() + parts + end() + flows("s g", f"g a: {condition}", "g b", "a e", "b e"))


def errors(text: str) -> set[tuple[str, str | None]]:
    found = findings([Source("a.bpmn", text.encode())])
    return {(one.rule, one.element) for one in found if one.severity == "error"}


def test_a_condition_runs_as_python_in_stock_and_is_no_condition_here(tmp_path: Path) -> None:
    target = tmp_path / "jejak"
    text = choosing(f"__import__('os').system('mkdir {target}') == 0")
    assert Stock(text).open == ["a"]
    assert target.is_dir(), "stock 3.2.0 went to the shell because a diagram said so"
    assert ("ungkapan", "g_a") in errors(text)


def test_an_emptied_environment_is_no_sandbox(tmp_path: Path) -> None:
    """What SpiffWorkflow's documentation recommends still calls plain `eval`; one line climbs out."""
    target = tmp_path / "jejak"
    climb = (
        "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'catch_warnings'][0]()"
        f"._module.__builtins__['__import__']('os').system('mkdir {target}') == 0"
    )
    bare = PythonScriptEngine(TaskDataEnvironment({"__builtins__": {}}))
    assert Stock(choosing(climb), engine=bare).open == ["a"]
    assert target.is_dir()
    assert ("ungkapan", "g_a") in errors(choosing(climb))


EVERYWHERE: list[tuple[str, str]] = [
    ("g_a", choosing("{}")),
    ("k", bpmn(begin() + script("k", "x = {}") + user("a") + end() + flows("s k", "k a", "a e"))),
    ("t", bpmn(begin() + f'<bpmn:intermediateCatchEvent id="t">{timer("{}")}</bpmn:intermediateCatchEvent>'
               + user("a") + end() + flows("s t", "t a", "a e"))),
    ("a", bpmn(begin() + user("a", inside=loop("daftar", "satu", until="{}")) + end() + flows("s a", "a e"))),
    ("a", bpmn(begin() + user("a", inside=loop("x", "satu").replace(
        "<bpmn:loopDataInputRef>x</bpmn:loopDataInputRef>", "<bpmn:loopCardinality>{}</bpmn:loopCardinality>"
    )) + end() + flows("s a", "a e"))),
]


@pytest.mark.parametrize(("element", "text"), EVERYWHERE)
def test_every_place_that_holds_an_expression_is_run_by_stock_and_read_by_us(
    element: str, text: str, tmp_path: Path
) -> None:
    target = tmp_path / "jejak"
    hostile = text.replace("{}", f"__import__('pathlib').Path({str(target)!r}).write_text('x')")
    with suppress(Exception):  # what the value then means in that place does not matter: it ran
        stock = Stock(hostile, {"daftar": [1]})
        stock.do(*stock.open)
    assert target.exists()
    assert ("ungkapan", element) in errors(hostile) or ("waktu", element) in errors(hostile)


def test_data_named_builtins_rearm_a_restricted_environment() -> None:
    text = choosing("len('x') == 1")
    bare = PythonScriptEngine(TaskDataEnvironment({"__builtins__": {}}))
    with pytest.raises(WorkflowTaskException):
        Stock(text, engine=bare)
    assert Stock(text, {"__builtins__": {"len": len}}, engine=bare).open == ["a"]
    with pytest.raises(EngineFault):
        start(sop(text), {"__builtins__": {}}, tools=at())


def test_data_with_a_key_typename_can_never_be_loaded_again() -> None:
    plain = bpmn(begin() + user("a", "x") + end() + flows("s a", "a e"))
    serializer = BpmnWorkflowSerializer()
    saved = serializer.serialize_json(Stock(plain, {"x": {"typename": "apa"}}).workflow)
    with pytest.raises(TypeError):
        serializer.deserialize_json(saved)
    with pytest.raises(EngineFault, match="typename"):
        start(sop(plain), {"x": {"typename": "apa"}}, tools=at())
    ours = Walk(sop(plain))
    refused = complete(
        ours.compiled, ours.state, ours.id("a"), {"x": {"typename": "apa"}}, by="budi", tools=at()
    )
    assert isinstance(refused, Refusal)
    assert "x" in refused.faults


def test_data_named_like_a_function_disable_the_next_script_in_stock() -> None:
    text = bpmn(begin() + user("a") + script("k", "y = 1") + user("b") + end()
                + flows("s a", "a k", "k b", "b e"))
    stock = Stock(text, engine=PythonScriptEngine(TaskDataEnvironment({"hari": len})))
    with pytest.raises(WorkflowTaskException, match="overwrites a predefined"):
        stock.do("a", hari=3)
    asked = text.replace("<sop:form></sop:form>", '<sop:form><sop:field id="hari" type="integer" label="x"/>'
                         "</sop:form>", 1)
    assert ("nama-terlarang", "a") in errors(asked)
    with pytest.raises(EngineFault):
        start(sop(text), {"hari": 3}, tools=at())
    message = '<bpmn:message id="m" name="m"/>'
    waits = sop(bpmn(begin() + '<bpmn:receiveTask id="r" messageRef="m"/>' + end() + flows("s r", "r e"),
                     extra=message))
    assert isinstance(deliver(waits, Walk(waits).state, "m", {"hari": 3}, tools=at()), Refusal)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {1}, {1: 2}, b"x", Decimal(1), date(2026, 1, 1)]
)
def test_values_that_json_cannot_hold_never_get_in(value: Any) -> None:
    """Stock fails when saving, or saves something else, or writes `NaN`, which is no JSON."""
    text = bpmn(begin() + user("a") + end() + flows("s a", "a e"))
    serializer = BpmnWorkflowSerializer()
    try:
        saved = serializer.serialize_json(Stock(text, {"x": value}).workflow)
    except TypeError:
        saved = None
    if saved is not None:
        loaded = serializer.deserialize_json(saved).get_next_task().data["x"]
        strict = not any(word in saved for word in ("NaN", "Infinity"))
        assert loaded != value or not strict
    with pytest.raises(EngineFault):
        start(sop(text), {"x": value}, tools=at())


HANGS = """
import resource, sys, time
sys.path.insert(0, {root!r})
from tests.engine.stock import Stock
used = int(time.process_time()) + 2
resource.setrlimit(resource.RLIMIT_CPU, (used, used + 5))
print("begun", flush=True)
Stock(sys.stdin.read())
print("done", flush=True)
"""
NESTED_DATA = bpmn(
    begin()
    + sub("luar", begin("s1") + end("e1") + flows("s1 dalam", "dalam e1") + sub(
        "dalam",
        begin("s2") + '<bpmn:dataObjectReference id="acuan" dataObjectRef="tidak_ada"/>'
        + user("u").replace("</bpmn:userTask>", '<bpmn:dataOutputAssociation id="as"><bpmn:targetRef>acuan'
                            "</bpmn:targetRef></bpmn:dataOutputAssociation></bpmn:userTask>")
        + end("e2") + flows("s2 u", "u e2"),
    ))
    + end()
    + flows("s luar", "luar e")
)
ENDLESS = bpmn(begin() + script("k", "while True: pass") + end() + flows("s k", "k e"))


@pytest.mark.parametrize(
    ("text", "refused"),
    [(NESTED_DATA, ("unsur-tidak-dijalankan", "acuan")), (ENDLESS, ("ungkapan", "k"))],
    ids=["data object two levels up", "endless script"],
)
def test_what_stops_stock_for_ever_is_refused_at_once(text: str, refused: tuple[str, str]) -> None:
    """Its parser loops on a data object it cannot resolve; its scripts have no limit. In a child of
    limited processor time, which the kernel ends."""
    code = HANGS.format(root=str(Path(__file__).resolve().parents[2]))
    asked = [sys.executable, "-c", code]
    child = subprocess.run(asked, input=text, capture_output=True, text=True, check=False)
    assert (child.stdout.strip(), child.returncode) == ("begun", -signal.SIGXCPU), child.stderr
    assert refused in errors(text)


def test_the_state_is_plain_data_without_the_machinery() -> None:
    """Stock writes the whole specification into every instance and reads class names out of data."""
    text = bpmn(begin() + user("a") + user("b") + end() + flows("s a", "a b", "b e"))
    saved = json.loads(BpmnWorkflowSerializer().serialize_json(Stock(text).workflow))
    assert saved["spec"]["task_specs"]["b"]["typename"] == "UserTask"
    ours = json.dumps(Walk(sop(text)).state)
    assert "typename" not in ours
    assert len(ours) * 10 < len(json.dumps(saved))


def test_a_refused_file_is_never_half_compiled() -> None:
    with pytest.raises(CompileFailed):
        sop(ENDLESS)
