"""What walks have touched of an SOP, and how a walk came out."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.engine.compiled import CompiledSop
from app.engine.step import Step


@dataclass(slots=True)
class Coverage:
    """What walks have touched."""

    flows: set[tuple[str, str]] = field(default_factory=set)
    boundaries: set[tuple[str, str]] = field(default_factory=set)
    elements: set[tuple[str, str]] = field(default_factory=set)
    rows: dict[str, set[int]] = field(default_factory=dict)

    def note(self, step: Step) -> None:
        self.flows.update(step.flows)
        for visit in step.visited:
            self.elements.add((visit.process, visit.element))
            if visit.kind == "boundaryEvent":
                self.boundaries.add((visit.process, visit.element))
        for trace in step.decisions:
            self.rows.setdefault(trace.decision, set()).update(trace.rows)

    def merge(self, other: Coverage) -> None:
        self.flows |= other.flows
        self.boundaries |= other.boundaries
        self.elements |= other.elements
        for decision, rows in other.rows.items():
            self.rows.setdefault(decision, set()).update(rows)

    def untouched_flows(self, compiled: CompiledSop) -> tuple[tuple[str, str, str, str], ...]:
        """Flows of the SOP no walk took: (process, flow id, source, target)."""
        return tuple(flow for flow in compiled.flows if (flow[0], flow[1]) not in self.flows)

    def untouched_boundaries(self, compiled: CompiledSop) -> tuple[tuple[str, str], ...]:
        return tuple(boundary for boundary in compiled.boundaries if boundary not in self.boundaries)


@dataclass(frozen=True, slots=True)
class Walked:
    """The outcome: `difference` is None when the walk agrees; `step` counts from 1, None for what is compared
    at the end or fails at the start."""

    difference: str | None
    step: int | None
    end: str | None
    path: tuple[str, ...]
    coverage: Coverage

    @property
    def agrees(self) -> bool:
        return self.difference is None
