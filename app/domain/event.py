"""Events: what the trace says, in a form that can be proven.

Each event carries the hash of the one before it in its stream, so nothing can be changed, removed or put
between without the chain showing it. Personal values never enter the chain in clear: a *commitment*
(salted SHA-256) stands for them, so erasing the value later leaves the chain valid.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

GENESIS = bytes(32)
"""`prev_hash` of the first event of a stream."""


@dataclass(frozen=True, slots=True)
class EventDraft:
    """Something that happened. `type` is in the past tense (`ReportReceived`); `data` is JSON; `personal`
    holds values (text) that only a commitment of may enter the chain."""

    type: str
    data: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who did it and from where. `source` is a route, job or command name, never an address with secrets."""

    actor_kind: str
    actor_id: str | None
    role: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Secret:
    stream_seq: int
    field: str
    salt: bytes
    value: str


@dataclass(frozen=True, slots=True)
class ChainedEvent:
    """An event with its place in the chain, ready to be written."""

    stream_seq: int
    at: datetime
    draft: EventDraft
    origin: Origin
    commitments: Mapping[str, str] | None
    prev_hash: bytes
    hash: bytes


def commitment(salt: bytes, value: str) -> str:
    """SHA-256 over the salt (16 bytes or more) and the UTF-8 value, as 43 letters of URL-safe base64."""
    return base64.urlsafe_b64encode(hashlib.sha256(salt + value.encode()).digest()).decode().rstrip("=")


def canonical(value: Any) -> bytes:
    """One byte string per JSON value: keys sorted, no spaces, UTF-8, whole floats as integers (PostgreSQL's
    JSONB hands `1.0` and `1e3` back in another spelling)."""
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def event_hash(
    stream_id: str,
    stream_seq: int,
    at: datetime,
    draft_type: str,
    origin: Origin,
    data: Mapping[str, Any],
    commitments: Mapping[str, str] | None,
    prev_hash: bytes,
) -> bytes:
    """SHA-256 over the previous hash and the canonical form of everything the row says."""
    body = {
        "actor": origin.actor_id,
        "actor_kind": origin.actor_kind,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "commitments": dict(commitments) if commitments else None,
        "data": dict(data),
        "role": origin.role,
        "seq": stream_seq,
        "source": origin.source,
        "stream": stream_id,
        "type": draft_type,
    }
    return hashlib.sha256(prev_hash + canonical(body)).digest()


def chain(
    stream_id: str,
    last_seq: int,
    last_hash: bytes,
    drafts: Sequence[EventDraft],
    *,
    origin: Origin,
    at: datetime,
    salts: Sequence[bytes],
) -> tuple[list[ChainedEvent], list[Secret]]:
    """Append `drafts` to a stream that stands at `last_seq`, `last_hash`.

    `salts`: one per personal value, in order of events and their fields; random, so the caller brings them.
    """
    events: list[ChainedEvent] = []
    secrets: list[Secret] = []
    remaining = iter(salts)
    for number, draft in enumerate(drafts, start=last_seq + 1):
        commitments: dict[str, str] = {}
        for name, value in draft.personal.items():
            salt = next(remaining)
            commitments[name] = commitment(salt, value)
            secrets.append(Secret(number, name, salt, value))
        digest = event_hash(
            stream_id, number, at, draft.type, origin, draft.data, commitments or None, last_hash
        )
        events.append(ChainedEvent(number, at, draft, origin, commitments or None, last_hash, digest))
        last_hash = digest
    return events, secrets


def _plain(value: Any) -> Any:
    # What JSON is made of first: every check of a chain goes through here for every value.
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value
    if kind is dict:
        return {key if type(key) is str else str(key): _plain(inner) for key, inner in value.items()}
    if kind is list:
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
