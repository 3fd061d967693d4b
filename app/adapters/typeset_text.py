"""Text measured with the very font the document is set in (Source Sans Pro, SIL Open Font License 1.1).

Lines are broken here and only drawn by the typesetter, so that heights and arrows are known before it runs.
Lengths are millimetres. Source of the tables: OpenType 1.9, `head`, `hhea`, `hmtx`, `cmap` format 4.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
FACES = {"regular": "SourceSansPro-Regular.ttf", "bold": "SourceSansPro-Semibold.ttf"}
POINT = 25.4 / 72


class Face:
    """Advance widths of one font file."""

    def __init__(self, content: bytes) -> None:
        tables = {content[at: at + 4].decode("ascii"): struct.unpack_from(">II", content, at + 8)
                  for at in range(12, 12 + 16 * struct.unpack_from(">H", content, 4)[0], 16)}
        self._units: int = struct.unpack_from(">H", content, tables["head"][0] + 18)[0]
        count: int = struct.unpack_from(">H", content, tables["hhea"][0] + 34)[0]
        start = tables["hmtx"][0]
        self._widths = [struct.unpack_from(">H", content, start + 4 * at)[0] for at in range(count)]
        self._glyphs = _characters(content, tables["cmap"][0])

    def width(self, text: str, size: float) -> float:
        """Millimetres of one line at `size` points, without kerning."""
        units = sum(self._widths[min(self._glyphs.get(ord(letter), 0), len(self._widths) - 1)]
                    for letter in text)
        return float(units / self._units * size * POINT)


@lru_cache(maxsize=4)
def face(name: str) -> Face:
    return Face((FONTS / FACES[name]).read_bytes())


@lru_cache(maxsize=4096)
def lines(text: str, width: float, size: float) -> tuple[str, ...]:
    """`text` broken into lines no wider than `width`; a word wider than that is broken inside."""
    measure = face("regular")
    if not text:
        return ()
    rows: list[str] = []
    for paragraph in text.splitlines():
        current = ""
        for word in paragraph.split():
            for piece in _pieces(word, width, size, measure):
                longer = f"{current} {piece}" if current else piece
                if current and measure.width(longer, size) > width:
                    rows.append(current)
                    current = piece
                else:
                    current = longer
        rows.append(current)
    return tuple(rows)


def width_of(text: str, size: float) -> float:
    return face("regular").width(text, size)


def _pieces(word: str, width: float, size: float, measure: Face) -> list[str]:
    """A word as it is, or in parts that fit; a long one is broken after `/` or `-` where it can be."""
    if measure.width(word, size) <= width:
        return [word]
    pieces = [""]
    for letter in word:
        if pieces[-1] and measure.width(pieces[-1] + letter, size) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _characters(content: bytes, start: int) -> Mapping[int, int]:
    """Code point -> glyph, from the Unicode table of the basic plane."""
    count: int = struct.unpack_from(">H", content, start + 2)[0]
    for at in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", content, start + 4 + 8 * at)
        if (platform, encoding) in {(3, 1), (0, 3)}:
            return _segments(content, start + offset)
    raise ValueError("Huruf tanpa tabel Unicode.")


def _segments(content: bytes, start: int) -> dict[int, int]:
    twice: int = struct.unpack_from(">H", content, start + 6)[0]
    ends, begins = start + 14, start + 16 + twice
    found: dict[int, int] = {}
    for at in range(0, twice, 2):
        last, first = (struct.unpack_from(">H", content, place + at)[0] for place in (ends, begins))
        delta, reach = (struct.unpack_from(">H", content, begins + times * twice + at)[0] for times in (1, 2))
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if reach:
                place = begins + 2 * twice + at + reach + 2 * (code - first)
                glyph = struct.unpack_from(">H", content, place)[0]
                if glyph == 0:
                    continue
            found[code] = (glyph + delta) & 0xFFFF
    return found
