"""What another version of its SOP would mean for one running report: tried on a copy, nothing is written.

The copy is moved, loaded back, compared clock by clock, and walked on to an end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from app.domain.words import Sentence, told
from app.engine import runner
from app.engine.ahead import same_ahead
from app.engine.compiled import CompiledSop
from app.engine.migration import Clock, Done, Matter, Moved, migrate
from app.engine.onward import Stuck, some_end
from app.engine.step import EngineFault, Position, State, Tools

log = structlog.get_logger("tuntas.moves")

Verdict = Literal["tetap", "dapat", "keputusan"]
"""`tetap`: nothing changes on its way, it ends where it began; `dapat`: it can move as it stands;
`keputusan`: somebody has to decide."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`movable`: it may be moved now. `state`: as it stood for the trial, timers that were due fired.
    `moved` is None where it is not movable. `steps`: names of what is open, in the version it runs on."""

    verdict: Verdict
    movable: bool
    state: State
    steps: tuple[str, ...]
    matters: tuple[Matter, ...]
    clocks: tuple[Clock, ...]
    moved: Moved | None


def judge(
    old: CompiledSop,
    new: CompiledSop,
    state: State,
    *,
    tools: Tools,
    mapping: Mapping[str, str],
    accepted: Collection[str] = (),
    drafted: Mapping[str, Iterable[str]] | None = None,
    past: Sequence[Done] = (),
) -> Judged:
    """Judge one report. `drafted`: open task -> names of fields somebody has typed into. Raises EngineFault
    when the state cannot be loaded under its own version."""
    position = runner.inspect(old, state)
    if position.next_wake is not None and position.next_wake <= tools.now:
        try:
            step = runner.wake(old, state, tools=tools)
        except EngineFault as fault:
            said = told("Waktunya tiba, tetapi alurnya terhenti: %(why)s", why=fault.text)
            return Judged("keputusan", False, state, steps_of(old, position),
                          (Matter("gangguan", "", said, blocks=True),), (), None)
        state, position = step.state, step.position
    steps = steps_of(old, position)
    if position.ended:
        return Judged("tetap", False, state, steps, (), (), None)
    stays = same_ahead(old, new, state)
    answer = migrate(old, new, state, mapping, tools=tools, accepted=accepted, past=past)
    if not isinstance(answer, Moved):
        return Judged("keputusan", False, state, steps, answer.matters, (), None)
    lost = _undecided(_typed(old, new, answer, drafted or {}), accepted)
    stuck = _walked(old, new, state, answer.state, tools)
    open_matters = [*lost, *_undecided(stuck, accepted)]
    if open_matters:
        verdict: Verdict = "tetap" if stays else "keputusan"
        return Judged(verdict, False, state, steps, (*answer.notes, *open_matters), answer.clocks, None)
    return Judged("tetap" if stays else "dapat", True, state, steps, answer.notes, answer.clocks, answer)


def judged_safely(
    old: CompiledSop,
    new: CompiledSop,
    state: State,
    *,
    tools: Tools,
    mapping: Mapping[str, str],
    accepted: Collection[str] = (),
    drafted: Mapping[str, Iterable[str]] | None = None,
    past: Sequence[Done] = (),
) -> Judged:
    """The same; a report that cannot be judged at all is left to somebody, and holds up no other."""
    try:
        return judge(old, new, state, tools=tools, mapping=mapping, accepted=accepted, drafted=drafted,
                     past=past)
    except EngineFault as fault:
        return unreadable(state, fault)
    except Exception:
        # A fault of ours, met in memory and on one report: the others are judged all the same.
        log.exception("report_not_judged")
        return _not_judged(state, told("Laporan ini tidak dapat diperiksa karena gangguan program."))


def unreadable(state: State, fault: EngineFault) -> Judged:
    """A report that cannot be read under its own version."""
    return _not_judged(state, told("Laporan ini tidak dapat dibaca: %(why)s", why=fault.text))


def _not_judged(state: State, words: str) -> Judged:
    return Judged("keputusan", False, state, (), (Matter("gangguan", "", words, blocks=True),), (), None)


def needs_past(old: CompiledSop, new: CompiledSop) -> bool:
    """Whether `new` has rules about persons of which a state under `old` knows nothing."""
    return bool(new.checked - old.checked) or (new.has_fresh and not old.has_fresh)


def steps_of(sop: CompiledSop, position: Position) -> tuple[str, ...]:
    """Names of what is open, or of what is waited for."""
    open_ = [task.name for task in position.open]
    if not open_:
        pairs = {element: name for (_process, element), (_tag, name) in sop.elements.items()}
        open_ = [pairs.get(token) or token for token in position.tokens]
    return tuple(dict.fromkeys(open_))


def sentence(text: str) -> list[Any]:
    """A sentence as rows keep it: pattern and values, so that it can be said in another language."""
    if isinstance(text, Sentence):
        return [text.pattern, dict(text.values)]
    return [text, {}]


def said(kept: Sequence[Any]) -> str:
    """The sentence again."""
    pattern, values = kept
    return told(pattern, **values) if values else told(pattern)


def matter_json(matter: Matter) -> dict[str, Any]:
    """A matter as rows keep it."""
    return {
        "kind": matter.kind, "element": matter.element, "text": sentence(matter.text),
        "blocks": matter.blocks, "asks": matter.asks, "targets": list(matter.targets),
        "at": None if matter.at is None else matter.at.isoformat(),
    }  # fmt: skip


def _undecided(matters: Iterable[Matter], accepted: Collection[str]) -> list[Matter]:
    return [one for one in matters if one.blocks or one.mark not in accepted]


def _typed(old: CompiledSop, new: CompiledSop, moved: Moved, drafted: Mapping[str, Iterable[str]]
           ) -> list[Matter]:
    """Drafts that hold answers which the new form does not ask, or asks otherwise."""
    was = {task.id: task for task in moved.before.open}
    found = []
    for task in moved.position.open:
        typed = set(drafted.get(task.id, ()))
        if not typed:
            continue
        before = {field.id: field for field in old.task(was[task.id].process, was[task.id].element).fields}
        after = {field.id: field for field in new.task(task.process, task.element).fields}
        lost = [before[name].label or name for name in before if name in typed
                and (name not in after or after[name].type != before[name].type)]
        if lost:
            words = told("Pada “%(name)s” sudah diketik %(fields)s, yang tidak ada lagi di formulir baru.",
                         name=task.name, fields=", ".join(lost))
            key = old.key_of(was[task.id].process, was[task.id].element)
            found.append(Matter("formulir", key, words))
    return found


def _walked(old: CompiledSop, new: CompiledSop, before: State, after: State, tools: Tools) -> list[Matter]:
    """What keeps the moved copy from reaching an end; also said when the report had none before."""
    outcome = some_end(new, after, tools=tools)
    if not isinstance(outcome, Stuck):
        return []
    if isinstance(some_end(old, before, tools=tools), Stuck):
        words = told("Di versi lama pun tidak terbukti sampai akhir: %(why)s", why=outcome.text)
        return [Matter("tanpa_akhir", "", words)]
    words = told("Di versi baru laporan ini tidak sampai akhir: %(why)s", why=outcome.text)
    return [Matter("buntu", outcome.element or "", words, blocks=True)]
