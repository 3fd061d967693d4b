"""Whatever a stranger's file makes the work do, the process that asked goes on, soon and with an answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
import typst

from app.adapters.sandbox import SandboxStopped, in_sandbox

pytestmark = pytest.mark.timeout(120)
"""What is not ended at its limits would hang; a busy machine may take a while to begin and to end it."""


def told(*values: Any, **more: Any) -> dict[str, Any]:
    return {"values": list(values), **more}


def size_of(content: bytes) -> int:
    return len(content)


def for_ever() -> None:
    while True:
        pass


def asleep() -> None:
    signal.pause()


def greedy() -> int:
    return len(b"x" * (4 * 1024**3))


def gone() -> None:
    os._exit(0)


def crashed() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def wrong() -> float:
    return 1 / 0


def deep(n: int = 0) -> int:
    return deep(n + 1) + 1


def chatty() -> str:
    return "x" * (80 * 1024 * 1024)


def own_id() -> int:
    return os.getpid()


def parent_id() -> int:
    return os.getppid()


def what_it_holds() -> dict[str, Any]:
    return {"secret": os.environ.get("TUNTAS_TEST_SECRET"), "threads": threading.active_count(),
            "open": len(os.listdir("/proc/self/fd"))}


@pytest.fixture(params=["one thread", "many threads"])
def manner(request: pytest.FixtureRequest) -> Iterator[str]:
    """A command has one thread; a web server has many. Both ways must hold."""
    if request.param == "one thread":
        if threading.active_count() > 1:
            pytest.skip("another test left a thread in this process")
        yield request.param
        return
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    yield request.param
    done.set()
    thread.join()


def test_what_works_without_end_or_only_waits_is_ended() -> None:
    for work in (for_ever, asleep):
        with pytest.raises(SandboxStopped, match="dihentikan"):
            in_sandbox(work)


@pytest.mark.parametrize("work", [greedy, gone, crashed, deep, chatty])
def test_what_does_not_end_well_is_ended(manner: str, work: Callable[[], Any]) -> None:
    with pytest.raises(SandboxStopped, match="dihentikan"):
        in_sandbox(work)
    assert in_sandbox(told, 1) == {"values": [1]}


def test_a_fault_of_the_work_is_told_by_its_name(manner: str) -> None:
    with pytest.raises(SandboxStopped, match="ZeroDivisionError"):
        in_sandbox(wrong)


def test_values_go_in_and_come_back(manner: str) -> None:
    assert in_sandbox(told, "é", b"ab".decode(), deep=[1, {"a": None}]) == {
        "values": ["é", "ab"], "deep": [1, {"a": None}]}
    assert in_sandbox(size_of, b"x" * 20_000_000) == 20_000_000


def test_only_a_function_with_a_name_is_taken(manner: str) -> None:
    with pytest.raises(TypeError):
        in_sandbox(lambda: 1)


def test_nobody_is_left_behind(manner: str) -> None:
    child = in_sandbox(own_id)
    deadline = time.monotonic() + 60
    while psutil.pid_exists(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not psutil.pid_exists(child)


def test_the_child_of_a_threaded_process_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNTAS_TEST_SECRET", "rahasia")
    with ThreadPoolExecutor(1) as threads:
        held = threads.submit(in_sandbox, what_it_holds).result()
    assert held["secret"] is None
    assert held["threads"] == 1
    assert held["open"] <= 6, "no connection of the server may be open in the child"


def test_many_at_once_each_get_their_own_answer_while_one_hangs() -> None:
    with ThreadPoolExecutor(9) as threads:
        hanging = threads.submit(in_sandbox, for_ever)
        answers = list(threads.map(lambda n: in_sandbox(told, n)["values"][0], range(40)))
        assert answers == list(range(40))
        with pytest.raises(SandboxStopped):
            hanging.result()


def test_a_server_that_died_is_begun_anew() -> None:
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(in_sandbox, parent_id).result()
        os.kill(first, signal.SIGKILL)
        second = threads.submit(in_sandbox, parent_id).result()
    assert first != second


def test_a_forked_worker_has_a_server_of_its_own_and_none_outlives_its_process() -> None:
    script = (
        "import os, threading, time\n"
        "from app.adapters.sandbox import in_sandbox\n"
        "from tests.adapters.test_sandbox import parent_id\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "mine = in_sandbox(parent_id)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "    print(in_sandbox(parent_id), flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "print(mine, flush=True)\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    servers = [int(line) for line in done.stdout.split()]
    assert len(set(servers)) == 2
    deadline = time.monotonic() + 60
    while any(psutil.pid_exists(one) for one in servers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [one for one in servers if psutil.pid_exists(one)]


def printed() -> int:
    """Bytes of a page that the typesetter made, with threads of its own."""
    return len(typst.compile(b"= Uji"))


def test_a_library_that_began_threads_here_does_not_hang_the_child() -> None:
    """Threads do not come along in a fork; a child forked beside them would wait for them for ever."""
    printed()
    assert in_sandbox(printed) > 0
