"""From checked processes to runnable specs: flows, conditions, timers, loops and callbacks put in place.

Everything is connected here, once; afterwards the specs are only read (they are shared by all instances
and threads of a process).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.engine import declaration
from app.engine.decisions import DecisionTable
from app.engine.diagram import Node, Process
from app.engine.expressions import Expression, parse, parse_script
from app.engine.specs.activities import DecisionTask, Host, Scope, ScriptTask, ServiceTask, UserTask
from app.engine.specs.base import Element, Way
from app.engine.specs.events import EventGateway, Waiting
from app.engine.specs.gateways import ExclusiveGateway, InclusiveGateway, sources_of
from app.engine.specs.loops import Instances
from app.engine.specs.parser import SopParser, SopProcessSpec


def scope_key(process: str, scope: str) -> str:
    """Key of a process (its own) or of a sub-process (files of called processes may repeat ids)."""
    return process if scope == process else f"{process}/{scope}"


def assemble(process: Process, root: Any, tasks: Mapping[tuple[str, str], declaration.Task],
             decisions: Mapping[str, DecisionTable]) -> dict[str, SopProcessSpec]:
    """Scope key -> spec, of one process that has no error finding."""
    specs = SopParser(process, root).parse()
    for scope, spec in specs.items():
        spec.name = scope_key(process.key, scope)
        elements = [element for element in spec.task_specs.values() if isinstance(element, Element)]
        for element in elements:
            _connect(element, process)
        for element in elements:
            _equip(element, process, spec, tasks, decisions)
    return {spec.name: spec for spec in specs.values()}


def _connect(element: Element, process: Process) -> None:
    if element.wrapper is not None:
        return
    node = element.node
    element.ways_in = tuple(_way(flow) for flow in process.incoming(node.id))
    element.ways_out = tuple(_way(flow) for flow in process.outgoing(node.id))
    if isinstance(element, ExclusiveGateway | InclusiveGateway):
        element.default = next((way for way in element.ways_out if way.id == node.default), None)


def _equip(element: Element, process: Process, spec: SopProcessSpec,
           tasks: Mapping[tuple[str, str], declaration.Task], decisions: Mapping[str, DecisionTable]) -> None:
    node = element.node
    if isinstance(element, Waiting) and node.event is not None and node.event.text:
        element.timer = parse(node.event.text)
    if isinstance(element, Host):
        element.deadline = _deadline(element, process)
        if element.wrapper is None:
            element.boundaries = tuple(spec.task_specs[one.id] for one in process.boundaries(node.id))
    match element:
        case Instances():
            element.cardinality = _optional(node.loop.cardinality if node.loop else None)
            element.condition = _optional(node.loop.condition if node.loop else None)
        case UserTask():
            element.task = tasks[(process.key, node.id)]
        case ServiceTask():
            element.parameters = tuple((name, parse(text)) for name, text in node.declared.parameters)
        case ScriptTask():
            element.script = parse_script(node.script or "")
        case DecisionTask():
            element.table = decisions[node.decision or ""]
        case Scope():
            own = scope_key(process.key, node.id)
            element.inner = (node.called or "") if node.kind == "callActivity" else own
        case EventGateway():
            element.catches = tuple((way, spec.task_specs[way.target]) for way in element.ways_out)
        case InclusiveGateway():
            backwards = _backwards(process)
            element.sources = {way.id: sources_of(node.id, way, backwards) for way in element.ways_in}
        case _:
            pass


def _deadline(element: Host, process: Process) -> Expression | None:
    """The children of a multi-instance have the deadline; the whole only to measure `tenggat` by."""
    text = element.node.declared.task.get("deadline", "").strip()
    if not text or element.node.kind == "receiveTask":
        return None
    if isinstance(element, Instances) and not any(
            "tenggat" in parse(event.text).functions
            for boundary in process.boundaries(element.node.id) for event in boundary.events if event.text):
        return None
    return parse(text)


def _way(flow: Any) -> Way:
    return Way(flow.id, flow.source, flow.target, _optional(flow.condition))


def _optional(text: str | None) -> Expression | None:
    return parse(text) if text else None


def _backwards(process: Process) -> dict[str, set[str]]:
    """Element -> elements directly before it; before a boundary event comes its host."""
    before: dict[str, set[str]] = {}
    for flow in process.flows:
        before.setdefault(flow.target, set()).add(flow.source)
    for node in process.nodes.values():
        if node.attached_to:
            before.setdefault(node.id, set()).add(node.attached_to)
    return before


def enclosing_role(node: Node, process: Process) -> str | None:
    """Lane of an element, else of the sub-process around it; None where only a caller can tell."""
    current: Node | None = node
    while current is not None:
        if current.lane:
            return current.lane
        current = process.nodes.get(current.scope)
    return None
