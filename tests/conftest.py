"""The real database for every test that wants it, and no way out to the network.

One embedded PostgreSQL serves the whole run. It is migrated once, into a template; every test process works
on its own copy. Services commit for real; what a test left behind is taken away after it.
"""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fasteners
import hypothesis
import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.orm import Session

from app import worker
from app.adapters import clock as wall
from app.config import Keys, Settings
from app.db import migrate
from app.db.embedded import EmbeddedServer, Urls
from app.db.session import make_engine, make_sessions
from app.factory import create_app
from app.services import city, people
from tests.alike import routes_compiled_once, share_templates

# The same examples each time, and none too slow on a machine that serves others, too: a run falls because of
# a change or not at all. Others are tried with `--hypothesis-profile=roam`.
STEADY: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "database": None}
hypothesis.settings.register_profile("roam", **STEADY)
hypothesis.settings.register_profile("steady", **STEADY, derandomize=True)
hypothesis.settings.load_profile("steady")

TEMPLATE = "tuntas_template"
SEED = "seed"
"""What the migrations left, as a place to come back to."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")

PLACES = """
CREATE SCHEMA places;
CREATE FUNCTION places.remember(place text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text; filled boolean;
BEGIN
  EXECUTE format('CREATE SCHEMA %I', place);
  FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', name) INTO filled;
    IF filled THEN EXECUTE format('CREATE TABLE %I.%I AS TABLE public.%I', place, name, name); END IF;
  END LOOP;
  EXECUTE format('CREATE TABLE %I." sequences" AS SELECT sequencename, last_value IS NOT NULL AS used,'
                 ' coalesce(last_value, start_value) AS at FROM pg_sequences WHERE schemaname = %L',
                 place, 'public');
END $$;
CREATE FUNCTION places.recall(place text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text; filled boolean; columns text;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', name) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM public.%I', name); END IF;
    IF to_regclass(format('%I.%I', place, name)) IS NOT NULL THEN
      SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
       WHERE attrelid = format('public.%I', name)::regclass AND attnum > 0 AND NOT attisdropped
         AND attgenerated = '';
      EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %I.%I',
                     name, columns, columns, place, name);
    END IF;
  END LOOP;
  FOR name IN EXECUTE format('SELECT quote_ident(sequencename) FROM %I." sequences"', place) LOOP
    EXECUTE format('SELECT setval(%L, at, used) FROM %I." sequences" WHERE quote_ident(sequencename) = %L',
                   'public.' || name, place, name);
  END LOOP;
