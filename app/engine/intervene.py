"""What an officer with a special permission may do to a running instance, beyond completing its tasks.

Each is a push like those of `runner`: the given state is not touched, what is due happens first (where that
fails, the operation goes before it, for it may be the cure), and the answer is a `Step` or a `Refusal` that
says why not. A token is never taken to where the SOP itself could not have it beside the others, never run
out of order, never called back to life; and nothing is done after which the report cannot come to an end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from SpiffWorkflow.task import Task

from app.domain.words import told
from app.engine import persons
from app.engine.compiled import CompiledSop
from app.engine.intervene_data import lacks_proof
from app.engine.intervene_places import Instance
from app.engine.intervene_rules import (
    ENDED,
    GONE,
    NO_REASON,
    UNKNOWN_TOKEN,
    UNREADABLE,
    no_end_reason,
    one_place,
    place_beside,
    sentence,
    what_goes,
    why_not_moved,
    why_not_skipped,
    would_stop,
)
from app.engine.motion import advance, closed_by_deadline, finish, guarded
from app.engine.onward import Stuck, some_end
from app.engine.run import Run
from app.engine.runner import inspect
from app.engine.specs.activities import UserTask
from app.engine.specs.base import put
from app.engine.state import load
from app.engine.step import EngineFault, Refusal, State, Step, Tools

MOST_WALKED = 80
"""With more live tokens (timers counted) the way on to an end is not walked any more: that the SOP can come
to such a marking is proof enough, and a walk of hundreds of tasks takes seconds."""
Act = Callable[[Run, Instance], str | None]
"""Does it; or why it is not to be done."""


def cancel(compiled: CompiledSop, state: State, reason: str = "dibatalkan", *, tools: Tools,
           by: str) -> Step | Refusal:
    """End the instance here and now: every task, timer and wait disappears. `reason` is the end reason, never
    one that says the work was done. Works also where the SOP cannot go on, even where its total deadline
    cannot be counted: then it has none."""
    wrong = no_end_reason(reason)
    if wrong is not None:
        return Refusal("NotPossible", wrong)
    run, top = load(compiled, state, tools)
    if not top.task_tree.children:
        return Refusal("NotOpen", ENDED)
    for task in list(top.task_tree.children):
        task.workflow._remove_task(task.id)
    run.state["end"] = reason
    try:
        return finish(run, top)
    except EngineFault:
        run.state["rule"] = ""
        return finish(run, top)


def skip(compiled: CompiledSop, state: State, token: str, *, tools: Tools, by: str,
         walked: int = MOST_WALKED) -> Step | Refusal:
    """Go on behind an open task (or a wait) as if it were done, with none of its answers: data of an earlier
    round stay as they are. Whoever skips counts as having handled the task for the rules about persons."""
    return _operate(compiled, state, token, tools, walked, lambda run, one: _skip(run, one, token, by))


def move_token(compiled: CompiledSop, state: State, token: str, target: str, *, tools: Tools,
               by: str, walked: int = MOST_WALKED) -> Step | Refusal:
    """Take one token to another step of its scope. `token`, `target`: as `choices` names them."""
    return _operate(compiled, state, token, tools, walked, lambda _run, one: _move(one, token, target))


def send_back(compiled: CompiledSop, state: State, target: str, *, tools: Tools, by: str,
              past: Collection[str] = (), walked: int = MOST_WALKED) -> Step | Refusal:
    """Open an earlier step again; the tokens that came of it are taken away, those beside it stay.

    `past`: keys of the steps this instance has passed. Without them a step counts as passed only where no
    way leads around it.
    """
    return _operate(compiled, state, None, tools, walked, lambda _run, one: _send_back(one, target, past))


def _operate(compiled: CompiledSop, state: State, token: str | None, tools: Tools, walked: int,
             act: Act) -> Step | Refusal:
    run, top = load(compiled, state, tools)
    if not top.task_tree.children:
        return Refusal("NotOpen", ENDED)
    instance = Instance(compiled, top)
    if token is not None and token not in instance.tokens:
        return Refusal("NotOpen", UNKNOWN_TOKEN)
    try:
        advance(run, top)
    except EngineFault:
        run, top = load(compiled, state, tools)
        instance = Instance(compiled, top)
    try:
        if token is not None and not instance.is_live(instance.tokens[token]):
            return closed_by_deadline(run, top, GONE)
        refused = act(run, instance)
        if refused is not None:
            return Refusal("NotPossible", refused)
        step = finish(run, top)
    except EngineFault as fault:
        return Refusal("NotPossible", would_stop(compiled, run.state, fault))
    return _proven(compiled, state, step, tools, walked)


def _skip(run: Run, instance: Instance, token: str, by: str) -> str | None:
    task = instance.tokens[token]
    refused = why_not_skipped(task)
    if refused is not None:
        return refused
    if not isinstance(task.task_spec, UserTask):
        task._ready()
        return None
    persons.pass_over(run, task, by)
    guarded(task.run)
    run.closed[:] = [(*one[:3], "cancelled", None) if one[0] == token else one for one in run.closed]
    return None


def _move(instance: Instance, token: str, target: str) -> str | None:
    task = instance.tokens[token]
    element, refused = place_beside(instance, task, target)
    if element is None:
        return refused
    scope = instance.scope_of(task)
    refused = why_not_moved(scope, task, element)
    if refused is not None:
        return refused
    _replace(scope.workflow, (task,), element)
    return None


def _send_back(instance: Instance, target: str, past: Collection[str]) -> str | None:
    place, refused = one_place(instance, target)
    if place is None:
        return refused
    scope, element = place
    goes, refused = what_goes(instance, scope, element, past)
    if refused is not None:
        return refused
    _replace(scope.workflow, goes, element)
    return None


def _replace(workflow: Any, goes: Collection[Task], element: Any) -> None:
    for task in goes:
        workflow._remove_task(task.id)
    guarded(lambda: put(workflow, element))


def _proven(compiled: CompiledSop, before: State, step: Step, tools: Tools, walked: int) -> Step | Refusal:
    """The step, once it is sure that it loads back and still leads to an end."""
    if step.position.ended:
        if step.position.end_reason is None:
            return Refusal("NotPossible", NO_REASON)
        return step
    if inspect(compiled, step.state) != step.position:
        return Refusal("NotPossible", UNREADABLE)
    unproven = lacks_proof(compiled, step.state)
    if unproven is not None and lacks_proof(compiled, before) is None:
        return Refusal("NotPossible", told(
            "Foto bukti belum diterima pemeriksa, jadi dari sana laporan akan berhenti di “%(end)s”. Pilih "
            "langkah yang lebih awal.", end=unproven))
    if max(len(before["rows"]), len(step.state["rows"])) > walked:
        return step
    way = some_end(compiled, step.state, tools=tools)
    if isinstance(way, Stuck) and not isinstance(some_end(compiled, before, tools=tools), Stuck):
        return Refusal("NotPossible", told(
            "Dari sana laporan tidak dapat sampai ke akhir: %(why)s", why=sentence(way.text)))
    return step

