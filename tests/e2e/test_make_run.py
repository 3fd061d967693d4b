"""What a newcomer sees in the first minutes: one command starts a city, Ctrl-C ends it, nothing is lost."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from app.services.demo.accounts import PASSWORD

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def city(instance: Path, port: int) -> Iterator[tuple[int, str, subprocess.Popen[str]]]:
    """A city that `make run` started: its port, what it printed, its process."""
    others = ("TUNTAS_", "DATABASE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    environment |= {"TUNTAS_INSTANCE": str(instance), "PORT": str(port)}
    command = [sys.executable, "-u", "scripts/run.py"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            printed = ""
            for line in running.stdout:
                printed += line
                if "Ctrl-C" in line:
                    break
            found = next(line for line in printed.splitlines() if "http://localhost:" in line)
            yield int(found.rsplit(":", 1)[1]), printed, running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGINT)
                running.communicate(timeout=60)


def page(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def belonging_to(instance: Path) -> list[str]:
    """Living processes that were started for this city."""
    found = []
    for one in psutil.process_iter():
        try:
            started_for = one.environ().get("TUNTAS_INSTANCE") == str(instance)
            words = " ".join(one.cmdline())
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        if started_for or str(instance / "pg") in words:
            found.append(words)
    return found


@pytest.mark.timeout(600)
def test_one_command_starts_a_city_and_ctrl_c_ends_all_of_it(tmp_path: Path) -> None:
    instance = tmp_path / "kota"
    begun = time.monotonic()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = taken.getsockname()[1]
        with city(instance, busy) as (port, printed, running):
            filling = time.monotonic() - begun
            assert port != busy, "a port in use is stepped over"
            assert PASSWORD in printed
            assert "operator.dpu1" in printed
            status, home = page(port, "/")
            assert status == 200
            assert "baru saja selesai" in home.lower()
            assert len(belonging_to(instance)) >= 4, "web server, its process, worker, database"
            running.send_signal(signal.SIGINT)
            assert running.wait(60) == 0
    assert belonging_to(instance) == []

    begun = time.monotonic()
    with city(instance, busy) as (port, printed, running):
        assert time.monotonic() - begun < filling, "a city that is there is only started"
        assert "sudah berisi" in printed
        assert page(port, "/")[1].count("<img") == home.count("<img"), "the same finished reports"
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    assert belonging_to(instance) == []
