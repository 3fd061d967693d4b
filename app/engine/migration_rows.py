"""The tokens of an instance, renamed from one version of its SOP to another, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.words import told
from app.engine.compiled import CompiledSop
from app.engine.migration_events import Place, boundary_matters, event_matters, gateway_events, keep_rule
from app.engine.migration_matters import Matter
from app.engine.specs.activities import Host, Scope, UserTask
from app.engine.specs.base import SET_DOWN, Element, Way
from app.engine.specs.events import BoundaryEvent, EventGateway, Waiting
from app.engine.specs.gateways import Joining, ParallelGateway
from app.engine.specs.loops import Instances
from app.engine.specs.parser import CHILD, SopProcessSpec

__all__ = ["Matter", "Origin", "Rows", "translate"]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a kept token came from. `events`: ids in the new version of the boundary events (of an event
    gateway: of its events) that the old version had there, whether they still wait or rang already."""

    events: frozenset[str]


@dataclass(slots=True)
class Rows:
    """`keys`: old key -> new key of what was mapped."""

    new: CompiledSop
    keys: Mapping[str, str]
    rows: list[list[Any]] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    matters: list[Matter] = field(default_factory=list)


@dataclass(slots=True)
class _Token:
    """A row on its way. `now` is None when it does not come along; `place`: its row in the new state."""

    was: Element
    old_scope: SopProcessSpec
    now: Element | None
    new_scope: SopProcessSpec | None
    place: int = -1


def translate(old: CompiledSop, new: CompiledSop, state: dict[str, Any], mapping: Mapping[str, str]) -> Rows:
    """Rename every row of a plain copy of a state. Rows that cannot come along are named in `matters`."""
    return _Translation(old, new, mapping).run(state["rows"])


