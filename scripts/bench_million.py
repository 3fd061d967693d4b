"""What an auditor waits for in a city with 100,000 reports and more than a million events.

The demo city is walked as `make run` does, its reports are copied (`scripts.planting`), the trace is followed
as the worker does. Then every search, the pages and the exports are asked for as a browser asks for them.
Prints progress to stderr and one JSON object as its last line. `BENCH_REPORTS` (100000): how many to plant.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app.adapters.signing import Signer, is_signed
from app.adapters.storage import open_store
from app.cli.demo import demo_files
from app.config import Keys, Settings
from app.db import migrate
from app.db.embedded import EmbeddedServer, Urls
from app.db.queries.trace_search import Criteria
from app.db.session import make_engine, make_sessions
from app.domain.actor import Actor
from app.factory import create_app
from app.services import audit_export, audit_verify, seals, trace_follow
from app.services.audit_export import Order
from app.services.demo.accounts import PASSWORD
from app.services.demo.city import DemoNames, seed
from app.services.event_formats import FORMATS
from scripts.planting import plant

REPORTS = int(os.environ.get("BENCH_REPORTS", "100000"))
TIMES = 20
GOAL_MS = 500
KEYS = Keys("ab" * 32, "cd" * 32, "ef" * 32, "9d" * 32)
MEGABYTE = 1024
COMMAND = Actor(kind="command", source="bench")

_VALUES: Mapping[str, str] = {
    "number": "SELECT number FROM reports ORDER BY random() LIMIT 60",
    "unit": "SELECT opd FROM reports WHERE opd IS NOT NULL GROUP BY opd",
    "kelurahan": "SELECT kelurahan_code FROM reports WHERE kelurahan_code IS NOT NULL GROUP BY 1",
    "officer": "SELECT p.username FROM persons p JOIN grants g ON g.person_id = p.id WHERE g.role_code IN"
    " ('admin_kominfo', 'verifikator', 'operator_opd', 'kepala_opd', 'asisten', 'kelurahan')",
    "status": "SELECT status FROM reports GROUP BY status",
    "version": "SELECT key || ' ' || version FROM sop_versions WHERE key <> 'penetapan_sop'",
    "way": "SELECT id::text FROM trace_paths",
    "street": "SELECT substring(description FROM 'Jalan [A-Z][a-z]+ ') FROM reports"
    " WHERE description ~ ' di Jalan ' ORDER BY random() LIMIT 60",
}
COMMON_WORDS = (
    "sampah", "jalan berlubang", "lampu padam", "saluran meluap", "banjir", "sekolah", "talud retak",
    "terima kasih", "belum ada yang datang", "hujan", "puskesmas",
)  # fmt: skip
FLAGS = (
    "terlambat", "dikembalikan", "dibuka_kembali", "berpindah", "eskalasi", "pindah_versi", "langka",
)  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tuntas-million-") as name:
        folder = Path(name)
        server = EmbeddedServer(folder / "pg", delete_after=True)
        try:
            print(json.dumps(measure_million(server, folder)))
        finally:
            server.stop()


def measure_million(server: EmbeddedServer, folder: Path, reports: int = REPORTS) -> dict[str, Any]:
    """All that is measured here."""
    urls = server.database("bench_million")
    settings = Settings(
        environment="test", instance=folder, keys=KEYS, database_url=urls.owner, database_app_url=urls.app,
        storage_url=f"file://{folder}/photos", rate_limits=False,
    )  # fmt: skip
    result: dict[str, Any] = {"demo_city_s": _seconds(lambda: _found(urls, settings))}
    planted: dict[str, int] = {}
    took = _seconds(lambda: planted.update(plant(urls.owner, reports, now=datetime.now(UTC))))
    result["planted"] = {"reports": planted["reports"], "events": planted["events"], "s": took}
    _say(f"planted {planted['reports']} reports, {planted['events']} events in {took} s")
    engine = make_engine(urls.app, statement_timeout_ms=600_000)
    result["follow"] = _follow(engine, planted["reports"], planted["events"])
    _tidy(urls)
    result.update(measure_reading(engine, settings))
    result["seal_and_verify"] = _seal_and_verify(engine)
    result["export"] = {form: _export(urls, form) for form in FORMATS}
    engine.dispose()
    return result


def measure_reading(engine: Engine, settings: Settings) -> dict[str, Any]:
    """Searches, the picture of where it hurts, and the trace, as an auditor's browser asks for them."""
    with make_sessions(engine)() as session:
        values = {name: list(session.scalars(text(sql))) for name, sql in _VALUES.items()}
    client = _auditor(settings)
    searches = {}
    for name, asked in _searches(values).items():
        searches[name] = _pages(client, [f"/jejak?{urlencode(one)}" for one in asked])
        _say(f"search {name}: {searches[name]}")
    worst = max(one["median_ms"] for one in searches.values())
    result: dict[str, Any] = {
        "searches": {"goal_ms": GOAL_MS, "worst_median_ms": worst, "each": searches},
    }
    unit = [{"unit": one} for one in values["unit"]]
    pages = {
        "ways": ["/jejak/jalur"],
        "trace": [f"/jejak/{number}" for number in values["number"][:TIMES]],
        "where_it_hurts_all": ["/hambatan"],
        "where_it_hurts": ["/hambatan/pengaduan/1"],
        "where_it_hurts_unit": [f"/hambatan/pengaduan/1?{urlencode(one)}" for one in unit],
        "where_it_hurts_csv": ["/hambatan/pengaduan/1.csv"],
    }
    result["pages"] = {}
    for name, addresses in pages.items():
        result["pages"][name] = _pages(client, addresses)
        _say(f"page {name}: {result['pages'][name]}")
    return result


