"""Find a Chromium for the browser tests; as root on Debian, install one. Prints nothing when all is well."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
CACHES = (
    (Path.home() / ".cache" / "ms-playwright", "chromium-*/chrome-linux*/chrome"),
    (
        Path.home() / "Library" / "Caches" / "ms-playwright",
        "chromium-*/chrome-mac*/*.app/Contents/MacOS/Chromium",
    ),
    (Path("/Applications"), "Google Chrome.app/Contents/MacOS/Google Chrome"),
)


def find() -> str | None:
    """Path of a Chromium: the one in `CHROMIUM`, one on the path, one that Playwright fetched."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    for folder, pattern in CACHES:
        kept = sorted(folder.glob(pattern))
        if kept:
            return str(kept[-1])
    return None


def main() -> int:
    if find():
        return 0
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print("No Chromium found; installing Debian's.", file=sys.stderr)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        for name in ("chromium", "chromium-browser"):
            asked = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", name]
            if subprocess.run(asked, check=False, **quiet).returncode == 0 and find():
                return 0
    print(
        "The browser tests need Chromium or Chrome and none was found.\n"
        "Install one: sudo apt-get install chromium (Debian), or .venv/bin/playwright install chromium,\n"
        "or name one: CHROMIUM=/path/to/chrome make test",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
