"""Charts drawn on the server: SVG of classes and numbers, readable without a script. Every chart stands
beside the table it was drawn from, so it says its gist in its title and no more. Texts are escaped here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 32
ROUND = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart. `style` ends its class; None leaves a gap."""

    name: str
    style: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Scale:
    """Ticks from 0 to at least the largest value, at round steps."""

    ticks: tuple[float, ...]

    @classmethod
    def over(cls, largest: float, *, most: int = 4) -> Scale:
        """At most `most` steps."""
        if largest <= 0:
            return cls((0.0, 1.0))
        raw = largest / most
        power = 10 ** math.floor(math.log10(raw))
        step = next(size * power for size in ROUND if size * power >= raw - 1e-9)
        return cls(tuple(step * place for place in range(math.ceil(largest / step - 1e-9) + 1)))

    @property
    def top(self) -> float:
        return self.ticks[-1]


def line_chart(
    lines: Sequence[Line], labels: Sequence[str], *, title: str, unit: str, key: str, number: str = "{:g}"
) -> str:
    """Lines over the same labels. `unit`: what the numbers at the left count; `key`: tells its ids from those
    of other charts on the page."""
    every = [value for line in lines for value in line.values if value is not None]
    scale = Scale.over(max(every, default=0))
    xs = _places(len(labels))
    body = [_grid(scale, unit, number), _labels(labels, xs)]
    for line in lines:
        spots = [(x, _height(value, scale)) for x, value in zip(xs, line.values, strict=True)
                 if value is not None]  # fmt: skip
        steps = _runs(xs, line.values, scale)
        body.append(f'<path class="chart-line chart-line--{line.style}" d="{steps}"/>')
        body += [f'<circle class="chart-spot chart-spot--{line.style}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
                 for x, y in spots]  # fmt: skip
    return _chart("".join(body), title, key)


def bar_chart(
    counts: Sequence[int], marked: Sequence[int], labels: Sequence[str], *, title: str, unit: str, key: str
) -> str:
    """Upright bars; the part `marked` of each stands at its foot in another colour."""
    scale = Scale.over(max(counts, default=0))
    xs = _places(len(counts))
    width = min(40.0, 0.6 * (WIDTH - LEFT - RIGHT) / max(len(counts), 1))
    body = [_grid(scale, unit, "{:g}"), _labels(labels, xs)]
    for x, count, some in zip(xs, counts, marked, strict=True):
        for style, size in (("chart-bar", count), ("chart-bar chart-bar--marked", some)):
            y = _height(size, scale)
            body.append(f'<rect class="{style}" x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}"'
                        f' height="{HEIGHT - BOTTOM - y:.1f}"/>')  # fmt: skip
    return _chart("".join(body), title, key)


def split_bar(parts: Sequence[tuple[str, float]], whole: float) -> str:
    """A lying bar of parts (style, size), as long as they are of `whole`. Says nothing by itself: its
    figures stand in words beside it."""
    left, body = 0.0, []
    for style, size in parts:
        width = 100 * size / whole if whole else 0.0
        body.append(f'<rect class="split-bar__part split-bar__part--{escape(style)}" x="{left:.2f}" y="0"'
                    f' width="{width:.2f}" height="8"/>')  # fmt: skip
        left += width
    return ('<svg class="split-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"'
            f' focusable="false">{"".join(body)}</svg>')  # fmt: skip


def _chart(body: str, title: str, key: str) -> str:
    name = f"grafik-{escape(key)}"
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' aria-labelledby="{name}"><title id="{name}">{escape(title)}</title>{body}</svg>'
    )


def _places(count: int) -> list[float]:
    room = (WIDTH - LEFT - RIGHT) / max(count, 1)
    return [LEFT + room * (place + 0.5) for place in range(count)]


def _height(value: float, scale: Scale) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / scale.top


def _grid(scale: Scale, unit: str, number: str) -> str:
    parts = []
    for tick in scale.ticks:
        y = _height(tick, scale)
        parts.append(
            f'<path class="chart-grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
            f'<text class="chart-words" text-anchor="end" x="{LEFT - 8}" y="{y + 4:.1f}">'
            f'{escape(number.format(tick).replace(".", ","))}</text>'
        )
    parts.append(f'<text class="chart-words" text-anchor="start" x="4" y="14">{escape(unit)}</text>')
    return "".join(parts)


def _labels(labels: Sequence[str], xs: Sequence[float]) -> str:
    every = max(1, math.ceil(len(labels) / 12))
    return "".join(
        f'<text class="chart-words" text-anchor="middle" x="{x:.1f}" y="{HEIGHT - 10}">{escape(label)}</text>'
        for place, (x, label) in enumerate(zip(xs, labels, strict=True))
        if place % every == 0
    )


def _runs(xs: Sequence[float], values: Sequence[float | None], scale: Scale) -> str:
    """A path through the values; it begins anew after a gap."""
    steps, pen = [], "M"
    for x, value in zip(xs, values, strict=True):
        if value is None:
            pen = "M"
            continue
        steps.append(f"{pen}{x:.1f} {_height(value, scale):.1f}")
        pen = "L"
    return "".join(steps)
