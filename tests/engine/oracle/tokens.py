"""What is alive in an instance: scopes, and the activities in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from .graph import Flow, Graph, Json, Node
from .moments import Armed


@dataclass(eq=False)
class Scope:
    """One running process or sub-process. `held`: tokens that wait at joins, by flow."""

    graph: Graph
    env: list[dict[str, Json]]
    """Sets of variables, innermost first; the last is the instance's one set."""
    owner: Activity | None
    item: Json = None
    activities: list[Activity] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    live: bool = True

    @property
    def process(self) -> str:
        """Key of the process this scope stands in."""
        if self.owner is None or self.owner.node.kind == "call":
            return self.graph.id
        return self.owner.scope.process

    def look(self, name: str) -> Json:
        return next(names[name] for names in self.env if name in names)

    def busy(self) -> bool:
        return bool(self.activities) or any(self.held.values())

    def graph_flow(self, flow: str) -> Flow:
        return next(f for f in self.graph.flows if f.id == flow)

    def scopes(self) -> Iterator[Scope]:
        """This scope and all inside, innermost first."""
        for activity in self.activities:
            for inner in activity.inners():
                yield from inner.scopes()
        yield self

    def everything(self) -> Iterator[Activity]:
        for activity in self.activities:
            yield activity
            yield from activity.children
            for inner in activity.inners():
                yield from inner.everything()

    def signature(self) -> str:
        held = sorted((flow, count) for flow, count in self.held.items() if count)
        return f"{self.graph.id} {held} {sorted(a.signature() for a in self.activities)}"


@dataclass(eq=False)
class Activity:
    """A token at rest in an activity or event. `many`: the whole of a multi-instance, with `children`."""

    node: Node
    scope: Scope
    env: list[dict[str, Json]]
    item: Json
    opened: datetime
    wrapper: Activity | None = None
    index: int = 0
    due: datetime | None = None
    unit: str | None = None
    extended: bool = False
    timers: list[Armed] = field(default_factory=list)
    inner: Scope | None = None
    many: bool = False
    children: list[Activity] = field(default_factory=list)
    items: list[Json] = field(default_factory=list)
    results: list[Json] = field(default_factory=list)
    next: int = 0
    live: bool = True

    def inners(self) -> list[Scope]:
        return [a.inner for a in (self, *self.children) if a.inner is not None]

    def messages(self) -> list[tuple[str, Node]]:
        """Names this activity waits for, each with the event that then happens."""
        if self.wrapper is not None:
            return []
        graph = self.scope.graph
        own = [self.node]
        if self.node.kind == "event":
            own = [graph.nodes[f.target] for f in graph.outs[self.node.id]]
        return [(n.message, n) for n in (*own, *graph.sides[self.node.id]) if n.message is not None]

    def signature(self) -> str:
        """What may make a difference later; instances are alike whatever the order they were made in."""
        timers = sorted((t.node.id, str(t.due), t.left) for t in self.timers)
        inside = [scope.signature() for scope in ([self.inner] if self.inner is not None else [])]
        children = sorted((c.index, c.signature()) for c in self.children)
        return (f"{self.node.id} {self.opened} {self.due} {self.extended} {self.index} {self.env[:-1]}"
                f" {timers} {inside} {children} {self.results if self.many else ''}")

    def place(self) -> tuple[str, ...]:
        """From here outwards; tokens of the same place may stand for each other."""
        whole = self.wrapper or self
        owner = self.scope.owner
        return (f"{self.index} {whole.signature()}", *(owner.place() if owner is not None else ()))

    @property
    def role(self) -> str | None:
        """Own lane, else that of what encloses it."""
        if self.node.lane is not None:
            return self.node.lane
        return self.scope.owner.role if self.scope.owner is not None else None

    @property
    def local(self) -> dict[str, Json]:
        """Variables of the enclosing multi-instance children, the innermost wins."""
        return {name: value for names in reversed(self.env[:-1]) for name, value in names.items()}
