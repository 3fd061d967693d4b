"""What an element is called in a sentence, so that a reader finds it on the picture."""

from __future__ import annotations

from collections import Counter

from app.engine.assembly import enclosing_role
from app.engine.diagram import Flow, Node, Process
from app.engine.words import element_words

_KINDS = {"userTask": "tugas", "exclusiveGateway": "keputusan", "endEvent": "akhir", "startEvent": "mulai"}
_EVENTS = {"timer": "pewaktu", "message": "pesan", "error": "galat", "escalation": "eskalasi"}


class Titles:
    """Titles of one process. Names used twice carry their role, then their id."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.lanes = {lane.id: lane.name or lane.id for lane in process.lanes if lane.id}
        self._uses = Counter(node.name for node in process.nodes.values())
        self._uses_in_role = Counter((node.name, self.role(node.id)) for node in process.nodes.values())

    def role(self, element: str) -> str:
        """Name of the lane an element stands in, or of the one around it; empty without any."""
        node = self.process.nodes.get(element)
        lane = enclosing_role(node, self.process) if node is not None else None
        return self.lanes.get(lane, lane) if lane else ""

    def name(self, element: str) -> str:
        """`“Memverifikasi laporan”`; an element nobody named is told by what comes before it."""
        node = self.process.nodes.get(element)
        if node is None:
            return f"“{element}”"
        if node.name == node.id:
            return self._unnamed(node)
        host = self.process.nodes.get(node.attached_to or "")
        if host is not None and host.attached_to is None:
            return f"“{node.name}” pada {self.name(host.id)}"
        if self._uses[node.name] == 1:
            return f"“{node.name}”"
        role = self.role(element)
        if role and self._uses_in_role[(node.name, role)] == 1:
            return f"“{node.name}” ({role})"
        return f"“{node.name}” ({element})"

    def title(self, element: str) -> str:
        """`tugas “Memverifikasi laporan”`."""
        node = self.process.nodes.get(element)
        return self.name(element) if node is None else f"{kind_words(node)} {self.name(element)}".strip()

    def flow(self, flow: Flow) -> str:
        """`alur “Ya” dari “Diterima?” ke “Selesai”`."""
        label = f" “{flow.name}”" if flow.name else ""
        return f"alur{label} dari {self.name(flow.source)} ke {self.name(flow.target)}"

    def _unnamed(self, node: Node) -> str:
        before = next((flow.source for flow in self.process.incoming(node.id)), None)
        after = next((flow.target for flow in self.process.outgoing(node.id)), None)
        if before is not None and self._is_named(before):
            return f"sesudah {self.name(before)}"
        if node.attached_to and self._is_named(node.attached_to):
            return f"pada {self.name(node.attached_to)}"
        if after is not None and self._is_named(after):
            return f"sebelum {self.name(after)}"
        return f"“{node.id}”"

    def _is_named(self, element: str) -> bool:
        node = self.process.nodes.get(element)
        return node is not None and node.name != node.id


def kind_words(node: Node) -> str:
    """`tugas`, `pewaktu`, `gerbang paralel`."""
    if node.kind == "boundaryEvent" and node.event is not None:
        return _EVENTS.get(node.event.kind, element_words(node.kind))
    return _KINDS.get(node.kind) or element_words(node.kind)


def capital(sentence: str) -> str:
    """A sentence with its first letter large; what follows stays as written."""
    return sentence[:1].upper() + sentence[1:]
