"""What waiting and waking cost: many reports with one timer each, and workers as a city runs them.

Reports are taken in at moments of the past that put their timers where a measurement wants them; the workers'
clock is moved to there.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url, text

from app.db.embedded import EmbeddedServer
from app.db.session import make_engine, make_sessions
from app.domain.actor import Actor
from app.domain.report import Kind
from app.engine.compiler import Source
from app.services import sop_versions
from app.services.intake import NewReport, Received, submit_report
from scripts.bench import ROOT, City, _city, _say

TIMERS = int(os.environ.get("BENCH_TIMERS", "10000"))
AT_ONCE = max(10, TIMERS // 5)
"""Timers of a downtime, all due before the workers start."""
MINUTE = 60.0
IDLE_SECONDS = 60
"""How long an idle worker is watched; what it does each minute falls into it once."""
LEAD = 6.0
"""Seconds before the first timer at which the workers start."""
FILLERS = 2

SOP = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:sop="urn:tuntas:sop:1"
 id="d" targetNamespace="urn:bench"><bpmn:process id="pengaduan" name="Menunggu" isExecutable="true">
<bpmn:laneSet id="lanes"><bpmn:lane id="admin_kominfo" name="Admin Kominfo">
<bpmn:flowNodeRef>telaah</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
<bpmn:startEvent id="mulai"/>
<bpmn:userTask id="telaah" name="Menelaah"><bpmn:extensionElements><sop:task/><sop:form/>
</bpmn:extensionElements></bpmn:userTask>
<bpmn:boundaryEvent id="ingat" attachedToRef="telaah" cancelActivity="false"><bpmn:timerEventDefinition>
<bpmn:timeDuration>'P1D'</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
<bpmn:endEvent id="diingatkan"><bpmn:extensionElements><sop:end reason="cabang"/></bpmn:extensionElements>
</bpmn:endEvent>
<bpmn:endEvent id="selesai"><bpmn:extensionElements><sop:end reason="selesai"/></bpmn:extensionElements>
</bpmn:endEvent>
<bpmn:sequenceFlow id="f1" sourceRef="mulai" targetRef="telaah"/>
<bpmn:sequenceFlow id="f2" sourceRef="telaah" targetRef="selesai"/>
<bpmn:sequenceFlow id="f3" sourceRef="ingat" targetRef="diingatkan"/>
</bpmn:process></bpmn:definitions>"""
DAY = timedelta(days=1)
"""What the SOP waits."""

