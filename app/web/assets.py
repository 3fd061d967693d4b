"""Names of built front-end files.

`npm run build` writes every file under a name that holds its content's hash, and `manifest.json`, which maps
the plain name to it. Templates write `asset('app.css')`; browsers may therefore keep the files for ever.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Flask, url_for

FOLDER: Final = "dist"


class AssetMissing(LookupError):
    """A template names a file that the front-end build did not make (run `make setup`)."""


@lru_cache(maxsize=4)
def _manifest(path: Path, changed: int) -> dict[str, str]:
    """The manifest as of `changed` (nanoseconds), so that a new build is seen without a restart."""
    names: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return names


def init_app(app: Flask) -> None:
    """Offer `asset(name)` to templates; it answers the file's address, or raises AssetMissing."""
    path = Path(app.static_folder or "static") / FOLDER / "manifest.json"

    def asset(name: str) -> str:
        try:
            names = _manifest(path, path.stat().st_mtime_ns)
            return url_for("static", filename=f"{FOLDER}/{names[name]}")
        except (FileNotFoundError, KeyError) as error:
            raise AssetMissing(f"{name} is not in {path}; build the front end with `make setup`") from error

    app.jinja_env.globals["asset"] = asset