class _Translation:
    def __init__(self, old: CompiledSop, new: CompiledSop, mapping: Mapping[str, str]) -> None:
        self.old, self.new = old, new
        self.result = Rows(new, mapping)
        self.tokens: list[_Token] = []

    def run(self, rows: list[list[Any]]) -> Rows:
        for row in rows:
            name, parent, inside, task_id, data = row + [-1, 0, None, None][len(row) - 1:]
            token = self._find(name, parent, bool(inside))
            self.tokens.append(token)
            if token.now is not None:
                self._keep(token, parent, inside, task_id, data)
        self.result.matters = list(dict.fromkeys(self.result.matters))
        return self.result

    def say(self, matter: Matter) -> None:
        self.result.matters.append(matter)

    def key(self, element: Element) -> str:
        return self.old.key_of(element.node.process, element.node.id)

    def target(self, element: Element) -> str:
        """The id an element has in the new version: mapped, else its own."""
        wanted = self.result.keys.get(self.key(element))
        return element.node.id if wanted is None else wanted.rpartition("/")[2]

    def _find(self, name: str, parent: int, inside: bool) -> _Token:
        if parent < 0:
            old_scope = self.old.specs[self.old.key]
            new_scope: SopProcessSpec | None = self.new.specs[self.new.key]
        elif inside:
            host = self.tokens[parent]
            old_scope = self.old.specs[_inner(host.was)]
            new_scope = None if host.now is None else self.new.specs.get(_inner(host.now))
        else:
            host = self.tokens[parent]
            old_scope, new_scope = host.old_scope, host.new_scope if host.now is not None else None
        was: Element = old_scope.task_specs[name]
        token = _Token(was, old_scope, None, new_scope)
        if new_scope is None:
            return token
        if isinstance(was, BoundaryEvent):
            token.now = self._boundary(was, self.tokens[parent])
        elif was.wrapper is not None:
            token.now = getattr(self.tokens[parent].now, "child", None)
        else:
            token.now = self._element(was, new_scope)
        return token

    def _element(self, was: Element, scope: SopProcessSpec) -> Element | None:
        wanted = self.target(was)
        now = scope.task_specs.get(wanted)
        name = was.node.name or was.node.id
        choices = self._choices(was, scope)
        if not isinstance(now, Element):
            elsewhere = any(wanted in other.task_specs for other in self.new.specs.values())
            kind, said = (
                ("lingkup", told("Langkah “%(name)s” pindah ke tahap atau proses lain.", name=name))
                if elsewhere else
                ("hilang", told("Langkah “%(name)s”, tempat laporan ini berdiri, tidak ada lagi.", name=name))
            )
            self.say(Matter(kind, self.key(was), said, blocks=True, targets=choices))
            return None
        if not _alike(was, now):
            said = told("“%(name)s” berubah jenisnya; laporan ini tidak dapat berdiri di sana.", name=name)
            self.say(Matter("jenis", self.key(was), said, blocks=True, targets=choices))
            return None
        if isinstance(was, Scope) and isinstance(now, Scope) and was.node.called != now.node.called:
            said = told("Langkah “%(name)s” memanggil proses lain.", name=name)
            self.say(Matter("proses", self.key(was), said))
        return now

    def _boundary(self, was: BoundaryEvent, host: _Token) -> Element | None:
        now = host.now
        events = now.boundaries if isinstance(now, Host) else ()
        wanted = self.target(was)
        found = next((event for event in events if event.node.id == wanted), None)
        place = Place(self.key(was), was.node.name or was.node.id, host.was.node.name or host.was.node.id)
        anywhere = (was.node.process, wanted) in self.new.elements
        own = {event.node.id for event in host.was.boundaries} if isinstance(host.was, Host) else set()
        choices = tuple(self.new.key_of(event.node.process, event.node.id) for event in events
                        if event.node.id not in own and _kind(event) == _kind(was))
        matter = boundary_matters(was, found, place, moved_away=found is None and anywhere, choices=choices)
        if matter is not None:
            self.say(matter)
        same_kind = found is not None and _kind(found) == _kind(was)
        return found if same_kind else None

    def _choices(self, was: Element, scope: SopProcessSpec) -> tuple[str, ...]:
        return tuple(
            self.new.key_of(one.node.process, one.node.id) for one in scope.task_specs.values()
            if isinstance(one, Element) and one.wrapper is None and not isinstance(one, BoundaryEvent)
            and _alike(was, one))

    def _keep(self, token: _Token, parent: int, inside: int, task_id: str | None, data: Any) -> None:
        was, now = token.was, token.now
        if now is None:
            return
        kept: dict[str, Any] = dict(data or {})
        self._via(was, now, kept)
        self._loop(was, now, kept)
        if isinstance(was, Host) and isinstance(now, Host) and "due" in kept:
            keep_rule(kept, was.deadline, now.deadline)
        if isinstance(was, UserTask) and isinstance(now, UserTask):
            held, holds = kept.get("pauses", was.declared.pauses == "total"), now.declared.pauses == "total"
            kept.pop("pauses", None)
            if held != holds:
                kept["pauses"] = held
        place = Place(self.key(was), was.node.name or was.node.id, "")
        if isinstance(was, EventGateway) and isinstance(now, EventGateway):
            for matter in gateway_events(was, now, kept, place, self.target):
                self.say(matter)
        elif isinstance(was, Waiting) and isinstance(now, Waiting):
            if not isinstance(was, BoundaryEvent):
                changed = event_matters(was, now, place)
                if changed is not None:
                    self.say(changed)
            if "at" in kept:
                keep_rule(kept, was.timer, now.timer)
        token.place = len(self.result.rows)
        name = now.node.id + CHILD if now.wrapper is not None else now.node.id
        row: list[Any] = [name, self.tokens[parent].place if parent >= 0 else -1, inside, task_id,
                          kept or None]
        while row[-1] is None or (len(row) == 3 and not row[-1]) or (len(row) == 2 and row[-1] == -1):
            row.pop()
        self.result.rows.append(row)
        self.result.origins.append(Origin(self._events(was)))

    def _events(self, was: Element) -> frozenset[str]:
        if isinstance(was, EventGateway):
            return frozenset(self.target(event) for _way, event in was.catches)
        if isinstance(was, Host):
            return frozenset(self.target(event) for event in was.boundaries)
        return frozenset()

    def _via(self, was: Element, now: Element, data: dict[str, Any]) -> None:
        """The flow a token came by, which joins count."""
        via = data.pop("via", None)
        if via == SET_DOWN:
            data["via"] = via
        way = next((one for one in was.ways_in if one.id == via), None)
        if way is not None:
            same = self._same_way(way, was, now)
            if same is not None and len(now.ways_in) > 1:
                data["via"] = same
        if not isinstance(was, Joining):
            return
        kept = [self._same_way(one, was, now) for one in was.ways_in]
        lost = data.get("via") is None or None in kept or len(set(kept)) < len(kept)
        if lost or (isinstance(was, ParallelGateway) and len(kept) != len(now.ways_in)):
            said = told("Cabang yang bertemu di “%(name)s” berubah, padahal laporan ini menunggu di sana.",
                        name=was.node.name or was.node.id)
            self.say(Matter("gabungan", self.key(was), said, blocks=True))

    def _same_way(self, way: Way, was: Element, now: Element) -> str | None:
        """The flow of that id, else the one from the same element; None where there is no single one."""
        if any(one.id == way.id for one in now.ways_in):
            return way.id
        ids = {each.id for each in was.ways_in}
        key = self.old.key_of(was.node.process, way.source)
        source = self.result.keys.get(key, key).rpartition("/")[2]
        found = [one.id for one in now.ways_in if one.source == source and one.id not in ids]
        return found[0] if len(found) == 1 else None

    def _loop(self, was: Element, now: Element, data: dict[str, Any]) -> None:
        """A child's own item under the name that the new version gives it."""
        before = was.node.loop.input_item if was.node.loop else None
        after = now.node.loop.input_item if now.node.loop else None
        if "loc" in data and before != after:
            local = dict(data["loc"])
            item = local.pop(before, None) if before else None
            data["loc"] = {**local, after: item} if after else local


def _inner(element: Element | None) -> str:
    return element.inner if isinstance(element, Scope) else ""


def _alike(was: Element, now: Element) -> bool:
    """Whether a token of the one can stand at the other."""
    return type(was) is type(now) and _kind(was) == _kind(now)


def _kind(element: Element) -> tuple[Any, ...]:
    node = element.node
    loop = None if node.loop is None else node.loop.sequential
    event = node.event.kind if node.event is not None and isinstance(element, Waiting) else None
    return (node.kind, loop if isinstance(element, Instances) or element.wrapper is not None else None, event)
