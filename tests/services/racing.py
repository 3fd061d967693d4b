"""Two at once, without chance: one is held between reading and writing until the other is done."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from sqlalchemy import event, text

from app.db.session import make_engine, make_sessions
from app.services import invariants, process, task_work, tracking
from app.services.tracking import reporter_of
from tests.engine.diagrams import begin, boundary, end, flows, gateway, sub, timer
from tests.services.workshop import WORKER, diagram, task, tell

MESSAGES = (
    '<bpmn:message id="m_tarik" name="penarikan"/><bpmn:message id="m_balas" name="balasan_pelapor"/>'
)
PATIENCE = 30
"""Seconds after which a race has gone wrong."""
TAKES_THE_INSTANCE = "FOR UPDATE OF i, s"
SAVES = "UPDATE instances SET state"
WRITES_EVENTS = "INSERT INTO events"
POINTS = [TAKES_THE_INSTANCE, WRITES_EVENTS, SAVES]
"""Statements before which a push can be held."""
WORK = """
import signal, sys, uuid
from datetime import datetime
from importlib import import_module
from sqlalchemy import text
from app.db.session import make_engine, make_sessions
module, url, one, now = sys.argv[1:]
sessions = make_sessions(make_engine(url))
with sessions.begin() as session:
    print(session.scalar(text("SELECT pg_backend_pid()")), flush=True)
for whole in range(4):
    with sessions.begin() as session:
        assert import_module(module).carry_next(session, uuid.UUID(one), now=datetime.fromisoformat(now))
        if whole == 3:
            session.flush()
            print("in the middle", flush=True)
            signal.pause()
"""


def heard(message):
    return f'<bpmn:messageEventDefinition messageRef="{message}"/>'


def caught(name, definition):
    return f'<bpmn:intermediateCatchEvent id="{name}">{definition}</bpmn:intermediateCatchEvent>'


def racing_sop(*, nag="R2/P1D", patience="P2D", key="pengaduan"):
    """A task with a reminder, then a message or a timer, then two branches; may be withdrawn all the time.

    `nag`: cycle of the reminder; `patience`: how long the reporter's answer is waited for.
    """
    inside = (
        begin("masuk")
        + task("verifikasi", "catatan:text", status="diverifikasi")
        + boundary("ingat", "verifikasi", timer(f"'{nag}'", "timeCycle"), interrupting=False)
        + tell("tegur", "role:admin_kominfo", "teguran")
        + end("ditegur", "cabang")
        + gateway("eventBased", "tunggu")
        + caught("dijawab", heard("m_balas"))
        + caught("diam", timer(f"'{patience}'"))
        + tell("kabari", "pelapor", "diam")
        + gateway("exclusive", "lanjut")
        + gateway("parallel", "pecah", "temu")
        + task("ukur", "catatan:text", status="diproses")
        + task("garap", "catatan:text", status="diproses")
        + end("rampung")
        + flows(
            "masuk verifikasi", "ingat tegur", "tegur ditegur", "verifikasi tunggu", "tunggu dijawab",
            "tunggu diam", "diam kabari", "kabari lanjut", "dijawab lanjut", "lanjut pecah", "pecah ukur",
            "pecah garap", "ukur temu", "garap temu", "temu rampung",
        )
    )  # fmt: skip
    body = (
        begin("mulai")
        + sub("isi", inside)
        + boundary("ditarik", "isi", heard("m_tarik"))
        + end("batal", "dibatalkan")
        + end("tuntas")
        + flows("mulai isi", "isi tuntas", "ditarik batal")
    )
    return diagram(body, {"admin_kominfo": ["verifikasi", "ukur", "garap"]}, key=key, extra=MESSAGES)


class Beside:
    """`work(session)` in a thread of its own with its own connection, committed at its end.

    `hold`: it stops before its first statement that contains this text, until `go()`.
    """

    def __init__(self, database, work, *, hold=None):
        self._reached, self._released, self._told = threading.Event(), threading.Event(), {}
        self._engine = make_engine(database.urls.app)
        if hold is not None:

            @event.listens_for(self._engine, "before_cursor_execute")
            def _wait(connection, cursor, statement, parameters, context, executemany):
                if hold in statement and not self._reached.is_set():
                    self._reached.set()
                    assert self._released.wait(PATIENCE)

        def run():
            try:
                with make_sessions(self._engine).begin() as session:
                    self._told["answer"] = work(session)
            except Exception as failure:
                self._told["answer"] = failure

        self._thread = threading.Thread(target=run)
        self._thread.start()
        if hold is not None:
            assert self._reached.wait(PATIENCE), f"never came to {hold!r}"

    def go(self):
        self._released.set()

    def answer(self):
        """What it came to; an exception is returned."""
        self.go()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self._engine.dispose()
        return self._told["answer"]

    def wait_for_its_lock(self, database):
        """Until it waits for a row somebody else holds."""
        wait_for_a_lock(database)


def wait_for_a_lock(database):
    """Until a session waits for what another one holds; in this database: others race on the same server."""
    _until(database, """
        SELECT count(*) > 0 FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE NOT granted AND datname = current_database()""")


def at_once(database, first, second, *, hold):
    """`first` stops before `hold`; `second` runs to its end or to the lock `first` has; then `first` goes on.
    Their answers."""
    ahead = Beside(database, first, hold=hold)
    behind = Beside(database, second)
    if hold == TAKES_THE_INSTANCE:
        late = behind.answer()
        return ahead.answer(), late
    behind.wait_for_its_lock(database)
    return ahead.answer(), behind.answer()


def completing(shop, element="verifikasi", name="admin"):
    item, actor, now = shop.item(element).id, shop.who[name], shop.clock()
    shop.session.commit()
    return lambda session: task_work.complete(session, item, {"catatan": "Selesai."}, actor=actor, now=now)


def telling(shop, report_id, message):
    now, by = shop.clock(), reporter_of(report_id, source="uji")
    return lambda session: tracking.say(
        session, report_id, "Sudah beres.", message=message, actor=by, now=now
    )


def withdrawing(shop, report_id):
    return telling(shop, report_id, "penarikan")


def waking(shop, instance_id):
    now = shop.clock()
    return lambda session: process.wake(session, instance_id, actor=WORKER, now=now)


def killed_at_work(database, module, one, now):
    """Carry `one` on in a process of its own, killed in the middle of the fourth report; then nothing
    of it runs any more. `module`: whose `carry_next` does it."""
    arguments = [sys.executable, "-c", WORK, module.__name__, database.urls.app, str(one), now.isoformat()]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=os.getcwd()) as worker:
        connection = int(worker.stdout.readline())
        assert worker.stdout.readline() == "in the middle\n"
        worker.send_signal(signal.SIGKILL)
        worker.wait(PATIENCE)
    _until(database, f"SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = {connection}")


def _until(database, condition):
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.02)):
        with database.owner_engine.connect() as connection:
            if connection.execute(text(condition)).scalar_one():
                return
        pause.wait(0.02)
    pytest.fail(f"it never came to this: {condition}")


def nothing_broken(database, now):
    """The invariants hold."""
    with make_sessions(database.engine)() as session:
        found = list(invariants.offences(session, now=now))
    assert found == []
