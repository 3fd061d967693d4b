"""`scripts/backup FOLDER`: database, photos and keys of this city together, as one folder of that day.

The order keeps them consistent while the city goes on working: one snapshot of the database, at once the
originals that this snapshot still needs (they go away once the worker has cleaned them), the dump of that
very snapshot, then the photos it names, whose keys are made from their content and never change. A
manifest holds the checksum of every file; the folder gets its name only when everything is in it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402
from sqlalchemy import make_url  # noqa: E402

from app.adapters.storage import NotStored, PhotoStore, open_store  # noqa: E402
from app.config import Settings, from_environment  # noqa: E402
from app.db import place  # noqa: E402
from app.db.embedded import binaries  # noqa: E402

MANIFEST = "manifest.json"
DUMP = "database.dump"
KEYS = "keys.json"
PHOTOS = "photos"
VERSION = 1
TRIES = 5
QUERY_TO_ENVIRONMENT = {"host": "PGHOST", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}


class CannotKeep(SystemExit):
    """It does not work, with the reason in words."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of the database: its id for pg_dump, the version of its tables, and the photos it names."""

    id: str
    revision: str
    originals: Sequence[str]
    photos: Sequence[str]
    streams: int
    events: int


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/backup", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the day's folder is put")
    asked = parser.parse_args(arguments)
    made = back_up(from_environment(), asked.folder)
    print(made)
    return 0


def back_up(settings: Settings, folder: Path) -> Path:
    """Write a backup into a new folder of `folder`; its path. Raises CannotKeep."""
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC)
    target = folder / f"tuntas-{stamp:%Y-%m-%dT%H%M%SZ}"
    unfinished = target.with_name(f".{target.name}.unfinished")
    unfinished.mkdir()
    try:
        facts = _write_parts(settings, unfinished)
        sums = {str(path.relative_to(unfinished)): checksum(path) for path in files_of(unfinished)}
        manifest = {"version": VERSION, "made": stamp.isoformat(), **facts, "files": sums}
        (unfinished / MANIFEST).write_text(json.dumps(manifest, indent=1))
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return target


def _write_parts(settings: Settings, folder: Path) -> dict[str, object]:
    storage = open_store(settings.storage_url)
    found = place.find(settings.database_url, settings.database_app_url, settings.instance / "pg")
    try:
        with _snapshot(found.owner_url, storage, folder / PHOTOS) as taken:
            run_tool(
                found.owner_url, "pg_dump", "--format=custom", f"--snapshot={taken.id}",
                f"--file={folder / DUMP}",
            )  # fmt: skip
        for key in taken.photos:
            try:
                keep(storage, key, folder / PHOTOS)
            except NotStored:
                raise CannotKeep(f"The photo store lacks {key}, which the database names.") from None
    finally:
        if found.server is not None:
            found.server.stop()
    (folder / KEYS).write_text(json.dumps(asdict(settings.keys)))
    return {"revision": taken.revision, "streams": taken.streams, "events": taken.events}


@contextmanager
def _snapshot(url: str, storage: PhotoStore, photos: Path) -> Iterator[Snapshot]:
    """Hold a moment of the database whose originals are all in `photos`. When the worker was just then
    cleaning one of them, take another moment."""
    for _ in range(TRIES):
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            snapshot = _read(connection)
            try:
                for key in snapshot.originals:
                    keep(storage, key, photos)
            except NotStored:
                continue
            yield snapshot
            return
    raise CannotKeep("Originals of photos are missing in the store; see the photos in state 'karantina'.")


def _read(connection: psycopg.Connection[tuple[object, ...]]) -> Snapshot:
    def one(statement: str) -> str:
        row = connection.execute(statement).fetchone()
        return str(row[0]) if row else ""

    def keys(statement: str) -> list[str]:
        return [str(row[0]) for row in connection.execute(statement).fetchall()]

    return Snapshot(
        id=one("SELECT pg_export_snapshot()"),
        revision=one("SELECT version_num FROM alembic_version"),
        originals=keys("SELECT original_key FROM photos WHERE original_key IS NOT NULL ORDER BY 1"),
        photos=keys(
            "SELECT image_key FROM photos WHERE image_key IS NOT NULL UNION"
            " SELECT thumbnail_key FROM photos WHERE thumbnail_key IS NOT NULL ORDER BY 1"
        ),
        streams=int(one("SELECT count(*) FROM streams")),
        events=int(one("SELECT count(*) FROM events")),
    )


def keep(storage: PhotoStore, key: str, folder: Path) -> None:
    """Copy one stored object into `folder`, at its key. Raises NotStored."""
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = storage.stream(key)
    with path.open("wb") as file:
        for part in parts:
            file.write(part)


def run_tool(url: str, name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL against the database at `url`; the password stays out of its arguments."""
    address = make_url(url)
    environment = {**os.environ, "PGDATABASE": address.database or "", "PGUSER": address.username or ""}
    if address.host:
        environment["PGHOST"] = address.host
    if address.port:
        environment["PGPORT"] = str(address.port)
    if address.password:
        environment["PGPASSWORD"] = str(address.password)
    for option, variable in QUERY_TO_ENVIRONMENT.items():
        if option in address.query:
            environment[variable] = str(address.query[option])
    command = [tool(url, name), "--no-password", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotKeep(f"{name} failed:\n{done.stderr.strip()}")


def tool(url: str, name: str) -> str:
    """The `pg_dump` or `pg_restore` of the server's version, else the next newer one: an older one refuses, a
    newer one may speak of settings the server does not know."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        needed = connection.info.server_version // 10000
    suited: list[tuple[int, str]] = []
    for candidate in (shutil.which(name), *(str(folder / name) for folder in binaries())):
        if candidate is None or not Path(candidate).exists():
            continue
        said = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"(\d+)", said)
        if version and int(version[1]) >= needed:
            suited.append((int(version[1]), candidate))
    if suited:
        return min(suited)[1]
    raise CannotKeep(f"No {name} of version {needed} or newer; install the server's client programs.")


def files_of(folder: Path) -> list[Path]:
    """Every file in it except the manifest, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
