"""Where the database is, and as whom the application speaks to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.db.embedded import APPLICATION, EmbeddedServer


@dataclass(frozen=True, slots=True)
class Place:
    """`role`: the application becomes this role after login, when the login itself is the owner's."""

    owner_url: str
    app_url: str
    role: str | None = None
    server: EmbeddedServer | None = None
    """The embedded server this process uses, to be stopped by whoever started it."""


def find(url: str | None, app_url: str | None, embedded: Path) -> Place:
    """The city's own server at `url`, else the embedded one in the folder `embedded`, which starts."""
    if url is not None:
        return Place(url, app_url or url, role=None if app_url else APPLICATION)
    server = EmbeddedServer(embedded)
    urls = server.database()
    return Place(urls.owner, urls.app, server=server)
