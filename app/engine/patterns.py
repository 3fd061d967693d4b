"""Patterns of form fields (`sop:field pattern`), matched without backtracking.

A pattern comes from a diagram and the text from anybody on the net, so Python's `re` is not used: `(a+)+b`
would stop a worker for hours. A pattern becomes a small automaton (Thompson's construction) whose work is at
most states × characters, whatever either of them holds. The whole answer must fit, as in HTML's `pattern`.

Understood: characters, `.`, classes `[a-z0-9]`, `[^…]`, `\\d \\w \\s \\D \\W \\S`, escaped signs, groups,
`|`, `* + ? {m} {m,} {m,n}`, `^` and `$`. Look-around, back references and flags are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

MAX_PATTERN = 300
MAX_STATES = 1_000
MAX_TEXT = 1_000
"""Longer answers are not held against a pattern at all: they do not fit."""

Test = Callable[[str], bool]

_CLASSES: dict[str, Test] = {
    "d": lambda c: c in "0123456789",
    "w": lambda c: c == "_" or c.isalnum(),
    "s": str.isspace,
    "D": lambda c: c not in "0123456789",
    "W": lambda c: not (c == "_" or c.isalnum()),
    "S": lambda c: not c.isspace(),
}
_CONTROL = {"n": "\n", "t": "\t", "r": "\r"}


class PatternError(ValueError):
    """The pattern is not understood or too large; the text says why, in Indonesian."""


@dataclass(slots=True)
class _Node:
    """`kind`: char | empty | start | end | cat | alt | repeat."""

    kind: str
    test: Test | None = None
    parts: tuple[_Node, ...] = ()
    low: int = 0
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. `steps[i]` lists the states reached from state i without reading anything,
    each with the condition (`start`, `end` or none) under which; `tests[i]` reads one character to i + 1."""

    text: str
    tests: tuple[Test | None, ...]
    steps: tuple[tuple[tuple[int, str], ...], ...]
    accept: int

    def fits(self, text: str) -> bool:
        """Whether the whole of `text` fits. At most `MAX_STATES` × `MAX_TEXT` steps."""
        if len(text) > MAX_TEXT:
            return False
        live = self._close({0}, 0, len(text))
        for position, character in enumerate(text):
            moved = {state + 1 for state in live if (test := self.tests[state]) and test(character)}
            live = self._close(moved, position + 1, len(text))
            if not live:
                return False
        return self.accept in live

    def _close(self, states: set[int], position: int, length: int) -> set[int]:
        waiting, seen = list(states), set(states)
        while waiting:
            for target, condition in self.steps[waiting.pop()]:
                if (condition == "start" and position) or (condition == "end" and position != length):
                    continue
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return seen


@lru_cache(maxsize=512)
def compile_pattern(text: str) -> Pattern:
    """The automaton of a pattern. Raises PatternError."""
    if len(text) > MAX_PATTERN:
        raise PatternError(f"Pola lebih panjang dari {MAX_PATTERN} karakter.")
    reader = _Reader(text)
    node = reader.alternatives(0)
    if reader.at < len(text):
        raise PatternError(f"Kurung tutup tanpa kurung buka pada karakter {reader.at + 1}.")
    builder = _Builder()
    builder.add(node)
    accept = builder.state()
    return Pattern(text, tuple(builder.tests), tuple(tuple(step) for step in builder.steps), accept)


@dataclass(slots=True)
class _Builder:
    """Lays states out in a row: a node occupies the states from its first to the current end of the row."""

    tests: list[Test | None] = field(default_factory=list)
    steps: list[list[tuple[int, str]]] = field(default_factory=list)
    added: int = 0

    def state(self, test: Test | None = None) -> int:
        if len(self.tests) >= MAX_STATES:
            raise PatternError("Pola terlalu besar: kurangi pengulangan seperti {1,500}.")
        self.tests.append(test)
        self.steps.append([])
        return len(self.tests) - 1

    def add(self, node: _Node) -> None:
        """Append a node; leaving it leads to the state appended next."""
        self.added += 1
        if self.added > 5 * MAX_STATES:
            raise PatternError("Pola terlalu besar: kurangi pengulangan bersarang.")
        if node.kind == "char":
            self.state(node.test)
        elif node.kind in ("start", "end"):
            state = self.state()
            self.steps[state].append((state + 1, node.kind))
        elif node.kind == "cat":
            for part in node.parts:
                self.add(part)
        elif node.kind == "alt":
            self._choice(node.parts)
        elif node.kind == "repeat":
            self._repeat(node)

    def _choice(self, parts: tuple[_Node, ...]) -> None:
        fork, exits = self.state(), []
        for part in parts:
            self.steps[fork].append((len(self.tests), ""))
            self.add(part)
            exits.append(self.state())
        for state in exits:
            self.steps[state].append((len(self.tests), ""))

    def _repeat(self, node: _Node) -> None:
        (part,) = node.parts
        for _ in range(node.low):
            self.add(part)
        if node.high is None:
            fork = self.state()
            self.steps[fork].append((fork + 1, ""))
            self.add(part)
            back = self.state()
            self.steps[back].append((fork, ""))
            self.steps[fork].append((len(self.tests), ""))
            return
        forks = []
        for _ in range(node.high - node.low):
            fork = self.state()
            self.steps[fork].append((fork + 1, ""))
            forks.append(fork)
            self.add(part)
        for fork in forks:
            self.steps[fork].append((len(self.tests), ""))


