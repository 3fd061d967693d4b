"""What both sides show of an instance, in one form, and what tells two of them apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from app.engine.step import OpenTask, Position

from .graph import Json
from .interpreter import Interpreter
from .tokens import Activity

View = dict[str, Json]


def key_of(task: Mapping[str, Json]) -> str:
    return json.dumps(task, sort_keys=True, default=str)


def _minute(moment: datetime | None) -> str | None:
    """Seconds are rounded away: shares of a deadline are computed in floating point."""
    return None if moment is None else (moment.astimezone(UTC) + timedelta(seconds=5)).strftime("%d %b %H:%M")


def engine_task(task: OpenTask) -> Mapping[str, Json]:
    return {"at": [task.process, task.element], "role": task.role, "item": task.item,
            "scope": dict(task.scope), "opened": _minute(task.opened), "due": _minute(task.due),
            "unit": task.due_unit}


def token_task(task: Activity) -> Mapping[str, Json]:
    return {"at": [task.scope.process, task.node.id], "role": task.role or "", "item": task.item,
            "scope": task.local, "opened": _minute(task.opened), "due": _minute(task.due), "unit": task.unit}


def engine_view(position: Position) -> View:
    return {
        "open": sorted(key_of(engine_task(t)) for t in position.open),
        "timers": sorted(str((t.process, t.element, _minute(t.due), t.host, t.interrupting))
                         for t in position.timers),
        "waiting": sorted(position.waiting),
        "next": _minute(position.next_wake),
        "variables": dict(position.variables),
        "ended": position.ended,
        "reason": position.end_reason,
    }


def oracle_view(world: Interpreter) -> View:
    ended = world.ended
    return {
        "open": sorted(key_of(token_task(t)) for t in world.open_tasks()) if not ended else [],
        "timers": sorted(
            str((a.scope.process, t.node.id, _minute(t.due), t.node.host, t.node.interrupting))
            for a, t in world.timers()) if not ended else [],
        "waiting": sorted(world.waiting()) if not ended else [],
        "next": _minute(min((t.due for _, t in world.timers()), default=None)) if not ended else None,
        "variables": world.variables,
        "ended": ended,
        "reason": world.reason,
    }


def whole_view(position: Position) -> View:
    """Everything a position says, ids included."""
    return {**engine_view(position), "ids": sorted(t.id for t in position.open), "status": position.status,
            "timer_tasks": sorted(str((t.element, t.task_id)) for t in position.timers),
            "next": position.next_wake, "tokens": sorted(position.tokens)}


def difference(ours: View, theirs: View) -> str:
    parts = []
    for name in ours:
        mine, other = ours[name], theirs[name]
        if mine != other and name == "variables":
            names = [key for key in {**mine, **other} if mine.get(key) != other.get(key) or key not in mine]
            mine, other = ({key: view.get(key, "-") for key in names} for view in (mine, other))
        if mine != other:
            parts.append(f"{name}: oracle {mine} engine {other}")
    return "; ".join(parts)


def fingerprint(value: object, seen: dict[int, object] | None = None) -> str:
    """A text that changes with anything inside a structure of objects; each object is told once."""
    seen = {} if seen is None else seen
    if isinstance(value, str | bytes | int | float | bool | type) or value is None or callable(value):
        return getattr(value, "__qualname__", None) or repr(value)
    if id(value) in seen:
        return "…"
    seen[id(value)] = value
    if isinstance(value, Mapping):
        inside = [f"{key}:{fingerprint(one, seen)}" for key, one in value.items()]
    elif isinstance(value, set | frozenset):
        inside = sorted(fingerprint(one, seen) for one in value)
    elif isinstance(value, list | tuple):
        inside = [fingerprint(one, seen) for one in value]
    else:
        names = [*getattr(value, "__dict__", ()),
                 *(name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ()))]
        inside = [f"{name}={fingerprint(getattr(value, name, None), seen)}" for name in names]
    return f"{type(value).__name__}({','.join(inside)})"
