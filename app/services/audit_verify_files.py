"""Do the files in the store still hold what their rows say? `audit_verify` compares the rows."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.adapters.storage import NotStored, PhotoStore
from app.db.queries import beside as queries
from app.services.invariants import Offence

FILES = "berkas"
PAGE = 200
"""Photos."""


def changed_files(
    session: Session, number: str | None = None, *, storage: PhotoStore, tell: Callable[[int], object]
) -> Iterator[Offence]:
    """Photos whose file is gone or is another: the clean copy and its small one by the hash in their key,
    an original that still waits by the hash in its row. `tell` hears of every photo that was looked at.

    Reads part by part, and holds no transaction meanwhile: what was erased under its eyes is not missed.
    """
    last = uuid.UUID(int=0)
    while rows := queries.stored_photos(session, number, after=last, most=PAGE):
        session.rollback()
        for row in rows:
            yield from _changed(session, row, storage)
            tell(1)
        last = rows[-1].id


def _changed(session: Session, row: Row[Any], storage: PhotoStore) -> Iterator[Offence]:
    for key, digest, name in _files(row):
        held = _digest(storage, key)
        if held == digest or not queries.has_key(session, row.id, key):
            continue
        what = "hilang dari penyimpanan" if held is None else "bukan lagi yang tercatat"
        yield Offence(FILES, row.number, str(row.id), f"foto {row.id}: {name} {what}")


def files_to_read(session: Session, number: str | None = None) -> int:
    """How many photos `changed_files` will look at."""
    return queries.stored_count(session, number)


def _files(row: Row[Any]) -> Iterator[tuple[str, str, str]]:
    """(key, SHA-256, name) of every file that belongs to a photo."""
    if row.original_key and row.state == "karantina":
        yield row.original_key, row.sha256, "berkas asli"
    for key, name in ((row.image_key, "salinan"), (row.thumbnail_key, "gambar kecil")):
        if key:
            yield key, key.rpartition("/")[2].partition(".")[0], name


def _digest(storage: PhotoStore, key: str) -> str | None:
    """SHA-256 of what lies under a key; None: nothing does."""
    digest = hashlib.sha256()
    try:
        for part in storage.stream(key):
            digest.update(part)
    except NotStored:
        return None
    return digest.hexdigest()