class _Reader:
    """Recursive descent over the pattern's text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def alternatives(self, depth: int) -> _Node:
        if depth > 20:
            raise PatternError("Pola bersarang terlalu dalam.")
        parts = [self._sequence(depth)]
        while self._take("|"):
            parts.append(self._sequence(depth))
        return parts[0] if len(parts) == 1 else _Node("alt", parts=tuple(parts))

    def _sequence(self, depth: int) -> _Node:
        parts: list[_Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self._quantified(self._atom(depth)))
        return _Node("cat", parts=tuple(parts))

    def _atom(self, depth: int) -> _Node:
        character = self._next()
        if character == "(":
            if self._take("?") and not self._take(":"):
                raise PatternError("Hanya kelompok biasa (…) dan (?:…) yang dikenal dalam pola.")
            node = self.alternatives(depth + 1)
            if not self._take(")"):
                raise PatternError("Kurung buka tanpa kurung tutup dalam pola.")
            return node
        if character == "[":
            return _Node("char", self._class())
        if character == ".":
            return _Node("char", lambda c: c != "\n")
        if character in "^$":
            return _Node("start" if character == "^" else "end")
        if character in "*+?{":
            raise PatternError(f"Tanda “{character}” pada karakter {self.at} tidak mengulang apa pun.")
        if character == "\\":
            return _Node("char", self._escape())
        return _Node("char", _same(character))

    def _quantified(self, atom: _Node) -> _Node:
        low: int = 1
        high: int | None = 1
        if self._take("*"):
            low, high = 0, None
        elif self._take("+"):
            low, high = 1, None
        elif self._take("?"):
            low, high = 0, 1
        elif self._take("{"):
            low, high = self._bounds()
        else:
            return atom
        self._take("?")
        if self.text[self.at : self.at + 1] in ("*", "+", "?", "{"):
            raise PatternError(f"Dua pengulangan berturut-turut pada karakter {self.at + 1}.")
        return _Node("repeat", parts=(atom,), low=low, high=high)

    def _bounds(self) -> tuple[int, int | None]:
        close = self.text.find("}", self.at)
        inside = self.text[self.at : close] if close >= 0 else ""
        first, comma, last = inside.partition(",")
        if not _digits(first) or (last and not _digits(last)):
            raise PatternError("Pengulangan ditulis {3}, {3,} atau {3,5}.")
        self.at = close + 1
        low = int(first)
        high = int(last) if last else (None if comma else low)
        if low > MAX_STATES or (high is not None and not low <= high <= MAX_STATES):
            raise PatternError(f"Batas pengulangan {{{inside}}} tidak masuk akal.")
        return low, high

    def _escape(self) -> Test:
        character = self._next()
        if character in _CLASSES:
            return _CLASSES[character]
        return _same(self._literal(character))

    def _literal(self, character: str) -> str:
        if character in _CONTROL:
            return _CONTROL[character]
        if character.isalnum():
            raise PatternError(f"Tanda \\{character} tidak dikenal dalam pola.")
        return character

    def _class(self) -> Test:
        negative = self._take("^")
        tests: list[Test] = []
        first = True
        while first or not self._take("]"):
            first = False
            character = self._next()
            if character == "\\":
                escaped = self._next()
                if escaped in _CLASSES:
                    tests.append(_CLASSES[escaped])
                    continue
                character = self._literal(escaped)
            if self.text[self.at : self.at + 1] == "-" and self.text[self.at + 1 :][:1] not in ("]", ""):
                self.at += 1
                last = self._next()
                last = self._literal(self._next()) if last == "\\" else last
                if last < character:
                    raise PatternError(f"Rentang {character}-{last} terbalik.")
                tests.append(_between(character, last))
            else:
                tests.append(_same(character))
        return lambda c: any(test(c) for test in tests) != negative

    def _next(self) -> str:
        if self.at >= len(self.text):
            raise PatternError("Pola terputus di tengah.")
        self.at += 1
        return self.text[self.at - 1]

    def _take(self, character: str) -> bool:
        if self.text[self.at : self.at + 1] == character:
            self.at += 1
            return True
        return False


def _same(expected: str) -> Test:
    return lambda c: c == expected


def _between(low: str, high: str) -> Test:
    return lambda c: low <= c <= high


def _digits(text: str) -> bool:
    return 0 < len(text) <= 4 and text.isascii() and text.isdigit()
