"""`make bench`: what a push, an inbox page and a finished report cost, beside the floor.

Prints progress to stderr and one JSON object as its last line. `BENCH_N` sets how many reports are walked.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session, sessionmaker

from app.adapters.senders import Letter
from app.config import Keys, Settings
from app.db import migrate
from app.db.embedded import EmbeddedServer, Urls
from app.db.queries import inbox
from app.db.session import make_engine, make_sessions
from app.domain.actor import WORKER, Actor, Grant
from app.domain.report import Contact, Kind
from app.engine.compiler import Source
from app.factory import create_app
from app.services import notices, sop_versions, task_work
from app.services.city_setup import set_up_city
from app.services.intake import NewReport, Received, submit_report
from app.services.outcome import Pushed
from app.services.people import NewPerson, create_person
from scripts.bench_floor import Floor

ROOT = Path(__file__).resolve().parents[1]
N = int(os.environ.get("BENCH_N", "200"))
PASSWORD = uuid.uuid4().hex
INBOXES = (200, 2_000, 100_000)

TABLES = (
    "reports", "report_identities", "identity_readings", "streams", "events", "event_secrets", "instances",
    "work_items", "deadlines", "drafts", "outbox_messages", "procrastinate_jobs", "procrastinate_events",
)  # fmt: skip

DATA = {
    "nomor": "LW-2026-11-000001", "jenis": "pengaduan", "kategori": "jalan", "kelurahan": "72.71.03.1003",
    "kecamatan": "72.71.03", "kanal": "web", "anonim": False, "rahasia": False, "jumlah_foto": 0,
    "diterima": "2026-11-20T10:00:00+08:00",
}  # fmt: skip
STORY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("verifikasi", "admin_kominfo", {
        "keputusan": "terima", "kategori": "jalan", "klasifikasi": "tidak_berkadar", "jangka": "pendek",
        "moderasi": "tidak"}),
    ("disposisi", "admin_kominfo", {
        "tujuan": "opd", "opd_tujuan": "DPU", "instruksi": "Mohon ditangani sesuai tugas dan fungsi."}),
    ("terima_disposisi", "operator_opd", {
        "sikap": "terima", "respon_awal": "Laporan kami terima dan segera kami tinjau di lapangan."}),
    ("tindak_lanjut", "operator_opd", {
        "hasil": "selesai", "uraian": "Lubang ditutup aspal oleh tim pemeliharaan kemarin siang.",
        "foto_sesudah": []}),
    ("periksa_bukti", "verifikator", {"bukti_diterima": True, "jawaban_jelas": True}),
    ("konfirmasi", "pelapor", {"tanggapan_pelapor": "sesuai", "penilaian": 5}),
)  # fmt: skip
FLOOR_DATA = {
    **DATA, "putusan_final": False, "opd_usulan": None, "opd_rute": "DPU", "opd": "DPU",
    "batas_verifikasi": 3, "alasan": "", "satuan_total": "hari_kerja", "pemilik": None, "tanggapan": None,
}  # fmt: skip


@dataclass
class Measured:
    """Milliseconds, statements and commits of one kind of push."""

    ms: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)

    def summary(self, floor: list[float]) -> dict[str, Any]:
        return {
            "median_ms": round(statistics.median(self.ms), 3),
            "p95_ms": round(_p95(self.ms), 3),
            "statements": max(self.statements),
            "commits": max(self.commits),
            "ratio": round(statistics.median(self.ms) / statistics.median(floor), 3),
        }


class NoSender:
    """Takes every letter and keeps none."""

    channel = "bench"

    def reaches(self, address: str) -> bool:
        return bool(address)

    def send(self, letter: Letter) -> None:
        pass


class Counter:
    """Counts what goes to the database on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.statements = self.commits = 0
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._commit)

    def _statement(self, *_rest: Any) -> None:
        self.statements += 1

    def _commit(self, _connection: Any) -> None:
        self.commits += 1

    def measure(self, into: Measured, work: Callable[[], Any]) -> Any:
        before = (self.statements, self.commits)
        began = time.perf_counter()
        result = work()
        into.ms.append((time.perf_counter() - began) * 1000)
        into.statements.append(self.statements - before[0])
        into.commits.append(self.commits - before[1])
        return result


@dataclass
class City:
    """A published city with one officer per role."""

    urls: Urls
    engine: Engine
    sessions: sessionmaker[Session]
    settings: Settings
    actors: dict[str, Actor]
    now: datetime


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tuntas-bench-") as folder:
        server = EmbeddedServer(Path(folder) / "pg", delete_after=True)
        try:
            print(json.dumps(_bench(server, Path(folder))))
        finally:
            server.stop()


