"""What we lean on in SpiffWorkflow, private names included: an upgrade that moves one fails here, by name."""

from __future__ import annotations

import ast
import inspect as python
from importlib.metadata import version
from pathlib import Path

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser, TaskParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task

from app.engine.run import Run
from app.engine.step import EngineFault
from tests.engine.diagrams import at, begin, bpmn, end, flows, sop, user

NAMES = [
    (Task, "_ready"), (Task, "_set_state"), (Task, "_child_added_notify"), (Task, "run"), (Task, "complete"),
    (Task, "has_state"), (TaskSpec, "_predict"), (TaskSpec, "_update"), (TaskSpec, "_on_ready"),
    (TaskSpec, "_on_complete"), (TaskSpec, "_on_cancel"), (TaskSpec, "_run_hook"), (TaskSpec, "connect"),
    (BpmnWorkflow, "_remove_task"), (BpmnWorkflow, "_task_removed_notify"),
    (BpmnWorkflow, "get_task_from_id"),
    (BpmnSubWorkflow, "_task_removed_notify"), (BpmnSubWorkflow, "_calculate_depth"),
    (BpmnParser, "create_parser"), (BpmnParser, "_get_parser_class"), (TaskParser, "parse_node"),
    (ProcessParser, "create_spec"), (ProcessParser, "add_tasks"), (ProcessParser, "parse_node"),
]  # fmt: skip


def test_the_version_is_the_one_all_this_was_tried_on() -> None:
    assert version("SpiffWorkflow") == "3.2.0"


@pytest.mark.parametrize(("owner", "name"), NAMES, ids=[f"{one.__name__}.{name}" for one, name in NAMES])
def test_a_name_we_lean_on_is_there(owner: type, name: str) -> None:
    assert callable(getattr(owner, name))


def test_a_workflow_can_be_made_without_running_anything() -> None:
    assert "deserializing" in python.signature(BpmnSubWorkflow.__mro__[2].__init__).parameters


def test_no_text_of_a_diagram_ever_reaches_python() -> None:
    """Correlations and the like evaluate past an overridden engine, by its environment: ours raises."""
    compiled = sop(bpmn(begin() + user("a") + end() + flows("s a", "a e")))
    run = Run(compiled, at(), {"vars": {}})
    for door in (run.environment.evaluate, run.environment.execute, run.environment.call_service):
        with pytest.raises(EngineFault):
            door("1 + 1", {})
    for file in Path("app").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile", "__import__"}, f"{file}:{node.lineno}"
