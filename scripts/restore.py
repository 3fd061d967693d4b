"""`scripts/restore FOLDER`: bring a backup to an empty installation, which the usual variables name.

Everything is checked before anything is written: the checksum of every file, and that database, photo store
and keys of this installation hold nothing yet. The database comes back whole or not at all.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402
from sqlalchemy import make_url  # noqa: E402

from app.adapters.storage import open_store  # noqa: E402
from app.config import ROOT as PROGRAM  # noqa: E402
from app.config import from_environment  # noqa: E402
from app.db import migrate, place  # noqa: E402
from scripts.backup import (  # noqa: E402
    DUMP,
    KEYS,
    MANIFEST,
    PHOTOS,
    VERSION,
    CannotKeep,
    checksum,
    files_of,
    run_tool,
)

VARIABLES = {
    "session": "TUNTAS_SECRET_KEY",
    "lookup": "TUNTAS_LOOKUP_KEY",
    "sealing": "TUNTAS_SEALING_KEY",
    "audit": "TUNTAS_AUDIT_KEY",
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/restore", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder that scripts/backup made")
    asked = parser.parse_args(arguments)
    counted = restore(asked.folder, os.environ)
    print(f"Restored {counted['events']} events of {counted['streams']} streams, {counted['photos']} photos.")
    return 0


def restore(folder: Path, environ: Mapping[str, str]) -> dict[str, int]:
    """Bring back what `folder` holds; how much it was. Raises CannotKeep."""
    manifest = checked(folder)
    keys: dict[str, str] = json.loads((folder / KEYS).read_text())
    kept = _keys_file(environ, keys)
    settings = from_environment({**environ, **{VARIABLES[name]: value for name, value in keys.items()}})
    storage = open_store(settings.storage_url)
    if not storage.is_empty():
        raise CannotKeep("The photo store of this installation is not empty.")
    found = place.find(settings.database_url, settings.database_app_url, settings.instance / "pg")
    try:
        _refuse_filled(found.owner_url)
        migrate.prepare_roles(found.owner_url)
        run_tool(
            found.owner_url, "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction",
            f"--dbname={make_url(found.owner_url).database}", str(folder / DUMP),
        )  # fmt: skip
        photos = [path for path in files_of(folder / PHOTOS) if path.is_file()]
        for path in photos:
            storage.put(str(path.relative_to(folder / PHOTOS)), path.read_bytes())
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(json.dumps(keys))
        return {**_counted(found.owner_url, manifest), "photos": len(photos)}
    finally:
        if found.server is not None:
            found.server.stop()


def checked(folder: Path) -> dict[str, Any]:
    """The manifest, once every file is there, as it was, and nothing besides."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        raise CannotKeep(f"{folder} is no backup: it has no readable {MANIFEST}.") from None
    if manifest.get("version") != VERSION:
        raise CannotKeep(f"This backup is of format {manifest.get('version')}; this program reads {VERSION}.")
    sums = {str(path.relative_to(folder)): checksum(path) for path in files_of(folder)}
    wrong = sorted(name for name, value in manifest["files"].items() if sums.get(name) != value)
    more = sorted(set(sums) - set(manifest["files"]))
    if wrong or more:
        raise CannotKeep(f"This backup is damaged: {', '.join((wrong + more)[:5])}")
    return manifest


def _keys_file(environ: Mapping[str, str], keys: Mapping[str, str]) -> Path | None:
    """Where the keys belong; None: the environment gives the same ones. Raises CannotKeep when this
    installation has others already."""
    given = {name: environ.get(variable) for name, variable in VARIABLES.items()}
    if any(value and value != keys.get(name, value) for name, value in given.items()):
        raise CannotKeep("The keys in the environment are not those of the backup.")
    path = Path(environ.get("TUNTAS_INSTANCE") or PROGRAM / "instance").resolve() / "keys.json"
    if path.exists() and json.loads(path.read_text()) != keys:
        raise CannotKeep(f"{path} holds other keys. This installation is not empty.")
    return None if all(given.values()) or path.exists() else path


def _refuse_filled(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        filled = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
        ).fetchone()
    if filled and filled[0]:
        raise CannotKeep("The database of this installation is not empty.")


def _counted(url: str, manifest: Mapping[str, Any]) -> dict[str, int]:
    """What the restored database holds, which must be what was backed up."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM streams), (SELECT count(*) FROM events),"
            " (SELECT version_num FROM alembic_version)"
        ).fetchone()
    if row is None or list(row) != [manifest["streams"], manifest["events"], manifest["revision"]]:
        raise CannotKeep(f"The database holds {row}, which is not what was backed up.")
    return {"streams": int(row[0]), "events": int(row[1])}


if __name__ == "__main__":
    sys.exit(main())
