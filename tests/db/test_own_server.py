"""A city with its own database server gives one address; the application still may not touch the trace."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from app.db import migrate, place
from app.db.embedded import EmbeddedServer
from app.db.session import make_engine


@pytest.fixture
def city_url() -> Iterator[str]:
    """A fresh server that knows nothing of us, and on it an ordinary database owner."""
    folder = Path(tempfile.mkdtemp(prefix="tuntas-own-"))
    server = EmbeddedServer(folder / "pg", settings={"fsync": "off"}, delete_after=True)
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("DROP ROLE tuntas_app")
        connection.execute("CREATE ROLE kota LOGIN CREATEROLE")
        connection.execute("CREATE DATABASE kota OWNER kota TEMPLATE template0")
    yield server.url("kota", "kota")
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_one_address_is_enough(city_url: str, tmp_path: Path) -> None:
    migrate.upgrade(city_url)
    found = place.find(city_url, None, tmp_path)
    engine = make_engine(found.app_url, role=found.role)
    try:
        with engine.begin() as connection:
            assert connection.scalar(text("SELECT current_user")) == "tuntas_app"
            assert connection.scalar(text("SELECT count(*) FROM reports")) == 0
            connection.execute(text("INSERT INTO kecamatan (code, name) VALUES ('x', 'X')"))
        with engine.connect() as connection, pytest.raises(Exception, match="permission denied"):
            connection.execute(text("DELETE FROM events"))
        with engine.connect() as connection, pytest.raises(Exception, match="must be owner"):
            connection.execute(text("ALTER TABLE events DISABLE TRIGGER ALL"))
    finally:
        engine.dispose()


def test_a_login_of_its_own_for_the_application_is_used_as_it_is(tmp_path: Path) -> None:
    found = place.find("postgresql://owner@db/kota", "postgresql://web@db/kota", tmp_path)
    assert (found.owner_url, found.app_url, found.role) == (
        "postgresql://owner@db/kota", "postgresql://web@db/kota", None
    )  # fmt: skip
