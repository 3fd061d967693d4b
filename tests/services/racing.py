"""Two at once, without chance: one is held between reading and writing until the other is done."""

import threading

import pytest
from sqlalchemy import event, text

from app.db.session import make_engine, make_sessions
from app.services import invariants
from tests.engine.diagrams import begin, boundary, end, flows, gateway, sub, timer
from tests.services.workshop import diagram, task, tell

MESSAGES = (
    '<bpmn:message id="m_tarik" name="penarikan"/><bpmn:message id="m_balas" name="balasan_pelapor"/>'
)
PATIENCE = 30
"""Seconds after which a race has gone wrong."""


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
        pause = threading.Event()
        for _ in range(500):
            with database.owner_engine.connect() as connection:
                waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
                if connection.execute(text(waiting)).scalar_one():
                    return
            pause.wait(0.02)
        pytest.fail("nobody waited")


def nothing_broken(database, now):
    """The invariants hold."""
    with make_sessions(database.engine)() as session:
        found = list(invariants.offences(session, now=now))
    assert found == []
