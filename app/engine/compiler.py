"""Sources in, a compiled SOP out; or every reason why not.

Compiled SOPs are cached by the content they came from and never changed. What may not run is refused here,
by name; what only makes an SOP incomplete is found by `findings` and does not keep it from being walked.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from app.engine.assembly import assemble, enclosing_role
from app.engine.compiled import CompiledSop, CompileFailed, Source
from app.engine.declaration import Duty, Finding, Standard, Task
from app.engine.diagram import Node, Process
from app.engine.expressions import parse
from app.engine.lint import findings
from app.engine.refusals import refusals
from app.engine.specs.parser import SopProcessSpec
from app.engine.survey import Survey, take_stock

__all__ = ["CompileFailed", "CompiledSop", "Source", "compile_sop", "findings"]

_KEPT = 64
_cache: OrderedDict[tuple[object, ...], CompiledSop] = OrderedDict()
_lock = Lock()


def compile_sop(sources: Sequence[Source], *, key: str | None = None) -> CompiledSop:
    """The SOP `key` (else the first process that nobody calls) with all it calls and decides by.

    Files that have nothing to do with it may lie among the sources; their faults do not matter and they are
    not part of its hash. Raises `CompileFailed`.
    """
    mark = (key, tuple((source.name, hashlib.sha256(source.content).digest()) for source in sources))
    with _lock:
        if mark in _cache:
            _cache.move_to_end(mark)
            return _cache[mark]
    compiled = _compile(sources, key)
    with _lock:
        _cache[mark] = compiled
        while len(_cache) > _KEPT:
            _cache.popitem(last=False)
    return compiled


def _compile(sources: Sequence[Source], key: str | None) -> CompiledSop:
    survey = take_stock(sources)
    main = survey.processes.get(key) if key is not None else _main(survey)
    if main is None:
        raise CompileFailed((*survey.findings, _no_process(survey, key)))
    unit = survey.unit(main.key)
    used = _used_files(unit, survey)
    found = [one for one in survey.findings if one.file in used]
    for process in unit:
        found.extend(refusals(process, survey))
    if any(one.severity == "error" for one in found):
        raise CompileFailed(tuple(_unique(found)))
    tasks = {place: task for process in unit for place, task in declared_tasks(process).items()}
    specs: dict[str, SopProcessSpec] = {}
    for process in unit:
        try:
            specs.update(assemble(process, survey.roots[process.key], tasks, survey.decisions))
        except ValidationException as error:
            refused = Finding(process.file, process.key, "ditolak-pengurai", "error",
                              f"Diagram tidak dapat diurai: {error}", "Periksa unsur yang disebut.")
            raise CompileFailed((*found, refused)) from error
    return _compiled(main, unit, tasks, specs, survey, [one for one in sources if one.name in used])


def _compiled(main: Process, unit: Sequence[Process], tasks: Mapping[tuple[str, str], Task],
              specs: Mapping[str, SopProcessSpec], survey: Survey, used: Sequence[Source]) -> CompiledSop:
    nodes = [node for process in unit for node in process.nodes.values()]
    needed = {node.decision for node in nodes if node.decision}
    messages = {event.name for node in nodes for event in node.events
                if event.kind == "message" and event.name}
    roles = dict.fromkeys(lane.id for process in unit for lane in process.lanes if lane.id)
    return CompiledSop(
        key=main.key, name=main.name, hash=content_hash(main.key, used), tasks=tasks, document=main.document,
        total=main.total, messages=frozenset(messages), roles=tuple(roles),
        elements={(node.process, node.id): (node.kind, node.name) for node in nodes},
        flows=tuple((process.key, flow.id, flow.source, flow.target)
                    for process in unit for flow in process.flows),
        boundaries=tuple((node.process, node.id) for node in nodes if node.kind == "boundaryEvent"),
        decisions={name: table for name, table in survey.decisions.items() if name in needed},
        sources=tuple(used), specs=specs, total_rule=parse(main.total) if main.total else None,
        checks=_checks(main, unit, tasks), has_fresh=any(task.fresh for task in tasks.values()),
    )


def content_hash(key: str, used: Iterable[Source]) -> str:
    """Hash of an SOP: its key and the content of the files it runs from, whatever they are called."""
    parts = sorted(hashlib.sha256(source.content).hexdigest() for source in used)
    return hashlib.sha256("\n".join([key, *parts]).encode()).hexdigest()


def declared_tasks(process: Process) -> dict[tuple[str, str], Task]:
    """Every user task of a process as declared."""
    return {(process.key, node.id): _task(node, process)
            for node in process.nodes.values() if node.kind == "userTask"}


def _task(node: Node, process: Process) -> Task:
    declared, attributes = node.declared, node.declared.task
    return Task(
        element=node.id, process=process.key, name=node.name, role=enclosing_role(node, process),
        deadline=attributes.get("deadline", "").strip() or None, status=attributes.get("status") or None,
        priority=attributes.get("priority") or "normal", verifies=attributes.get("verifies") or None,
        fresh=attributes.get("fresh", "").strip().lower() in {"true", "1"},
        pauses="total" if attributes.get("pauses") == "total" else None, fields=declared.fields,
        duty=declared.duty or Duty(), standard=declared.standard or Standard(),
        documentation=node.documentation, next_steps=_next_steps(node, process),
        boundary=tuple(boundary.id for boundary in process.boundaries(node.id)),
    )


def _next_steps(node: Node, process: Process) -> tuple[str, ...]:
    """Names of the user tasks and ends that may follow directly, whatever lies between. Behind the end of
    a side branch, such as an escalation's, there is nothing: the report goes on elsewhere."""
    names: dict[str, None] = {}
    seen: set[str] = set()
    aside = _on_side_branch(node, process)
    ahead = [flow.target for flow in process.outgoing(node.id)]
    while ahead:
        current = process.nodes.get(ahead.pop(0))
        if current is None or current.id in seen:
            continue
        seen.add(current.id)
        if aside and current.kind == "endEvent" and current.scope == node.scope:
            continue
        if current.kind in {"userTask", "callActivity"} or (
                current.kind == "endEvent" and current.scope == process.key):
            names[current.name] = None
        elif current.kind == "subProcess":
            ahead.extend(inner.id for inner in process.within(current.id) if inner.kind == "startEvent")
        elif current.kind == "endEvent":
            ahead.extend(flow.target for flow in process.outgoing(current.scope))
        else:
            ahead.extend(flow.target for flow in process.outgoing(current.id))
    return tuple(names)


