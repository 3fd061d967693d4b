"""Which processes and decisions a file holds and needs: enough to find the files that belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from app.engine.declaration import NAMESPACE
from app.engine.markup import UnreadableMarkup, local, parse_markup

Place = TypeVar("Place")

MAX_FILES = 60


@dataclass(frozen=True, slots=True)
class References:
    """`processes` in file order, executable ones first; `calls` and `uses` are keys that are needed, `begins`
    keys of processes that are started by `mulai_sop` and go their own way."""

    processes: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    calls: frozenset[str] = field(default_factory=frozenset)
    uses: frozenset[str] = field(default_factory=frozenset)
    begins: frozenset[str] = field(default_factory=frozenset)

    @property
    def main(self) -> str | None:
        """The process the file is about: the first that no other of the file calls."""
        return next((key for key in self.processes if key not in self.calls), None) or next(
            iter(self.processes), None
        )


def references(name: str, content: bytes) -> References:
    """Read them. A file that cannot be read holds nothing; the checks say what is wrong with it."""
    try:
        root = parse_markup(name, content)
    except UnreadableMarkup:
        return References()
    processes: list[tuple[bool, str]] = []
    decisions: list[str] = []
    calls: set[str] = set()
    uses: set[str] = set()
    begins: set[str] = set()
    for part in root.iter("{*}process", "{*}callActivity", "{*}businessRuleTask", "{*}decision",
                          f"{{{NAMESPACE}}}parameter"):
        tag, key = local(part), part.get("id")
        if tag == "process" and key:
            processes.append((part.get("isExecutable") == "false", key))
        elif tag == "decision" and key:
            decisions.append(key)
        elif tag == "callActivity" and part.get("calledElement"):
            calls.add(part.get("calledElement"))
        elif tag == "businessRuleTask" and part.get(f"{{{NAMESPACE}}}decision"):
            uses.add(part.get(f"{{{NAMESPACE}}}decision"))
        elif tag == "parameter" and part.get("name") == "kunci":
            begins.add(part.get("value", "").strip(" '\""))
    ordered = tuple(key for _, key in sorted(processes, key=lambda found: found[0]))
    return References(ordered, tuple(decisions), frozenset(calls), frozenset(uses),
                      frozenset(begins))


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Place]):
    """A file that may be needed, with where it lies (a path, a published version)."""

    place: Place
    found: References


def belonging(main: References, candidates: Iterable[Candidate[Place]]) -> Sequence[Place]:
    """Places of the files that `main` needs, directly or through others; the first holder of a key wins."""
    holders: dict[tuple[str, str], Candidate[Place]] = {}
    for candidate in candidates:
        for key in candidate.found.processes:
            holders.setdefault(("process", key), candidate)
        for key in candidate.found.decisions:
            holders.setdefault(("decision", key), candidate)
    places: list[Place] = []
    waiting = [main]
    while waiting and len(places) < MAX_FILES:
        now = waiting.pop(0)
        needed = [("process", key) for key in sorted(now.calls - set(main.processes))]
        needed += [("decision", key) for key in sorted(now.uses)]
        for need in needed:
            holder = holders.get(need)
            if holder is not None and holder.place not in places:
                places.append(holder.place)
                waiting.append(holder.found)
    return places


def callers(main: References, candidates: Iterable[Candidate[Place]]) -> list[Place]:
    """Places of the files that call or begin a process of `main`: they set what it reads."""
    own = set(main.processes)
    return [one.place for one in candidates if own & (one.found.calls | one.found.begins)
            and not own & set(one.found.processes)]


def title_of(name: str, content: bytes) -> tuple[str | None, str | None]:
    """(key, name) of the process a diagram is about; None for what it does not say, or cannot be read."""
    key = references(name, content).main
    if key is None:
        return None, None
    root = parse_markup(name, content)
    process = next((part for part in root.iter("{*}process") if part.get("id") == key), None)
    said = process.get("name", "").strip() if process is not None else ""
    return key, said or None
