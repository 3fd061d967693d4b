"""What is measured while the city runs: how long pushes and pages take. Labels are verbs and names of routes,
never a report, a person or an address.

Several web processes on one machine add theirs up through the folder `PROMETHEUS_MULTIPROC_DIR`.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Histogram, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

log = logging.getLogger("tuntas.push")

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

own = CollectorRegistry()
push_seconds = Histogram(
    "tuntas_push_seconds", "Time of one push, without waiting for the commit.", ["verb"], buckets=SECONDS,
    registry=own,
)  # fmt: skip
http_seconds = Histogram(
    "tuntas_http_seconds", "Time of one request by route.", ["endpoint", "status"], buckets=SECONDS,
    registry=own,
)  # fmt: skip


@contextmanager
def pushing(verb: str, number: str | None) -> Iterator[None]:
    """Time one push and give every log line meanwhile the report's number."""
    begun = time.perf_counter()
    with structlog.contextvars.bound_contextvars(report=number or "-", verb=verb):
        try:
            yield
        finally:
            took = time.perf_counter() - begun
            push_seconds.labels(verb).observe(took)
            log.info("push took %d ms", round(took * 1000))


class Gauges:
    """Figures that are read when somebody asks: name -> (what it is, value)."""

    def __init__(self, read: dict[str, tuple[str, float]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        for name, (meaning, value) in self._read.items():
            yield GaugeMetricFamily(name, meaning, value)


def show_at(port: int) -> None:
    """Show this process's own figures on a loopback port, for as long as it lives. Raises OSError when the
    port is taken: each worker of a machine has its own."""
    start_http_server(port, addr="127.0.0.1", registry=own)


def exposition(figures: dict[str, tuple[str, float]]) -> bytes:
    """Everything measured in this process (or, with `PROMETHEUS_MULTIPROC_DIR`, in all web processes of this
    machine) with `figures` beside it, in Prometheus' text form."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        registry.register(Gauges(figures))
        return generate_latest(registry)
    registry.register(Gauges(figures))
    return generate_latest(own) + generate_latest(registry)
