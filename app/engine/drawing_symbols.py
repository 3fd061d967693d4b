"""The small signs of BPMN 2.0 (chapter 10): what an event waits for, what kind a task or gateway is.

Every function answers SVG text with classes only; the colours stand in `frontend/diagram.css`.
"""

from __future__ import annotations

from math import cos, pi, sin

from app.engine.drawing_text import number as n


def event_symbol(kind: str, x: float, y: float, radius: float, *, filled: bool) -> str:
    """The sign inside an event's circle around (`x`, `y`); empty for a plain event."""
    ink = "diagram-sign is-filled" if filled else "diagram-sign"
    r = radius * 0.52
    if kind == "timer":
        ticks = "".join(_line(x + cos(turn) * r * 0.98, y + sin(turn) * r * 0.98, x + cos(turn) * r * 0.76,
                              y + sin(turn) * r * 0.76) for turn in (0.0, pi / 2, pi, 3 * pi / 2))
        return (f'<g class="diagram-sign"><circle cx="{n(x)}" cy="{n(y)}" r="{n(r * 1.12)}"/>{ticks}'
                f'<path d="M{n(x + r * 0.42)} {n(y - r * 0.72)}L{n(x)} {n(y)}L{n(x + r * 0.6)} {n(y)}"/></g>')
    if kind == "message":
        return envelope(x - r * 1.05, y - r * 0.72, r * 2.1, r * 1.44, ink)
    if kind == "escalation":
        return _path(ink, (x, y - r), (x + r * 0.8, y + r), (x, y + r * 0.15), (x - r * 0.8, y + r))
    if kind == "error":
        return _path(ink, (x - r, y + r * 0.8), (x - r * 0.4, y - r * 0.6), (x + r * 0.3, y + r * 0.2),
                     (x + r, y - r * 0.9), (x + r * 0.4, y + r * 0.7), (x - r * 0.3, y - r * 0.1))
    if kind == "terminate":
        return f'<circle class="diagram-sign is-filled" cx="{n(x)}" cy="{n(y)}" r="{n(r * 1.15)}"/>'
    return ""


def gateway_symbol(kind: str, x: float, y: float, half: float) -> str:
    """The sign inside a gateway's diamond."""
    r = half * 0.36
    if kind == "exclusiveGateway":
        a, b, top, low = n(x - r), n(x + r), n(y - r), n(y + r)
        return _strong(f"M{a} {top}L{b} {low}M{b} {top}L{a} {low}")
    if kind == "parallelGateway":
        r *= 1.3
        return _strong(f"M{n(x - r)} {n(y)}L{n(x + r)} {n(y)}M{n(x)} {n(y - r)}L{n(x)} {n(y + r)}")
    if kind == "inclusiveGateway":
        return f'<circle class="diagram-sign is-strong" cx="{n(x)}" cy="{n(y)}" r="{n(r * 1.2)}"/>'
    if kind == "eventBasedGateway":
        corners = [(x + cos(-pi / 2 + k * 2 * pi / 5) * r, y + sin(-pi / 2 + k * 2 * pi / 5) * r)
                   for k in range(5)]
        return (f'<circle class="diagram-sign" cx="{n(x)}" cy="{n(y)}" r="{n(r * 1.6)}"/>'
                + _path("diagram-sign", *corners))
    return ""


def task_symbol(kind: str, left: float, top: float) -> str:
    """The sign in the upper left corner of a task, 14 pixels wide."""
    x, y = left + 5, top + 5
    if kind == "userTask":
        return (f'<g class="diagram-sign"><circle cx="{n(x + 7)}" cy="{n(y + 4)}" r="3"/>'
                f'<path d="M{n(x + 1)} {n(y + 13)}c0-7 12-7 12 0z"/></g>')
    if kind == "receiveTask":
        return envelope(x, y + 2, 14, 10, "diagram-sign")
    if kind == "scriptTask":
        rows = "".join(_line(x + 3, y + k, x + 10, y + k) for k in (4.0, 7.0, 10.0))
        return f'<g class="diagram-sign"><path d="M{n(x)} {n(y + 1)}h13v12h-13z"/>{rows}</g>'
    if kind == "businessRuleTask":
        edge, head = n(x), n(y + 4.5)
        return (f'<g class="diagram-sign"><path d="M{edge} {n(y + 1)}h14v11h-14z"/>'
                f'<path d="M{edge} {head}h14M{edge} {n(y + 8.2)}h14M{n(x + 4.5)} {head}v7.5"/></g>')
    if kind == "serviceTask":
        teeth = "".join(_line(x + 7 + cos(k * pi / 4) * 4.2, y + 7 + sin(k * pi / 4) * 4.2,
                              x + 7 + cos(k * pi / 4) * 6.4, y + 7 + sin(k * pi / 4) * 6.4) for k in range(8))
        return (f'<g class="diagram-sign"><circle cx="{n(x + 7)}" cy="{n(y + 7)}" r="4.2"/>'
                f'<circle cx="{n(x + 7)}" cy="{n(y + 7)}" r="1.6"/>{teeth}</g>')
    return ""


