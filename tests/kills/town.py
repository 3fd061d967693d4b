"""A city for killing in: its people, its SOP with timers of seconds, what citizens and officers do."""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from app.config import Keys, Settings
from app.db import migrate
from app.db.embedded import Urls
from app.db.session import make_engine, make_sessions
from app.domain.actor import Actor, Grant
from app.domain.errors import CityError
from app.domain.geo import Point
from app.domain.report import Contact, Kind
from app.services import operations_bulk, sop_versions, task_work, tracking
from app.services.intake import NewReport, Received, submit_report
from app.services.outcome import Pushed
from app.services.people import NewPerson, create_person
from app.services.tracking import reporter_of
from tests.services import small_city
from tests.services.racing import racing_sop

PASSWORD = "kata-sandi-untuk-uji-2026"
HELD = Grant("admin_kominfo", "KOMINFO")
OFFICERS = 3
FIRST = 30
"""Reports that are there when the killing begins."""

_SOME_TASK = text("SELECT id FROM work_items WHERE closed_at IS NULL ORDER BY random() LIMIT 1")
_READY = text("SELECT state = 'siap' FROM operations WHERE id = :id")
_HELD_BACK = text("SELECT report_id FROM instances WHERE suspended_at IS NOT NULL AND ended_at IS NULL")
_SOME_REPORTS = text("SELECT id FROM reports WHERE closed_at IS NULL ORDER BY random() LIMIT 4")
_SOME_REPORT = text("SELECT id FROM reports WHERE closed_at IS NULL ORDER BY random() LIMIT 1")


@dataclass(frozen=True, slots=True)
class Town:
    """What processes need to know; no connection lies in it, so it may be forked."""

    urls: Urls
    settings: Settings
    officers: tuple[Actor, ...]
    ledger: Path
    """What was promised to somebody, one line each: `masuk <report>`, `selesai <task>`."""

    def promise(self, kind: str, what: uuid.UUID) -> None:
        """Somebody was told so, after the commit."""
        with self.ledger.open("a") as ledger:
            ledger.write(f"{kind} {what}\n")


def found_town(urls: Urls, folder: Path) -> Town:
    """Build it in an empty database."""
    migrate.upgrade(urls.owner)
    engine = make_engine(urls.app)
    now = datetime.now(UTC)
    with make_sessions(engine)() as session:
        small_city.found(session, now, sop=racing_sop(nag="R3/PT1S", patience="PT1S"))
        officers = []
        for number in range(OFFICERS):
            name = f"petugas{number}"
            new = NewPerson(
                username=name, display_name=f"Petugas {number} (uji)", password=PASSWORD, grants=(HELD,)
            )
            by = Actor(kind="command", source="uji", grants=(HELD,))
            person = create_person(session, new, actor=by, now=now)
            officers.append(Actor("person", "uji", str(person), (HELD,), display_name=new.display_name))
        session.commit()
        # Compiled once here; whoever is forked has it.
        sop_versions.compiled(session, sop_versions.version_in_force(session, "pengaduan", now))
    engine.dispose()
    settings = Settings(
        environment="test", instance=folder, keys=Keys("ab" * 32, "cd" * 32, "ef" * 32, "9d" * 32),
        database_url=urls.owner, database_app_url=urls.app, storage_url=(folder / "photos").as_uri(),
        rate_limits=False,
    )  # fmt: skip
    ledger = folder / "ledger"
    ledger.touch()
    town = Town(urls, settings, tuple(officers), ledger)
    engine = make_engine(urls.app)
    for _report in range(FIRST):
        _submit(town, make_sessions(engine), random.Random())
    engine.dispose()
    return town


def live_by_services(town: Town) -> None:
    """Report, work, answer and withdraw without end, one unit of work each, as the web does."""
    chance = random.Random(os.urandom(8))
    sessions = make_sessions(make_engine(town.urls.app, pool_size=1))
    acts = [_submit, _work, _work, _work, _answer, _answer, _withdraw, _operate, _operate]
    while True:
        _patiently(lambda: chance.choice(acts)(town, sessions, chance))


