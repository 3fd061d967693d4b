"""What is backed up comes back whole, elsewhere, and the city goes on where it stood."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text

from app.adapters.storage import open_store
from app.config import from_environment
from app.db.models import Photo, Report, Stream
from app.db.session import make_engine, make_sessions
from app.domain.actor import Actor, Grant
from app.services import photos
from app.services.outcome import Pushed
from app.services.photos import Upload
from tests.conftest import TEMPLATE, let_worker_work
from tests.engine.diagrams import begin, end, flows
from tests.services.test_photos import jpeg
from tests.services.test_process import check_chain
from tests.services.workshop import WITA, Workshop, diagram, task

ROOT = Path(__file__).resolve().parents[2]
STORY = diagram(
    begin("mulai")
    + task("verifikasi", "catatan:text", "bukti:photo", deadline="hari_kerja(3)")
    + task("kerjakan")
    + end("selesai")
    + flows("mulai verifikasi", "verifikasi kerjakan", "kerjakan selesai"),
    {"admin_kominfo": ["verifikasi", "kerjakan"]},
)


def script(name, folder, environment, *, fails=False):
    """Run `scripts/<name> FOLDER`; what it printed."""
    done = subprocess.run(
        [str(ROOT / "scripts" / name), str(folder)],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert bool(done.returncode) is fails, done.stdout + done.stderr
    return (done.stderr if fails else done.stdout).strip()


@pytest.fixture
def installation(server, process_database, settings, tmp_path):
    """Make an empty installation of its own: (its variables, its settings). Its database goes in the end."""
    made = []

    def make(name, *, migrated=False):
        database = f"{name}_{os.getpid()}"
        urls = server.database(database, template=TEMPLATE if migrated else None)
        made.append(database)
        if migrated:
            with psycopg.connect(server.url("postgres", database)) as connection:
                connection.execute("DROP SCHEMA seed CASCADE")
        environment = {
            "TUNTAS_ENV": "production",
            "TUNTAS_INSTANCE": str(tmp_path / name),
            "DATABASE_URL": urls.owner,
            "DATABASE_APP_URL": urls.app,
        }
        return environment, replace(
            settings,
            instance=tmp_path / name,
            database_url=urls.owner,
            database_app_url=urls.app,
            storage_url=(tmp_path / name / "storage").as_uri(),
        )

    yield make
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        for database in made:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def work_in(settings):
    """A session in the application's role, and its engine."""
    engine = make_engine(settings.database_app_url)
    return make_sessions(engine)(), engine


@pytest.fixture
def backed_up(installation, clock, tmp_path):
    """A small city with a report in the middle of its way and photos, backed up and then destroyed."""
    environment, settings = installation("asal", migrated=True)
    keys = from_environment(environment).keys
    storage = open_store(settings.storage_url)
    session, engine = work_in(settings)
    shop = Workshop(session, clock, STORY)
    shop.report()
    item = shop.item("verifikasi")
    cleaned = shop.photo(storage, item, "bukti", by="admin")
    let_worker_work(settings)
    waiting = photos.receive_photo(
        session,
        Upload(jpeg((3, 3, 200)), item.id, "lain", photos.PROOF, "bukti", item.id),
        actor=shop.who["admin"], now=clock(), storage=storage, zone=WITA,
    )  # fmt: skip
    session.commit()
    assert isinstance(shop.do("admin", "verifikasi", catatan="Benar.", bukti=[cleaned]), Pushed)
    number = shop.value("SELECT number FROM reports")
    facts = {"photo": cleaned, "original": str(waiting.id), "number": number}
    session.close()
    engine.dispose()
    made = Path(script("backup", tmp_path / "cadangan", environment))
    shutil.rmtree(tmp_path / "asal")
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
    return made, facts, keys