def _bench(server: EmbeddedServer, folder: Path) -> dict[str, Any]:
    city = _city(server, folder)
    floor = Floor(city.urls.owner, (ROOT / "bpmn/pengaduan.bpmn").read_bytes(), "pengaduan")
    counter = Counter(city.engine)
    start, complete = Measured(), Measured()
    floor_start: list[float] = []
    floor_complete: list[float] = []
    _walk(city, floor, counter, Measured(), Measured(), [], [])  # warm up: compile, plans, caches
    empty = _bytes(city)
    for number in range(N):
        _walk(city, floor, counter, start, complete, floor_start, floor_complete)
        if number % 50 == 49:
            _say(f"{number + 1} of {N} reports")
    result: dict[str, Any] = {
        "reports": N,
        "floor": {
            "start_ms": round(statistics.median(floor_start), 3),
            "complete_ms": round(statistics.median(floor_complete), 3),
        },
        "start": start.summary(floor_start),
        "complete": complete.summary(floor_complete),
        "bytes_per_finished_report": (_bytes(city) - empty) // N,
        "http_complete": _http(city),
        "inbox": _inboxes(city),
    }
    floor.connection.close()
    city.engine.dispose()
    return result


def _city(server: EmbeddedServer, folder: Path, name: str = "bench") -> City:
    urls = server.database(name)
    migrate.upgrade(urls.owner)
    engine = make_engine(urls.app)
    sessions = make_sessions(engine)
    now = datetime.now(UTC)
    settings = Settings(
        environment="test", instance=folder, keys=Keys("ab" * 32, "cd" * 32, "ef" * 32, "9d" * 32),
        database_url=urls.owner, database_app_url=urls.app, storage_url=f"file://{folder}/photos",
        rate_limits=False,
    )  # fmt: skip
    wanted = {
        "admin_kominfo": "KOMINFO", "operator_opd": "DPU", "verifikator": "KOMINFO", "kepala_opd": "DPU",
        "asisten": "SETDA", "sekda": "SETDA", "bappeda": "BAPPEDA",
    }  # fmt: skip
    with sessions.begin() as session:
        set_up_city(session, ROOT / "app/adapters/data/palu.json", now=now)
        actors = {}
        setup = Actor(kind="command", source="bench", grants=(Grant("admin_kominfo", "KOMINFO"),))
        for role, unit in wanted.items():
            person = create_person(
                session,
                NewPerson(username=role, display_name=role, password=PASSWORD, grants=(Grant(role, unit),)),
                actor=setup,
                now=now,
            )
            actors[role] = Actor("person", "bench", str(person), (Grant(role, unit),), display_name=role)
        files = [Source(each.name, each.read_bytes()) for each in sorted((ROOT / "bpmn").glob("*.*mn"))]
        files.sort(key=lambda each: each.name != "pengaduan.bpmn")
        sop_versions.publish(
            session,
            files,
            by=uuid.UUID(actors["bappeda"].person_id),
            approved_by=uuid.UUID(actors["asisten"].person_id),
            basis="bench",
            now=now,
        )
    return City(urls, engine, sessions, settings, actors, now)


def _walk(
    city: City, floor: Floor, counter: Counter, start: Measured, complete: Measured, floor_start: list[float],
    floor_complete: list[float],
) -> None:  # fmt: skip
    """One report from the form to the end, each push beside the floor's."""
    now = city.now
    row = _timed(floor_start, lambda: floor.start(FLOOR_DATA))
    new = NewReport(
        submission_key=uuid.uuid4(), kind=Kind.PENGADUAN, category="jalan", kelurahan="72.71.03.1003",
        description="Jalan menuju pasar berlubang dalam, motor sering jatuh kalau hujan.",
        landmark="Depan kios di ujung lorong kedua", contact=Contact("Warga", "+6281200000000", None),
    )  # fmt: skip
    reporter = Actor("pelapor", "bench")
    received = counter.measure(start, lambda: _submit(city, new, reporter, now))
    for element, role, answers in STORY:
        now += timedelta(minutes=10)
        given = dict(answers)
        _timed(floor_complete, partial(floor.complete, row, element, {**FLOOR_DATA, **given}))
        task = _open(city, received.report_id, element)
        if "foto_sesudah" in given:
            given["foto_sesudah"] = [_photo(city, task, received.report_id, now)]
        actor = city.actors.get(role) or Actor("pelapor", "bench", report_id=str(received.report_id))
        push = partial(_complete, city, task, given, actor, now)
        outcome = counter.measure(complete, push)
        assert isinstance(outcome, Pushed), (element, outcome)


def _submit(city: City, new: NewReport, actor: Actor, now: datetime) -> Received:
    with city.sessions.begin() as session:
        found = submit_report(session, new, actor=actor, now=now, sealing_key=city.settings.keys.sealing)
    assert isinstance(found, Received), found
    return found


def _complete(city: City, task: uuid.UUID, answers: dict[str, Any], actor: Actor, now: datetime) -> Any:
    with city.sessions.begin() as session:
        return task_work.complete(session, task, answers, actor=actor, now=now)


