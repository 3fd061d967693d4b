"""From every place where a report of a shipped SOP comes to rest in some walk: whatever an officer is offered
can be done, can be kept, and still leads to an end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from app.adapters.holidays import default_calendar
from app.cli.sop_check import load_scenario
from app.engine.compiled import CompiledSop
from app.engine.intervene import cancel, move_token, send_back, skip
from app.engine.intervene_choices import Choices, choices
from app.engine.intervene_preview import preview
from app.engine.onward import Ended, some_end
from app.engine.runner import inspect
from app.engine.scenario import Advance, Complete, Deliver
from app.engine.scenario_days import with_days
from app.engine.step import Position, Refusal, State, Step, Tools
from app.engine.stepper import Stepper
from tests.sop.test_walks import SCENARIOS, SOPS, ZONE, sop


@dataclass(frozen=True)
class Place:
    """Where a walk rests. `past`: keys of what it has passed so far."""

    scenario: str
    state: State
    position: Position
    tools: Tools
    past: frozenset[str]


def places(key: str) -> Iterator[Place]:
    """Every different set of steps some walk of an SOP waits at, with the first time it does."""
    seen: set[tuple[tuple[str, ...], frozenset[str]]] = set()
    for path in SCENARIOS:
        if load_scenario(path).sop == key:
            for place in _walked(path):
                mark = (tuple(sorted(place.position.tokens)), place.past & proof(key))
                if mark not in seen:
                    seen.add(mark)
                    yield place


@cache
def proof(key: str) -> frozenset[str]:
    return sop(key).checked


def _walked(path: Path) -> list[Place]:
    scenario = load_scenario(path)
    compiled, found, past = sop(scenario.sop), list[Place](), set[str]()
    calendar = with_days(default_calendar(ZONE), scenario.days)

    def note(now: datetime, step: Step) -> None:
        past.update(compiled.key_of(one.process, one.element) for one in step.visited)
        if not step.position.ended:
            found.append(Place(path.stem, step.state, step.position, Tools(now, calendar), frozenset(past)))

    stepper = Stepper(compiled, calendar, at=scenario.at, data=scenario.data, watch=note)
    stepper.begin()
    for act in scenario.acts:
        if isinstance(act, Advance):
            stepper.advance(act)
        elif isinstance(act, Complete | Deliver):
            stepper.do(act)
    return found


@pytest.mark.parametrize("key", SOPS)
def test_everything_offered_can_be_done_and_leads_to_an_end(key: str) -> None:
    compiled, done, rested = sop(key), Counter[str](), 0
    for place in places(key):
        rested += 1
        offered = choices(compiled, place.state, tools=place.tools, past=place.past)
        for kind, name, answer in _answers(compiled, place, offered):
            where = f"{place.scenario}: {place.position.tokens}, {kind} {name}"
            assert isinstance(answer, Step), f"{where}: {answer}"
            kept = json.loads(json.dumps(answer.state, allow_nan=False))
            assert inspect(compiled, kept) == answer.position, where
            if not answer.position.ended:
                outcome = some_end(compiled, kept, tools=place.tools)
                assert isinstance(outcome, Ended), f"{where}: {outcome}"
            told = preview(compiled, place.state, answer)
            assert told.disappear or told.open or told.timers or told.messages_lost, where
            done[kind] += 1
    assert rested >= 4
    assert done["pindahkan"] >= rested, "where a report waits it can be taken elsewhere"
    assert done["kembalikan"] >= 3


def _answers(compiled: CompiledSop, place: Place,
             offered: Choices) -> Iterator[tuple[str, str, Step | Refusal]]:
    state, tools = place.state, place.tools
    yield "batalkan", "", cancel(compiled, state, tools=tools, by="admin")
    for token in offered.tokens:
        if token.skip_refused is None:
            yield "lewati", token.element, skip(compiled, state, token.token, tools=tools, by="admin")
        for target in token.moves:
            if target.refused is None:
                yield "pindahkan", f"{token.element} -> {target.target}", move_token(
                    compiled, state, token.token, target.target, tools=tools, by="admin")
    for target in offered.backs:
        if target.refused is None:
            yield "kembalikan", target.target, send_back(
                compiled, state, target.target, tools=tools, by="admin", past=place.past)


@pytest.mark.parametrize("key", SOPS)
def test_every_refusal_is_a_sentence_without_ids(key: str) -> None:
    """Officers read names, never ids of elements or data."""
    compiled = sop(key)
    ids = {element for _process, element in compiled.elements if "_" in element}
    for place in places(key):
        offered = choices(compiled, place.state, tools=place.tools, past=place.past)
        said = [one for token in offered.tokens
                for one in (token.skip_refused, token.move_refused, *(to.refused for to in token.moves))]
        for text in filter(None, [*said, *(to.refused for to in offered.backs)]):
            assert text.endswith("."), text
            assert not [one for one in ids if one in text], text
