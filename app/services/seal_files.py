"""Seals as files outside the database: one a night, named by its number, never overwritten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.domain.seal import read_seal
from app.domain.words import told

SEALS = "segel"
"""Folder of an installation; a city mounts something else there, or copies it away."""


class SealFileUnreadable(Exception):
    """A file in the folder is no seal; the text is Indonesian."""


def keep_file(folder: Path, content: Mapping[str, Any]) -> Path:
    """Write a seal. One of that number that lies there already stays as it is: it was handed out."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"segel-{content['seal']['number']:06d}.json"
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.write("\n")
    except FileExistsError:
        return path
    return path


def heads_in(folder: Path) -> dict[int, bytes]:
    """Number -> head of every seal in a folder, none without a folder. Raises SealFileUnreadable."""
    found = {}
    for path in sorted(folder.glob("segel-*.json")):
        try:
            seal = read_seal(json.loads(path.read_text("utf-8"))["seal"])
        except (OSError, ValueError, KeyError, TypeError) as fault:
            words = told("%(file)s bukan berkas segel yang utuh.", file=str(path))
            raise SealFileUnreadable(words) from fault
        found[seal.number] = seal.head
    return found
