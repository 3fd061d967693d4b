"""What a diagram says of its own side branches and escalations, before anybody walks it.

A *side branch* begins at a boundary event that does not interrupt: reminders, warnings, progress notes. A
timer *escalates* when its way, before it rests again, opens a task for another officer role than the step it
sits on, or tells another than that role. Pure; names are those the trace uses.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.engine.assembly import enclosing_role
from app.engine.compiled import CompiledSop
from app.engine.diagram import Node, Process
from app.engine.expressions import ExpressionError, parse
from app.engine.survey import take_stock
from app.engine.ways import Ways

REPORTER = "pelapor"
_THROWN = frozenset({"error", "escalation"})
_RESTS = frozenset({"userTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"})
KEPT = 200
"""SOPs whose answer a process remembers."""


@dataclass(frozen=True, slots=True)
class Asides:
    """Keys as the state and the trace name elements: `tasks` on side branches only, `escalating` boundary
    timers, `hosts`: boundary event -> the step it sits on."""

    tasks: frozenset[str]
    escalating: frozenset[str]
    hosts: Mapping[str, str]


@lru_cache(maxsize=KEPT)
def asides(compiled: CompiledSop) -> Asides:
    """Read once per compiled SOP."""
    survey = take_stock(compiled.sources)
    main = survey.processes[compiled.key]
    ways = Ways(main, survey)
    main_line = ways.reach(ways.starts, _begins_aside, joins=False)
    tasks = {
        compiled.key_of(node.process, node.id)
        for place, node in enumerate(ways.nodes)
        if node.kind == "userTask" and place not in main_line
    }
    escalating = {
        compiled.key_of(node.process, node.id)
        for node in ways.elements
        if node.kind == "boundaryEvent" and _rings(node) and _escalates(node, ways)
    }
    hosts = {
        compiled.key_of(process, boundary): compiled.key_of(process, element)
        for (process, element), task in compiled.tasks.items()
        for boundary in task.boundary
    }
    return Asides(frozenset(tasks), frozenset(escalating), hosts)


def _begins_aside(node: Node) -> bool:
    return node.kind == "boundaryEvent" and not node.interrupting


def _rings(node: Node) -> bool:
    return any(event.kind == "timer" for event in node.events)


def _escalates(boundary: Node, ways: Ways) -> bool:
    process = ways.processes[boundary.process]
    host = process.nodes.get(boundary.attached_to or "")
    if host is None:
        return False
    known = {REPORTER, *_roles_in(host, process, ways.processes, frozenset())}
    return any(reached not in known for reached in _reached(boundary, ways))


def _roles_in(
    host: Node, process: Process, processes: Mapping[str, Process], seen: frozenset[str]
) -> Iterator[str]:
    """Roles that work in the step, or anywhere inside the sub-process or call."""
    if host.kind == "userTask":
        yield from _roles_of(host, process, processes)
        return
    owner = processes.get(host.called or "") if host.kind == "callActivity" else process
    if owner is None or host.id in seen:
        return
    for node in owner.within(owner.key if owner is not process else host.id):
        yield from _roles_in(node, owner, processes, seen | {host.id})


def _roles_of(
    node: Node, process: Process, processes: Mapping[str, Process], seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Whose task it is: its lane's, else that of whatever calls its process; nobody's where no lane says."""
    role = enclosing_role(node, process)
    if role is not None:
        yield role
        return
    for one in processes.values():
        for call in one.nodes.values():
            if call.kind == "callActivity" and call.called == process.key and process.key not in seen:
                yield from _roles_of(call, one, processes, seen | {process.key})


def _reached(boundary: Node, ways: Ways) -> Iterator[str]:
    """Who gets a task or a message on the way from the event to where tokens rest again."""
    ahead = list(ways.steps[ways.place(boundary.process, boundary.id)])
    seen: set[int] = set()
    while ahead:
        place = ahead.pop()
        node = ways.nodes[place]
        if place in seen or (node.kind == "boundaryEvent" and not _thrown(node)):
            continue
        seen.add(place)
        if place not in ways.leaving:
            if node.kind == "userTask":
                yield from _roles_of(node, ways.processes[node.process], ways.processes)
            elif node.kind == "serviceTask":
                yield from _told(node)
            joins = node.kind == "parallelGateway" and len(ways.before[place]) > 1
            if node.kind in _RESTS or joins or _only_the_branch_ends(node, boundary):
                continue
        ahead.extend(ways.steps[place])


def _only_the_branch_ends(node: Node, boundary: Node) -> bool:
    """What the event interrupts not goes on: its scope is not left when the side branch ends."""
    return node.kind == "endEvent" and not boundary.interrupting and node.scope == boundary.scope


def _thrown(node: Node) -> bool:
    return any(event.kind in _THROWN for event in node.events)


def _told(node: Node) -> Iterator[str]:
    """Whom a service task surely tells; one that only a value of the report says is nobody in particular."""
    if node.declared.operation != "beritahu":
        return
    try:
        tree = parse(dict(node.declared.parameters).get("kepada", "")).tree
    except ExpressionError:
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
