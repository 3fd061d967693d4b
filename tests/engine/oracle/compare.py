"""Walk one SOP at random in the engine and in the interpreter, and compare after every push.

After each push the engine's state goes through JSON text and the SOP through `compile_sop` again, as it does
between two requests. Tasks that look alike from outside (one process called twice at once) may stand for
either of two tokens: then both possibilities are followed as `worlds` until the engine rules one out.
"""

from __future__ import annotations

import copy
import json
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.engine.compiler import CompiledSop, Source, compile_sop
from app.engine.runner import complete, deliver, extend, inspect, recalculate, start, wake
from app.engine.step import EngineFault, OpenTask, Position, Refusal, State, Step, Tools

from .blocks import Draft, Malformed, lower
from .calendar import START, OfficeHours
from .graph import Json, Node, Sop
from .interpreter import Interpreter, NoWay, Stuck, Uncaught
from .tokens import Activity
from .views import (
    difference,
    engine_task,
    engine_view,
    fingerprint,
    key_of,
    oracle_view,
    token_task,
    whole_view,
)
from .xml import bpmn

PUSHES = 60
WORLDS = 24
"""With more possibilities than this a walk is broken off: it would prove little, slowly."""
WATCHED = 0.1
"""Share of walks after which the compiled SOP is proven unchanged, which takes as long as a walk."""


@dataclass
class Outcome:
    """What one walk gave. `problem` is None when both agreed to the last push."""

    pushes: int = 0
    ended: bool = False
    faulted: bool = False
    """Both say that the SOP cannot go on."""
    problem: str | None = None
    unsound: str | None = None
    """The diagram cannot run though it was grown to (a shrunken one may)."""
    story: list[str] = field(default_factory=list)


class Disagree(Exception):
    """Engine and oracle do not say the same."""


class TooManyWorlds(Exception):
    """Too many tokens look alike to know which one the engine moved."""


class Faulted(Exception):
    """Engine and oracle both say that this push cannot happen."""


Taken = bool | NoWay | Stuck | Uncaught
"""What a push did in a world: happened, was refused, or cannot be."""


def check(draft: Draft, seed: int, *, pushes: int = PUSHES) -> Outcome:
    outcome = Outcome()
    try:
        sop = lower(draft)
        _Walk(sop, random.Random(seed), outcome).run(pushes)
    except TooManyWorlds:
        outcome.story.append("broken off: too many possibilities")
    except Malformed as error:
        outcome.unsound = f"malformed at {error}"
    except Faulted as error:
        outcome.faulted = True
        outcome.unsound = None if draft.loose else str(error)
    except Disagree as error:
        outcome.problem = str(error)
    return outcome