def live_by_pages(town: Town, application: Flask) -> None:
    """Complete tasks through the web application, signed in, form and token and all."""
    chance = random.Random(os.urandom(8))
    sessions = make_sessions(make_engine(town.urls.app, pool_size=1))
    client = application.test_client()
    signed_in = False

    def sign_in() -> None:
        page = client.get("/masuk").get_data(as_text=True)
        given = {
            "username": f"petugas{chance.randrange(OFFICERS)}", "password": PASSWORD,
            "csrf_token": _token(page),
        }  # fmt: skip
        nonlocal signed_in
        signed_in = client.post("/masuk", data=given).status_code == 302

    def work() -> None:
        with sessions() as session:
            task = session.scalar(_SOME_TASK)
        if task is None:
            return
        page = client.get(f"/tugas/{task}").get_data(as_text=True)
        if 'name="csrf_token"' not in page:
            return
        answered = {"catatan": "Sudah diperiksa.", "csrf_token": _token(page)}
        if client.post(f"/tugas/{task}", data=answered).status_code == 302:
            town.promise("selesai", task)

    while True:
        _patiently(work if signed_in else sign_in)


def _patiently(act: Callable[[], Any]) -> None:
    """What the database refuses for now, or a rule refuses, is no fault; all else ends this process."""
    try:
        act()
    except DBAPIError:
        time.sleep(0.1)
    except CityError:
        return


def _submit(town: Town, sessions: sessionmaker[Session], chance: random.Random) -> None:
    new = NewReport(
        submission_key=uuid.uuid4(), kind=Kind.PENGADUAN, point=Point(-0.91215, 119.88286),
        description="Tumpukan sampah di pinggir jalan sudah seminggu.",
        contact=Contact("Warga Uji", None, "warga@contoh.id"),
    )  # fmt: skip
    with sessions.begin() as session:
        received = submit_report(
            session, new, actor=Actor("pelapor", "uji"), now=datetime.now(UTC),
            sealing_key=town.settings.keys.sealing, city_name="Kota Palu",
        )  # fmt: skip
    assert isinstance(received, Received), received
    town.promise("masuk", received.report_id)


def _work(town: Town, sessions: sessionmaker[Session], chance: random.Random) -> None:
    with sessions.begin() as session:
        task = session.scalar(_SOME_TASK)
        if task is None:
            return
        outcome = task_work.complete(
            session, task, {"catatan": "Sudah."}, actor=chance.choice(town.officers), now=datetime.now(UTC)
        )
    if isinstance(outcome, Pushed):
        town.promise("selesai", task)


def _answer(town: Town, sessions: sessionmaker[Session], chance: random.Random) -> None:
    _say(town, sessions, tracking.REPLY)


def _withdraw(town: Town, sessions: sessionmaker[Session], chance: random.Random) -> None:
    if chance.random() < 0.3:
        _say(town, sessions, tracking.WITHDRAWAL)


def _operate(town: Town, sessions: sessionmaker[Session], chance: random.Random) -> None:
    """Hold some reports back together, or let all that are held back go on: worked out, then asked for."""
    kind = chance.choice(("tangguhkan", "lanjutkan"))
    officer = chance.choice(town.officers)
    with sessions.begin() as session:
        reports = session.scalars(_SOME_REPORTS if kind == "tangguhkan" else _HELD_BACK).all()
        made = operations_bulk.prepare(
            session, kind, {}, reports, "", actor=officer, now=datetime.now(UTC)
        )
    for _look in range(40):
        time.sleep(0.05)
        with sessions.begin() as session:
            if session.scalar(_READY, {"id": made}):
                now = datetime.now(UTC)
                operations_bulk.ask(session, made, "Kantor sedang pindah.", actor=officer, now=now)
                return


def _say(town: Town, sessions: sessionmaker[Session], message: str) -> None:
    with sessions.begin() as session:
        report = session.scalar(_SOME_REPORT)
        if report is not None:
            by = reporter_of(report, source="uji")
            tracking.say(session, report, "Terima kasih.", message=message, actor=by, now=datetime.now(UTC))


def _token(page: str) -> str:
    return page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
