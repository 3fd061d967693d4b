"""Which version of its SOP a report followed when: events speak of steps and flows of their own time."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.engine.compiled import CompiledSop
from app.engine.declaration import Task
from app.services import sop_versions

MOVES = ("InstanceMoved", "SopMoved", "SopMovedBack")
"""Events after which an SOP (`sop`) goes on under the version `ke`, no longer `dari`; `petaan`: what was
called otherwise before."""


class Versions:
    """The SOPs of one report through its story. `now`: key -> the version that runs today."""

    def __init__(self, session: Session, now: Mapping[str, CompiledSop], events: Iterable[Row[Any]]) -> None:
        self._session = session
        self.ran = dict(now)
        """Key -> the version at the place in the story that was reached."""
        self._ever = list(now.values())
        for event in reversed([one for one in events if one.type in MOVES]):
            self._take(event.data["sop"], event.data["dari"])

    def pass_(self, event: Row[Any]) -> bool:
        """Go on past an event; whether it was a move."""
        if event.type not in MOVES:
            return False
        self._take(event.data["sop"], event.data["ke"])
        return True

    def all(self) -> Iterable[tuple[str, CompiledSop]]:
        """First what ran at this place, then every other version, by key."""
        yield from self.ran.items()
        yield from ((one.key, one) for one in self._ever)

    def _take(self, key: str, version: str) -> None:
        found = sop_versions.compiled(self._session, uuid.UUID(version))
        self.ran[key] = found
        if found not in self._ever:
            self._ever.append(found)


def task_then(session: Session, now: CompiledSop, events: Sequence[Row[Any]], process: str, element: str
              ) -> Task:
    """The declaration of a task, also of one closed under an earlier version that today's no longer draws.
    Raises KeyError when no version of the story has it."""
    declared = now.tasks.get((process, element))
    if declared is not None:
        return declared
    earlier = Versions(session, {now.key: now}, events)
    for _key, sop in earlier.all():
        if (process, element) in sop.tasks:
            return sop.task(process, element)
    raise KeyError((process, element))


def names_of(step: str, events: Sequence[Row[Any]]) -> set[str]:
    """What a step of today was called in earlier versions too."""
    names = {step}
    for event in reversed(events):
        if event.type in MOVES:
            names |= {old for old, new in event.data.get("petaan", {}).items() if new in names}
    return names