def _searches(values: Mapping[str, Sequence[str]]) -> dict[str, list[dict[str, str]]]:
    """What is asked, per criterion `TIMES` times with other values."""
    chance = random.Random(5)  # noqa: S311 - of a measurement
    today = datetime.now(UTC).date()

    def month() -> dict[str, str]:
        first = (today - timedelta(days=chance.randrange(30, 700))).replace(day=1)
        return {"sejak": first.isoformat(), "sampai": (first + timedelta(days=30)).isoformat()}

    def one(name: str) -> str:
        return str(chance.choice(values[name]))

    def version() -> dict[str, str]:
        key, number = one("version").split()
        return {"sop": key, "versi": number}

    kinds = ("pengaduan", "aspirasi", "permintaan_informasi")
    asked: dict[str, Callable[[], dict[str, str]]] = {
        "nothing": dict,
        "number": lambda: {"kata": one("number")},
        "last digits": lambda: {"kata": one("number")[-6:]},
        "common words": lambda: {"kata": chance.choice(COMMON_WORDS)},
        "rare words": lambda: {"kata": one("street").strip()},
        "words of one kind": lambda: {"kata": chance.choice(COMMON_WORDS), "jenis": chance.choice(kinds)},
        "kind": lambda: {"jenis": chance.choice(kinds)},
        "status": lambda: {"status": one("status")},
        "open or closed": lambda: {"status": chance.choice(("terbuka", "tertutup"))},
        "unit": lambda: {"unit": one("unit")},
        "unit now": lambda: {"unit": one("unit"), "kini": "ya"},
        "kelurahan": lambda: {"kelurahan": one("kelurahan")},
        "person": lambda: {"petugas": one("officer")},
        "dates": month,
        "version": version,
        "way": lambda: {"jalur": one("way")},
        **{flag: (lambda flag=flag: {flag: "ya", **chance.choice(({}, month()))}) for flag in FLAGS},
        "late of a unit": lambda: {"terlambat": "ya", "unit": one("unit"), **month()},
        "words, unit, dates": lambda: {"kata": chance.choice(COMMON_WORDS), "unit": one("unit"), **month()},
        "person, returned": lambda: {"petugas": one("officer"), "dikembalikan": "ya"},
        "all that happened": lambda: dict.fromkeys(("terlambat", "eskalasi", "dikembalikan"), "ya"),
        "oldest first": lambda: {"urut": "terlama", "unit": one("unit")},
        "longest first": lambda: {"urut": "panjang", **chance.choice(({}, {"jenis": "pengaduan"}))},
        "far down": lambda: {"setelah": one("number"), "unit": one("unit")},
    }
    return {name: [make() for _ in range(TIMES)] for name, make in asked.items()}


