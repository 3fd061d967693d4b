"""How the engine is pushed for each kind of operation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.domain.words import told
from app.engine import intervene, runner
from app.engine.compiler import CompiledSop
from app.engine.step import Refusal, Step, Tools
from app.services.operations_shape import CANCEL, CANCELLED, DEADLINE, MOVE, SEND_BACK, SKIP
from app.services.push import Pull

NOT_OPEN = told("Tugas ini sudah selesai atau tidak diperlukan lagi.")
FARTHEST_YEARS = 5
"""How far off a deadline may be put; farther is a slip of the hand, and every day until then is counted."""


class CannotBe(Exception):
    """It cannot be done; `text` says why, in words for the officer."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operation asks of the engine. `past`: keys of steps this instance has passed."""

    parameters: Mapping[str, Any]
    by: str
    past: Collection[str] = ()

    def text(self, name: str) -> str:
        """A parameter that has to be there. Raises CannotBe."""
        value = self.parameters.get(name)
        if not isinstance(value, str) or not value:
            raise CannotBe(told("Pilih dahulu langkahnya."))
        return value


def pull_for(
    kind: str, parameters: Mapping[str, Any], *, by: str, past: Collection[str] = ()
) -> Pull:
    """How the engine is pushed for an operation of this kind. Raises CannotBe: the parameters say nothing."""
    make = _PULLS.get(kind)
    if make is None:
        raise CannotBe(told("Tindakan ini tidak dikenal."))
    return make(Wanted(parameters, by, past))


def tasks_of(parameters: Mapping[str, Any]) -> list[str]:
    """`tugas` as a list of ids."""
    named = parameters.get("tugas") or []
    return [named] if isinstance(named, str) else [str(one) for one in named]


def _cancel(wanted: Wanted) -> Pull:
    return lambda sop, state, tools: intervene.cancel(sop, state, CANCELLED, tools=tools, by=wanted.by)


def _skip(wanted: Wanted) -> Pull:
    token = wanted.text("tugas")
    return lambda sop, state, tools: intervene.skip(sop, state, token, tools=tools, by=wanted.by)


def _move(wanted: Wanted) -> Pull:
    token, target = wanted.text("dari"), wanted.text("ke")
    return lambda sop, state, tools: intervene.move_token(
        sop, state, token, target, tools=tools, by=wanted.by
    )


def _send_back(wanted: Wanted) -> Pull:
    target, past = wanted.text("ke"), wanted.past
    return lambda sop, state, tools: intervene.send_back(
        sop, state, target, tools=tools, by=wanted.by, past=past
    )


def _deadline(wanted: Wanted) -> Pull:
    """Set the deadline of each task named to `sampai`: one moment for all, or one by task."""
    given = wanted.parameters.get("sampai")
    until = {
        task: _moment(given.get(task) if isinstance(given, Mapping) else given)
        for task in tasks_of(wanted.parameters)
    }
    if not until:
        raise CannotBe(NOT_OPEN)

    def pull(compiled: CompiledSop, state: dict[str, Any], tools: Tools) -> Step | Refusal:
        if min(until.values()) <= tools.now:
            raise CannotBe(told("Batas yang baru sudah lewat. Pilih waktu sesudah sekarang."))
        if max(until.values()) - tools.now > timedelta(days=366 * FARTHEST_YEARS):
            raise CannotBe(
                told("Batas yang baru lebih dari %(n)s tahun lagi. Periksa tahunnya.", n=FARTHEST_YEARS)
            )
        first, *others = until
        step = runner.extend(compiled, state, first, until[first], tools=tools)
        for task in others:
            if isinstance(step, Refusal):
                return step
            more = runner.extend(compiled, step.state, task, until[task], tools=tools)
            step = more if isinstance(more, Refusal) else _joined(step, more)
        return step

    return pull


def _moment(given: Any) -> datetime:
    try:
        until = datetime.fromisoformat(str(given))
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        raise CannotBe(told("Isi tanggal dan jam batas yang baru."))
    return until


def _joined(first: Step, then: Step) -> Step:
    """Two pushes told as one."""
    return replace(
        then,
        opened=(*first.opened, *then.opened),
        closed=(*first.closed, *then.closed),
        visited=(*first.visited, *then.visited),
        effects=(*first.effects, *then.effects),
        decisions=(*first.decisions, *then.decisions),
        fired=(*first.fired, *then.fired),
        flows=(*first.flows, *then.flows),
        moved=(*first.moved, *then.moved),
        status=then.status or first.status,
    )


_PULLS: Mapping[str, Callable[[Wanted], Pull]] = {
    DEADLINE: _deadline,
    CANCEL: _cancel,
    SKIP: _skip,
    MOVE: _move,
    SEND_BACK: _send_back,
}
