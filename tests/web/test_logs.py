"""A log may be read by many; it holds no key and no person."""

import http.client
import io
import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import Settings
from app.logs import formatter, masked

ROOT = Path(__file__).resolve().parents[2]
SECRET = "9fKd0-_aQ7zzYp1Lr3Xw5Tn8"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (f"GET /l/{SECRET} 200", "GET /l/*** 200"),
        (f"Referer: https://lapor.example/l/{SECRET}?x=1", "Referer: https://lapor.example/l/***?x=1"),
        (f"POST /l/{SECRET}/keberatan", "POST /l/***/keberatan"),
        ("sent to siti.rahma+a@mail.example.id now", "sent to ***@*** now"),
        ("call 081234567890 or +6281234567890", "call 08*** or 08***"),
        ("postgresql://tuntas:rahasia@db/tuntas", "postgresql://tuntas:***@db/tuntas"),
        ("violates x\nDETAIL:  Failing row contains (7, Siti, Jl. A).\nat", "violates x\nDETAIL:  ***\nat"),
        ('{"e": "x\\nDETAIL:  Key (a)=(Siti) exists.\\n", "a": 1}', '{"e": "x\\nDETAIL:  ***\\n", "a": 1}'),
        ("report LW-2026-11-000123 in 12 ms", "report LW-2026-11-000123 in 12 ms"),
        ("/laporan/LW-2026-11-000123", "/laporan/LW-2026-11-000123"),
    ],
)
def test_keys_and_contacts_are_masked_and_report_numbers_stay(line: str, kept: str) -> None:
    assert masked(line) == kept


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(readable=False))
    logger = logging.getLogger("another.library")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def test_tracebacks_of_any_library_are_masked_too(lines: io.StringIO) -> None:
    try:
        raise ValueError(f"no route for /l/{SECRET}")
    except ValueError:
        logging.getLogger("another.library").exception("failed for %s", "siti@mail.example")
    assert SECRET not in lines.getvalue()
    assert "siti@" not in lines.getvalue()
    assert "ValueError" in lines.getvalue()


def test_the_web_servers_own_lines_hold_no_key_and_no_address(settings: Settings) -> None:
    environment = {
        **os.environ,
        "TUNTAS_ENV": "production",
        "TUNTAS_INSTANCE": str(settings.instance),
        "DATABASE_URL": str(settings.database_url),
        "DATABASE_APP_URL": str(settings.database_app_url),
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "app.factory:create_app()", "--bind", f"127.0.0.1:{port}",
               "--worker-class", "gthread", "--logger-class", "app.logs.GunicornLogger",
               "--no-control-socket", "--access-logfile", "-"]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            until = time.monotonic() + 60
            while True:
                try:
                    fetch(port, f"/l/{SECRET}?surel=siti@mail.example")
                    break
                except ConnectionError:
                    assert time.monotonic() < until
                    time.sleep(0.1)
        finally:
            server.terminate()
            _nothing, lines = server.communicate(timeout=30)
    assert "GET /l/*** 404" in lines
    assert SECRET not in lines
    assert "siti" not in lines
    assert "127.0.0.1 " not in lines
    assert all(json.loads(line) for line in lines.splitlines() if "/l/***" in line)


def fetch(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Referer": f"http://127.0.0.1/l/{SECRET}"})
    connection.getresponse().read()
    connection.close()
