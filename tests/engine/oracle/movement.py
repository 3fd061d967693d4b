"""How tokens move until nothing can: the rules of BPMN 2.0, chapter 13, and of the SOP contract.

Rules it states, beyond the obvious:
- parallel join (13.4.1): fires when every incoming flow holds a token, takes one of each.
- inclusive join (13.4.3): waits as long as some token elsewhere in the scope can reach an input that is
  empty and cannot reach one that is filled.
- a scope ends when no token is left in it; a terminate end empties its own scope only (13.5.6).
- errors and escalations climb from the thrower to the nearest enclosing boundary of that code (10.5.6);
  an escalation nobody catches is lost, an error nobody catches is a fault.
- variables: one set; each multi-instance child has its own scope, into which everything inside it writes.
- due timers fire in the order of their due times, each run to rest before the next.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from .graph import Condition, Flow, Graph, Json, Node, Sop
from .moments import Armed, Calendar, arm, due_of
from .tokens import Activity, Scope


class Uncaught(Exception):
    """An error end that no boundary catches."""


class Stuck(Exception):
    """Nothing can move and nothing waits for the world."""


class NoWay(Exception):
    """No branch of a gateway is true, and there is no default."""


class Movement:
    """One instance; `interpreter.py` pushes it."""

    def __init__(self, sop: Sop, data: Mapping[str, Json], now: datetime, calendar: Calendar) -> None:
        self.sop = sop
        self.calendar = calendar
        self.now = now
        self.variables: dict[str, Json] = copy.deepcopy(dict(data))
        self.reason: str | None = None
        self.ended = False
        self.count = 0
        self.fired: list[tuple[str, datetime, int]] = []
        self.taken: list[tuple[str, str]] = []
        self.queue: deque[tuple[Scope, Flow]] = deque()
        self.root = self._open_scope(sop.processes[0], [self.variables], None, None)

    def activities(self) -> Iterator[Activity]:
        """Live activities, enclosing ones first; a multi-instance yields itself, then its children."""
        yield from self.root.everything()

    def open_tasks(self) -> list[Activity]:
        return [a for a in self.activities() if a.node.kind == "user" and not a.many]

    def signature(self) -> str:
        """The same for two instances that cannot be told apart by anything that may still happen."""
        return f"{self.variables} {self.reason} {self.root.signature()}"

    def timers(self) -> list[tuple[Activity, Armed]]:
        return [(a, t) for a in self.activities() for t in a.timers]

    def waiting(self) -> set[str]:
        return {name for a in self.activities() for name, _ in a.messages()}

    def _ring(self, now: datetime) -> None:
        self.now = now
        self.fired = []
        self.taken = []
        while not self.ended:
            due = [(t.due, t.order, a, t) for a, t in self.timers() if t.due <= now]
            if not due:
                return
            _, _, activity, timer = min(due, key=lambda one: one[:2])
            self._fire(activity, timer)
            self._settle()

    def _may_go_on(self) -> bool:
        """Raises `Stuck` when no person, message or moment can move the instance any more."""
        if not self.ended and not (self.open_tasks() or self.waiting() or self.timers()):
            raise Stuck
        return True

    # --- running to rest

    def _settle(self) -> None:
        while not self.ended:
            if self.queue:
                scope, flow = self.queue.popleft()
                if scope.live:
                    self._arrive(scope, flow)
            elif not (self._finish_a_scope() or self._fire_an_inclusive_join()):
                break

    def _finish_a_scope(self) -> bool:
        for scope in self.root.scopes():
            if not scope.busy():
                scope.live = False
                if scope.owner is None:
                    self.ended = True
                else:
                    self._done(scope.owner)
                return True
        return False

    def _fire_an_inclusive_join(self) -> bool:
        for scope in self.root.scopes():
            for key in {scope.graph_flow(f).target for f, n in scope.held.items() if n}:
                if scope.graph.nodes[key].kind == "or" and self._is_ripe(scope, key):
                    for flow in scope.graph.ins[key]:
                        if scope.held[flow.id]:
                            scope.held[flow.id] -= 1
                    self._leave(scope, scope.graph.nodes[key])
                    return True
        return False

    def _is_ripe(self, scope: Scope, join: str) -> bool:
        filled = {f.id for f in scope.graph.ins[join] if scope.held[f.id]}
        empty = {f.id for f in scope.graph.ins[join]} - filled
        elsewhere = {a.node.id for a in scope.activities}
        elsewhere |= {scope.graph_flow(f).target for f, n in scope.held.items() if n} - {join}
        for place in elsewhere:
            ahead = scope.graph.inputs_ahead(join, place)
            if ahead & empty and not ahead & filled:
                return False
        return True

    # --- one token reaches one element

    def _arrive(self, scope: Scope, flow: Flow) -> None:
        node = scope.graph.nodes[flow.target]
        match node.kind:
            case "or" if len(scope.graph.ins[node.id]) > 1:
                scope.held[flow.id] += 1
            case "and":
                scope.held[flow.id] += 1
                if all(scope.held[f.id] for f in scope.graph.ins[node.id]):
                    for one in scope.graph.ins[node.id]:
                        scope.held[one.id] -= 1
                    self._leave(scope, node)
            case "xor" | "or":
                self._leave(scope, node)
            case "end":
                self._end(scope, node)
            case "throw":
                self._escalate(scope, node.escalation)
                if scope.live:
                    self._leave(scope, node)
            case "script":
                for line in node.script:
                    base = None if line.base is None else scope.look(line.base)
                    scope.env[0][line.name] = copy.deepcopy(line.value) if base is None else base + line.value
                self._leave(scope, node)
            case _:
                self._open(scope, node)

    def _leave(self, scope: Scope, node: Node) -> None:
        flows = scope.graph.outs[node.id]
        if node.kind in ("xor", "or") and len(flows) > 1:
            chosen = [f for f in flows if not f.default and self._holds(scope, f.condition)]
            chosen = (chosen or [f for f in flows if f.default])[: 1 if node.kind == "xor" else None]
            if not chosen:
                raise NoWay(node.id)
            flows = tuple(chosen)
        self._send(scope, flows)

    def _send(self, scope: Scope, flows: Iterable[Flow]) -> None:
        for flow in flows:
            self.taken.append((scope.process, flow.id))
            self.queue.append((scope, flow))

    def _holds(self, scope: Scope, condition: Condition | None) -> bool:
        if condition is None or condition.name is None:
            return True
        return condition.holds(scope.look(condition.name))

    def _end(self, scope: Scope, node: Node) -> None:
        if node.reason is not None and node.reason != "cabang":
            self.reason = node.reason
        if node.terminate:
            self._empty(scope)
        elif node.error is not None:
            self._throw(scope, node.error)
        elif node.escalation is not None:
            self._escalate(scope, node.escalation)

    # --- activities

    def _open_scope(self, graph: Graph, env: list[dict[str, Json]], owner: Activity | None,
                    item: Json) -> Scope:
        scope = Scope(graph, env, owner, item)
        start = next(n for n in graph.nodes.values() if n.kind == "start")
        self._send(scope, graph.outs[start.id])
        return scope

    def _open(self, scope: Scope, node: Node) -> None:
        activity = Activity(node, scope, scope.env, scope.item, self.now)
        activity.due, activity.unit = due_of(node.deadline, self.now, self.calendar)
        scope.activities.append(activity)
        own = [node] if node.kind == "timer" else []
        if node.kind == "event":
            own = [scope.graph.nodes[f.target] for f in scope.graph.outs[node.id]]
        for way in (*own, *scope.graph.sides[node.id]):
            if way.timer is not None:
                self.count += 1
                activity.timers.append(arm(way, self.count, self.now, activity, self.calendar))
        if node.multi is None:
            self._begin(activity)
            return
        activity.items = copy.deepcopy(scope.look(node.multi.items))
        activity.results = [None] * len(activity.items)
        activity.many = True
        if not activity.items:
            self._done(activity)
        for _ in activity.items[: 1 if node.multi.sequential else None]:
            self._next_child(activity)

    def _next_child(self, wrapper: Activity) -> None:
        """Open the next child of a multi-instance."""
        assert wrapper.node.multi is not None
        index = wrapper.next
        wrapper.next += 1
        item = wrapper.items[index]
        local = {wrapper.node.multi.item: copy.deepcopy(item)}
        child = Activity(wrapper.node, wrapper.scope, [local, *wrapper.env], item, self.now, wrapper, index)
        child.due, child.unit = due_of(wrapper.node.deadline, self.now, self.calendar)
        wrapper.children.append(child)
        self._begin(child)

    def _begin(self, activity: Activity) -> None:
        node = activity.node
        graph = node.body if node.kind == "sub" else None
        if node.kind == "call":
            assert node.called is not None
            graph = self.sop.process(node.called)
        if graph is not None:
            activity.inner = self._open_scope(graph, activity.env, activity, activity.item)

    def _done(self, activity: Activity) -> None:
        """The activity's work is over: collect a child, or send the token on."""
        activity.live = False
        wrapper = activity.wrapper
        if wrapper is None:
            if activity.many and activity.node.multi is not None and activity.node.multi.outputs:
                activity.env[0][activity.node.multi.outputs] = activity.results
            activity.scope.activities.remove(activity)
            self._leave(activity.scope, activity.node)
            return
        multi = activity.node.multi
        assert multi is not None
        if multi.output is not None:
            wrapper.results[activity.index] = copy.deepcopy(activity.env[0].get(multi.output))
        wrapper.children.remove(activity)
        if multi.sequential and wrapper.next < len(wrapper.items):
            self._next_child(wrapper)
        elif not wrapper.children:
            self._done(wrapper)

    def _empty(self, scope: Scope) -> None:
        """Take every token out of a scope, with all that is inside."""
        for activity in list(scope.activities):
            self._cancel(activity)
        scope.held.clear()
        self.queue = deque((s, f) for s, f in self.queue if s is not scope and s.live)

    def _cancel(self, activity: Activity) -> None:
        activity.live = False
        for child in activity.children:
            self._cancel(child)
        if activity.inner is not None:
            self._empty(activity.inner)
            activity.inner.live = False
        if activity.wrapper is None:
            activity.scope.activities.remove(activity)

    # --- events

    def _fire(self, activity: Activity, timer: Armed) -> None:
        missed = timer.missed(self.now)
        self.fired.append((timer.node.id, timer.due, missed))
        if timer.turn(missed):
            activity.timers.remove(timer)
        self._happen(activity, timer.node)

    def _happen(self, activity: Activity, way: Node) -> None:
        """The event `way` occurs at a live activity: a catch, an option of a gateway, or a boundary."""
        scope = activity.scope
        if way.host is None:
            activity.live = False
            scope.activities.remove(activity)
            self.taken += [(scope.process, f.id) for f in scope.graph.ins[way.id]
                           if f.source == activity.node.id]
        elif way.interrupting:
            self._cancel(activity)
        self._leave(scope, way)

    def _catcher(self, scope: Scope | None, kind: str, code: str | None) -> tuple[Activity, Node] | None:
        while scope is not None and scope.owner is not None:
            host = scope.owner.wrapper or scope.owner
            sides = [n for n in host.scope.graph.sides[host.node.id] if getattr(n, kind) is not None]
            for wanted in (code, ""):
                for side in sides:
                    if getattr(side, kind) == wanted:
                        return host, side
            scope = host.scope
        return None

    def _throw(self, scope: Scope, code: str) -> None:
        caught = self._catcher(scope, "error", code)
        if caught is None:
            raise Uncaught(f"{code} in {scope.graph.id}")
        self._happen(*caught)

    def _escalate(self, scope: Scope, code: str | None) -> None:
        caught = self._catcher(scope, "escalation", code)
        if caught is not None:
            self._happen(*caught)
