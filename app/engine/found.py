"""Short ways to say a finding and the edits that repair it; see `declaration.Finding` and `fixes.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.engine.declaration import Finding
from app.engine.diagram import Node, Process
from app.engine.words import element_words

Fix = Mapping[str, Any]
Edit = dict[str, Any]


def error(process: Process, element: str | None, rule: str, message: str, repair: str = "",
          fix: Fix | None = None, path: Sequence[str] = ()) -> Finding:
    return Finding(process.file, element, rule, "error", message, repair, fix, tuple(path))


def warning(process: Process, element: str | None, rule: str, message: str, repair: str = "",
            fix: Fix | None = None, path: Sequence[str] = ()) -> Finding:
    return Finding(process.file, element, rule, "warning", message, repair, fix, tuple(path))


def called(node: Node) -> str:
    """How a finding speaks of an element at the beginning of a sentence."""
    return f"{element_words(node.kind).capitalize()} '{node.name}'"


def inside(node: Node) -> str:
    """The same within a sentence."""
    return f"{element_words(node.kind)} '{node.name}'"


def fix(label: str, *edits: Edit) -> Fix:
    return {"label": label, "edits": list(edits)}


def attribute(element: str, name: str, value: str | None) -> Edit:
    return {"do": "attribute", "element": element, "name": name, "value": value}


def extension(element: str, tag: str, name: str, value: str | None) -> Edit:
    return {"do": "extension", "element": element, "tag": tag, "attribute": name, "value": value}


def condition(flow: str, value: str | None) -> Edit:
    return {"do": "condition", "element": flow, "value": value}


def timer(element: str, place: str, value: str) -> Edit:
    return {"do": "timer", "element": element, "place": place, "value": value}


def added_field(task: str, value: Mapping[str, Any]) -> Edit:
    return {"do": "field", "element": task, "value": dict(value)}


def removal(element: str) -> Edit:
    return {"do": "remove", "element": element}


def one_way(gateway: str, flow: str) -> tuple[Edit, Edit]:
    """The flow becomes the default of its gateway, without a condition."""
    return attribute(gateway, "default", flow), condition(flow, None)
