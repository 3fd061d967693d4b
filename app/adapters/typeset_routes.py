"""Arrows, words on them and connectors of one sheet.

All ways into a row come in from above, by one short line into its first symbol; ways that leave one step
together share their line. So lines only meet where they mean the same. Arrows run upright and level only, and
back along the left edge. What is written on them is moved until no line runs through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from app.adapters.typeset_exits import LABEL_HEIGHT, Exit, enters_level, is_free
from app.adapters.typeset_page import GUTTER, SIZES, Arrow, Box, Connector, Label, PlacedRow, Point, Sheet
from app.adapters.typeset_text import width_of

_TRACK = 1.25
_PENT = 4.6
_NUMBER_SIZE = 7.0


def route(sheet: Sheet, exits: Mapping[int, Sequence[Exit]], numbers: Mapping[int, int],
          entered: Iterable[int]) -> None:
    """Fill in the sheet's arrows, labels and connectors. `numbers`: row -> number of its connector;
    `entered`: rows of this sheet that a way from another sheet leads to."""
    _Router(sheet, exits, numbers).draw(set(entered))


class _Router:
    def __init__(self, sheet: Sheet, exits: Mapping[int, Sequence[Exit]], numbers: Mapping[int, int]) -> None:
        self.sheet = sheet
        self.exits = exits
        self.numbers = numbers
        self.here = {row.index: row for row in sheet.rows}
        self.taken: dict[tuple[str, int], list[tuple[float, float, int]]] = {}
        """Tracks: (gutter, number) -> (from, to, target row)."""

    def draw(self, entered: set[int]) -> None:
        everything = [one for row in self.sheet.rows for one in self.exits[row.index]]
        for row in self.sheet.rows:
            self._inside(row)
        for one in everything:
            for target in one.targets:
                self._way(one, self.here[target])
        for index in sorted(entered):
            self._enter(self.here[index])
        for one in everything:
            if one.away:
                self._leave(one)
        for one in everything:
            if one.label and not one.away:
                self._write(one)

    def _inside(self, row: PlacedRow) -> None:
        for upper, lower in zip(row.symbols, row.symbols[1:], strict=False):
            x = upper.middle[0]
            self._line([(x, upper.bottom), (x, lower.y)])
        for aside in (True, False):
            for side in ("left", "right"):
                self._comb([one for one in self.exits[row.index] if one.side == side
                            and (one.aside and len(row.symbols) > 1) == aside])

    def _comb(self, group: Sequence[Exit]) -> None:
        """Several exits at one side begin at a short upright line beside the symbol."""
        if not group:
            return
        symbol = self._symbol(group[0])
        if len(group) == 1:
            return
        middle, bar = symbol.middle[1], self._start(group[0])
        edge = symbol.right if group[0].side == "right" else symbol.x
        self._line([(edge, middle), (bar, middle)], head=False)
        self._line([(bar, min(one.y for one in group)), (bar, max(one.y for one in group))], head=False)

    def _symbol(self, one: Exit) -> Box:
        return one.row.head if one.aside else one.row.last

    def _start(self, one: Exit) -> float:
        """Where the level line of a side exit begins."""
        symbol = self._symbol(one)
        alone = len([other for other in self.exits[one.row.index] if other.side == one.side
                     and self._symbol(other) is symbol]) == 1
        off = 0.0 if alone else 0.9
        return symbol.right + off if one.side == "right" else symbol.x - off

    def _way(self, one: Exit, target: PlacedRow) -> None:
        x = target.head.middle[0]
        end = (x, target.head.y)
        if one.side == "bottom":
            self._line([(x, one.row.last.bottom), end])
            return
        start = (self._start(one), one.y)
        forward = target.index > one.row.index
        if forward and target.lane != one.row.lane and is_free(one.row, target, self.here):
            self._line([start, (x, one.y), end])
            return
        at = self._track(one, target)
        self._line([start, (at, one.y), (at, target.entry), (x, target.entry), end])

    def _track(self, one: Exit, target: PlacedRow) -> float:
        """A free upright line for this way: back ones at the left edge, others beside the target's lane."""
        y = sorted((one.y, target.entry))
        if target.index <= one.row.index:
            return self.sheet.left + GUTTER - 1.4 - _TRACK * self._claim("back", y, target.index, 4)
        lanes = len(self.sheet.lanes)
        left_of = target.lane if target.lane > one.row.lane or target.lane == lanes - 1 else target.lane + 1
        number = self._claim(f"lane {left_of}", y, target.index, 3)
        middle = self.sheet.center(left_of) - (self.sheet.center(1) - self.sheet.center(0)) / 2 \
            if lanes > 1 else self.sheet.center(0) - SIZES["diamond"][0] / 2 - 2.0
        return middle + (0.0, -_TRACK, _TRACK)[number]

    def _claim(self, gutter: str, span: Sequence[float], target: int, most: int) -> int:
        for number in range(most):
            used = self.taken.setdefault((gutter, number), [])
            if all(to <= span[0] or span[1] <= begin or other == target for begin, to, other in used):
                used.append((span[0], span[1], target))
                return number
        return most - 1

    def _enter(self, row: PlacedRow) -> None:
        """A connector left of the symbol, above it, or beside its line where other ways come in."""
        text = str(self.numbers[row.index])
        width = _width(text)
        x, y = row.head.middle[0], row.entry
        if enters_level(row, self.exits):
            box = Box(row.head.x - 3.0 - width, row.head.middle[1] - _PENT / 2, width, _PENT)
            self._connect(box, text, True)
            self._line([(box.right, row.head.middle[1]), (row.head.x, row.head.middle[1])])
            return
        above = Box(x - width / 2, row.head.y - 7.2, width, _PENT)
        if self._free(above):
            self._connect(above, text, True)
            self._line([(x, above.bottom), (x, row.head.y)])
            return
        spots = [Box(x + side * (4.0 + step + width / 2) - width / 2, y - _PENT / 2, width, _PENT)
                 for step in (0.0, 2.0, 4.0, 8.0, 12.0, 18.0, 26.0) for side in (-1, 1)]
        box = self._best([spot for spot in spots if self._inside_lanes(spot)] or spots[:1])
        self._connect(box, text, True)
        edge = box.right if box.x < x else box.x
        self._line([(edge, y), (x, y), (x, row.head.y)])

    def _leave(self, one: Exit) -> None:
        text = _listed(sorted(self.numbers[row] for row in one.away))
        width = _width(text)
        if one.side == "bottom":
            x, y = one.row.last.middle[0], one.row.last.bottom
            down = LABEL_HEIGHT + 1.6 if one.label else 2.2
            box = Box(x - width / 2, y + down, width, _PENT)
            self._line([(x, y), (x, box.y)])
            self._connect(box, text, False)
            if one.label:
                self._label(one, [Box(x + 1.0, y + 0.2, one.width, LABEL_HEIGHT),
                                  Box(x - 1.0 - one.width, y + 0.2, one.width, LABEL_HEIGHT)])
            return
        start, way = self._start(one), 1 if one.side == "right" else -1
        first = max(2.8, one.width + 2.9)
        spots = []
        for step in range(24):
            near = start + way * (first + 0.6 * step)
            spots.append(Box(near if way > 0 else near - width, one.y - _PENT / 2, width, _PENT))
        box = self._best([spot for spot in spots if self._inside_lanes(spot)] or spots[:1])
        self._line([(start, one.y), (box.x if way > 0 else box.right, one.y)])
        self._connect(box, text, False)
        self._write(one)

    def _write(self, one: Exit) -> None:
        """The answer of a decision, above its line and as near to the symbol as nothing crosses it."""
        if not one.label:
            return
        if one.side == "bottom":
            x, y = one.row.last.middle[0], one.row.last.bottom
            self._label(one, [Box(x + 0.9, y + down, one.width, LABEL_HEIGHT) for down in (0.3, 1.5)]
                        + [Box(x - 0.7 - one.width, y + 0.3, one.width, LABEL_HEIGHT)])
            return
        start, way = self._start(one), 1 if one.side == "right" else -1
        spots = []
        for step in range(20):
            near = start + way * (0.7 + 0.7 * step)
            spots.append(Box(near if way > 0 else near - one.width, one.y - LABEL_HEIGHT - 0.35, one.width,
                             LABEL_HEIGHT))
        self._label(one, [spot for spot in spots if self._inside_lanes(spot)] or spots[:1])

    def _label(self, one: Exit, spots: Sequence[Box]) -> None:
        self.sheet.labels.append(Label(self._best(spots), one.label))

    def _connect(self, box: Box, text: str, incoming: bool) -> None:
        self.sheet.connectors.append(Connector(box, text, incoming))

    def _line(self, points: Sequence[Point], *, head: bool = True) -> None:
        plain = [point for place, point in enumerate(points) if place == 0 or point != points[place - 1]]
        self.sheet.arrows.append(Arrow(tuple(plain), head))

    def _inside_lanes(self, box: Box) -> bool:
        return self.sheet.left + 0.4 <= box.x and box.right <= self.sheet.right - 0.4

    def _best(self, spots: Sequence[Box]) -> Box:
        """The first free one, else the least troubled."""
        return next((spot for spot in spots if self._free(spot)), None) or min(spots, key=self._trouble)

    def _free(self, box: Box) -> bool:
        return self._trouble(box) == 0

    def _trouble(self, box: Box) -> float:
        """How much runs through or lies under a place."""
        sheet = self.sheet
        bad = sum(box.crossed_by(one, other, 0.15) for arrow in sheet.arrows
                  for one, other in zip(arrow.points, arrow.points[1:], strict=False))
        bad += 3 * sum(box.meets(symbol, 0.2) for row in sheet.rows for symbol in row.symbols)
        bad += 3 * sum(box.meets(label.box, 0.2) for label in sheet.labels)
        return bad + 3 * sum(box.meets(other.box, 0.3) for other in sheet.connectors)


def _width(text: str) -> float:
    return max(_PENT, width_of(text, _NUMBER_SIZE) + 1.8)


def _listed(numbers: Sequence[int]) -> str:
    """`4–7`, `2, 5`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
