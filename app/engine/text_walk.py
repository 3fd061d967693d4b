"""An SOP as a list to be read from top to bottom: who does what, in which time, and what comes then.

For readers of screens that speak, and for anybody who follows words more easily than a picture. Numbers are
those of the printed SOP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.engine.compiled import Source
from app.engine.document import AT_ONCE, NOTHING, DocumentRow, NothingToPrint, Part, sop_document


@dataclass(frozen=True, slots=True)
class Line:
    """`depth` 0: the SOP, 1: a step, 2: what belongs to a step. `element`: what to show on the picture."""

    depth: int
    element: str | None
    text: str


def text_walk(sources: Sequence[Source], key: str | None = None) -> list[Line]:
    """Lines in reading order; empty when the files hold no readable process of that key."""
    try:
        document = sop_document(sources, key)
    except NothingToPrint:
        return []
    lines: list[Line] = []
    for part in document.parts:
        total = f", seluruhnya {part.total}" if part.total != NOTHING else ""
        lines.append(Line(0, part.key, f"{part.name}: {len(part.rows)} langkah{total}."))
        for place, row in enumerate(part.rows):
            lines.extend(_step(part, place, row))
    return lines


def ways_in_words(part: Part, place: int) -> list[str]:
    """`Jika Ditolak: ke langkah 19`, one for every way out of a row; the plain next one is named too."""
    told: list[str] = []
    row = part.rows[place]
    flows = [way for way in part.out(place) if way.kind == "flow"]
    for way in flows:
        target = part.rows[way.target].number
        where = "kembali ke" if way.target <= place else "ke" if way.label else "lanjut ke"
        condition = f"Jika {way.label}: " if way.label else ""
        told.append(f"{condition}{where} langkah {target}")
    aside = {way.target: None for way in part.out(place) if way.kind != "flow"}
    if aside:
        numbers = [part.rows[target].number for target in aside]
        told.append(f"Dapat membuka langkah {', '.join(numbers)}")
    if row.is_end:
        told.append("berakhir di sini")
    return [one[:1].upper() + one[1:] for one in told]


def _step(part: Part, place: int, row: DocumentRow) -> list[Line]:
    limit = "" if row.time in (NOTHING, AT_ONCE) else f", paling lama {row.time}"
    element = row.elements[0]
    stop = "" if row.activity.endswith("?") and not limit else "."
    lines = [Line(1, element, f"{row.number}. {part.lanes[row.lane]}: {row.activity}{limit}{stop}")]
    lines += [Line(2, element, note) for note in row.notes]
    if row.inputs != NOTHING or row.output != NOTHING:
        lines.append(Line(2, element, f"Kelengkapan: {row.inputs}. Keluaran: {row.output}."))
    if row.question:
        lines.append(Line(2, row.elements[1], f"Diputuskan: {row.question}"))
    asked = row.elements[1] if row.question else element
    lines += [Line(2, asked, f"{words}.") for words in ways_in_words(part, place)]
    return lines
