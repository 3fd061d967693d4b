"""The flowchart table laid out on sheets: columns, heights of rows, page breaks between rows, symbols.

More than eight pelaksana go on on a further sheet; whatever leaves a sheet does so through a numbered
segilima. Heights depend on what leaves the sheet, and the sheets on the heights: it is repeated until it
holds, after a while with heights that only grow. Source: PermenPANRB 35/2012.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from app.adapters.typeset_exits import LABEL_HEIGHT, Exit, enters_level, exits_of, reach, spread
from app.adapters.typeset_page import (
    BODY,
    GUTTER,
    LANE_HEAD,
    LEADING,
    MOST_LANES,
    MOST_LINES,
    PAD,
    SIZE,
    SIZES,
    WIDTH,
    Box,
    PlacedRow,
    Sheet,
)
from app.adapters.typeset_text import lines
from app.engine.document import DocumentRow, Part

_TEXTS = (0.25, 0.165, 0.125, 0.165, 0.295)
"""Shares of the text columns: Kegiatan, Kelengkapan, Waktu, Output, Keterangan."""
_NUMBER = 7.5
_LANE = (13.2, 21.0)
"""Least and most width of a lane."""
_ENTRY, _ENTRY_AWAY, _ENTRY_LEVEL = 3.6, 8.2, 1.7
_EXIT, _EXIT_AWAY = 1.2, 7.8
_GAP = 2.4
_FREE_ROUNDS, _ROUNDS = 8, 24
_NAME_SIZE = 7.2
_GOES_ON = "… (lengkapnya pada Catatan)"
_HEADINGS = ("Kegiatan", "Kelengkapan", "Waktu", "Output", "Keterangan", "Keputusan")
Room: TypeAlias = tuple[float, float, float]
_LEAST: Room = (_ENTRY, _EXIT, _GAP)


def sheets_of(part: Part) -> list[tuple[Sheet, dict[int, list[Exit]]]]:
    """Sheets in printing order, each with the exits of its rows by row index. Symbols are placed."""
    groups = lane_groups(part)
    grow: dict[int, Room] = {}
    pages: list[list[int]] = []
    needed: Mapping[int, Room] = {}
    for turn in range(_ROUNDS):
        before = grow, pages
        pages = [page for group in groups for page in _paged(part, group, grow)]
        needed = _needed_room(part, groups, pages, grow)
        grow = needed if turn < _FREE_ROUNDS else {
            index: _larger(needed[index], grow.get(index, _LEAST)) for index in needed}
        if (grow, pages) == before:
            break
    return [_sheet(part, _group_of(page, part, groups), page, needed) for page in pages if page]


def lane_groups(part: Part) -> list[range]:
    """Lanes that share a sheet: cut where the fewest ways are cut."""
    count = len(part.lanes)
    if count <= MOST_LANES:
        return [range(count)]
    cuts = []
    for first in range(max(1, count - MOST_LANES), min(MOST_LANES, count - 1) + 1):
        crossed = sum((part.rows[way.source].lane < first) != (part.rows[way.target].lane < first)
                      for way in part.ways)
        cuts.append((crossed, abs(count - 2 * first), first))
    if not cuts:
        return [range(at, min(at + MOST_LANES, count)) for at in range(0, count, MOST_LANES)]
    first = min(cuts)[2]
    return [range(first), range(first, count)]


def columns_of(lanes: int) -> tuple[float, ...]:
    """Widths of all columns; the first lane's holds the gutter too."""
    each = min(_LANE[1], max(_LANE[0], (WIDTH * 0.42 - GUTTER) / lanes))
    left = WIDTH - _NUMBER - GUTTER - each * lanes
    texts = [share * left for share in _TEXTS]
    return (_NUMBER, texts[0], each + GUTTER, *([each] * (lanes - 1)), *texts[1:])


def _group_of(page: Sequence[int], part: Part, groups: Sequence[range]) -> range:
    return next(group for group in groups if part.rows[page[0]].lane in group)


def _paged(part: Part, group: range, grow: Mapping[int, Room]) -> list[list[int]]:
    """Rows of one lane group, by sheet."""
    pages: list[list[int]] = [[]]
    used = 0.0
    columns = columns_of(len(group))
    room = BODY + LANE_HEAD - _head(_names(part, group, columns))
    for index, row in enumerate(part.rows):
        if row.lane not in group:
            continue
        height = _height(row, _cells(row, columns, len(group)), grow.get(index, _LEAST))
        if pages[-1] and used + height > room:
            pages.append([])
            used = 0.0
        pages[-1].append(index)
        used += height
    return [page for page in pages if page]


