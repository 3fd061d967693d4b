"""Seals over the trace: making them, and reading them back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.db.event_rows import SEALING

ROWS_AT_A_TIME = 1000

_HOLD = text("SELECT pg_advisory_xact_lock(:sealing)")
_LAST = text("SELECT number, sealed_at, upto, streams, events, root, previous, signature FROM seals"
             " ORDER BY number DESC LIMIT 1")
_ALL = text("SELECT number, sealed_at, upto, streams, events, root, previous, signature FROM seals"
            " ORDER BY number")
_GROWN = text("""
SELECT stream_id, max(stream_seq) AS stream_seq, count(*) AS events, max(seq) AS upto,
       (array_agg(hash ORDER BY stream_seq DESC))[1] AS hash
FROM events WHERE seq > :after GROUP BY stream_id ORDER BY stream_id
""")
_KEEP = text("""
INSERT INTO seals (number, sealed_at, upto, streams, events, root, previous, signature)
VALUES (:number, :sealed_at, :upto, :streams, :events, :root, :previous, :signature)
""")
_KEEP_ENDS = text("""
INSERT INTO seal_ends (seal_number, place, stream_id, stream_seq, hash)
SELECT :number, place - 1, id, seq, decode(hash, 'hex')
FROM unnest(CAST(:ids AS uuid[]), CAST(:seqs AS int[]), CAST(:hashes AS text[]))
     WITH ORDINALITY AS e(id, seq, hash, place)
""")
_ENDS = text("SELECT stream_id, stream_seq, hash FROM seal_ends WHERE seal_number = :number ORDER BY place")
_STANDING = text("""
SELECT n.seal_number, n.place, n.stream_id, n.stream_seq, n.hash, e.hash AS stands, e.seq, r.number, s.kind
FROM seal_ends n
LEFT JOIN events e ON e.stream_id = n.stream_id AND e.stream_seq = n.stream_seq
LEFT JOIN reports r ON r.id = n.stream_id LEFT JOIN streams s ON s.id = n.stream_id
{which} ORDER BY n.seal_number, n.place
""")
_BEHIND = text("""
WITH ends AS (
  SELECT stream_id, seal_number, stream_seq AS last,
         lag(stream_seq, 1, 0) OVER (PARTITION BY stream_id ORDER BY seal_number) AS before FROM seal_ends
), newest AS (
  SELECT number, upto, sealed_at FROM seals ORDER BY number DESC LIMIT 1
), behind AS (
  SELECT e.stream_id, e.stream_seq, e.type, p.number AS seal_number
  FROM ends n JOIN seals p ON p.number = n.seal_number - 1
  JOIN events e ON e.stream_id = n.stream_id AND e.stream_seq > n.before AND e.stream_seq <= n.last
  WHERE e.at < p.sealed_at - CAST(:late AS interval)
  UNION ALL
  SELECT e.stream_id, e.stream_seq, e.type, p.number
  FROM newest p JOIN events e ON e.seq <= p.upto OR e.at < p.sealed_at - CAST(:late AS interval)
  LEFT JOIN (SELECT stream_id, max(last) AS last FROM ends GROUP BY stream_id) n ON n.stream_id = e.stream_id
  WHERE e.stream_seq > coalesce(n.last, 0)
)
SELECT DISTINCT ON (b.stream_id) b.stream_id, b.stream_seq, b.type, b.seal_number, r.number, s.kind
FROM behind b LEFT JOIN reports r ON r.id = b.stream_id LEFT JOIN streams s ON s.id = b.stream_id
ORDER BY b.stream_id, b.stream_seq
""")
_WITH_STREAM = text("""
SELECT s.number, s.sealed_at, s.streams, s.events, s.root, s.previous, s.signature, n.place, n.stream_seq,
       n.hash
FROM seal_ends n JOIN seals s ON s.number = n.seal_number
WHERE n.stream_id = :stream_id ORDER BY s.number
""")


def stop_writers(session: Session) -> None:
    """Wait until everybody who appends has committed, and let nobody begin before this transaction ends:
    an event with a lower `seq` can then not appear behind the seal."""
    session.execute(_HOLD, {"sealing": SEALING})


def last_seal(session: Session) -> Row[Any] | None:
    return session.execute(_LAST).one_or_none()


def all_seals(session: Session) -> Sequence[Row[Any]]:
    """In order."""
    return session.execute(_ALL).all()


def grown_streams(session: Session, after: int) -> Sequence[Row[Any]]:
    """stream_id, stream_seq, hash, events, upto of every stream with events after `seq`; by stream id."""
    return session.execute(_GROWN, {"after": after}).all()


def keep(session: Session, seal: dict[str, Any], ends: Sequence[tuple[uuid.UUID, int, bytes]]) -> None:
    session.execute(_KEEP, seal)
    given = {
        "number": seal["number"],
        "ids": [stream for stream, _seq, _hash in ends],
        "seqs": [seq for _stream, seq, _hash in ends],
        "hashes": [hashed.hex() for _stream, _seq, hashed in ends],
    }
    session.execute(_KEEP_ENDS, given)


def ends_of(session: Session, number: int) -> Sequence[Row[Any]]:
    """stream_id, stream_seq, hash of one seal, in order."""
    return session.execute(_ENDS, {"number": number}).all()


def ends_and_events(session: Session, stream_id: uuid.UUID | None = None) -> Iterator[Row[Any]]:
    """Every sealed end beside the hash and `seq` that stand at that place in the trace now (`stands`: None
    where the event is gone), seal after seal; of one stream when it is given."""
    which = "" if stream_id is None else "WHERE n.stream_id = :stream_id"
    query = text(_STANDING.text.format(which=which)).execution_options(yield_per=ROWS_AT_A_TIME)
    with session.execute(query, {} if stream_id is None else {"stream_id": stream_id}) as found:
        yield from found


def behind_seals(session: Session, late: timedelta) -> Sequence[Row[Any]]:
    """The first event of each stream that a seal should have seen and did not: one whose moment, or number
    over all, lies before that seal. `late`: for so long an event may be on its way."""
    return session.execute(_BEHIND, {"late": late}).all()


def seals_with(session: Session, stream_id: uuid.UUID) -> Sequence[Row[Any]]:
    """The seals in which a stream stands, with its place and end."""
    return session.execute(_WITH_STREAM, {"stream_id": stream_id}).all()
