"""Put right an instance that cannot go on: other values in its data, or a newer version of its SOP.

Both answer with a new state and move nothing: the push that failed is tried again afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.words import told
from app.engine.compiled import CompiledSop
from app.engine.expressions import FUNCTIONS
from app.engine.limits import is_reserved
from app.engine.migration import carried
from app.engine.migration_rows import translate
from app.engine.runner import inspect
from app.engine.state import NotPlain, plain
from app.engine.step import EngineFault, Json, Position, Refusal, State

TIMERS = told("Versi baru mengubah batas waktu atau kejadian yang menempel pada langkah SOP ini.")


def correct(compiled: CompiledSop, state: State, values: Mapping[str, Json]) -> State | Refusal:
    """The state with other values for some names of its data. Refuses reserved names, names that only a
    repeated part of the process knows, and what is not JSON; the given state is not touched.
    Raises `EngineFault` when the state cannot be loaded."""
    local = _local_names(state["rows"])
    faults: dict[str, str] = {}
    for name, value in values.items():
        if not name.isidentifier() or name in FUNCTIONS or is_reserved(name):
            faults[name] = told("Nama ini tidak boleh dipakai untuk data.")
        elif name in local:
            faults[name] = told("Data ini milik satu cabang yang berulang; tidak dapat diperbaiki di sini.")
        else:
            try:
                plain({name: value})
            except NotPlain as error:
                faults[name] = str(error)
    if faults:
        return Refusal("InvalidAnswers", "Nilai pengganti tidak dapat dipakai.", faults)
    corrected: State = plain(state)
    corrected["vars"].update(plain(dict(values)))
    inspect(compiled, corrected)
    return corrected


def moved_to(old: CompiledSop, new: CompiledSop, state: State) -> State | Refusal:
    """The state under another version of the same SOP, where that is simple: the same steps are open with
    the same ids, the same timers run, the same messages are waited for. Otherwise why not.
    Raises `EngineFault` when the state cannot be loaded under the old version."""
    before = inspect(old, state)
    if set(old.boundaries) != set(new.boundaries):
        # A token that stands already would never get a boundary event that was added under it.
        return Refusal("NotExpected", TIMERS)
    moved = carried(old, new, state, translate(old, new, plain(state), {}))
    try:
        after = inspect(new, moved)
    except EngineFault:
        return Refusal("NotExpected", "Versi baru tidak punya langkah tempat laporan ini berdiri.")
    for what, said in (
        (_open, told("Versi baru mengubah langkah yang sedang terbuka di laporan ini.")),
        (_timers, TIMERS),
        (_rest, told("Versi baru menunggu hal lain di tempat laporan ini berdiri.")),
    ):
        if what(before) != what(after):
            return Refusal("NotExpected", said)
    return moved


def _open(position: Position) -> Any:
    return sorted((task.id, task.process, task.element, task.role) for task in position.open)


def _timers(position: Position) -> Any:
    return sorted((one.process, one.element, one.due, one.host or "", one.task_id or "", one.interrupting)
                  for one in position.timers)


def _rest(position: Position) -> Any:
    return (sorted(position.tokens), position.waiting, position.total_due, position.total_paused)


def _local_names(rows: list[list[Any]]) -> set[str]:
    """Names that live in one child of a multi-instance, and hide a datum of the same name."""
    return {name for row in rows if len(row) > 4 and row[4] for name in row[4].get("loc", {})}