def _open(city: City, report: uuid.UUID, element: str) -> uuid.UUID:
    with city.sessions() as session:
        found: uuid.UUID = session.execute(
            text("SELECT id FROM work_items WHERE report_id = :r AND element = :e AND closed_at IS NULL"),
            {"r": report, "e": element},
        ).scalar_one()
        return found


def _photo(city: City, task: uuid.UUID, report: uuid.UUID, now: datetime) -> str:
    photo = uuid.uuid4()
    with city.sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO photos (id, submission_key, client_id, work_item_id, field, purpose, state,"
                " sha256, media_type, size, uploaded_at, uploaded_by) VALUES (:id, :task, :id, :task,"
                " 'foto_sesudah',"
                " 'bukti', 'siap', :sha, 'image/jpeg', 1000, :now, :by)"
            ),
            {"id": photo, "task": task, "sha": photo.hex * 2, "now": now,
             "by": city.actors["operator_opd"].person_id},
        )  # fmt: skip
    return str(photo)


def _bytes(city: City) -> int:
    """Size of all that reports leave in the database: messages sent, jobs of finished work deleted."""
    post = notices.Post((NoSender(),), "https://lapor.example", city.settings.keys.sealing, "Lapor")
    with city.sessions.begin() as session:
        for waiting in session.scalars(text("SELECT id FROM outbox_messages WHERE state = 'menunggu'")).all():
            notices.send_message(session, waiting, post, actor=WORKER, now=city.now)
        session.execute(text("DELETE FROM procrastinate_jobs"))
    owner = make_engine(city.urls.owner)
    size = 0
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in TABLES:
            connection.execute(text(f"VACUUM FULL {table}"))
            size += connection.execute(text("SELECT pg_total_relation_size(:t)"), {"t": table}).scalar_one()
    owner.dispose()
    return size


def _http(city: City) -> dict[str, float]:
    """Completing the first task through the web application, form and all."""
    application = create_app(city.settings)
    client = application.test_client()
    page = client.get("/masuk").get_data(as_text=True)
    login = {"username": "admin_kominfo", "password": PASSWORD, "csrf_token": _token(page)}
    assert client.post("/masuk", data=login).status_code == 302
    taken: list[float] = []
    for _turn in range(min(N, 60)):
        new = NewReport(
            submission_key=uuid.uuid4(), kind=Kind.PENGADUAN, category="jalan", kelurahan="72.71.03.1003",
            description="Jalan menuju pasar berlubang dalam, motor sering jatuh kalau hujan.",
            landmark="Depan kios", anonymous=True,
        )  # fmt: skip
        received = _submit(city, new, Actor("pelapor", "bench"), city.now)
        task = _open(city, received.report_id, "verifikasi")
        token = _token(client.get(f"/tugas/{task}").get_data(as_text=True))
        answers = {**STORY[0][2], "csrf_token": token}
        began = time.perf_counter()
        answer = client.post(f"/tugas/{task}", data=answers)
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 302, answer.get_data(as_text=True)[:2000]
    return {"median_ms": round(statistics.median(taken), 3), "p95_ms": round(_p95(taken), 3)}


def _inboxes(city: City) -> dict[str, float]:
    """One inbox page with its counts, at growing numbers of open tasks in one unit."""
    actor = city.actors["operator_opd"]
    result = {}
    have = 0
    for size in INBOXES:
        with city.sessions.begin() as session:
            session.execute(
                text(
                    "INSERT INTO work_items (id, instance_id, report_id, process, element, name, role_code,"
                    " unit_code, priority, opened_at, due_at) SELECT gen_random_uuid(), i.id, i.report_id,"
                    " 'pengaduan', 'tindak_lanjut', 'Menindaklanjuti laporan', 'operator_opd', 'DPU',"
                    " 'normal', :now, :now + make_interval(mins => n)"
                    " FROM generate_series(CAST(:low AS int), :high) n"
                    " CROSS JOIN LATERAL (SELECT id, report_id FROM instances WHERE report_id IS NOT NULL"
                    " ORDER BY id LIMIT 1 OFFSET n % 20) i"
                ),
                {"now": city.now, "low": have + 1, "high": size},
            )
        have = size
        owner = make_engine(city.urls.owner)
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE work_items"))
        owner.dispose()
        taken: list[float] = []
        with city.sessions() as session:
            for _turn in range(60):
                _timed(taken, partial(_inbox, session, actor, city.now))
        result[str(size)] = round(statistics.median(taken), 3)
        _say(f"inbox of {size}: {result[str(size)]} ms")
    return result


def _inbox(session: Session, actor: Actor, now: datetime) -> None:
    assert inbox.inbox_page(session, inbox.InboxFilter(), actor=actor, now=now).rows
    inbox.inbox_counts(session, actor=actor, now=now)


def _token(page: str) -> str:
    return page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]


def _timed(into: list[float], work: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    result = work()
    into.append((time.perf_counter() - began) * 1000)
    return result


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
