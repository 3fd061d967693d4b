"""Random SOPs, walked at random, with an officer who does at random whatever is offered.

Whatever was done: the state loads back, no flow brings two tokens to one join, no step stands open twice
where the SOP has it once, the process never stops dead, and an end can still be reached.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from app.engine.compiler import CompiledSop, Source, compile_sop
from app.engine.intervene import cancel, move_token, send_back, skip
from app.engine.intervene_choices import choices
from app.engine.intervene_preview import preview
from app.engine.onward import Ended, some_end
from app.engine.runner import complete, deliver, inspect, start, wake
from app.engine.step import EngineFault, Json, Refusal, State, Step, Tools
from app.engine.survey import take_stock
from tests.engine.oracle.blocks import lower
from tests.engine.oracle.calendar import START, OfficeHours
from tests.engine.oracle.generator import grow
from tests.engine.oracle.graph import Sop
from tests.engine.oracle.xml import bpmn

SOPS, BATCH, PUSHES = 80, 20, 25
SHARE = 0.3
"""Of pushes that are an officer's. SOPs which may stand still by themselves are left out: none is
published."""


class Officer:
    """One instance, pushed by people and now and then by somebody who may do more."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.sop: Sop = lower(grow(seed))
        self.compiled: CompiledSop = compile_sop([Source("a.bpmn", bpmn(self.sop).encode())],
                                                 key=self.sop.processes[0].id)
        self.now: datetime = START
        self.past: set[str] = set()
        self.done: Counter[str] = Counter()
        self.state: State = {}
        self.take(start(self.compiled, dict(self.sop.data), tools=self.tools))

    @property
    def tools(self) -> Tools:
        return Tools(self.now, OfficeHours())

    def walk(self) -> None:
        for _ in range(PUSHES):
            if self.position.ended:
                return
            self.now += timedelta(minutes=1)
            due = self.position.next_wake
            if (due is None or due > self.now) and self.rng.random() < SHARE:
                self.intervene()
            else:
                self.push()

    def take(self, step: Step) -> None:
        kept = json.loads(json.dumps(step.state))
        assert inspect(self.compiled, kept) == step.position
        self.state, self.position = kept, step.position
        self.past |= {self.compiled.key_of(one.process, one.element) for one in step.visited}
        twice = doubled(self.compiled, kept)
        assert not twice, f"two tokens at {twice}"

    def push(self) -> None:
        menu = ["complete"] * 5 * bool(self.position.open) + ["message"] * 2 * bool(self.position.waiting)
        menu += ["time"] * 2 * bool(self.position.next_wake)
        action = self.rng.choice(menu)
        try:
            if action == "complete":
                task = self.rng.choice(self.position.open)
                answer = complete(self.compiled, self.state, task.id, self.answers(task.element), by="budi",
                                  tools=self.tools)
            elif action == "message":
                name = self.rng.choice(sorted(self.position.waiting))
                answer = deliver(self.compiled, self.state, name, {}, tools=self.tools)
            else:
                self.now = max(self.now, self.position.next_wake or self.now)
                answer = wake(self.compiled, self.state, tools=self.tools)
        except EngineFault as fault:
            if "buntu" in fault.text:
                raise AssertionError(fault.text) from fault
            self.done["fault"] += 1
            return
        step = answer.step if isinstance(answer, Refusal) else answer
        if step is not None:
            self.take(step)

    def intervene(self) -> None:
        kept = json.dumps(self.state)
        offered = choices(self.compiled, self.state, tools=self.tools, past=self.past)
        acts = [("skip", one.token, "") for one in offered.tokens if one.skip_refused is None]
        acts += [("move", one.token, to.target) for one in offered.tokens for to in one.moves
                 if not to.refused]
        acts += [("back", "", to.target) for to in offered.backs if not to.refused]
        assert offered.cancel_refused is None
        cancelled = cancel(self.compiled, self.state, tools=self.tools, by="admin")
        assert isinstance(cancelled, Step)
        assert cancelled.position.ended
        assert cancelled.position.end_reason == "dibatalkan"
        assert {one.id for one in cancelled.closed} == {one.id for one in self.position.open}
        if not acts:
            return
        kind, token, target = self.rng.choice(acts)
        answer = self.carry_out(kind, token, target)
        assert isinstance(answer, Step), f"{kind} {token} {target}: {answer}"
        assert json.dumps(self.state) == kept, "the given state is not touched"
        told = preview(self.compiled, self.state, answer)
        before, after = ({one.id for one in each.open} for each in (self.position, answer.position))
        assert {one.id for one in told.disappear} == before - after
        assert {one.id for one in told.open} == after - before
        self.done[kind] += 1
        self.take(answer)
        if not answer.position.ended:
            assert isinstance(some_end(self.compiled, self.state, tools=self.tools), Ended)

    def carry_out(self, kind: str, token: str, target: str) -> Step | Refusal:
        if kind == "skip":
            return skip(self.compiled, self.state, token, tools=self.tools, by="admin")
        if kind == "move":
            return move_token(self.compiled, self.state, token, target, tools=self.tools, by="admin")
        return send_back(self.compiled, self.state, target, tools=self.tools, by="admin", past=self.past)

    def answers(self, element: str) -> dict[str, Json]:
        node = next(n for p in self.sop.processes for g in p.everywhere() for n in g.nodes.values()
                    if n.id == element)
        return {question.id: self.rng.choice(question.options) if question.options else self.rng.randrange(4)
                for question in node.questions}


def doubled(compiled: CompiledSop, state: State) -> list[tuple[int, str, str]]:
    """Where two tokens stand that the SOP has once: at a step (of a join: by the same flow) in one scope.
    Read off the stored rows; branches that may run several times beside each other are left out."""
    beside = beside_the_main_way(compiled)
    found: Counter[tuple[int, str, str]] = Counter()
    for row in state["rows"]:
        name, parent, _inside, _id, data = row + [-1, 0, None, None][len(row) - 1:]
        if name not in beside and "i" not in (data or {}):
            kind = compiled.elements[next(each for each in compiled.elements if each[1] == name)][0]
            via = (data or {}).get("via", "") if kind in {"parallelGateway", "inclusiveGateway"} else ""
            found[parent, name, via] += 1
    return [place for place, count in found.items() if count > 1]


def beside_the_main_way(compiled: CompiledSop) -> set[str]:
    """What lies behind boundary events that do not interrupt. Ids differ in all processes of an SOP here."""
    nodes = {node.id: node for process in take_stock(compiled.sources).processes.values()
             for node in process.nodes.values()}
    ahead = [node.id for node in nodes.values() if node.kind == "boundaryEvent" and not node.interrupting]
    found = set(ahead)
    while ahead:
        place = ahead.pop()
        after = [target for _process, _flow, source, target in compiled.flows if source == place]
        after += [node.id for node in nodes.values() if node.attached_to == place]
        ahead += [one for one in after if one not in found]
        found |= set(after)
    return found


@pytest.mark.parametrize("first", range(0, SOPS, BATCH))
def test_whatever_is_offered_can_be_done_and_leads_to_an_end(first: int) -> None:
    done: Counter[str] = Counter()
    for seed in range(first, first + BATCH):
        if grow(seed).loose:
            continue
        officer = Officer(seed)
        try:
            officer.walk()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        done += officer.done
    assert min(done["skip"], done["move"], done["back"]) > 3, done
