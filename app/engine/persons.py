"""Who did what, as far as the rules of four eyes and of proof need it; kept compactly in the state.

`who`: everybody who completed a task (only in SOPs that have a `fresh` task). `did`: for each checked task,
everybody who completed it in any round. `proof`: for each completed checked task, whether its photos were
accepted since. Rule: the SOP file contract, "Photo proof" and `fresh`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task

from app.domain.words import told
from app.engine import declaration
from app.engine.run import Run, lineage, run_of
from app.engine.step import Json, Refusal, State

PROVEN_END = "selesai"
ACCEPTED = "bukti_diterima"
OWN_WORK = told("Pekerjaan ini Anda kerjakan sendiri; pemeriksaannya harus oleh orang lain.")
NOT_FRESH = told("Tugas ini harus dikerjakan orang yang belum pernah menangani laporan ini.")


def same_person(run: Run, task: Task, by: str) -> Refusal | None:
    """The refusal when `by` did the work this task checks, or any task of a report that wants fresh eyes."""
    declared = task.task_spec.declared
    checked = run.compiled.checked_by(declared)
    if checked is not None and by in run.state.get("did", {}).get(checked, ()):
        return Refusal("SamePerson", OWN_WORK)
    if declared.fresh and by in run.state.get("who", ()):
        return Refusal("SamePerson", NOT_FRESH)
    return None


def remember(run: Run, task: Task, by: str, answers: Mapping[str, Json]) -> None:
    """A person completed a task."""
    compiled, state = run.compiled, run.state
    declared: declaration.Task = task.task_spec.declared
    own = compiled.key_of(declared.process, declared.element)
    if compiled.has_fresh:
        _add(state.setdefault("who", []), by)
    if own in compiled.checked:
        _add(state.setdefault("did", {}).setdefault(own, []), by)
        state.setdefault("proof", {})[own + _path(task)] = False
    checked = compiled.checked_by(declared)
    if checked is not None:
        _judge(state, checked + _path(task), answers.get(ACCEPTED) is True)


def pass_over(run: Run, task: Task, by: str) -> None:
    """A person skipped a task: they handled the report, and photos accepted before prove nothing for this
    round."""
    compiled, state = run.compiled, run.state
    declared: declaration.Task = task.task_spec.declared
    own = compiled.key_of(declared.process, declared.element)
    if compiled.has_fresh:
        _add(state.setdefault("who", []), by)
    if own in compiled.checked:
        _add(state.setdefault("did", {}).setdefault(own, []), by)
        _judge(state, own + _path(task), False)


def reach_end(task: Task, reason: str) -> None:
    """An end event with a reason: the last one reached, anywhere in the instance, is the report's.

    Faults when `selesai` is reached in an SOP with a check of photos that has not accepted them since the
    work was last done.
    """
    run = run_of(task)
    process = task.task_spec.node.process
    if reason == PROVEN_END and run.compiled.needs_proof(process):
        proof: Mapping[str, bool] = run.state.get("proof", {})
        wanted = [accepted for key, accepted in proof.items() if run.compiled.proves(process, key)]
        if not wanted or not all(wanted):
            run.fault(task, "laporan tidak dapat selesai: bukti foto belum diterima pemeriksa.")
    run.state["end"] = reason


def _judge(state: State, key: str, accepted: bool) -> None:
    """A check outside a multi-instance judges the work of all its children."""
    proof: dict[str, bool] = state.setdefault("proof", {})
    for one in proof:
        if one == key or one.startswith((f"{key}#", f"{key}.")):
            proof[one] = accepted


def _path(task: Task) -> str:
    """`#0.2` for the third child inside the first child; empty outside any multi-instance."""
    places = [str(one.internal_data["i"]) for one in reversed(lineage(task)) if "i" in one.internal_data]
    return "#" + ".".join(places) if places else ""


def _add(people: list[Any], by: str) -> None:
    if by not in people:
        people.append(by)
