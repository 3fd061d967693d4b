"""Sheets of the printed SOP as plain places: what the typesetter draws. Lengths are millimetres, from the top
left corner of the flowchart table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from app.engine.document import DocumentRow

Point: TypeAlias = tuple[float, float]

PAPER = (297.0, 210.0)
"""A4 landscape."""
MARGIN = (10.0, 12.0, 13.0)
"""Left and right, top, bottom."""
WIDTH = PAPER[0] - 2 * MARGIN[0]
TITLE = 8.0
HEAD, LANE_HEAD = 5.2, 9.6
"""Heights of the two rows of the table's head; the second grows with long names of pelaksana."""
TOTAL = 6.0
"""Line below the table that tells the total limit."""
BODY = PAPER[1] - MARGIN[1] - MARGIN[2] - TITLE - HEAD - LANE_HEAD - TOTAL
"""Room for rows below a head of the least height."""
SIZE = 7.6
"""Points of the table's text."""
LEADING = 3.25
MOST_LINES = 36
"""Of one cell; longer texts go on below the table's sheets."""
PAD = 1.1
GUTTER = 7.0
"""Room left of the first lane for arrows that lead back."""
MOST_LANES = 8
SIZES = {"box": (8.4, 5.0), "diamond": (9.2, 6.6), "capsule": (8.8, 4.6)}
"""Width and height of the symbols."""


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    def meets(self, other: Box, gap: float = 0.0) -> bool:
        return (self.x < other.right + gap and other.x < self.right + gap
                and self.y < other.bottom + gap and other.y < self.bottom + gap)

    def crossed_by(self, one: Point, other: Point, gap: float = 0.0) -> bool:
        """Whether an upright or level line runs through."""
        line = Box(min(one[0], other[0]), min(one[1], other[1]), abs(one[0] - other[0]),
                   abs(one[1] - other[1]))
        return self.meets(line, gap)


@dataclass(frozen=True, slots=True)
class Arrow:
    points: tuple[Point, ...]
    head: bool = True


@dataclass(frozen=True, slots=True)
class Label:
    box: Box
    text: str


@dataclass(frozen=True, slots=True)
class Connector:
    """A segilima: `incoming` ones stand where a way goes on."""

    box: Box
    text: str
    incoming: bool


@dataclass(slots=True)
class PlacedRow:
    """A row on its sheet. `cells`: lines of Kegiatan, Kelengkapan, Waktu, Output, Keterangan, and of the
    question that stands below Kegiatan."""

    index: int
    row: DocumentRow
    lane: int
    """Column on this sheet."""
    cells: tuple[tuple[str, ...], ...]
    cut: tuple[tuple[str, str], ...] = ()
    """(column, whole text) of cells that hold only the beginning."""
    top: float = 0.0
    height: float = 0.0
    symbols: list[Box] = field(default_factory=list)
    entry: float = 0.0
    """Height of the line by which ways come in from the side."""

    @property
    def head(self) -> Box:
        return self.symbols[0]

    @property
    def last(self) -> Box:
        return self.symbols[-1]


@dataclass(slots=True)
class Sheet:
    title: str
    lanes: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    """The same in lines."""
    head: float
    """Height of the head's second row."""
    columns: tuple[float, ...]
    """Widths: No, Kegiatan, each lane (the first with the gutter), Kelengkapan, Waktu, Output, Ket."""
    rows: list[PlacedRow] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    connectors: list[Connector] = field(default_factory=list)
    aside: str = ""
    """Where the steps are that are missing here."""
    total: str = ""
    """Words of the total limit, on the last sheet of a part."""

    @property
    def left(self) -> float:
        """Where the lanes begin."""
        return self.columns[0] + self.columns[1]

    @property
    def right(self) -> float:
        return self.left + sum(self.columns[2: 2 + len(self.lanes)])

    def center(self, lane: int) -> float:
        each = self.columns[3] if len(self.lanes) > 1 else self.columns[2] - GUTTER
        return self.left + GUTTER + each * (lane + 0.5)

    def gap(self) -> float:
        """Width between the symbols of neighbouring lanes."""
        each = self.columns[3] if len(self.lanes) > 1 else self.columns[2] - GUTTER
        return each - SIZES["diamond"][0]
