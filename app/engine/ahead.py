"""Whether two versions of an SOP differ anywhere an instance may still come by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.engine.compiled import CompiledSop
from app.engine.run import tokens
from app.engine.specs.activities import Scope
from app.engine.specs.base import Element
from app.engine.specs.gateways import Joining
from app.engine.specs.parser import CHILD
from app.engine.state import load
from app.engine.step import State

Places = Mapping[tuple[str, str], Any]


def same_ahead(old: CompiledSop, new: CompiledSop, state: State) -> bool:
    """True: whatever this instance may still pass is drawn the same in both versions, so that it matters to
    nobody under which of them it ends. Raises `EngineFault` when the state is not of `old`."""
    if old.hash == new.hash:
        return True
    if old.total != new.total:
        return False
    _run, top = load(old, state, None)
    here = {(task.workflow.spec.name, task.task_spec.name) for task in tokens(top)}
    return _ahead(old, here) == _ahead(new, here)


def _ahead(sop: CompiledSop, here: set[tuple[str, str]]) -> dict[tuple[str, str], Any] | None:
    """What is drawn at every place that can be reached from `here`: (scope, element) -> content. None when a
    place does not exist."""
    found: dict[tuple[str, str], Any] = {}
    waiting = [(scope, name.removesuffix(CHILD), True) for scope, name in sorted(here)]
    while waiting:
        scope, name, standing = waiting.pop()
        if (scope, name) in found:
            continue
        spec = sop.specs.get(scope)
        element = None if spec is None else spec.task_specs.get(name)
        if spec is None or not isinstance(element, Element):
            return None
        found[scope, name] = _content(sop, element)
        waiting += [(scope, way.target, False) for way in element.ways_out]
        waiting += [(scope, one.name, False) for one in spec.task_specs.values()
                    if isinstance(one, Element) and one.node.attached_to == name]
        inner = _inner(element)
        if inner and not standing:
            waiting.append((inner, sop.specs[inner].begin.name, False))
    return found


def _inner(element: Element) -> str:
    child = getattr(element, "child", None) or element
    return child.inner if isinstance(child, Scope) else ""


def _content(sop: CompiledSop, element: Element) -> tuple[Any, ...]:
    node = element.node
    task = sop.tasks.get((node.process, node.id))
    ways_in = element.ways_in if isinstance(element, Joining) else ()
    return (node, task, element.ways_out, ways_in,
            sop.decisions.get(node.decision) if node.decision else None)
