"""Whether the trace of every report holds together."""

from __future__ import annotations

from sqlalchemy import text

from app.domain.event import GENESIS, Origin, event_hash
from tests.e2e.conftest import Live


def the_trace_is_whole(palu: Live) -> None:
    """Every event carries the hash of the one before it, and the stream stands at the last."""
    with palu.unit_of_work() as session:
        streams = session.execute(
            text("SELECT s.id, s.last_seq, s.last_hash FROM streams s JOIN reports r ON r.id = s.id")
        ).all()
        for stream in streams:
            last = GENESIS
            events = session.execute(
                text("SELECT * FROM events WHERE stream_id = :id ORDER BY stream_seq"), {"id": stream.id}
            ).all()
            assert [event.stream_seq for event in events] == list(range(1, stream.last_seq + 1))
            for event in events:
                who = None if event.actor_id is None else str(event.actor_id)
                origin = Origin(event.actor_kind, who, event.role_code, event.source)
                last = event_hash(
                    str(stream.id), event.stream_seq, event.at, event.type, origin, event.data,
                    event.commitments, last,
                )  # fmt: skip
                assert bytes(event.hash) == last, (event.stream_seq, event.type)
            assert bytes(stream.last_hash) == last
    assert streams