END $$;
"""
"""`remember` keeps what the tables hold now under a name, `recall` puts it back. Triggers see neither."""


SWOLLEN = """
SELECT oid::regclass::text FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 2 * 1024 * 1024
"""


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database of this test process."""

    urls: Urls
    admin_url: str
    engine: Engine
    """As the application: may not touch events."""
    owner_engine: Engine
    keeper: psycopg.Connection
    """Stays open, because a new one would first have to learn all tables."""

    def reset(self) -> None:
        """Back to what the migrations left."""
        self.recall(SEED)

    def remember(self, place: str) -> None:
        """Keep what is in the tables, for `recall` by this process."""
        self.keeper.execute("SELECT places.remember(%s)", (place,))

    def recall(self, place: str) -> None:
        """Put back what the tables held at `remember(place)`, whatever they hold now.

        A table that was big is swept as well: neither its dead rows nor its size concern the next test.
        """
        self.keeper.execute("SELECT places.recall(%s)", (place,))
        for (table,) in self.keeper.execute(SWOLLEN).fetchall():
            self.keeper.execute(f"VACUUM (ANALYZE, SKIP_LOCKED) {table}")
        city._seen.clear()  # or pages take the calendar there was before for some seconds longer


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        """Move by `days=`, `hours=`, `minutes=` …; returns the new time."""
        self.now += timedelta(**by)
        return self.now

    def set(self, to: datetime) -> datetime:
        self.now = to
        return to


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedServer]:
    """The embedded server of this run, shared by all its processes; gone when the last of them ends."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"solo{os.getpid()}")[:12]
    directory = Path(tempfile.gettempdir()) / f"tuntas-{run}"
    with fasteners.InterProcessLock(directory.with_name(f".{directory.name}.template")):
        server = EmbeddedServer(
            directory,
            settings={"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"},
            delete_after=True,
        )
        with psycopg.connect(server.url("postgres", "postgres")) as connection:
            made = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", (TEMPLATE,)
            ).fetchone()
        if not made:
            migrate.upgrade(server.database(TEMPLATE).owner)
            with psycopg.connect(server.url("postgres", TEMPLATE), autocommit=True) as connection:
                connection.execute(PLACES)
                connection.execute("SELECT places.remember(%s)", (SEED,))
                connection.execute(f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true")
    yield server
    server.stop()
    for leftover in (f".{directory.name}.template", f".{directory.name}.lock"):
        directory.with_name(leftover).unlink(missing_ok=True)


@pytest.fixture(scope="session")
def process_database(server: EmbeddedServer) -> Iterator[Database]:
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'solo')}"
    urls = server.database(name, template=TEMPLATE)
    admin_url = server.url("postgres", name)
    keeper = psycopg.connect(admin_url, autocommit=True, options="-c lock_timeout=10s")
    database = Database(urls, admin_url, make_engine(urls.app), make_engine(urls.owner), keeper)
    yield database
    keeper.close()
    database.engine.dispose()
    database.owner_engine.dispose()


@pytest.fixture
def database(process_database: Database) -> Iterator[Database]:
    """A clean migrated database. Commit as you like; it is clean again for the next test."""
    yield process_database
    process_database.reset()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session in the application's role."""
    with make_sessions(database.engine)() as session:
        yield session
        session.rollback()


@pytest.fixture
def owner_session(database: Database) -> Iterator[Session]:
    """A session in the role that owns the tables."""
    with make_sessions(database.owner_engine)() as session:
        yield session
        session.rollback()


@pytest.fixture
def clock() -> MovableClock:
    """Tuesday, 17 March 2026, 10.05 in Palu."""
    return MovableClock(datetime(2026, 3, 17, 2, 5, tzinfo=UTC))


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """The settings of a test city: the real database, files in a folder of this test."""
    return Settings(
        environment="test",
        instance=tmp_path,
        keys=Keys(session="a" * 64, lookup="b" * 64, sealing="c" * 64, audit="d" * 64),
        database_url=database.urls.owner,
        database_app_url=database.urls.app,
        storage_url=(tmp_path / "storage").as_uri(),
        rate_limits=False,
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The whole application on the test database. Forms need no token; `test_csrf` proves that they do."""
    application = create_app(settings)
    share_templates(application)
    application.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield application
    application.extensions["tuntas_database"].dispose()
    wall.use(wall.Clock())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


def let_worker_work(settings: Settings) -> None:
    """Let a worker do all jobs that can be done now. Raises what stops the worker itself.

    It gets a thread of its own: once a browser test has run, an event loop runs in this one.
    """
    failures: list[BaseException] = []

    def run() -> None:
        try:
            worker.run(settings, wait=False)
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(120)
    assert not thread.is_alive(), "the worker did not come to an end"
    if failures:
        raise failures[0]


@pytest.fixture(autouse=True, scope="session")
def shipped_hasher() -> Iterator[PasswordHasher]:
    """The city's own way to hash passwords. Tests sign in with one that costs next to nothing."""
    shipped = people._hasher
    people._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield shipped
    people._hasher = shipped


@pytest.fixture(autouse=True, scope="session")
def _routes_compiled_once() -> Iterator[None]:
    with routes_compiled_once():
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_way_out() -> Iterator[None]:
    """Tests reach this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
            raise RuntimeError(f"a test wanted to reach {address!r}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    """Somebody before whom no lock of the database holds, as an attacker who has it all."""
    address = database.admin_url.replace("postgresql://", "postgresql+psycopg://")
    with create_engine(address, poolclass=NullPool).connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        yield connection