class _Walk:
    def __init__(self, sop: Sop, rng: random.Random, outcome: Outcome) -> None:
        self.sop = sop
        self.rng = rng
        self.outcome = outcome
        self.calendar = OfficeHours()
        self.now = START
        self.sources = [Source("oracle.bpmn", bpmn(sop).encode())]
        self.worlds: list[Interpreter] = []
        self.state: State = {}
        self.position: Position

    @property
    def compiled(self) -> CompiledSop:
        return compile_sop(self.sources, key=self.sop.processes[0].id)

    @property
    def tools(self) -> Tools:
        return Tools(self.now, self.calendar)

    def run(self, pushes: int) -> None:
        reply = self.guarded(lambda: start(self.compiled, dict(self.sop.data), tools=self.tools))
        world = Interpreter(self.sop, self.sop.data, self.now, self.calendar)
        self.accept("start", reply, ((world, possible(world.start)),))
        watched = self.rng.random() < WATCHED
        untouched = fingerprint(self.compiled.specs) if watched else ""
        while not self.position.ended and self.outcome.pushes < pushes:
            self.outcome.pushes += 1
            self.push()
        self.outcome.ended = self.position.ended
        self.push_nothing()
        if watched and fingerprint(self.compiled.specs) != untouched:
            raise Disagree("the walk changed the compiled SOP")

    def guarded(self, action: Callable[[], Step | Refusal]) -> Step | Refusal | EngineFault:
        """A push; whatever comes of it, the state it was given stays as it was."""
        kept = json.dumps(self.state)
        try:
            return action()
        except EngineFault as fault:
            return fault
        finally:
            if json.dumps(self.state) != kept:
                raise Disagree("a push changed the state it was given")

    # --- one push

    def push(self) -> None:
        world = self.worlds[0]
        menu = ["complete"] * 6 * bool(self.position.open) + ["message"] * 2 * bool(world.waiting())
        menu += ["time"] * 2 * bool(world.timers()) + ["nothing"] + ["extension"] * bool(self.extensible())
        action = self.rng.choice(menu)
        self.now += timedelta(minutes=1)
        if self.rng.random() < 0.15:
            self.now += timedelta(minutes=self.rng.randrange(3000))
        getattr(self, f"push_{action}")()

    def push_complete(self) -> None:
        tasks = sorted(self.position.open, key=lambda one: (key_of(engine_task(one)), one.id))
        task = self.rng.choice(tasks)
        key = key_of(engine_task(task))
        answers: dict[str, Json] = {}
        for question in self.node(task).questions:
            if question.options:
                answers[question.id] = self.rng.choice(question.options)
            elif self.rng.random() < 0.6:
                answers[question.id] = self.rng.randrange(4)
        self.say(f"complete {task.element} {answers}")
        reply = self.guarded(lambda: complete(
            self.compiled, self.state, task.id, answers, by="budi", tools=self.tools))
        self.accept("complete", reply, self.forked(
            lambda world: [t for t in world.open_tasks() if key_of(token_task(t)) == key],
            lambda world, token: world.complete(token, answers, self.now)))

    def node(self, task: OpenTask) -> Node:
        return next(n for p in self.sop.processes for g in p.everywhere() for n in g.nodes.values()
                    if n.id == task.element)

    def push_message(self) -> None:
        name = self.rng.choice(sorted(self.worlds[0].waiting()))
        data = {"pilih0": self.rng.choice("abc")} if self.rng.random() < 0.5 else {}
        self.say(f"deliver {name} {data}")
        reply = self.guarded(lambda: deliver(self.compiled, self.state, name, data, tools=self.tools))
        undone = isinstance(reply, Refusal) and reply.step is None
        kept = copy.deepcopy(self.worlds) if undone else None
        self.accept("deliver", reply, self.forked(
            lambda world: [None], lambda world, _: world.deliver(name, data, self.now)))
        self.worlds = kept or self.worlds

    def push_time(self) -> None:
        """To the next timer, or past several at once."""
        moments = sorted({t.due for _, t in self.worlds[0].timers()})
        number = self.rng.choice((0, 0, self.rng.randrange(len(moments))))
        late = timedelta(minutes=self.rng.choice((0, 0, 3, 700)))
        self.now = max(self.now, moments[number] + late)
        self.say(f"wake at {self.now:%d %H:%M}")
        reply = self.guarded(lambda: wake(self.compiled, self.state, tools=self.tools))

        self.accept("wake", reply, self.forked(
            lambda world: [None], lambda world, _: world.wake(self.now)))

    def extensible(self) -> list[OpenTask]:
        """Open tasks with a deadline of their own."""
        return [task for task in self.position.open if task.due is not None]

    def push_extension(self) -> None:
        """An officer moves a deadline: timers that are shares of it follow."""
        task = self.rng.choice(sorted(self.extensible(), key=lambda one: (key_of(engine_task(one)), one.id)))
        key = key_of(engine_task(task))
        until = self.now + timedelta(hours=self.rng.randrange(1, 200))
        self.say(f"extend {task.element} until {until:%d %H:%M}")
        reply = self.guarded(lambda: extend(self.compiled, self.state, task.id, until, tools=self.tools))
        self.accept("extend", reply, self.forked(
            lambda world: [t for t in world.open_tasks() if key_of(token_task(t)) == key],
            lambda world, token: world.extend(token, until, self.now)))
        if isinstance(reply, Step) and any(task.id == one.id for one in self.position.open):
            told = ((task.id, task.due, until),)
            if reply.moved != told:
                raise Disagree(f"moved: {reply.moved}, not {told}")

    def push_nothing(self) -> None:
        """What nobody waits for is refused; counting again by the same calendar changes nothing."""
        self.say("refusals")
        tools = Tools(START, self.calendar)
        nobody = str(uuid.uuid4())
        replies = (
            self.guarded(lambda: complete(self.compiled, self.state, nobody, {}, by="budi", tools=tools)),
            self.guarded(lambda: deliver(self.compiled, self.state, "tidak_ada", {}, tools=tools)),
        )
        names = [reply.name if isinstance(reply, Refusal) else "step" for reply in replies]
        if names != ["NotOpen", "NotExpected"]:
            raise Disagree(f"expected refusals, got {names}")
        if self.position.next_wake is None or self.position.next_wake > self.now:
            again = self.guarded(lambda: recalculate(self.compiled, self.state, tools=self.tools))
            if not isinstance(again, Step) or whole_view(again.position) != whole_view(self.position):
                raise Disagree(f"the same calendar gives other deadlines: {again}")

    def forked(self, tokens: Callable[[Interpreter], list[Activity | None]],
               act: Callable[[Interpreter, Json], bool]) -> tuple[tuple[Interpreter, Taken], ...]:
        """Every world after the push, once for each token it may have meant."""
        after: list[tuple[Interpreter, Taken]] = []
        for world in self.worlds:
            meant = {t.place() if t is not None else None: n for n, t in enumerate(tokens(world))}
            if len(after) + len(meant) > WORLDS:
                raise TooManyWorlds
            for number in meant.values():
                own = world if len(meant) == 1 else copy.deepcopy(world)
                token = tokens(own)[number]
                after.append((own, possible(act, own, token)))
        return tuple(after)

    def say(self, text: str) -> None:
        self.outcome.story.append(f"{self.now:%d %H:%M} {text}")

    # --- agreement

    def accept(self, action: str, reply: Step | Refusal | EngineFault,
               after: tuple[tuple[Interpreter, Taken], ...]) -> None:
        """Keep the worlds that say the same as the engine; none left is a disagreement."""
        if isinstance(reply, EngineFault):
            faults = [taken for _, taken in after if isinstance(taken, Exception)]
            if faults:
                raise Faulted(f"{type(faults[0]).__name__} {faults[0]}")
            raise Disagree(f"{action}: engine fault: {reply.text} ({reply.element})")
        refused = isinstance(reply, Refusal)
        step = reply.step if isinstance(reply, Refusal) else reply
        if step is None:
            if not refused or action == "wake" or any(taken for _, taken in after):
                raise Disagree(f"{action}: engine refuses ({reply}), oracle does not")
            return
        self.check_step(step)
        theirs = engine_view(step.position)
        done = {"fired": sorted((f.element, f.due.isoformat(), f.count) for f in step.fired),
                "flows": sorted(step.flows), "refused": refused}
        worlds: dict[str, Interpreter] = {}
        reasons = []
        for world, taken in after:
            if isinstance(taken, Exception):
                reasons.append(f"oracle: {type(taken).__name__} {taken}; engine goes on")
                continue
            ours = oracle_view(world)
            did = {"fired": sorted((e, due.isoformat(), count) for e, due, count in world.fired),
                   "flows": sorted(world.taken), "refused": not taken}
            if ours == theirs and did == done:
                worlds[world.signature() if len(after) > 1 else ""] = world
            else:
                reasons.append(difference({**ours, **did}, {**theirs, **done}))
        if not worlds:
            raise Disagree(f"{action}: " + "\n    or: ".join(reasons[:3]))
        self.worlds = list(worlds.values())

    def check_step(self, step: Step) -> None:
        """What the step says of tasks adds up, and its state loads to the same position."""
        before = {t.id for t in self.position.open} if self.state else set()
        opened, closed = {t.id for t in step.opened}, {t.id for t in step.closed}
        now_open = {t.id for t in step.position.open}
        if (before | opened) - closed != now_open:
            raise Disagree(f"opened {step.opened}, closed {step.closed}: not {step.position.open}")
        if any((one.cause is None) != (one.reason == "completed") for one in step.closed):
            raise Disagree(f"a task is cancelled by something, and completed by nobody else: {step.closed}")
        self.state = json.loads(json.dumps(step.state))
        loaded = inspect(self.compiled, self.state)
        if whole_view(loaded) != whole_view(step.position):
            raise Disagree("loaded again: " + difference(whole_view(step.position), whole_view(loaded)))
        self.position = step.position


def possible(action: Callable[..., bool], *arguments: object) -> Taken:
    try:
        return action(*arguments)
    except (NoWay, Stuck, Uncaught) as error:
        return error
