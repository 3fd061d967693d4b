"""Bring a database to the version of this program. Runs as the owner of the tables.

Two programs that start at once wait for each other; a migration that cannot get its lock gives up instead of
making the whole city wait behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"
LOCK_TIMEOUT = "5s"
ONE_AT_A_TIME = 0x74756E746173
"""Key of the advisory lock: the letters of the name."""

APPLICATION_ROLE = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tuntas_app') THEN
    CREATE ROLE tuntas_app NOLOGIN;
  END IF;
  -- Since version 16 the maker of a role is a member that may not become it; granting says that it may.
  BEGIN
    EXECUTE format('GRANT tuntas_app TO %I', current_user);
  EXCEPTION WHEN insufficient_privilege THEN
    RAISE DEBUG 'tuntas_app is not ours to grant; the application has a login of its own';
  END;
END $$
"""
"""Roles belong to the whole server, not to one database, so they stand before the numbered migrations.

An owner who may not make roles gets PostgreSQL's refusal; docs/operasi.md says what to ask for.
"""


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Run what is missing up to `revision`."""
    with _prepared(owner_url) as config:
        command.upgrade(config, revision)


def downgrade(owner_url: str, revision: str) -> None:
    """Take back everything after `revision` (`base`: everything)."""
    with _prepared(owner_url) as config:
        command.downgrade(config, revision)


def head() -> str | None:
    """The newest version this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def revisions() -> tuple[str, ...]:
    """All versions, oldest first."""
    return tuple(s.revision for s in reversed(list(ScriptDirectory.from_config(_config()).walk_revisions())))


def current(connection: Connection) -> str | None:
    """The version the database has; None before the first migration."""
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def prepare_roles(owner_url: str) -> None:
    """Make the application's role, which tables that come from a dump grant their rights to."""
    engine = create_engine(owner_url)
    try:
        with engine.begin() as connection:
            connection.execute(text(APPLICATION_ROLE))
    finally:
        engine.dispose()


@contextmanager
def _prepared(owner_url: str) -> Iterator[Config]:
    engine = create_engine(owner_url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_AT_A_TIME})
            connection.execute(text("SET timezone = 'UTC'"))
            connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.execute(text(APPLICATION_ROLE))
            connection.commit()
            config = _config()
            config.attributes["connection"] = connection
            yield config
            connection.commit()
    finally:
        engine.dispose()
