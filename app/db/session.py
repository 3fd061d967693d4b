"""Engines and sessions. One engine per process, one session per unit of work."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session, sessionmaker

STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000
IDLE_IN_TRANSACTION_MS = 120_000

write_json = partial(json.dumps, ensure_ascii=False, allow_nan=False)
"""NaN and infinity are not JSON; PostgreSQL would refuse them later and with less words."""


def read_json(written: bytes | str) -> Any:
    """What a column holds. Nested too deep to be read, it is nothing this application ever wrote: None, which
    whoever checks it (`flask audit verify`) names like any other that is no object."""
    try:
        return json.loads(written)
    except RecursionError:
        return None


def make_engine(url: str, *, role: str | None = None, pool_size: int = 5, max_overflow: int = 10,
                statement_timeout_ms: int = STATEMENT_TIMEOUT_MS,
                lock_timeout_ms: int = LOCK_TIMEOUT_MS) -> Engine:
    """An engine whose connections speak UTC and give up in time.

    `role`: become this database role after login (a city that gives one login for both owner and
    application).
    """
    address = make_url(url)
    options = [
        "-c timezone=UTC",
        f"-c statement_timeout={statement_timeout_ms}",
        f"-c lock_timeout={lock_timeout_ms}",
        f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS}",
    ]
    if role is not None:
        options.append(f"-c role={role}")
    given = address.query.get("options", ())
    options[:0] = [given] if isinstance(given, str) else list(given)
    return create_engine(
        address.difference_update_query(["options"]),
        connect_args={"options": " ".join(options), "application_name": "tuntas"},
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_pre_ping=True,
        pool_recycle=1800,
        json_serializer=write_json,
        json_deserializer=read_json,
        # What a failing statement was about may be a person; errors end in logs.
        hide_parameters=True,
    )


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that keep what they loaded after the commit: a page may still show it."""
    return sessionmaker(engine, expire_on_commit=False)
