"""A compiled SOP: immutable, shared by every instance and thread, cached by the hash of its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from app.engine.decisions import DecisionTable
from app.engine.declaration import Document, Finding, Task
from app.engine.expressions import Expression
from app.engine.specs.parser import SopProcessSpec


@dataclass(frozen=True, slots=True)
class Source:
    """One file as given: BPMN or DMN, told apart by its root element."""

    name: str
    content: bytes


class CompileFailed(Exception):
    """The sources cannot run; `findings` says all that is wrong, errors and warnings."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{one.element or one.file}: {one.message}" for one in findings
                                   if one.severity == "error"))
        self.findings = findings


@dataclass(frozen=True, eq=False)
class CompiledSop:
    """Everything an instance needs and everything a page may ask about its SOP.

    Pairs are (process key, element id): a called process has its own.
    """

    key: str
    name: str
    hash: str
    """SHA-256 over the content of every file it runs from, called processes and decisions included."""
    tasks: Mapping[tuple[str, str], Task]
    document: Document
    total: str | None
    messages: frozenset[str]
    roles: tuple[str, ...]
    elements: Mapping[tuple[str, str], tuple[str, str]]
    """-> (BPMN tag, name)."""
    flows: tuple[tuple[str, str, str, str], ...]
    """(process, flow, source, target), in file order."""
    boundaries: tuple[tuple[str, str], ...]
    decisions: Mapping[str, DecisionTable]
    sources: tuple[Source, ...]
    specs: Mapping[str, SopProcessSpec] = field(repr=False)
    total_rule: Expression | None = field(repr=False, default=None)
    checks: Mapping[tuple[str, str], str] = field(repr=False, default_factory=dict)
    """(process, element) of a task with `verifies` -> key of the task it checks."""
    has_fresh: bool = field(repr=False, default=False)

    def task(self, process: str, element: str) -> Task:
        """Raises `KeyError` when there is no such user task."""
        return self.tasks[(process, element)]

    def key_of(self, process: str, element: str) -> str:
        """How the state names an element: by its id, in called processes after their key."""
        return element if process == self.key else f"{process}/{element}"

    @cached_property
    def flow_numbers(self) -> Mapping[tuple[str, str], int]:
        """(process, flow) -> place in `flows`, from 0: how the trace names a flow of this version."""
        return {(process, flow): place for place, (process, flow, _from, _to) in enumerate(self.flows)}

    @property
    def checked(self) -> frozenset[str]:
        return frozenset(self.checks.values())

    def checked_by(self, task: Task) -> str | None:
        """Key of the task that `task` checks."""
        return self.checks.get((task.process, task.element))

    def needs_proof(self, process: str) -> bool:
        """Whether `selesai` in this process needs accepted photos: the caller for every check, a called
        process for its own."""
        return any(process in (self.key, owner) for owner, _element in self.checks)

    def proves(self, process: str, key: str) -> bool:
        """Whether the work named `key` counts for an end in `process`."""
        return process == self.key or key.startswith(f"{process}/")
