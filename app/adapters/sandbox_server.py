"""The process that checks are forked from: one thread, no database, nothing open but one socket.

A threaded web server must not fork itself (a lock held by another thread would stay locked in the child for
ever), and a process begun anew for each check would spend longer importing the engine than checking. So this
one is begun once, imports what it is asked for, and forks a child for each piece of work. It ends when the
process that began it lets go of the socket.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

CPU_SECONDS = 5
WALL_SECONDS = 10.0
"""A busy machine gives a child less than a whole processor."""
MEGABYTES = 512
LONGEST_NAME = 1024
_SIZE = struct.Struct("!Q")


def serve(control: socket.socket) -> None:
    """Fork a child for every (pickled name of a work, socket to talk to it) that comes, until nobody is
    there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children, so none stays behind
    known: dict[bytes, Callable[..., Any]] = {}
    while True:
        name, handed, _flags, _address = socket.recv_fds(control, LONGEST_NAME, 1)
        if not name:
            return
        with socket.socket(fileno=handed[0]) as channel:
            work = known.get(name) or _remembered(name, known)
            if os.fork() == 0:
                control.close()
                live(channel, work)


def _remembered(name: bytes, known: dict[bytes, Callable[..., Any]]) -> Callable[..., Any]:
    known[name] = found(name)
    gc.collect()
    gc.freeze()  # so that a collection in a child copies no pages of what all children share
    return known[name]


def found(name: bytes) -> Callable[..., Any]:
    """The function a pickled name stands for; what cannot be found says so when it is called."""
    try:
        work: Callable[..., Any] = pickle.loads(name)  # noqa: S301 - from our own parent, not from a file
    except (ImportError, AttributeError) as error:
        return _missing(f"{type(error).__name__}: {error}")
    return work


def _missing(why: str) -> Callable[..., Any]:
    def work(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise LookupError(why)

    return work


def live(channel: socket.socket, work: Callable[..., Any]) -> NoReturn:
    """The child's life: limits, the given values in, one JSON answer out, no clean-up of others' things."""
    status = 1
    try:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM):
            signal.signal(name, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
        resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_SECONDS, used + CPU_SECONDS + 1))
        limit = _own_size() + MEGABYTES * 1024 * 1024
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        args, kwargs = pickle.loads(receive(channel))  # noqa: S301 - from our own parent, not from a file
        try:
            answer = {"answer": work(*args, **kwargs)}
        except (MemoryError, RecursionError):
            os._exit(2)
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"[:500],
                      "trace": traceback.format_exc(limit=-20)[-8000:]}
        send(channel, json.dumps(answer, allow_nan=False).encode())
        status = 0
    finally:
        os._exit(status)


def send(channel: socket.socket, content: bytes) -> None:
    """One message: its length, then itself."""
    channel.sendall(_SIZE.pack(len(content)))
    channel.sendall(content)


def receive(channel: socket.socket, largest: int = 1 << 30) -> bytes:
    """One message. Raises EOFError when the other side is gone, ValueError when it is larger than that."""
    size = _SIZE.unpack(_exactly(channel, _SIZE.size))[0]
    if size > largest:
        raise ValueError(f"{size} bytes are too many")
    return _exactly(channel, size)


def _exactly(channel: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = channel.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _own_size() -> int:
    """Address space of this process in bytes, so that the limit counts what the work itself takes."""
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:
            return int(pages.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 1024 * 1024 * 1024


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
