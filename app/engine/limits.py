"""Bounds of the expression language. They are generous for a city's rules and deadly for bombs."""

from __future__ import annotations

MAX_TEXT = 4_000
"""Characters of one expression."""
MAX_SCRIPT = 20_000
MAX_LINES = 200
MAX_NODES = 1_000
"""Nodes of one syntax tree."""
MAX_DEPTH = 40
"""Nesting of one syntax tree."""
MAX_STEPS = 100_000
"""Work of one evaluation or script: nodes walked plus items looked at."""
MAX_ITEMS = 10_000
"""Values inside one value, all levels counted, shared ones each time."""
MAX_VALUE_DEPTH = 32
MAX_STRING = 100_000
MAX_INTEGER = 2**53 - 1
"""Largest number that every reader of JSON keeps exactly."""


def is_reserved(name: str) -> bool:
    """Names no data may have: they would reach into Python or into SpiffWorkflow's serializer."""
    return name.startswith("__") or name == "typename"
