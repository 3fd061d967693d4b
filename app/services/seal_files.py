"""Seals as files outside the database: one a night, named by its number, never overwritten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.domain.seal import Seal, read_seal
from app.domain.words import told

SEALS = "segel"
"""Folder of an installation; a city mounts something else there, or copies it away."""


class SealFileUnreadable(Exception):
    """A file in the folder is no seal; the text is Indonesian."""


class SealFileDiffers(Exception):
    """Another seal of that number was handed out before; the text is Indonesian."""


def keep_file(folder: Path, content: Mapping[str, Any]) -> Path:
    """Write a seal. One of that number that lies there already stays as it is: it was handed out. Raises
    SealFileDiffers when that one is another."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"segel-{content['seal']['number']:06d}.json"
    before = _read(path)
    if before is not None and before != read_seal(content["seal"]):
        words = told("%(file)s sudah berisi segel lain: segel di basis data dibuat ulang.", file=str(path))
        raise SealFileDiffers(words)
    if before is None:
        # Whole or not at all: a file that was cut off by a crash is written again.
        new = path.with_suffix(".baru")
        new.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        new.replace(path)
    return path


def heads_in(folder: Path) -> dict[int, bytes]:
    """Number -> head of every seal in a folder, none without a folder. Raises SealFileUnreadable."""
    found = {}
    for path in sorted(folder.glob("segel-*.json")):
        seal = _read(path)
        if seal is None:
            raise SealFileUnreadable(told("%(file)s bukan berkas segel yang utuh.", file=str(path)))
        found[seal.number] = seal.head
    return found


def _read(path: Path) -> Seal | None:
    """The seal in a file; None when it is none."""
    try:
        return read_seal(json.loads(path.read_text("utf-8"))["seal"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
