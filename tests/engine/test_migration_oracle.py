"""Random SOPs: a twin that is moved to and fro between two versions goes on exactly as the one that stays."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

import pytest

from app.engine.compiler import CompiledSop, Source, compile_sop
from app.engine.migration import Moved, migrate
from app.engine.runner import complete, deliver, inspect, recalculate, start, wake
from app.engine.step import EngineFault, Json, Position, Refusal, State, Step, Tools
from tests.engine.oracle.blocks import lower
from tests.engine.oracle.calendar import START, OfficeHours
from tests.engine.oracle.generator import grow
from tests.engine.oracle.graph import Sop
from tests.engine.oracle.xml import bpmn

SOPS, BATCH, PUSHES = 75, 25, 40
Reply: TypeAlias = Step | Refusal | EngineFault


def renamed(text: str, sop: CompiledSop) -> tuple[str, dict[str, str]]:
    """Every element under another id, with the mapping to say so."""
    mapping = {}
    for process, element in sop.elements:
        new = f"{element}_baru"
        text = text.replace(f'"{element}"', f'"{new}"').replace(f">{element}<", f">{new}<")
        key = sop.key_of(process, element)
        mapping[key] = f"{key}_baru"
    return text, mapping


def asking_more(text: str, _sop: CompiledSop) -> tuple[str, dict[str, str]]:
    """Every form with one more field nobody has to fill, every step with another name."""
    text = re.sub(r"<sop:form>", '<sop:form><sop:field id="tambahan" type="text" label="Tambahan"/>', text)
    return re.sub(r'(<bpmn:userTask [^>]*name=")', r"\1Baru: ", text), {}


def other_flows(text: str, _sop: CompiledSop) -> tuple[str, dict[str, str]]:
    """Every sequence flow under another id: tokens at joins are known by where they came from."""
    return re.sub(r"_f(\d+)(?=[\"<])", r"_alur\1", text), {}


CHANGES = {"renamed": renamed, "asking_more": asking_more, "other_flows": other_flows}


@dataclass
class Twin:
    """One instance under one of two versions, moved whenever it is told to."""

    versions: tuple[CompiledSop, CompiledSop]
    mappings: tuple[Mapping[str, str], Mapping[str, str]]
    state: State = field(default_factory=dict)
    at: int = 0
    moves: int = 0

    @property
    def sop(self) -> CompiledSop:
        return self.versions[self.at]

    def move(self, tools: Tools) -> None:
        old, new = self.sop, self.versions[1 - self.at]
        kept = json.dumps(self.state)
        answer = migrate(old, new, self.state, self.mappings[self.at], tools=tools)
        assert json.dumps(self.state) == kept
        if not isinstance(answer, Moved):
            # Two flows from one element into one join cannot be told apart once both have other ids.
            assert {one.kind for one in answer.matters} == {"gabungan"}, answer.matters
            return
        assert all(one.before == one.after for one in answer.clocks)
        self.state, self.at, self.moves = answer.state, 1 - self.at, self.moves + 1


def view(position: Position) -> tuple[object, ...]:
    """What both twins must agree on, whatever their elements are called."""
    def plain(element: str | None) -> str | None:
        return element.removesuffix("_baru") if element else element

    def old(names: Mapping[str, Json]) -> dict[str, Json]:
        return {name: value for name, value in names.items() if name != "tambahan"}

    return (
        [(plain(task.element), task.opened, task.due, task.due_rule, task.due_unit, task.role, task.item,
          old(task.scope)) for task in position.open],
        sorted((plain(one.element) or "", one.due, plain(one.host) or "", one.interrupting)
               for one in position.timers),
        position.waiting, position.next_wake,
        old(position.variables),
        position.ended, position.end_reason, position.status, [plain(one) for one in position.tokens],
        position.total_due, position.total_paused,
    )  # fmt: skip


@dataclass
class Pair:
    """One that stays and one that is moved, pushed alike."""

    sop: Sop
    stays: Twin
    moves: Twin
    rng: random.Random
    now: datetime = START
    position: Position | None = None

    @property
    def tools(self) -> Tools:
        return Tools(self.now, OfficeHours())

    def walk(self) -> None:
        self.both("start", lambda twin: start(twin.sop, dict(self.sop.data), tools=self.tools))
        for _ in range(PUSHES):
            if self.position is None or self.position.ended:
                return
            self.now += timedelta(minutes=1)
            due = self.position.next_wake
            if (due is None or due > self.now) and self.rng.random() < 0.4:
                self.moves.move(self.tools)
            self.push(self.position)

    def push(self, position: Position) -> None:
        menu = ["complete"] * 5 * bool(position.open) + ["message"] * 2 * bool(position.waiting)
        menu += ["time"] * 2 * bool(position.next_wake) + ["count"]
        action = self.rng.choice(menu)
        if action == "complete":
            at = self.rng.randrange(len(position.open))
            given = self.answers(position.open[at].element)
            self.both(f"complete {position.open[at].element} {given}", lambda twin: complete(
                twin.sop, twin.state, inspect(twin.sop, twin.state).open[at].id, given, by="budi",
                tools=self.tools))
        elif action == "message":
            name = self.rng.choice(sorted(position.waiting))
            self.both(f"deliver {name}",
                      lambda twin: deliver(twin.sop, twin.state, name, {}, tools=self.tools))
        elif action == "time" and position.next_wake is not None:
            self.now = max(self.now, position.next_wake)
            self.both("wake", lambda twin: wake(twin.sop, twin.state, tools=self.tools))
        else:
            self.both("recalculate", lambda twin: recalculate(twin.sop, twin.state, tools=self.tools))

    def answers(self, element: str) -> dict[str, Json]:
        node = next(n for p in self.sop.processes for g in p.everywhere() for n in g.nodes.values()
                    if n.id == element)
        given: dict[str, Json] = {}
        for question in node.questions:
            if question.options:
                given[question.id] = self.rng.choice(question.options)
            elif self.rng.random() < 0.6:
                given[question.id] = self.rng.randrange(4)
        return given

    def both(self, told: str, push: Callable[[Twin], Step | Refusal]) -> None:
        stays, moves = guarded(push, self.stays), guarded(push, self.moves)
        assert type(stays) is type(moves), f"{told}: {stays} / {moves}"
        if isinstance(stays, Refusal) and isinstance(moves, Refusal):
            assert stays.name == moves.name, told
            stays, moves = stays.step, moves.step
        if stays is None or moves is None or isinstance(stays, EngineFault | Refusal):
            return
        assert isinstance(moves, Step)
        assert view(stays.position) == view(moves.position), told
        rung, moved = ([(one.due, one.count) for one in step.fired] for step in (stays, moves))
        assert rung == moved, told
        assert len(stays.closed) == len(moves.closed), told
        self.stays.state = json.loads(json.dumps(stays.state))
        self.moves.state = json.loads(json.dumps(moves.state))
        self.position = stays.position


def guarded(push: Callable[[Twin], Step | Refusal], twin: Twin) -> Reply:
    try:
        return push(twin)
    except EngineFault as fault:
        return fault


def walked(seed: int, change: str) -> int:
    """Walk both twins side by side; how often the one was moved."""
    sop = lower(grow(seed))
    text, key = bpmn(sop), sop.processes[0].id
    old = compile_sop([Source("a.bpmn", text.encode())], key=key)
    changed, mapping = CHANGES[change](text, old)
    new = compile_sop([Source("a.bpmn", changed.encode())], key=key)
    back = {target: source for source, target in mapping.items()}
    moves = Twin((old, new), (mapping, back))
    Pair(sop, Twin((old, old), ({}, {})), moves, random.Random(seed)).walk()
    return moves.moves


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("first", range(0, SOPS, BATCH))
def test_a_twin_that_is_moved_goes_on_like_the_one_that_stays(first: int, change: str) -> None:
    moved = sum(walked(seed, change) for seed in range(first, first + BATCH))
    assert moved > BATCH
