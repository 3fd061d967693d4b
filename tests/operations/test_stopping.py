"""Told to stop, web server and worker finish what they have in hand, then end in order."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from scripts.run import web_arguments
from tests.services.test_incidents import BY_TIMER
from tests.services.workshop import Workshop

ROOT = Path(__file__).resolve().parents[2]
PROMISED = 20
"""Seconds from the signal to the end."""
SEEN = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, patience=90.0):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it never came to it"
        time.sleep(0.05)


@pytest.fixture
def program(settings, tmp_path):
    """Start a part of the city as a process of its own, in production; killed at the end if need be."""
    started = []

    def start(*command, **more):
        environment = {
            **os.environ,
            "TUNTAS_ENV": "production",
            "TUNTAS_INSTANCE": str(tmp_path),
            "DATABASE_URL": str(settings.database_url),
            "DATABASE_APP_URL": str(settings.database_app_url),
            **more,
        }
        log = (tmp_path / f"{len(started)}.log").open("w")
        started.append(subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stderr=log))
        log.close()
        return started[-1]

    yield start
    for one in started:
        if one.poll() is None:
            one.kill()
            one.wait()


def page(port, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def opened(port):
    try:
        return page(port, "/health/live")[0] == 200
    except OSError:
        return False


def test_the_worker_finishes_its_job_and_ends_well(program, session, owner_session, clock):
    shop = Workshop(session, clock, BY_TIMER)
    shop.report()
    port = free_port()
    # Somebody holds the report when the worker comes to it, so its job is in hand when the signal comes.
    owner_session.execute(text("SELECT 1 FROM instances FOR UPDATE"))
    running = program("-m", "app.worker", TUNTAS_WORKER_METRICS_PORT=str(port))

    def waits():
        session.rollback()
        return session.scalar(text(SEEN)) > 0

    until(waits)
    running.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    time.sleep(1)
    assert running.poll() is None, "it waits for the job in hand"
    assert "tuntas_push_seconds" in page(port, "/metrics")[1]
    owner_session.rollback()
    assert running.wait(60) == 0
    assert time.monotonic() - begun < PROMISED
    session.rollback()
    jobs = session.execute(
        text("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'wake_instance'")
    ).scalars()
    assert "doing" not in set(jobs)
    assert session.scalar(text("SELECT count(*) FROM events WHERE type = 'TimersFired'")) == 1
    assert session.scalar(text("SELECT count(*) FROM procrastinate_workers")) == 0


def test_the_web_server_finishes_its_answers_and_adds_up_its_figures(
    program, session, owner_session, tmp_path
):
    port, sums = free_port(), tmp_path / "metrics"
    sums.mkdir()
    running = program("-m", "gunicorn", *web_arguments("127.0.0.1", port), PROMETHEUS_MULTIPROC_DIR=str(sums))
    until(lambda: opened(port))
    for _ in range(30):
        assert page(port, "/lacak")[0] == 200
    status, figures = page(port, "/metrics")
    assert status == 200
    looked_up = r'tuntas_http_seconds_count\{endpoint="citizen.look_up",status="2xx"\} (\d+)'
    counted = re.search(looked_up, figures)
    assert counted, figures
    assert counted[1] == "30", "whichever process answered"
    assert page(port, "/metrics", {"X-Forwarded-For": "127.0.0.1"})[0] == 404

    owner_session.execute(text("LOCK TABLE reports IN ACCESS EXCLUSIVE MODE"))
    answers = []
    asking = threading.Thread(target=lambda: answers.append(page(port, "/")))
    asking.start()

    def waits():
        session.rollback()
        return session.scalar(text(SEEN)) > 0

    until(waits)
    running.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    time.sleep(1)
    owner_session.rollback()
    asking.join(60)
    assert [status for status, _body in answers] == [200]
    assert running.wait(60) == 0
    assert time.monotonic() - begun < PROMISED