def _pages(client: FlaskClient, addresses: Sequence[str]) -> dict[str, float]:
    """How long they take, all in all `TIMES` and once before that."""
    wanted = [addresses[place % len(addresses)] for place in range(TIMES)]
    taken = []
    for address in (wanted[0], *wanted):
        began = time.perf_counter()
        answer = client.get(address)
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
    taken = sorted(taken[1:])
    return {"median_ms": round(statistics.median(taken), 1), "max_ms": round(taken[-1], 1)}


def _found(urls: Urls, settings: Settings) -> None:
    migrate.upgrade(urls.owner)
    names = DemoNames("Kota Palu", "LW", KEYS.sealing, "http://localhost", "Lapor Walikota")
    engine = make_engine(urls.app)
    with make_sessions(engine).begin() as session:
        store = open_store(settings.storage_url)
        seed(session, demo_files(), names, storage=store, now=datetime.now(UTC))
    engine.dispose()


def _follow(engine: Engine, reports: int, events: int) -> dict[str, Any]:
    sessions = make_sessions(engine)
    began = time.perf_counter()
    slices, goes_on = 0, True
    while goes_on:
        with sessions.begin() as session:
            goes_on = trace_follow.follow(session)
        slices += 1
        if slices % 100 == 0:
            _say(f"followed {slices} slices in {time.perf_counter() - began:.0f} s")
    took = time.perf_counter() - began
    with sessions() as session:
        missed = session.scalar(text("SELECT count(*) FROM reports r LEFT JOIN report_traits t ON"
                                     " t.report_id = r.id WHERE t.report_id IS NULL"))  # fmt: skip
        rows = session.scalar(text("SELECT count(*) FROM step_times"))
    return {
        "s": round(took, 1), "slices": slices, "reports_per_s": round(reports / took),
        "events_per_s": round(events / took), "missed": missed, "step_times": rows,
    }  # fmt: skip


def _seal_and_verify(engine: Engine) -> dict[str, float]:
    sessions = make_sessions(engine)
    signer = Signer(KEYS.audit)

    def seal() -> None:
        with sessions.begin() as session:
            seals.seal_trace(session, signer, now=datetime.now(UTC))

    def verify() -> None:
        with sessions() as session:
            broken = list(audit_verify.verify(session, public=signer.public, is_signed=is_signed))
        if broken:
            raise RuntimeError(str(broken[0]))

    return {"seal_s": _seconds(seal), "verify_s": _seconds(verify)}


def _export(urls: Urls, form: str) -> dict[str, float]:
    """All events in a form, written by a process of its own whose memory is looked at."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            sessions, order = make_sessions(make_engine(urls.app)), Order(Criteria(), form)
            began = time.perf_counter()
            with sessions.begin() as session:
                begun = audit_export.begin(session, order, actor=COMMAND, now=datetime.now(UTC))
            with open(os.devnull, "w", encoding="utf-8") as file:
                for part in audit_export.written(
                    sessions, order, key=KEYS.lookup, begun=begun, now=lambda: datetime.now(UTC),
                    tell=lambda _more: None,
                ):  # fmt: skip
                    file.write(part)
            took, events = time.perf_counter() - began, begun.events
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / MEGABYTE
            told = {"events": events, "s": round(took, 1), "events_per_s": round(events / took)}
            os.write(write, json.dumps({**told, "grown_mb": round(grown, 1)}).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read) as pipe:
        told = pipe.read()
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError(f"the export as {form} failed")
    _say(f"export {form}: {told}")
    found: dict[str, float] = json.loads(told)
    return found


def _auditor(settings: Settings) -> FlaskClient:
    client = create_app(settings).test_client()
    token = client.get("/masuk").get_data(as_text=True).split('name="csrf_token"', 1)[1]
    given = token.split('value="', 1)[1].split('"', 1)[0]
    asked = {"username": "inspektorat1", "password": PASSWORD, "csrf_token": given}
    if client.post("/masuk", data=asked).status_code != 302:
        raise RuntimeError("the auditor cannot sign in")
    return client


def _tidy(urls: Urls) -> None:
    owner = make_engine(urls.owner, statement_timeout_ms=600_000)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    owner.dispose()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 1)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
