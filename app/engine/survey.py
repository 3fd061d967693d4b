"""All files given together: their processes, decision tables, and what reading them found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.engine.compiled import Source
from app.engine.decisions import DecisionInvalid, DecisionTable, compile_dmn, dmn_findings
from app.engine.declaration import Finding
from app.engine.diagram import Process
from app.engine.markup import BPMN, UnreadableMarkup, namespace, parse_markup
from app.engine.reader import Reading, read_diagram


@dataclass(slots=True)
class Survey:
    processes: dict[str, Process] = field(default_factory=dict)
    roots: Mapping[str, Any] = field(default_factory=dict)
    decisions: dict[str, DecisionTable] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    """What keeps a file from running."""
    doubts: list[Finding] = field(default_factory=list)
    """Gaps and overlaps of decision tables: found by lint, no obstacle to a walk."""
    files: tuple[str, ...] = ()

    def unit(self, key: str) -> list[Process]:
        """The process and every process it calls, directly or not, in order of calling."""
        found: dict[str, Process] = {}
        ahead = [key]
        while ahead:
            current = self.processes.get(ahead.pop(0))
            if current is None or current.key in found:
                continue
            found[current.key] = current
            ahead.extend(node.called for node in current.nodes.values() if node.called)
        return list(found.values())

    def main_process(self, file: str | None = None) -> Process | None:
        """The first process (of a file) that no other process calls; those meant to run come first."""
        own = [process for process in self.processes.values() if file in (None, process.file)]
        own.sort(key=lambda process: not process.executable)
        called = {node.called for process in self.processes.values() for node in process.nodes.values()}
        return next((process for process in own if process.key not in called), own[0] if own else None)


def take_stock(sources: Iterable[Source]) -> Survey:
    """Read every file; nothing is raised, everything found wrong is in `findings`."""
    survey, reading = Survey(), Reading()
    files: Sequence[Source] = list(sources)
    survey.files = tuple(source.name for source in files)
    for source in files:
        try:
            root = parse_markup(source.name, source.content)
            if namespace(root) != BPMN and "DMN" in (namespace(root) or "").upper():
                _decision(source, survey)
            else:
                read_diagram(source.name, source.content, reading)
        except UnreadableMarkup as error:
            survey.findings.append(error.finding)
    survey.findings.extend(reading.findings)
    survey.roots = reading.roots
    for diagram in reading.diagrams:
        for process in diagram.processes:
            if process.key in survey.processes:
                other = survey.processes[process.key].file
                survey.findings.append(Finding(
                    diagram.file, process.key, "proses-ganda", "error",
                    f"Proses '{process.key}' sudah ada dalam {other}.", "Beri id lain kepada salah satunya."))
            else:
                survey.processes[process.key] = process
    return survey


def _decision(source: Source, survey: Survey) -> None:
    try:
        table = compile_dmn(source)
    except DecisionInvalid as error:
        survey.findings.extend(error.findings)
        return
    survey.doubts.extend(dmn_findings(source))
    survey.decisions[table.key] = table


