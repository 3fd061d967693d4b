"""A token interpreter for the plain graph: an instance, moved by people, messages and time."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime

from .graph import Json
from .moments import arm
from .movement import Movement, NoWay, Stuck, Uncaught
from .tokens import Activity

__all__ = ["Interpreter", "NoWay", "Stuck", "Uncaught"]


class Interpreter(Movement):
    """One instance. `now` is the moment of the push it was given last."""

    def start(self) -> bool:
        """Run to the first rest."""
        self._settle()
        return self._may_go_on()

    def wake(self, now: datetime) -> bool:
        """Fire everything due at `now`."""
        self._ring(now)
        return self._may_go_on()

    def complete(self, task: Activity, answers: Mapping[str, Json], now: datetime) -> bool:
        """False when a due timer takes the task away first."""
        self._ring(now)
        if not task.live:
            self._may_go_on()
            return False
        for question in task.node.questions:
            task.env[0][question.id] = copy.deepcopy(answers.get(question.id))
        self._done(task)
        self._settle()
        return self._may_go_on()

    def extend(self, task: Activity, until: datetime, now: datetime) -> bool:
        """Set the deadline of an open task; shares of it not fired yet follow, and may be due at once.

        A multi-instance is put off when all its open children were: to the earliest of their deadlines.
        """
        self.now = now
        self._put_off(task, until)
        whole = task.wrapper
        if whole is not None and all(child.extended for child in whole.children):
            self._put_off(whole, min(child.due for child in whole.children if child.due is not None))
        return self.wake(now)

    def _put_off(self, host: Activity, until: datetime) -> None:
        host.due, host.extended = until, True
        for timer in host.timers:
            if timer.node.timer is not None and timer.node.timer.kind == "tenggat":
                timer.due = arm(timer.node, timer.order, self.now, host, self.calendar).due

    def deliver(self, message: str, data: Mapping[str, Json], now: datetime) -> bool:
        """False when nobody waits for it (any more)."""
        self._ring(now)
        takers = [(a, way) for a in self.activities() for name, way in a.messages() if name == message]
        for activity, _ in takers:
            activity.env[0].update(copy.deepcopy(dict(data)))
        for activity, way in takers:
            if activity.live:
                self._happen(activity, way)
        self._settle()
        return self._may_go_on() and bool(takers)
