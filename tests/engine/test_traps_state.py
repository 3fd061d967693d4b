"""Traps 1.5, 2.5, 2.7 and N8: SpiffWorkflow's tasks have no guards, and its snapshots age badly."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from app.engine.runner import complete, inspect
from app.engine.step import EngineFault, Refusal
from tests.engine.diagrams import Walk, at, begin, bpmn, end, flows, gateway, inner, sop, sub, timer, user
from tests.engine.stock import Stock

TWO = bpmn(begin() + user("a") + user("b") + end() + flows("s a", "a b", "b e"))
INSIDE = bpmn(begin() + sub("dalam", inner("1")) + end() + flows("s dalam", "dalam e"))


def written(stock: Stock) -> dict[str, Any]:
    saved: dict[str, Any] = json.loads(BpmnWorkflowSerializer().serialize_json(stock.workflow))
    return saved


def read(saved: dict[str, Any]) -> Any:
    return BpmnWorkflowSerializer().deserialize_json(json.dumps(saved))


def refused(ours: Walk, task_id: str) -> str:
    before = copy.deepcopy(ours.state)
    reply = complete(ours.compiled, ours.state, task_id, {}, by="budi", tools=at())
    assert isinstance(reply, Refusal)
    assert ours.state == before
    return reply.name


def test_a_task_in_the_future_can_be_run_in_stock_and_does_not_exist_here() -> None:
    stock = Stock(TWO)
    stock.task("b").run()
    assert stock.task("b").has_state(TaskState.COMPLETED)
    assert stock.open == ["a"]
    assert refused(Walk(sop(TWO)), str(stock.task("b").id)) == "NotOpen"


def test_a_cancelled_task_can_be_revived_in_stock() -> None:
    stock = Stock(TWO)
    stock.workflow.cancel()
    assert (stock.ended, stock.workflow.success) == (True, False)
    stock.task("a").run()
    assert stock.task("a").has_state(TaskState.COMPLETED)

    body = (
        begin() + gateway("parallel", "f") + user("a") + user("b")
        + end("mati", "ditolak", "<bpmn:terminateEventDefinition/>") + end() + flows("s f", "f a", "f b",
                                                                                     "a mati", "b e")
    )
    ours = Walk(sop(bpmn(body)))
    cancelled = ours.id("b")
    ours.do("a")
    assert refused(ours, cancelled) == "NotOpen"


def test_a_completed_task_is_completed_once() -> None:
    stock, ours = Stock(TWO), Walk(sop(TWO))
    done, task = ours.id("a"), stock.task("a")
    stock.do("a")
    ours.do("a")
    task.run()
    assert task.has_state(TaskState.COMPLETED)
    assert refused(ours, done) == "NotOpen"


def test_going_back_leaves_two_places_open_in_stock() -> None:
    """Ours has no such operation: a way back is a flow of the diagram."""
    fork = bpmn(begin() + gateway("parallel", "f", "j") + user("a") + user("b") + user("c") + end()
                + flows("s f", "f a", "f b", "a j", "b j", "j c", "c e"))
    stock = Stock(fork)
    stock.do("a")
    stock.do("b")
    stock.workflow.reset_from_task_id(stock.task("a").id)
    stock.workflow.do_engine_steps()
    assert stock.open == ["a", "c"]


@pytest.mark.parametrize("version", ["1.3", "1.4"])
def test_an_older_snapshot_with_an_open_sub_process_cannot_be_loaded(version: str) -> None:
    saved = written(Stock(INSIDE))
    saved["serializer_version"] = version
    with pytest.raises(NameError, match="'sp'"):
        read(saved)


def test_an_unknown_version_is_loaded_as_it_is_by_stock_and_refused_here() -> None:
    saved = written(Stock(TWO))
    saved["serializer_version"] = "99.0"
    assert read(saved).get_next_task(state=TaskState.READY).task_spec.name == "a"
    del saved["serializer_version"]
    with pytest.raises(KeyError):
        read(saved)

    ours = Walk(sop(TWO))
    for changes in ({"v": 99}, {"v": None}, {"sop": "lain"}):
        with pytest.raises(EngineFault, match="versi"):
            inspect(ours.compiled, {**ours.state, **changes})
    for lost in ("v", "sop", "rows"):
        with pytest.raises(EngineFault):
            inspect(ours.compiled, {name: one for name, one in ours.state.items() if name != lost})


def test_a_snapshot_of_version_1_1_is_run_as_python_by_stock(tmp_path: Path) -> None:
    """Whoever can write a row can run code. Ours reads names of elements and nothing else."""
    target = tmp_path / "jejak"
    event = f'<bpmn:intermediateCatchEvent id="t">{timer(repr("2030-01-01"), "timeDate")}'
    text = bpmn(begin() + event + "</bpmn:intermediateCatchEvent>" + end() + flows("s t", "t e"))
    saved = written(Stock(text))
    saved["serializer_version"] = "1.1"
    hostile = f"__import__('os').system('mkdir {target}')"
    saved["spec"]["task_specs"]["t"]["event_definition"] = {
        "typename": "TimerEventDefinition", "label": "t", "dateTime": hostile
    }
    with pytest.raises(TypeError):
        read(saved)
    assert target.is_dir()

    ours = Walk(sop(text))
    rows = [[hostile, *row[1:]] for row in ours.state["rows"]]
    with pytest.raises(EngineFault):
        inspect(ours.compiled, {**ours.state, "rows": rows})


def test_a_plain_service_task_cannot_be_saved_by_stock() -> None:
    """N8. Ours with services around is saved and loaded in `test_turnstile` and here."""
    with pytest.raises(TypeError, match="ServiceTask"):
        written(Stock(bpmn(begin() + user("a") + '<bpmn:serviceTask id="k"/>' + end()
                           + flows("s a", "a k", "k e"))))
    ask = '<sop:service name="catat"><sop:parameter name="teks" value="\'x\'"/></sop:service>'
    ours = Walk(sop(bpmn(
        begin() + user("a")
        + f'<bpmn:serviceTask id="k"><bpmn:extensionElements>{ask}</bpmn:extensionElements>'
        + "</bpmn:serviceTask>"
        + user("b") + end() + flows("s a", "a k", "k b", "b e")
    )))
    assert [one.operation for one in ours.do("a").effects] == ["catat"]
    assert inspect(ours.compiled, json.loads(json.dumps(ours.state))) == ours.step.position
