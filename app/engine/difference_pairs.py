"""Which element of the newer version is which of the older: by id, else by what it is and stands beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.engine.diagram import Flow, Node, Process

_SHARE = 0.5
"""A process given another key is still the same when this part of the ids of either stayed."""


@dataclass(frozen=True, slots=True)
class ProcessPair:
    """One process of both versions; maps go from ids of the older to those of the newer."""

    old: Process
    new: Process
    nodes: Mapping[str, str]
    flows: Mapping[str, str]

    @property
    def back(self) -> dict[str, str]:
        """New node -> old node."""
        return {new: old for old, new in self.nodes.items()}


def pair_processes(old: Mapping[str, Process], new: Mapping[str, Process]) -> list[tuple[Process, Process]]:
    """Same key; among those left, the same name or most of the ids."""
    pairs = [(old[key], new[key]) for key in old if key in new]
    left_old = [process for key, process in old.items() if key not in new]
    left_new = [process for key, process in new.items() if key not in old]
    for one in left_old:
        found = max(left_new, key=lambda other, one=one: _shared(one, other), default=None)  # type: ignore[misc]
        if found is not None and (found.name == one.name or _shared(one, found) >= _SHARE):
            pairs.append((one, found))
            left_new.remove(found)
    return pairs


def pair(old: Process, new: Process) -> ProcessPair:
    nodes = _pair_nodes(old, new)
    return ProcessPair(old, new, nodes, _pair_flows(old, new, nodes))


def _shared(one: Process, other: Process) -> float:
    most = max(len(one.nodes), len(other.nodes))
    return len(one.nodes.keys() & other.nodes.keys()) / most if most else 0.0


def _pair_nodes(old: Process, new: Process) -> dict[str, str]:
    pairs = {name: name for name in old.nodes if name in new.nodes}
    left_old = {name: node for name, node in old.nodes.items() if name not in new.nodes}
    left_new = {name: node for name, node in new.nodes.items() if name not in old.nodes}
    found = True
    while found and left_old and left_new:
        found = False
        for name, node in list(left_old.items()):
            other = _best(node, left_new.values(), old, new, pairs)
            if other is not None:
                pairs[name] = other.id
                del left_old[name], left_new[other.id]
                found = True
    return pairs


def _best(node: Node, others: Iterable[Node], old: Process, new: Process,
          pairs: Mapping[str, str]) -> Node | None:
    """The one element of the same kind and name that shares most neighbours; None without a shared one."""
    wanted = _neighbours(node, old, pairs)
    scored: list[tuple[int, Node]] = []
    for other in others:
        if other.kind == node.kind and _same_name(node, other):
            shared = len(wanted & _neighbours(other, new, None))
            if shared:
                scored.append((shared, other))
    scored.sort(key=lambda pair: -pair[0])
    if not scored or (len(scored) > 1 and scored[0][0] == scored[1][0]):
        return None
    return scored[0][1]


def _same_name(one: Node, other: Node) -> bool:
    return one.name == other.name or (one.name == one.id and other.name == other.id)


def _neighbours(node: Node, process: Process, pairs: Mapping[str, str] | None) -> set[tuple[str, str]]:
    """What stands directly before, after, under and on an element, in ids of the newer version."""
    found = [("before", flow.source) for flow in process.incoming(node.id)]
    found += [("after", flow.target) for flow in process.outgoing(node.id)]
    found += [("on", one.id) for one in process.boundaries(node.id)]
    if node.attached_to:
        found.append(("under", node.attached_to))
    return {(place, pairs[name] if pairs is not None else name) for place, name in found
            if pairs is None or name in pairs}


def _pair_flows(old: Process, new: Process, nodes: Mapping[str, str]) -> dict[str, str]:
    by_id = {flow.id: flow for flow in new.flows}
    pairs = {flow.id: flow.id for flow in old.flows if flow.id in by_id}
    taken = set(pairs.values())
    for flow in old.flows:
        if flow.id in pairs:
            continue
        other = next((one for one in new.flows if one.id not in taken
                      and _same_way(flow, one, nodes)), None)
        if other is not None:
            pairs[flow.id] = other.id
            taken.add(other.id)
    return pairs


def _same_way(old: Flow, new: Flow, nodes: Mapping[str, str]) -> bool:
    return nodes.get(old.source) == new.source and nodes.get(old.target) == new.target
