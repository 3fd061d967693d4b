"""Habits of the house that a machine can see."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "app").rglob("*.py"))
LONGEST = 330
"""Lines. "About 300": a file that wants to be longer has two names in it."""
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
CLOCKS = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "clock.now"}
TOLD_THE_TIME = {"domain", "engine", "db", "tasks", "services", "forms"}
PLUGGED_IN = {"app/factory.py"}
"""Where modules are looked for by name, so that a new file of routes needs no list."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "app").parts[0]


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_text_is_ever_run_as_a_program(path: Path) -> None:
    for call in calls(ast.parse(path.read_text())):
        assert not (isinstance(call.func, ast.Name) and call.func.id in FORBIDDEN_CALLS), ast.unparse(call)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "import_module":
            assert name_of(path) in PLUGGED_IN


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_stand_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text())
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            hidden = [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
            assert not hidden, ast.unparse(hidden[0])


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_has_one_name_in_it(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_failure_is_swallowed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler) and all(isinstance(line, ast.Pass) for line in node.body):
            caught = ast.unparse(node.type) if node.type else "everything"
            assert caught not in ("everything", "Exception", "BaseException")


@pytest.mark.parametrize("path", [p for p in SOURCES if room_of(p) in TOLD_THE_TIME], ids=name_of)
def test_rules_and_services_are_told_the_time(path: Path) -> None:
    asked = {ast.unparse(call.func) for call in calls(ast.parse(path.read_text()))}
    assert not asked & CLOCKS


@pytest.mark.parametrize("path", sorted((ROOT / "app" / "templates").rglob("*.html")), ids=name_of)
def test_pages_hold_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text().lower()
    assert "<style" not in text
    assert " style=" not in text
    assert "javascript:" not in text
    assert " onclick=" not in text
    assert " onchange=" not in text
    assert " onsubmit=" not in text
    for script in text.split("<script")[1:]:
        tag = script.split(">")[0]
        assert "src=" in tag or "application/json" in tag, tag


def test_importing_a_rule_does_not_build_the_application() -> None:
    code = (
        "import sys, app.domain.permissions, app.domain.actor;"
        "print([m for m in ('flask', 'sqlalchemy', 'SpiffWorkflow') if m in sys.modules])"
    )
    asked = [sys.executable, "-c", code]
    answer = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_imports_point_down_only() -> None:
    checker = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([checker], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout
