"""Work on files from strangers in a child process that may be stopped: bounded seconds, bounded memory.

A diagram may be made to keep a parser busy for hours or to fill the memory. The child hands back one JSON
value and is gone. A process with one thread forks the child itself; one with several has it forked by
`sandbox_server`. For Unix; the memory bound needs Linux.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec

from app.adapters.sandbox_server import WALL_SECONDS, live, receive, send

Given = ParamSpec("Given")

_LARGEST_ANSWER = 64 * 1024 * 1024
_AT_ONCE = max(2, os.cpu_count() or 1)
_STARTING = 20.0
"""Seconds a busy machine may need to begin the server and import the engine, on top of the work's own."""
_DYING = 0.5
"""Seconds after which a server that gave no answer is taken to be alive."""
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
"""What the server may know of our environment: no address of a database, no key."""

_log = logging.getLogger(__name__)


class SandboxStopped(Exception):
    """The work took too long, too much memory, or ended without an answer. `text` is Indonesian; `trace` is
    the child's, when it was the work itself that failed."""

    def __init__(self, text: str, trace: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.trace = trace


class _Gone(Exception):
    """The server died; it may be begun anew."""


def in_sandbox(work: Callable[Given, Any], *args: Given.args, **kwargs: Given.kwargs) -> Any:
    """The JSON value of `work(*args)`, done in a child. Raises SandboxStopped.

    `work` is a function of a module (the child finds it by name); `args` can be pickled.
    """
    if "<" in work.__qualname__ or work.__module__ == "__main__":
        raise TypeError(f"{work.__qualname__} cannot be found by its name")
    name = pickle.dumps(work)
    given = pickle.dumps((args, kwargs))
    with _turn:
        answer = _answer_of_own_fork(work, given) if _alone() else _from_server(name, given)
    if answer is None:
        raise SandboxStopped("Pemeriksaan dihentikan: berkas ini memakan terlalu banyak waktu atau memori.")
    told = json.loads(answer)
    if "failed" in told:
        _log.error("work in the sandbox failed", extra={"work": work.__qualname__, "trace": told["trace"]})
        raise SandboxStopped(f"Pemeriksaan terhenti oleh isi berkas ({told['failed']}).", told["trace"])
    return told["answer"]


def _alone() -> bool:
    """Whether this process has one thread, those counted that a library began outside Python: they would be
    missing in a fork, and what waits for them would wait for ever."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return threading.active_count() == 1


def _answer_of_own_fork(work: Callable[..., Any], given: bytes) -> bytes | None:
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        live(theirs, work)
    theirs.close()
    try:
        with ours:
            return _exchange(ours, given, WALL_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _from_server(name: bytes, given: bytes) -> bytes | None:
    for _attempt in range(2):
        server = _servers.running()
        ours, theirs = socket.socketpair()
        with ours:
            try:
                with theirs:
                    server.ask(name, theirs)
                answer = _exchange(ours, given, WALL_SECONDS + _STARTING)
            except _Gone:
                continue
        if answer is not None or not server.ends_within(_DYING):
            return answer
    return None


def _exchange(channel: socket.socket, given: bytes, seconds: float) -> bytes | None:
    """The child's answer; None when it gave none in time, or far too much. A child that is still there
    afterwards ends by its own alarm."""
    deadline = time.monotonic() + seconds
    channel.settimeout(seconds)
    try:
        send(channel, given)
        channel.settimeout(max(0.01, deadline - time.monotonic()))
        return receive(channel, _LARGEST_ANSWER)
    except (OSError, EOFError, ValueError):
        return None


class _Server:
    """One running `sandbox_server`, spoken to by any thread of this process."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "app.adapters.sandbox_server", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True,
                cwd=Path(__file__).parents[2],
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ends_within(self, seconds: float) -> bool:
        """Whether it is gone, or on its way: a process that was killed takes a moment to be seen so."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ask(self, name: bytes, channel: socket.socket) -> None:
        """Have a child forked that talks over `channel`. Raises _Gone."""
        try:
            socket.send_fds(self._control, [name], [channel.fileno()])
        except OSError as error:
            raise _Gone from error

    def close(self) -> None:
        """Let it end."""
        self._control.close()
        if self.owner != os.getpid():
            return
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _Servers:
    """The server of this process: begun when first needed, begun anew when it died or after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: _Server | None = None

    def running(self) -> _Server:
        with self._lock:
            if self._server is None or self._server.owner != os.getpid() or not self._server.alive:
                self._close()
                self._server = _Server()
            return self._server

    def end(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


_servers = _Servers()
_turn = threading.BoundedSemaphore(_AT_ONCE)
atexit.register(_servers.end)
