"""Does a failing path of the exploration happen on the real engine? Walk it there, push by push."""

from __future__ import annotations

import json
from typing import Any

from app.engine.cases_answers import plausible_answers
from app.engine.compiler import CompiledSop
from app.engine.functions import standard_functions
from app.engine.runner import complete, deliver, start, wake
from app.engine.soundness_data import Value
from app.engine.soundness_trail import Problem, Turn
from app.engine.step import EngineFault, Position, Refusal, State, Step, Tools, WorkingTime

from .diagrams import MONDAY


class NotReplayed(Exception):
    """The path takes moments in an order the clock does not allow, or one of several open ones."""


class Replay:
    """`fault`: what stopped the engine; `tokens`: where tokens stood when the path was walked."""

    def __init__(self, compiled: CompiledSop, calendar: WorkingTime, data: dict[str, Any]) -> None:
        self.compiled = compiled
        self.calendar = calendar
        self.now = MONDAY
        self.data = data
        self.fault: EngineFault | None = None
        self.state: State = {}
        self.position: Position | None = None
        self.passed: list[str] = []

    def walk(self, problem: Problem) -> Replay:
        data = dict(self.data)
        for turn in problem.turns:
            for name, value in turn.assumed.items():
                if name in self.data or name not in data:
                    data[name] = told(value)
        try:
            for turn in problem.turns:
                self.turn(turn, data)
        except EngineFault as fault:
            self.fault = fault
        return self

    def turn(self, turn: Turn, data: dict[str, Any]) -> None:
        match turn.kind:
            case "start" if turn.element is None:
                self.take(start(self.compiled, data, tools=self.tools))
            case "message":
                self.take(deliver(self.compiled, self.state, turn.name or "", {}, tools=self.tools))
            case "time":
                self.ring(turn.element or "")
            case "complete":
                self.complete(turn)

    @property
    def tools(self) -> Tools:
        return Tools(self.now, self.calendar)

    def take(self, reply: Step | Refusal) -> None:
        assert isinstance(reply, Step), reply
        self.state = json.loads(json.dumps(reply.state))
        self.position = reply.position
        self.passed += [visit.element for visit in reply.visited]

    def ring(self, element: str) -> None:
        assert self.position is not None
        due = min(self.position.timers, key=lambda timer: timer.due, default=None)
        if due is None or due.element != element:
            raise NotReplayed(element)
        self.now = max(self.now, due.due)
        self.take(wake(self.compiled, self.state, tools=self.tools))

    def complete(self, turn: Turn) -> None:
        """Once for each child where it is repeated: the exploration takes them as one."""
        assert self.position is not None
        ids = {task.id for task in self.position.open if task.element == turn.element}
        repeated = any(task.item is not None for task in self.position.open if task.id in ids)
        if len(ids) > 1 and not repeated:
            raise NotReplayed(f"{turn.element} is open {len(ids)} times")
        while ids:
            task = next(one for one in self.position.open if one.id in ids)
            ids.discard(task.id)
            declared = self.compiled.task(task.process, task.element)
            chosen = {one.id: told(turn.answers[one.id]) for one in declared.fields if one.id in turn.answers}
            answers = plausible_answers(declared, {**self.position.variables, **task.scope}, chosen,
                                        functions=standard_functions(self.tools))
            self.take(complete(self.compiled, self.state, task.id, answers, by=f"orang {len(self.passed)}",
                               tools=self.tools))
            if not repeated:
                return


def told(value: Value) -> Any:
    return [told(one) for one in value] if isinstance(value, tuple) else value
