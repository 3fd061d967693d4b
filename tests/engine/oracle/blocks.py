"""Block-structured SOPs: a tree that is easy to grow and to shrink, and its lowering to a graph."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .graph import Condition, Flow, Graph, Json, Node, Sop


@dataclass
class Side:
    """A way out beside the ordinary one: a boundary event, or an option of an event gateway."""

    node: Node
    path: list[Block]
    merges: bool = True
    """True: goes on where the host goes on; False: ends for itself."""


@dataclass
class Block:
    """kinds: plain, stop (an end event), xor/or/and, loop, jump, sub, call, event,
    spill (a parallel split whose tokens go on side by side).

    `parts` are the branches of a gateway, the body of a sub-process, the body and the way back of a loop.
    `conditions[i]` belongs to `parts[i]`; None marks the default branch. `merge`: how branches meet again
    (an exclusive gateway, or flows straight into the next element).
    """

    kind: str
    node: Node
    parts: list[list[Block]] = field(default_factory=list)
    conditions: list[Condition | None] = field(default_factory=list)
    sides: list[Side] = field(default_factory=list)
    merge: bool = True
    target: str | None = None
    """Of a jump: the element it leads back to."""

    def below(self) -> Iterator[list[Block]]:
        """Every sequence inside, at any depth."""
        for path in (*self.parts, *(side.path for side in self.sides)):
            yield path
            for block in path:
                yield from block.below()


@dataclass
class Draft:
    """An SOP as trees: process id to its body. `shuffle` seeds the file order of the flows."""

    processes: dict[str, list[Block]]
    data: dict[str, Json]
    lanes: tuple[str, ...]
    shuffle: int
    ends: dict[str, Node] = field(default_factory=dict)
    """The ordinary end event of every process and sub-process."""
    loose: bool = False
    """Grown without care for whether it can go on: joins may starve, errors may be uncaught."""

    def size(self) -> int:
        total = 0
        for body in self.processes.values():
            for path in (body, *(p for b in body for p in b.below())):
                total += sum(1 + len(b.sides) + (b.node.multi is not None) for b in path)
        return total


class Malformed(Exception):
    """A tree that gives no sound diagram: something would stand unreachable."""


@dataclass(frozen=True)
class Loose:
    """A flow whose target is not known yet."""

    source: str
    condition: Condition | None = None
    default: bool = False


def lower(draft: Draft) -> Sop:
    order = random.Random(draft.shuffle)
    graphs = []
    for key, body in draft.processes.items():
        graphs.append(_Lowering(key, order, draft.ends).graph_of(body))
    return Sop(tuple(graphs), draft.data, draft.lanes)


class _Lowering:
    def __init__(self, key: str, order: random.Random, ends: dict[str, Node]) -> None:
        self.graph = Graph(key)
        self.order = order
        self.ends = ends

    def graph_of(self, body: list[Block]) -> Graph:
        end = self.ends[self.graph.id]
        start = Node(f"{self.graph.id}_mulai", "start", lane=end.lane)
        self.place(start, [])
        loose = self.path(body, [Loose(start.id)])
        if loose:
            self.place(end, loose)
        self.order.shuffle(self.graph.flows)
        return self.graph

    def flow(self, loose: Loose, target: str) -> None:
        number = len(self.graph.flows)
        self.graph.flows.append(
            Flow(f"{self.graph.id}_f{number}", loose.source, target, loose.condition, loose.default))

    def place(self, node: Node, loose: list[Loose]) -> list[Loose]:
        self.graph.nodes[node.id] = node
        for one in loose:
            self.flow(one, node.id)
        return [Loose(node.id)]

    def single(self, loose: list[Loose], name: str, lane: str | None) -> list[Loose]:
        """One flow out of many that exclude each other, for a join that counts its inputs."""
        return loose if len(loose) == 1 else self.place(Node(name, "xor", lane=lane), loose)

    def path(self, blocks: list[Block], loose: list[Loose]) -> list[Loose]:
        for block in blocks:
            if not loose:
                raise Malformed(block.node.id)
            loose = getattr(self, f"lower_{block.kind}")(block, loose)
        return loose

    def lower_plain(self, block: Block, loose: list[Loose]) -> list[Loose]:
        node = block.node
        if block.kind == "sub":
            inner = _Lowering(node.id, self.order, self.ends)
            node = replace(node, body=inner.graph_of(block.parts[0]))
        out = self.place(node, loose)
        return out + [one for side in block.sides for one in self.side(side, node.id)]

    lower_sub = lower_plain
    lower_call = lower_plain

    def side(self, side: Side, host: str) -> list[Loose]:
        loose = self.place(replace(side.node, host=host), [])
        loose = self.path(side.path, loose)
        if side.merges or not loose:
            return loose
        self.place(Node(f"{side.node.id}_ujung", "end", reason="cabang", lane=side.node.lane), loose)
        return []

    def lower_stop(self, block: Block, loose: list[Loose]) -> list[Loose]:
        self.place(block.node, loose)
        return []

    def lower_xor(self, block: Block, loose: list[Loose]) -> list[Loose]:
        node = block.node
        if node.kind == "and":
            loose = self.single(loose, f"{node.id}_masuk", node.lane)
        self.place(node, loose)
        outs: list[list[Loose]] = []
        for part, condition in zip(block.parts, block.conditions, strict=True):
            first = Loose(node.id, condition, condition is None and node.kind != "and")
            outs.append(self.path(part, [first]))
        join = Node(f"{node.id}_temu", node.kind, lane=node.lane)
        if node.kind == "and" or (node.kind == "or" and block.merge):
            outs = [self.single(out, f"{node.id}_gabung{i}", node.lane) for i, out in enumerate(outs) if out]
        flat = [one for out in outs for one in out]
        if not flat or (node.kind == "xor" and not block.merge):
            return flat
        if node.kind == "or" and len(flat) == 1:
            return flat
        return self.place(join, flat)

    lower_or = lower_xor
    lower_and = lower_xor

    def lower_spill(self, block: Block, loose: list[Loose]) -> list[Loose]:
        node = block.node
        self.place(node, self.single(loose, f"{node.id}_masuk", node.lane))
        outs = [one for part in block.parts for one in self.path(part, [Loose(node.id)])]
        if outs and block.merge:
            return self.place(Node(f"{node.id}_temu", "xor", lane=node.lane), outs)
        return outs

    def lower_loop(self, block: Block, loose: list[Loose]) -> list[Loose]:
        """Entry, body, decision; back to the entry by way of `parts[1]` while the condition holds.

        Without `merge` the way back goes straight into the first element of the body.
        """
        node = block.node
        entry = f"{node.id}_lagi"
        if block.merge:
            loose = self.place(Node(entry, "xor", lane=node.lane), loose)
        else:
            entry = block.parts[0][0].node.id
            if block.parts[0][0].kind != "plain":
                raise Malformed(entry)
        loose = self.path(block.parts[0], loose)
        if not loose:
            raise Malformed(node.id)
        self.place(node, loose)
        for one in self.path(block.parts[1], [Loose(node.id, block.conditions[0])]):
            self.flow(one, entry)
        return [Loose(node.id, None, True)]

    def lower_jump(self, block: Block, loose: list[Loose]) -> list[Loose]:
        if block.target not in self.graph.nodes:
            raise Malformed(block.node.id)
        self.place(block.node, loose)
        self.flow(Loose(block.node.id, block.conditions[0]), block.target)
        return [Loose(block.node.id, None, True)]

    def lower_event(self, block: Block, loose: list[Loose]) -> list[Loose]:
        node = block.node
        self.place(node, loose)
        outs: list[Loose] = []
        for side in block.sides:
            outs += self.path(side.path, self.place(side.node, [Loose(node.id)]))
        if outs and block.merge:
            return self.single(outs, f"{node.id}_temu", node.lane)
        return outs
