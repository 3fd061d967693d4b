"""What happened at each step of a try, as plain JSON for the page: pushes in order, each with all it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.engine.compiled import CompiledSop
from app.engine.play_decisions import explained
from app.engine.step import Effect, Json, Step, Visit

FIRST = "mulai"
DONE_BY_ENGINE = frozenset({"status", "tetapkan_opd"})


@dataclass(slots=True)
class Log:
    """The steps so far; the last one is being written."""

    compiled: CompiledSop
    ways: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(process, flow) -> what is written on it, as far as anything is."""
    entries: list[dict[str, Json]] = field(default_factory=list)

    def open(self, kind: str, text: str, now: datetime, details: object = ()) -> None:
        """A new step begins. `now`: the clock before it."""
        self.entries.append({
            "kind": kind, "text": text, "details": details, "from": now.isoformat(), "now": now.isoformat(),
            "pushes": [], "skipped": [], "unmet": [], "note": "",
        })

    @property
    def last(self) -> dict[str, Json]:
        return self.entries[-1]

    def take(self, now: datetime, step: Step) -> None:
        """A push that counts."""
        self.last["pushes"].append(self._push(now, step))

    def _push(self, now: datetime, step: Step) -> dict[str, Json]:
        return {
            "at": now.isoformat(),
            "visited": [
                {"process": visit.process, "element": visit.element, "kind": visit.kind, "flow": visit.flow,
                 "name": self.name(visit.process, visit.element),
                 "ways": self._ways(visit, step) if visit.kind.endswith("Gateway") else []}
                for visit in step.visited
            ],
            "opened": [
                {**self._place(task.process, task.element), "due": task.due.isoformat() if task.due else None}
                for task in step.opened
            ],
            "closed": [
                {**self._place(one.process, one.element), "reason": one.reason,
                 "cause": self.name(one.process, one.cause) if one.cause else None} for one in step.closed
            ],
            "fired": [
                {**self._place(one.process, one.element), "due": one.due.isoformat(), "count": one.count}
                for one in step.fired
            ],
            "status": step.status,
            "messages": [_message(effect) for effect in step.effects if effect.operation == "beritahu"],
            "effects": [
                {**self._place(one.process, one.element), "operation": one.operation,
                 "parameters": dict(one.parameters), "at_once": one.operation in DONE_BY_ENGINE}
                for one in step.effects if one.operation != "beritahu"
            ],
            "decisions": [
                {**explained(self.compiled.decisions[one.decision], one), "name": self._named(one.element)}
                for one in step.decisions if one.decision in self.compiled.decisions
            ],
        }

    def _ways(self, visit: Visit, step: Step) -> list[str]:
        """What is written on the flows a gateway chose."""
        chosen = {place for place in step.flows if place in self.ways}
        return [self.ways[process, flow] for process, flow, source, _target in self.compiled.flows
                if (process, flow) in chosen and (process, source) == (visit.process, visit.element)]

    def name(self, process: str, element: str) -> str:
        return self.compiled.elements.get((process, element), ("", ""))[1] or element

    def _place(self, process: str, element: str) -> dict[str, Json]:
        return {"process": process, "element": element, "name": self.name(process, element)}

    def _named(self, element: str) -> str:
        places = self.compiled.elements.items()
        return next((name for (_, key), (_, name) in places if key == element and name), element)


def _message(effect: Effect) -> Mapping[str, Json]:
    given = effect.parameters
    to, key = str(given.get("kepada")), str(given.get("pesan"))
    return {"to": to, "key": key, "text": str(given.get("teks") or "")}