_FIRED = text("""
SELECT extract(epoch FROM e.at) AS at, extract(epoch FROM i.started_at) AS began
  FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'succeeded'
  JOIN instances i ON i.id = CAST(j.args->>'instance_id' AS uuid)
 WHERE j.task_name = 'wake_instance' ORDER BY e.at
""")
_UNFIRED = text("SELECT count(*) FROM instances WHERE next_wake IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Fired:
    """When a timer was due and when its firing was committed and ticked off (seconds, the city's clock)."""

    due: float
    done: float


def measure_timers(server: EmbeddedServer, folder: Path) -> dict[str, Any]:
    """All that is measured here."""
    city = _city(server, folder, "bench_timers")
    with city.sessions.begin() as session:
        sop_versions.publish(
            session, [Source("pengaduan.bpmn", SOP)], by=uuid.UUID(city.actors["bappeda"].person_id),
            approved_by=uuid.UUID(city.actors["asisten"].person_id), basis="bench", now=city.now,
        )  # fmt: skip
        sop_versions.compiled(session, sop_versions.version_in_force(session, "pengaduan", city.now))
    alone = _idle_statements(city, folder)
    base = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    _fill(city, [base + timedelta(seconds=MINUTE * n / TIMERS) for n in range(TIMERS)])
    _say(f"{TIMERS} reports wait")
    waiting = _idle_statements(city, folder)
    spread = _lateness(city, folder, base + DAY)
    _say("the minute is over")
    late = sorted((one.done - one.due) * 1000 for one in spread)
    result: dict[str, Any] = {
        "waiting_report_statements_per_hour": round(
            max(0, waiting - alone) / TIMERS * 3600 / IDLE_SECONDS, 3
        ),
        "idle_worker_statements_per_second": round(waiting / IDLE_SECONDS, 2),
        "lateness_ms": {
            "timers": len(late), "within_s": MINUTE, "workers": 2, "p50": round(_share(late, 0.5)),
            "p99": round(_share(late, 0.99)), "max": round(late[-1]),
        },
        "wakeups_per_second": {},
    }  # fmt: skip
    for workers in (1, 2):
        _fill(city, [base] * AT_ONCE)
        began, fired = _drain(city, folder, workers)
        speed = (len(fired) - 1) / (fired[-1].done - fired[0].done)
        result["wakeups_per_second"][str(workers)] = round(speed, 1)
        result["drain_after_downtime"] = {
            "timers": len(fired), "workers": workers, "seconds": round(fired[-1].done - began, 2),
        }  # fmt: skip
        _say(f"{workers} workers: {speed:.1f} wake-ups per second")
    city.engine.dispose()
    return result


def _fill(city: City, moments: list[datetime]) -> None:
    """Take in one report at each of these moments, by some processes beside each other."""
    city.engine.dispose()
    children = []
    for part in range(FILLERS):
        pid = os.fork()
        if not pid:
            code = 1
            try:
                _take_in(city, moments[part::FILLERS])
                code = 0
            finally:
                os._exit(code)
        children.append(pid)
    ended = [os.waitpid(pid, 0)[1] for pid in children]
    if any(ended):
        raise RuntimeError("a filler failed")
    owner = make_engine(city.urls.owner)
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("instances", "procrastinate_jobs", "work_items"):
            connection.execute(text(f"VACUUM ANALYZE {table}"))
    owner.dispose()


def _take_in(city: City, moments: list[datetime]) -> None:
    engine = make_engine(city.urls.app, pool_size=1)
    sessions = make_sessions(engine)
    for now in moments:
        new = NewReport(
            submission_key=uuid.uuid4(), kind=Kind.PENGADUAN, category="jalan", kelurahan="72.71.03.1003",
            description="Jalan menuju pasar berlubang dalam, motor sering jatuh kalau hujan.",
            landmark="Depan kios", anonymous=True,
        )  # fmt: skip
        with sessions.begin() as session:
            found = submit_report(
                session, new, actor=Actor("pelapor", "bench"), now=now,
                sealing_key=city.settings.keys.sealing,
            )  # fmt: skip
        if not isinstance(found, Received):
            raise RuntimeError(str(found))
    engine.dispose()


@contextmanager
def _workers(city: City, folder: Path, count: int, ahead: timedelta = timedelta(0)) -> Iterator[None]:
    """So many workers whose clock goes ahead by so much."""
    environment = {
        **os.environ, "TUNTAS_ENV": "test", "TUNTAS_INSTANCE": str(folder / "worker"),
        "DATABASE_URL": city.urls.owner, "DATABASE_APP_URL": city.urls.app,
        "TUNTAS_CLOCK_OFFSET_SECONDS": str(math.floor(ahead.total_seconds())),
    }  # fmt: skip
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "app.worker"], cwd=ROOT, env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for _ in range(count)
    ]  # fmt: skip
    try:
        yield
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(60)


def _idle_statements(city: City, folder: Path) -> int:
    """Statements of one idle worker in the time it is watched, counted in the server's own log."""
    _log_statements(city, "all")
    with _workers(city, folder, 1):
        time.sleep(LEAD)
        before = _logged(folder)
        time.sleep(IDLE_SECONDS)
        count = _logged(folder) - before
    _log_statements(city, "none")
    return count


def _log_statements(city: City, which: str) -> None:
    address = make_url(city.urls.owner).set(drivername="postgresql", username="postgres")
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER SYSTEM SET log_statement = {}").format(sql.Literal(which)))
        connection.execute("SELECT pg_reload_conf()")


def _logged(folder: Path) -> int:
    log = (folder / "pg" / "log").read_text(errors="replace")
    return len(re.findall(r"LOG:  (?:statement|execute [^:]*):", log))


def _lateness(city: City, folder: Path, first: datetime) -> list[Fired]:
    """Two workers, and timers that fall due over a minute from `first` on."""
    ahead = first - datetime.now(UTC) - timedelta(seconds=LEAD)
    with _workers(city, folder, 2, ahead):
        _until_fired(city)
    return _fired(city, math.floor(ahead.total_seconds()))


def _drain(city: City, folder: Path, workers: int) -> tuple[float, list[Fired]]:
    """When the workers were started after a downtime, and what they fired."""
    began = time.time()
    with _workers(city, folder, workers, 2 * DAY):
        _until_fired(city)
    ahead = int(2 * DAY.total_seconds())
    return began + ahead, _fired(city, ahead)


def _until_fired(city: City) -> None:
    while _number(city, _UNFIRED):
        time.sleep(0.25)
    time.sleep(1.5)


def _fired(city: City, ahead: int) -> list[Fired]:
    with city.sessions() as session:
        rows = session.execute(_FIRED).all()
    return [Fired(float(row.began) + DAY.total_seconds(), float(row.at) + ahead) for row in rows]


def _number(city: City, question: Any) -> float:
    with city.sessions() as session:
        return float(session.execute(question).scalar_one())


def _share(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]
