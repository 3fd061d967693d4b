"""`make run`: a whole city on this machine, until Ctrl-C.

Starts PostgreSQL (unless DATABASE_URL names one), brings the tables up to date, fills an empty demo city,
then runs the web server and one worker, and stops all it started when told to, or when one of them ends.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402
from flask.cli import ScriptInfo  # noqa: E402

from app.config import DEMO_MARK, from_environment  # noqa: E402
from app.db import migrate, place  # noqa: E402
from app.factory import create_app  # noqa: E402

OLDEST_POSTGRES = 15
PATIENCE = 20
"""Seconds a part gets to finish what it has in hand."""
SLOWEST_START = 300
"""Seconds after which a web server that neither ended nor answers is given up."""
DEMO = {
    "TUNTAS_ENV": "demo",
    "TUNTAS_TILE_URL": "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
    "TUNTAS_TILE_ATTRIBUTION": "© kontributor OpenStreetMap",
}


class Stop(Exception):
    """Somebody wants the city to stop."""


@dataclass(slots=True)
class Parts:
    """The processes that were started, to be stopped in the reverse order."""

    running: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)

    def start(self, name: str, *command: str, **environment: str) -> None:
        # A session of its own: Ctrl-C reaches this program only, which then stops the parts in order.
        part = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, start_new_session=True, env={**os.environ, **environment}
        )
        self.running.append((name, part))

    def ended(self) -> str | None:
        """The name of a part that is not running any more."""
        return next((name for name, part in self.running if part.poll() is not None), None)

    def stop(self) -> None:
        for _name, part in reversed(self.running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(part.pid, signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        for name, part in reversed(self.running):
            try:
                part.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                print(f"{name} did not stop in time and is killed.", file=sys.stderr)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(part.pid, signal.SIGKILL)
                part.wait()


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Turn the signals that end a program into `Stop`, once; a second one changes nothing."""

    def stop(number: int, frame: FrameType | None) -> None:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        raise Stop

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, stop)
    yield


def main() -> int:
    for name, value in DEMO.items():
        os.environ.setdefault(name, value)
    host, port = os.environ.get("HOST", "127.0.0.1"), free_port(int(os.environ.get("PORT", "8000")))
    os.environ.setdefault("TUNTAS_BASE_URL", f"http://localhost:{port}")
    settings = from_environment()
    parts = Parts()
    found: place.Place | None = None
    accounts = ""
    with stoppable():
        try:
            say("Menyiapkan basis data …")
            found = place.find(settings.database_url, settings.database_app_url, settings.instance / "pg")
            refuse_old_server(found.owner_url)
            migrate.upgrade(found.owner_url)
            if settings.database_url is None:
                os.environ["DATABASE_URL"], os.environ["DATABASE_APP_URL"] = found.owner_url, found.app_url
            if settings.environment == "demo":
                (settings.instance / DEMO_MARK).touch()
                accounts = fill_demo()
            sums = empty_folder(settings.instance / "metrics")
            parts.start(
                "web", "-m", "gunicorn", *web_arguments(host, port), PROMETHEUS_MULTIPROC_DIR=str(sums)
            )
            parts.start("worker", "-m", "app.worker")
            wait_until_open(f"http://127.0.0.1:{port}/masuk", parts)
            welcome(port, accounts)
            while (ended := parts.ended()) is None:
                time.sleep(0.5)
            print(f"{ended} ended by itself; stopping.", file=sys.stderr)
            return 1
        except Stop:
            say("\nMenghentikan semuanya …")
            return 0
        finally:
            for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(name, signal.SIG_IGN)
            parts.stop()
            if found is not None and found.server is not None:
                found.server.stop()


def empty_folder(path: Path) -> Path:
    """Where the web processes add up what they measure, from nothing at each start."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def free_port(wanted: int) -> int:
    """`wanted`, or the next port that nobody uses."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"No free port from {wanted} on; choose one with PORT=…")


def refuse_old_server(url: str) -> None:
    address = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address) as connection:
        major = connection.info.server_version // 10000
    if major < OLDEST_POSTGRES:
        raise SystemExit(f"This PostgreSQL is version {major}; at least {OLDEST_POSTGRES} is needed.")


def fill_demo() -> str:
    """Fill the city when it is empty; returns the words on its accounts."""
    application = create_app()
    logging.getLogger().setLevel(logging.WARNING)
    demo = application.cli.commands.get("demo")
    if demo is None:
        return ""
    info = ScriptInfo(create_app=lambda: application)
    demo.main(["seed"], prog_name="flask demo", obj=info, standalone_mode=False)
    accounts = io.StringIO()
    with contextlib.redirect_stdout(accounts):
        demo.main(["accounts"], prog_name="flask demo", obj=info, standalone_mode=False)
    application.extensions["tuntas_database"].dispose()
    return accounts.getvalue()


def web_arguments(host: str, port: int) -> list[str]:
    return [
        "app.factory:create_app()",
        "--bind", f"{host}:{port}",
        "--worker-class", "gthread",
        "--workers", os.environ.get("WEB_WORKERS", "2"),
        "--threads", "8",
        "--timeout", "60",
        "--graceful-timeout", "15",
        "--preload",
        "--logger-class", "app.logs.GunicornLogger",
        "--log-level", "warning",
        "--no-control-socket",
    ]  # fmt: skip


def wait_until_open(address: str, parts: Parts) -> None:
    """Until the web server answers. What cannot start ends and is told at once; a busy machine is slow."""
    until = time.monotonic() + SLOWEST_START
    while time.monotonic() < until:
        ended = parts.ended()
        if ended:
            raise SystemExit(f"{ended} could not start; its reason stands above.")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The web server did not answer within {SLOWEST_START} seconds.")


def welcome(port: int, accounts: str) -> None:
    say(f"\n  Tuntas berjalan di  http://localhost:{port}\n")
    if accounts:
        say(accounts)
    say("  Ctrl-C menghentikan semuanya. Data tersimpan di instance/.\n")


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