def _needed_room(part: Part, groups: Sequence[range], pages: Sequence[Sequence[int]],
                 grow: Mapping[int, Room]) -> dict[int, Room]:
    """Room each row needs above, below and between its symbols on the sheet it stands on now."""
    needed: dict[int, Room] = {}
    for page in pages:
        sheet, exits = _sheet(part, _group_of(page, part, groups), page, grow)
        shown = set(page)
        for placed in sheet.rows:
            own = exits[placed.index]
            away = not shown.issuperset(part.sources(placed.index))
            above, below = reach(own, placed)
            foot = next((one for one in own if one.side == "bottom"), None)
            half = placed.last.height / 2
            end = _EXIT if foot is None or not foot.away else _EXIT_AWAY
            if foot is not None and foot.label:
                end = max(end, LABEL_HEIGHT + (7.4 if foot.away else 1.4))
            level = away and enters_level(placed, exits)
            start = _ENTRY_LEVEL if level else _ENTRY_AWAY if away else _ENTRY
            gap = _GAP
            if len(placed.symbols) > 1:
                gap = max(gap, above - half + 0.4)
            else:
                start = max(start, above - half + (0.8 if level else _ENTRY_AWAY if away else 1.6))
            needed[placed.index] = (start, max(end, below - half + 0.4), gap)
    return needed


def _larger(one: Room, other: Room) -> Room:
    return max(one[0], other[0]), max(one[1], other[1]), max(one[2], other[2])


def _names(part: Part, group: range, columns: Sequence[float]) -> tuple[tuple[str, ...], ...]:
    """Names of pelaksana in lines; bold letters are a little wider than those that are measured."""
    each = columns[3] if len(group) > 1 else columns[2] - GUTTER
    return tuple(lines(part.lanes[at], (each - 1.0) / 1.05, _NAME_SIZE) for at in group)


def _head(names: Sequence[Sequence[str]]) -> float:
    return max(LANE_HEAD, max(len(name) for name in names) * 2.95 + 1.8)


def _cells(row: DocumentRow, columns: Sequence[float], lanes: int) -> tuple[tuple[str, ...], ...]:
    widths = [columns[1], *columns[2 + lanes:], columns[1]]
    texts = [row.activity, row.inputs.replace("; ", ";\n"), row.time,
             row.output.replace("; ", ";\n"), "\n".join(row.notes), row.question]
    whole = (lines(text, width - 2 * PAD - 0.2, SIZE) for text, width in zip(texts, widths, strict=True))
    return tuple(cell if len(cell) <= MOST_LINES else (*cell[:MOST_LINES - 1], _GOES_ON) for cell in whole)


def _cut(row: DocumentRow, cells: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    texts = (row.activity, row.inputs, row.time, row.output, " ".join(row.notes), row.question)
    return tuple((heading, text) for heading, text, cell in zip(_HEADINGS, texts, cells, strict=True)
                 if cell and cell[-1] == _GOES_ON)


def _height(row: DocumentRow, cells: Sequence[Sequence[str]], grow: Room) -> float:
    activity, *others, asked = (len(cell) for cell in cells)
    text = max(activity + asked, *others) * LEADING + 2 * PAD
    return max(text, grow[0] + _stack(row, grow[2]) + grow[1])


def _stack(row: DocumentRow, gap: float) -> float:
    return sum(SIZES[symbol][1] for symbol in row.symbols) + gap * (len(row.symbols) - 1)


def _sheet(part: Part, group: range, page: Sequence[int],
           grow: Mapping[int, Room]) -> tuple[Sheet, dict[int, list[Exit]]]:
    columns = columns_of(len(group))
    names = _names(part, group, columns)
    sheet = Sheet(part.name, tuple(part.lanes[at] for at in group), names, _head(names), columns)
    top = 0.0
    for index in page:
        row, room = part.rows[index], grow.get(index, _LEAST)
        cells = _cells(row, columns, len(group))
        placed = PlacedRow(index, row, group.index(row.lane), cells, _cut(row, cells), top,
                           _height(row, cells, room))
        spare = placed.height - room[0] - room[1] - _stack(row, room[2])
        y = top + room[0] + spare / 2
        placed.entry = y - room[0] + (1.6 if room[0] < _ENTRY_AWAY else 3.4)
        for symbol in row.symbols:
            width, height = SIZES[symbol]
            placed.symbols.append(Box(sheet.center(placed.lane) - width / 2, y, width, height))
            y += height + room[2]
        sheet.rows.append(placed)
        top += placed.height
    here = {placed.index: placed for placed in sheet.rows}
    exits = {}
    for placed in sheet.rows:
        exits[placed.index] = exits_of(placed, part.out(placed.index), here, sheet)
        spread(exits[placed.index], placed)
    return sheet, exits
