"""Lint a folder of diagrams drawn by anybody, or 3,000 spoilt ones of our own: make corpus [DIR=…] [N=…].

Every file gets its findings in under two seconds, whatever it holds, and none a traceback. Exit 1 otherwise.
"""

from __future__ import annotations

import argparse
import collections
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.adapters.sandbox import SandboxStopped, in_sandbox
from app.cli.sop_check import lint_file
from scripts.mutate import mutants

LIMIT = 2.0
"""Seconds for one file."""
ENDINGS = {".bpmn", ".dmn", ".bpmn20", ".xml"}
OWN = Path(__file__).parents[1] / "bpmn"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one file. `trouble`: a traceback, or why the check was stopped; None when it answered."""

    name: str
    seconds: float
    rules: tuple[str, ...]
    trouble: str | None = None


def answers(files: Iterable[Path]) -> Iterator[Answer]:
    """Lint each file as `flask sop lint` does. A slow one is asked again and its better time counts: the
    machine may have been busy with others."""
    for path in files:
        answer = _answer(path)
        if answer.seconds > LIMIT and answer.trouble is None:
            answer = min(answer, _answer(path), key=lambda one: one.seconds)
        yield answer


def _answer(path: Path) -> Answer:
    began = time.perf_counter()
    try:
        told = in_sandbox(lint_file, str(path), [])["findings"]
        rules, trouble = tuple(one["rule"] for one in told if one["severity"] == "error"), None
    except SandboxStopped as stopped:
        rules, trouble = (), stopped.trace or stopped.text
    return Answer(path.name, time.perf_counter() - began, rules, trouble)


def spoilt(folder: Path, count: int, seed: int) -> list[Path]:
    """Write `count` spoilt diagrams of our own, each into a folder of its own with our decision tables."""
    seeds = [(path.name, path.read_bytes()) for path in sorted(OWN.glob("*.*mn"))]
    places = []
    for name, content in mutants(seeds, count, seed):
        place = folder / name.split("-")[0] / name
        place.parent.mkdir()
        place.write_bytes(content)
        for table in OWN.glob("*.dmn"):
            (place.parent / table.name).symlink_to(table)
        places.append(place)
    return places


def told(found: list[Answer]) -> bool:
    """Print what came of it; whether all is well."""
    slow = [one for one in found if one.seconds > LIMIT]
    bad = [one for one in found if one.trouble]
    rules = collections.Counter(rule for one in found for rule in set(one.rules))
    print(f"{len(found)} files, {sum(not one.rules and not one.trouble for one in found)} without errors")
    print("most often: " + ", ".join(f"{rule} {count}" for rule, count in rules.most_common(8)))
    for one in sorted(found, key=lambda each: -each.seconds)[:3]:
        print(f"  {one.seconds:.2f} s  {one.name}")
    for one in bad[:10]:
        print(f"TROUBLE {one.name}: {one.trouble}")
    print(f"slower than {LIMIT:g} s: {len(slow)}   tracebacks and stopped checks: {len(bad)}")
    return not slow and not bad


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", nargs="?", type=Path)
    asked.add_argument("--count", type=int, default=3_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    if given.folder is not None:
        files = sorted(path for path in given.folder.rglob("*") if path.suffix.lower() in ENDINGS)
        sys.exit(0 if told(list(answers(files))) else 1)
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if told(list(answers(spoilt(Path(folder), given.count, given.seed)))) else 1)


if __name__ == "__main__":
    main()