def test_a_destroyed_city_goes_on_elsewhere(backed_up, installation, clock, tmp_path):
    made, facts, keys = backed_up
    environment, settings = installation("baru")
    told = script("restore", made, environment)
    assert "3 photos" in told, "the picture, its thumbnail, and an original that waits"
    assert from_environment(environment).keys == keys
    assert (settings.instance / "keys.json").stat().st_mode & 0o077 == 0

    for question in ("verify", "invariants"):
        asked = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app.factory", "audit", question],
            cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert asked.returncode == 0, asked.stdout + asked.stderr

    session, engine = work_in(settings)
    for stream in session.scalars(select(Stream.id)).all():
        assert check_chain(session, stream) > 0
    storage = open_store(settings.storage_url)
    photo = session.get(Photo, facts["photo"])
    assert storage.get(photo.image_key).startswith(b"\xff\xd8")
    assert storage.get(photo.thumbnail_key).startswith(b"\xff\xd8")
    assert storage.get(session.get(Photo, facts["original"]).original_key) == jpeg((3, 3, 200))
    assert session.scalars(select(Report.number)).one() == facts["number"]

    let_worker_work(settings)
    session.rollback()
    assert session.get(Photo, facts["original"], populate_existing=True).state == "siap"
    with pytest.raises(Exception, match="permission denied"):
        session.execute(text("DELETE FROM events"))
    session.rollback()

    shop = Workshop.__new__(Workshop)
    shop.session, shop.clock = session, clock
    shop.who = {"admin": admin_of(session)}
    assert shop.do("admin", "kerjakan").ended
    assert check_chain(session, session.scalars(select(Report.id)).one()) > 3
    session.close()
    engine.dispose()

    again = script("restore", made, environment, fails=True)
    assert "not empty" in again


def admin_of(session):
    person = session.execute(text("SELECT id, display_name FROM persons WHERE username = 'admin'")).one()
    return Actor("person", "uji", str(person.id), (Grant("admin_kominfo", "KOMINFO"),),
                 display_name=person.display_name)  # fmt: skip


def test_a_target_that_holds_anything_is_left_alone(backed_up, installation, tmp_path):
    made, _facts, _keys = backed_up
    full, _settings = installation("penuh", migrated=True)
    assert "database of this installation is not empty" in script("restore", made, full, fails=True)
    empty, settings = installation("kosong")
    (settings.instance / "storage").mkdir(parents=True)
    (settings.instance / "storage" / "x.jpg").write_bytes(b"x")
    assert "photo store" in script("restore", made, empty, fails=True)
    (settings.instance / "storage" / "x.jpg").unlink()
    (settings.instance / "keys.json").write_text(json.dumps({"session": "1", "lookup": "2", "sealing": "3"}))
    assert "other keys" in script("restore", made, empty, fails=True)
    with psycopg.connect(settings.database_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_a_backup_that_is_not_whole_is_refused_by_name(backed_up, installation):
    made, _facts, _keys = backed_up
    environment, _settings = installation("sasaran")
    photo = next(path for path in (made / "photos").rglob("*.jpg"))
    content = photo.read_bytes()
    photo.write_bytes(content[:-1] + b"?")
    assert photo.name in script("restore", made, environment, fails=True)
    photo.write_bytes(content)
    (made / "photos" / "extra.jpg").write_bytes(b"x")
    assert "extra.jpg" in script("restore", made, environment, fails=True)
    (made / "photos" / "extra.jpg").unlink()
    (made / "manifest.json").unlink()
    assert "no backup" in script("restore", made, environment, fails=True)


def test_a_backup_is_for_its_owner_only_and_never_half(backed_up, tmp_path):
    made, _facts, keys = backed_up
    assert made.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in made.rglob("*"))
    assert json.loads((made / "keys.json").read_text())["session"] == keys.session
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_a_photo_that_the_store_lost_stops_the_backup_by_name(installation, clock, tmp_path):
    environment, settings = installation("bolong", migrated=True)
    session, engine = work_in(settings)
    shop = Workshop(session, clock, STORY)
    shop.report()
    storage = open_store(settings.storage_url)
    shop.photo(storage, shop.item("verifikasi"), "bukti", by="admin")
    let_worker_work(settings)
    session.rollback()
    key = shop.value("SELECT image_key FROM photos")
    session.close()
    engine.dispose()
    storage.delete(key)
    assert key in script("backup", tmp_path / "cadangan", environment, fails=True)
    assert list((tmp_path / "cadangan").iterdir()) == []
