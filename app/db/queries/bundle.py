"""What a bundle of proof takes out of the database: events as they were hashed, and what lies beside them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_REPORT = text("SELECT id, number, received_at FROM reports WHERE number = :number")
_STREAM = text("SELECT id, kind, last_seq, last_hash FROM streams WHERE id = :id")
_EVENTS = text("""
SELECT stream_seq, at, type, actor_kind, actor_id, role_code, source, data, commitments, hash
FROM events WHERE stream_id = :id ORDER BY stream_seq
""")
_SECRETS = text("""
SELECT stream_seq, field, salt, value FROM event_secrets WHERE stream_id = :id ORDER BY stream_seq, field
""")
_VERSIONS = text("""
SELECT DISTINCT v.id, v.key, v.version, v.name, v.files, v.main_file, v.content_hash, v.legal_basis,
       v.published_at, v.effective_at
FROM sop_versions v
WHERE v.id IN (SELECT sop_version_id FROM instances WHERE report_id = :id)
   OR v.id IN (SELECT sop_version_id FROM sop_approvals WHERE proposal_id = :proposal)
   OR v.id::text IN (SELECT data->>'versi' FROM events WHERE stream_id = :id AND type = 'ProcessStarted'
                     UNION SELECT data->>'ke' FROM events WHERE stream_id = :id
                            AND type IN ('SopMoved', 'SopMovedBack'))
ORDER BY v.key, v.version
""")
_PHOTOS = text("""
SELECT id, purpose, field, state, sha256, media_type, size, width, height, taken_at, device, dhash,
       uploaded_at, work_item_id
FROM photos WHERE report_id = :id ORDER BY uploaded_at, id
""")


def report(session: Session, number: str) -> Row[Any] | None:
    """id, number, received_at."""
    return session.execute(_REPORT, {"number": number}).one_or_none()


def stream(session: Session, stream_id: uuid.UUID) -> Row[Any] | None:
    """id, kind, last_seq, last_hash."""
    return session.execute(_STREAM, {"id": stream_id}).one_or_none()


def events(session: Session, stream_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Every column that the hash is over, and the hash; in order."""
    return session.execute(_EVENTS, {"id": stream_id}).all()


def secrets(session: Session, stream_id: uuid.UUID) -> Sequence[Row[Any]]:
    """stream_seq, field, salt, value of all that was not erased."""
    return session.execute(_SECRETS, {"id": stream_id}).all()


def versions(
    session: Session, stream_id: uuid.UUID, proposal_id: uuid.UUID | None = None
) -> Sequence[Row[Any]]:
    """Every SOP version that ran for a report, or judged proposals for an SOP, by the stream that tells of
    it; and the version that came of a proposal."""
    return session.execute(_VERSIONS, {"id": stream_id, "proposal": proposal_id}).all()


def photos(session: Session, report_id: uuid.UUID) -> Sequence[Row[Any]]:
    """What is known of each photo; neither the picture nor its point."""
    return session.execute(_PHOTOS, {"id": report_id}).all()
