"""Every migration goes up and down, with rows in place, and the tables are those the program believes in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, NullPool, create_engine, inspect, text

from app.db import migrate
from app.db.embedded import EmbeddedServer, Urls
from app.db.models import Base
from tests.conftest import Database


@pytest.fixture
def empty(server: EmbeddedServer, worker_id: str) -> Iterator[Urls]:
    name = f"migration_{worker_id}"
    yield server.database(name)
    engine = create_engine(server.url("postgres", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def test_every_step_down_and_up_again(empty: Urls) -> None:
    migrate.upgrade(empty.owner)
    with connect(empty.owner) as connection:
        whole = tables(connection)
        assert migrate.current(connection) == migrate.head()
        connection.execute(
            text("INSERT INTO persons (id, username, display_name, password_hash, active, language,"
                 " session_version, notify_new_task, notify_digest, created_at)"
                 " VALUES (gen_random_uuid(), 'a', 'A', 'x', true, 'id', 1, true, true, now())")
        )
        connection.commit()
    for revision in (*reversed(migrate.revisions()[:-1]), "base"):
        migrate.downgrade(empty.owner, revision)
    with connect(empty.owner) as connection:
        assert tables(connection) == set()
        left = connection.execute(
            text("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        ).all()
        assert left == []
    migrate.upgrade(empty.owner)
    with connect(empty.owner) as connection:
        assert tables(connection) == whole


def test_the_tables_are_those_of_the_models(database: Database) -> None:
    with database.owner_engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, parents: not str(name).startswith("procrastinate")},
        )
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize(
    "table", ["events", "identity_readings", "sop_versions", "sop_proposals", "sop_approvals"]
)
@pytest.mark.parametrize("order", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_may_not_touch_the_trace(database: Database, table: str, order: str) -> None:
    column = {"events": "type", "sop_approvals": "legal_basis"}.get(table, "id")
    statement = order.format(table).replace("SET id = id", f"SET {column} = {column}")
    with database.engine.connect() as connection, pytest.raises(Exception, match="permission denied"):
        connection.execute(text(statement))


def test_two_programs_that_start_together_migrate_once(empty: Urls) -> None:
    migrate.upgrade(empty.owner)
    migrate.upgrade(empty.owner)
    with connect(empty.owner) as connection:
        assert migrate.current(connection) == migrate.head()
