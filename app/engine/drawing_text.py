"""Text on a diagram: measured without a font, wrapped to its shape, escaped. Lengths are diagram pixels."""

from __future__ import annotations

from html import escape

SIZE = 11.0
"""Font size of every label, the same as in `frontend/diagram.css`."""
LEADING = 13.5
_NARROW = frozenset("iljtfrI.,:;'!|()[] /")
_WIDE = frozenset("mwMW%@")


def number(value: float) -> str:
    """A coordinate as short as it can be written."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def width_of(text: str) -> float:
    """Width of one line, a little on the large side for the sans-serif of the pages."""
    em = 0.0
    for char in text:
        if char in _NARROW:
            em += 0.34
        elif char in _WIDE:
            em += 0.9
        elif char.isupper() or char.isdigit():
            em += 0.66
        else:
            em += 0.57
    return em * SIZE


def wrap(text: str, width: float, lines: int) -> list[str]:
    """At most `lines` lines no wider than `width` where words allow it; what is cut off ends in '…'."""
    rows: list[str] = []
    for word in text.split():
        if rows and width_of(f"{rows[-1]} {word}") <= width:
            rows[-1] = f"{rows[-1]} {word}"
        else:
            rows.append(word)
    if len(rows) > lines:
        rows = [*rows[:lines - 1], f"{rows[lines - 1]} …"]
    return rows


def block(text: str, left: float, top: float, width: float, height: float, *, style: str) -> str:
    """Wrapped lines centred in a box."""
    rows = wrap(text, width, max(1, int((height + 2) // LEADING)))
    if not rows:
        return ""
    middle = left + width / 2
    first = top + height / 2 - (len(rows) - 1) * LEADING / 2 + SIZE * 0.36
    return _text(rows, middle, first, "middle", style)


def hanging(text: str, left: float, top: float, width: float, *, style: str) -> str:
    """Wrapped lines below the point where an editor put the label, centred over its width."""
    rows = wrap(text, max(width, 40.0), 6)
    return _text(rows, left + width / 2, top + SIZE * 0.9, "middle", style) if rows else ""


def heading(text: str, left: float, top: float, width: float, *, style: str) -> str:
    """One line that begins at the left."""
    rows = wrap(text, width, 1)
    return _text(rows, left, top + SIZE, "start", style) if rows else ""


def upright(text: str, x: float, y: float, length: float, *, style: str) -> str:
    """One line read from below, as lanes and pools carry it; `x`, `y` is its middle."""
    rows = wrap(text, length, 2)
    turned = " ".join(rows)
    return (f'<text class="{style}" text-anchor="middle" transform="rotate(-90 {number(x)} {number(y)})" '
            f'x="{number(x)}" y="{number(y + SIZE * 0.36)}">{escape(turned)}</text>') if turned else ""


def _text(rows: list[str], x: float, y: float, anchor: str, style: str) -> str:
    spans = "".join(f'<tspan x="{number(x)}" y="{number(y + index * LEADING)}">{escape(row)}</tspan>'
                    for index, row in enumerate(rows))
    return f'<text class="{style}" text-anchor="{anchor}">{spans}</text>'
