"""Where the ways of a row leave its symbols: below, to the left or to the right, and at which height.

One way out for every answer of a decision; ways without an answer share one, and so do the events on a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from app.adapters.typeset_page import PlacedRow, Sheet
from app.adapters.typeset_text import width_of
from app.engine.document import RowWay

Side: TypeAlias = Literal["bottom", "left", "right"]
LABEL_SIZE = 6.8
LABEL_HEIGHT = 2.5
_STEP, _STEP_WORDS, _STEP_AWAY = 1.7, 3.5, 5.5
"""Between exits at one side: bare lines, lines with words over them, connectors."""
_ROOM = 17.0
"""Half a symbol, a line and a connector: what an exit to another sheet needs besides its words."""


@dataclass(slots=True)
class Exit:
    """`targets`: rows on this sheet; `away`: rows on another, reached through a connector."""

    row: PlacedRow
    label: str
    aside: bool
    targets: list[int] = field(default_factory=list)
    away: list[int] = field(default_factory=list)
    side: Side = "bottom"
    y: float = 0.0
    far: int = 0
    """How far its level line runs: the longest of a side leaves highest, so that none cuts other words."""

    @property
    def width(self) -> float:
        return width_of(self.label, LABEL_SIZE) + 0.4 if self.label else 0.0


def exits_of(row: PlacedRow, ways: Sequence[RowWay], here: Mapping[int, PlacedRow],
             sheet: Sheet) -> list[Exit]:
    """Exits of one row with their sides; heights are set by `spread`. `here`: rows of the sheet by index."""
    groups: dict[tuple[str, bool, bool], Exit] = {}
    for way in ways:
        away = way.target not in here
        aside = way.kind != "flow" and (len(row.symbols) > 1 or not away)
        found = groups.setdefault((way.label, aside, away), Exit(row, way.label, aside))
        known = found.away if away else found.targets
        if way.target not in known:
            known.append(way.target)
    exits = sorted(groups.values(), key=lambda one: (one.aside, bool(one.away)))
    below = _below(row, exits, here)
    for one in exits:
        if one is not below:
            one.side = _side(one, here, sheet, exits)
            one.far = _far(one, here)
    return sorted(exits, key=lambda one: -one.far)


def _far(one: Exit, here: Mapping[int, PlacedRow]) -> int:
    """Ways back run to the edge; connectors stand beside the symbol, but lead no line down."""
    if one.away:
        return 100
    return max(200 if target <= one.row.index else abs(here[target].lane - one.row.lane)
               for target in one.targets)


def _below(row: PlacedRow, exits: Sequence[Exit], here: Mapping[int, PlacedRow]) -> Exit | None:
    """The exit that leaves at the foot: to the nearest row further down in the same column, else away."""
    straight = [one for one in exits if not one.aside and len(one.targets) == 1 and not one.away
                and one.targets[0] > row.index and here[one.targets[0]].lane == row.lane
                and is_free(row, here[one.targets[0]], here)]
    straight.sort(key=lambda one: one.targets[0])
    if straight:
        return straight[0]
    following = [one for one in exits if one.away and not one.aside and min(one.away) > row.index]
    blocked = len([one for one in exits if not one.aside]) > 1 and not following
    return None if blocked or not following else min(following, key=lambda one: min(one.away))


def is_free(source: PlacedRow, target: PlacedRow, here: Mapping[int, PlacedRow]) -> bool:
    """Whether no symbol stands between two rows in the column of the lower one."""
    return all(row.lane != target.lane for index, row in here.items() if source.index < index < target.index)


def _side(one: Exit, here: Mapping[int, PlacedRow], sheet: Sheet, others: Sequence[Exit]) -> Side:
    row = one.row
    if one.targets:
        target = here[one.targets[0]]
        if target.index <= row.index or target.lane < row.lane:
            return "left"
        return "right" if target.lane > row.lane or row.lane < len(sheet.lanes) - 1 else "left"
    x = sheet.center(row.lane)
    room = {"left": x - sheet.left, "right": sheet.right - x}
    tight = {side for side, length in room.items() if length < one.width + _ROOM}
    for other in others:
        if other is not one and other.side in room and other.aside == one.aside:
            room[other.side] -= 14.0
    if len(tight) == 1:
        return "left" if "right" in tight else "right"
    return "right" if room["right"] >= room["left"] else "left"


def enters_level(row: PlacedRow, exits: Mapping[int, Sequence[Exit]]) -> bool:
    """Whether a connector may lead into the left side of the first symbol: nothing else of this sheet comes
    in, nothing leaves there, and no way leads back along it."""
    everything = [one for group in exits.values() for one in group]
    if any(row.index in one.targets for one in everything):
        return False
    if row.lane == 0 and any(target <= one.row.index for one in everything for target in one.targets):
        return False
    at_head = [one for one in exits[row.index] if one.side == "left" and (one.aside or len(row.symbols) == 1)]
    return not at_head


def spread(exits: Sequence[Exit], row: PlacedRow) -> None:
    """Set the heights of side exits, evenly round the middle of the symbol they leave."""
    for group in _groups(exits, row):
        middle = (row.head if group[0].aside else row.last).middle[1]
        for one, offset in zip(group, _offsets(group), strict=True):
            one.y = middle + offset


def reach(exits: Sequence[Exit], row: PlacedRow) -> tuple[float, float]:
    """How far side exits reach above the middle of the last symbol with their words, and below it."""
    above, below = 0.0, 0.0
    for group in _groups(exits, row):
        if group[0].aside and len(row.symbols) > 1:
            continue
        offsets = _offsets(group)
        words = LABEL_HEIGHT + 0.3 if any(one.label for one in group) else 0.9
        above, below = max(above, words - offsets[0]), max(below, offsets[-1] + 0.8)
    return above, below


def _groups(exits: Sequence[Exit], row: PlacedRow) -> list[list[Exit]]:
    groups: dict[tuple[bool, Side], list[Exit]] = {}
    for one in exits:
        if one.side != "bottom":
            groups.setdefault((one.aside and len(row.symbols) > 1, one.side), []).append(one)
    return list(groups.values())


def _offsets(group: Sequence[Exit]) -> list[float]:
    at, found = 0.0, []
    for place, one in enumerate(group):
        if place:
            both_away = bool(one.away and group[place - 1].away)
            at += _STEP_AWAY if both_away else _STEP_WORDS if one.label else _STEP
        found.append(at)
    return [one - at / 2 for one in found]
