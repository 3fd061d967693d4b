"""What the SOP makes of the report's own row besides its state: the first status, the text for the public."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

_START_REPORT = text("""
UPDATE reports SET status = coalesce(CAST(:status AS text), status),
       opd = (SELECT u.code FROM units u WHERE u.code = :opd),
       status_since = CAST(:now AS timestamptz), end_reason = CAST(:end_reason AS text),
       closed_at = CASE WHEN :ended THEN CAST(:now AS timestamptz) END
WHERE id = :id
""")


def start_report(session: Session, values: Mapping[str, Any]) -> None:
    """Write id, status, opd, end_reason, ended, now. A status of None stays; a unit the city has not is
    none."""
    session.execute(_START_REPORT, values)


_SHOWN = text("SELECT coalesce(public_description, description) FROM reports WHERE id = :id")
_SHOW = text("UPDATE reports SET public_description = :shown WHERE id = :id")


def public_text(session: Session, report_id: uuid.UUID) -> str:
    """The text the public reads now."""
    return str(session.execute(_SHOWN, {"id": report_id}).scalar_one())


def set_public_text(session: Session, report_id: uuid.UUID, shown: str) -> None:
    """Change what the public reads; what was sent stays."""
    session.execute(_SHOW, {"id": report_id, "shown": shown})
