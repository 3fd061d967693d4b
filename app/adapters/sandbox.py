"""Work on files from strangers in a child process that may be stopped: bounded seconds, bounded memory.

A diagram may be made to keep a parser busy for hours or to fill the memory. The child is a fork of this
process; it hands back one JSON value and is gone. For Unix; the memory bound needs Linux.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from typing import Any, NoReturn, ParamSpec

Given = ParamSpec("Given")

CPU_SECONDS = 5
WALL_SECONDS = 20.0
"""A busy machine gives a child less than a whole processor."""
MEGABYTES = 512
_LARGEST_ANSWER = 64 * 1024 * 1024


class SandboxStopped(Exception):
    """The work took too long, too much memory, or ended without an answer. `text` is Indonesian."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def in_sandbox(work: Callable[Given, Any], *args: Given.args, **kwargs: Given.kwargs) -> Any:
    """The JSON value of `work(*args)`, done in a child. Raises SandboxStopped."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(writing, work, args, kwargs)
    os.close(writing)
    try:
        answer = _read(reading, time.monotonic() + WALL_SECONDS)
    finally:
        os.close(reading)
        _end(child)
    if answer is None:
        raise SandboxStopped("Pemeriksaan dihentikan: berkas ini memakan terlalu banyak waktu atau memori.")
    told = json.loads(answer)
    if "failed" in told:
        raise SandboxStopped(f"Pemeriksaan terhenti oleh isi berkas ({told['failed']}).")
    return told["answer"]


def _work(writing: int, work: Callable[..., Any], args: Any, kwargs: Any) -> NoReturn:
    """The child's life: limits, work, one answer, no clean-up of what belongs to the parent."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        limit = _own_size() + MEGABYTES * 1024 * 1024
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        try:
            answer = {"answer": work(*args, **kwargs)}
        except (MemoryError, RecursionError):
            os._exit(2)
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"[:500]}
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(json.dumps(answer, allow_nan=False).encode())
        status = 0
    finally:
        os._exit(status)


def _own_size() -> int:
    """Address space of this process in bytes, so that the limit counts what the work itself takes."""
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:
            return int(pages.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 1024 * 1024 * 1024


def _read(reading: int, deadline: float) -> bytes | None:
    """What the child wrote until it closed its end; None when it wrote nothing in time or far too much."""
    parts: list[bytes] = []
    size = 0
    while (left := deadline - time.monotonic()) > 0 and size <= _LARGEST_ANSWER:
        if not select.select([reading], [], [], left)[0]:
            return None
        part = os.read(reading, 1 << 16)
        if not part:
            return b"".join(parts) or None
        parts.append(part)
        size += len(part)
    return None


def _end(child: int) -> None:
    """Stop the child, whether it still runs or not, and take it off the table."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