def _on_side_branch(node: Node, process: Process) -> bool:
    """Whether every way to `node` within its scope comes from a boundary event that does not interrupt."""
    behind, seen = [node], {node.id}
    while behind:
        current = behind.pop()
        if current.kind == "startEvent":
            return False
        before = [flow.source for flow in process.incoming(current.id)]
        if current.attached_to and current.interrupting:
            before.append(current.attached_to)
        fresh = [process.nodes[name] for name in before if name in process.nodes and name not in seen]
        seen.update(each.id for each in fresh)
        behind.extend(fresh)
    return True


def _checks(main: Process, unit: Sequence[Process],
            tasks: Mapping[tuple[str, str], Task]) -> dict[tuple[str, str], str]:
    checks = {}
    for place, task in tasks.items():
        if task.verifies is None:
            continue
        owner = task.process
        if (owner, task.verifies) not in tasks:
            owner = next((process.key for process in unit if (process.key, task.verifies) in tasks), owner)
        checks[place] = task.verifies if owner == main.key else f"{owner}/{task.verifies}"
    return checks


def _main(survey: Survey) -> Process | None:
    for file in survey.files:
        found = survey.main_process(file)
        if found is not None:
            return found
    return None


def _used_files(unit: Sequence[Process], survey: Survey) -> set[str]:
    used = {process.file for process in unit}
    for process in unit:
        for node in process.nodes.values():
            if node.decision in survey.decisions:
                used.add(survey.decisions[node.decision].file)
    return used


def _no_process(survey: Survey, key: str | None) -> Finding:
    what = f"Proses '{key}' tidak ada" if key else "Tidak ada proses"
    return Finding(survey.files[0] if survey.files else "", key, "tanpa-proses", "error",
                   f"{what} dalam berkas yang diberikan.", "Periksa id proses dan berkasnya.")


def _unique(found: Iterable[Finding]) -> list[Finding]:
    return list(dict.fromkeys(found))