def loop_symbol(sequential: bool, x: float, bottom: float) -> str:
    """Three bars above the lower edge: standing for parallel, lying for sequential multi-instance."""
    if sequential:
        bars = "".join(f"M{n(x - 6)} {n(bottom - k)}h12" for k in (13.0, 9.0, 5.0))
    else:
        bars = "".join(f"M{n(x + k)} {n(bottom - 14)}v10" for k in (-4.0, 0.0, 4.0))
    return _strong(bars)


def folded_symbol(x: float, bottom: float) -> str:
    """The plus of a sub-process or call whose inside is not drawn here."""
    return (f'<rect class="diagram-sign" x="{n(x - 7)}" y="{n(bottom - 16)}" width="14" height="14"/>'
            f'<path class="diagram-sign" d="M{n(x - 4)} {n(bottom - 9)}h8M{n(x)} {n(bottom - 13)}v8"/>')


def done_mark(x: float, y: float) -> str:
    """A tick in a disc: passed."""
    return (f'<g class="diagram-done-mark"><circle cx="{n(x)}" cy="{n(y)}" r="7"/>'
            f'<path d="M{n(x - 3.2)} {n(y + 0.2)}l2.3 2.4l4.2-4.8"/></g>')


def current_mark(x: float, y: float) -> str:
    """An arrowhead in a disc: here it stands."""
    return (f'<g class="diagram-current-mark"><circle cx="{n(x)}" cy="{n(y)}" r="8"/>'
            f'<path d="M{n(x - 2.4)} {n(y - 3.8)}l6 3.8l-6 3.8z"/></g>')


def added_mark(x: float, y: float) -> str:
    """A plus in a disc: new in this version."""
    return _sign("added", x, y, f"M{n(x - 3.6)} {n(y)}h7.2M{n(x)} {n(y - 3.6)}v7.2")


def removed_mark(x: float, y: float) -> str:
    """A cross in a disc: gone in the newer version."""
    return _sign("removed", x, y, f"M{n(x - 2.8)} {n(y - 2.8)}l5.6 5.6M{n(x + 2.8)} {n(y - 2.8)}l-5.6 5.6")


def changed_mark(x: float, y: float) -> str:
    """A pencil's stroke in a disc: set otherwise in the newer version."""
    return _sign("changed", x, y, f"M{n(x - 3)} {n(y + 3)}l1-3l4.4-4.4l2 2l-4.4 4.4z")


def _sign(state: str, x: float, y: float, steps: str) -> str:
    return (f'<g class="diagram-{state}-mark"><circle cx="{n(x)}" cy="{n(y)}" r="8"/>'
            f'<path d="{steps}"/></g>')


def envelope(left: float, top: float, width: float, height: float, ink: str) -> str:
    return (f'<g class="{ink}"><path d="M{n(left)} {n(top)}h{n(width)}v{n(height)}h{n(-width)}z"/>'
            f'<path class="diagram-flap" d="M{n(left)} {n(top)}l{n(width / 2)} {n(height * 0.55)}'
            f'l{n(width / 2)} {n(-height * 0.55)}"/></g>')


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}"/>'


def _path(ink: str, *points: tuple[float, float]) -> str:
    """A closed outline."""
    steps = "L".join(f"{n(x)} {n(y)}" for x, y in points)
    return f'<path class="{ink}" d="M{steps}z"/>'


def _strong(steps: str) -> str:
    return f'<path class="diagram-sign is-strong" d="{steps}"/>'
