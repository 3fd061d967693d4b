"""Events as rows: the one statement that appends to a stream."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.pushes import as_json
from app.domain.event import ChainedEvent, Secret

SEALING = 0x7365_676C
"""Advisory lock: shared by everybody who appends events, taken alone by who seals them."""
_EVENTS = text("""
WITH open AS MATERIALIZED (
  SELECT pg_advisory_xact_lock_shared(:sealing)
), written AS (
  INSERT INTO events (stream_id, stream_seq, at, type, actor_kind, actor_id, role_code, source, data,
                      commitments, hash)
  SELECT :stream_id, seq, :now, type, :actor_kind, CAST(:actor_id AS uuid), :role, :source, data,
         commitments, decode(hash, 'hex')
  FROM json_to_recordset(CAST(:events AS json)) AS r(
    seq int, type text, data json, commitments json, hash text), open
  ORDER BY seq
), kept AS (
  INSERT INTO event_secrets (stream_id, stream_seq, field, salt, value)
  SELECT :stream_id, seq, field, decode(salt, 'hex'), value
  FROM jsonb_to_recordset(CAST(:secrets AS jsonb)) AS r(seq int, field text, salt text, value text)
)
UPDATE streams SET last_seq = :last_seq, last_hash = :last_hash WHERE id = :stream_id
""")


def append_events(
    session: Session, stream_id: uuid.UUID, events: Sequence[ChainedEvent], secrets: Sequence[Secret]
) -> None:
    """Write chained events (all of one origin and moment) and move the stream's end."""
    first, last = events[0], events[-1]
    session.execute(
        _EVENTS,
        {
            "sealing": SEALING,
            "stream_id": stream_id,
            "now": first.at,
            "actor_kind": first.origin.actor_kind,
            "actor_id": first.origin.actor_id,
            "role": first.origin.role,
            "source": first.origin.source,
            "events": as_json(
                [
                    {
                        "seq": event.stream_seq,
                        "type": event.draft.type,
                        "data": dict(event.draft.data),
                        "commitments": event.commitments,
                        "hash": event.hash.hex(),
                    }
                    for event in events
                ]
            ),
            "secrets": as_json(
                [
                    {"seq": s.stream_seq, "field": s.field, "salt": s.salt.hex(), "value": s.value}
                    for s in secrets
                ]
            ),
            "last_seq": last.stream_seq,
            "last_hash": last.hash,
        },
    )
