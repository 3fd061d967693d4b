"""Signs of a diagram that shows where work gets stuck: a figure on every warm step, numbers on the worst.

Colours stand in the style sheet (`is-heat-0` to `is-heat-5`, `is-wide-0` to `is-wide-5`); the figure stands
on the element itself, so that no colour is needed to read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from app.engine.drawing_text import number as n
from app.engine.drawing_text import width_of

_HEIGHT = 17.0
_LARGER = 1.35
"""Signs of a picture that is shown small, against those of one in full size."""


@dataclass(frozen=True, slots=True)
class Heat:
    """How an element or a flow is shown. `level`: 0 (nothing) to 5, the heat of an element or the width of
    a flow; `sign`: the figure in few letters; `told`: the same in words; `rank`: 1 for the worst, 0: none."""

    level: int
    sign: str = ""
    told: str = ""
    rank: int = 0


def sign_size(width: float, shown: float) -> float:
    """How much larger signs are drawn on a picture of this width that is shown in so many pixels."""
    return max(1.0, _LARGER * width / shown)


def heat_sign(heat: Heat, x: float, y: float, size: float = 1.0) -> str:
    """The figure on the upper edge of an element, around (`x`, `y`), with the rank before it. `size`: times
    as large; then it stands above the edge, so that the element stays to be seen. Without a figure the rank
    stands alone."""
    if not (heat.sign or heat.rank):
        return ""
    width = width_of(heat.sign) + 14 if heat.sign else -10.0
    left = -width / 2
    place = f"translate({n(x)} {n(y if size == 1 else y - _HEIGHT * size / 2)})"
    turn = place if size == 1 else f"{place} scale({n(size)})"
    pill = (f'<rect x="{n(left)}" y="{n(-_HEIGHT / 2)}" width="{n(width)}" height="{n(_HEIGHT)}" '
            f'rx="{n(_HEIGHT / 2)}" ry="{n(_HEIGHT / 2)}"/>'
            f'<text text-anchor="middle" x="0" y="4">{escape(heat.sign)}</text>' if heat.sign else "")
    first = " is-first" if heat.rank == 1 else ""
    rank = (f'<g class="diagram-rank{first}"><circle cx="{n(left - 5)}" cy="0" r="10"/>'
            f'<text text-anchor="middle" x="{n(left - 5)}" y="4.2">{heat.rank}</text></g>'
            if heat.rank else "")
    return f'<g class="diagram-heat" transform="{turn}">{pill}{rank}</g>'
