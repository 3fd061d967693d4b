"""Smaller diagrams that still disagree: every edit takes something out of the block tree."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from .blocks import Block, Draft


def shrink(draft: Draft, disagrees: Callable[[Draft], bool], *, seconds: float = 60.0) -> Draft:
    """The smallest draft found by taking one thing after another away, within a time limit."""
    until = time.monotonic() + seconds
    found = True
    while found:
        found = False
        for smaller in edits(draft):
            if time.monotonic() > until:
                return draft
            if disagrees(smaller):
                draft, found = smaller, True
                break
    return draft


def edits(draft: Draft) -> Iterator[Draft]:
    for key in list(draft.processes)[1:]:
        smaller = copy.deepcopy(draft)
        del smaller.processes[key]
        if all(key != b.node.called for path in _paths(smaller) for b in path):
            yield smaller
    for number, path in enumerate(_paths(draft)):
        for index, block in enumerate(path):
            for change in _changes(block):
                smaller = copy.deepcopy(draft)
                target = _paths(smaller)[number]
                target[index:index + 1] = change(target[index])
                yield smaller


def _paths(draft: Draft) -> list[list[Block]]:
    bodies = list(draft.processes.values())
    return [*bodies, *(path for body in bodies for block in body for path in block.below())]


def _changes(block: Block) -> Iterator[Callable[[Block], list[Block]]]:
    yield lambda _: []
    for n in range(len(block.parts)):
        yield lambda b, n=n: b.parts[n]  # type: ignore[misc]
    for n in range(len(block.sides)):
        yield lambda b, n=n: _without_side(b, n)  # type: ignore[misc]
    if block.node.multi is not None:
        yield lambda b: _with(b, multi=None)
    if block.node.deadline is not None and not any(
            s.node.timer is not None and s.node.timer.kind == "tenggat" for s in block.sides):
        yield lambda b: _with(b, deadline=None)
    if len(block.parts) > 2:
        for n in range(len(block.parts)):
            yield lambda b, n=n: _without_part(b, n)  # type: ignore[misc]


def _without_side(block: Block, n: int) -> list[Block]:
    del block.sides[n]
    return [block]


def _without_part(block: Block, n: int) -> list[Block]:
    del block.parts[n]
    del block.conditions[n]
    return [block]


def _with(block: Block, **changes: object) -> list[Block]:
    block.node = replace(block.node, **changes)  # type: ignore[arg-type]
    return [block]
