"""What the first step of its main SOP makes of a report that was just received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

_START_REPORT = text("""
UPDATE reports SET status = coalesce(CAST(:status AS text), status), opd = CAST(:opd AS text),
       status_since = CAST(:now AS timestamptz), end_reason = CAST(:end_reason AS text),
       closed_at = CASE WHEN :ended THEN CAST(:now AS timestamptz) END
WHERE id = :id
""")


def start_report(session: Session, values: Mapping[str, Any]) -> None:
    """Write id, status, opd, end_reason, ended, now. A status of None stays as it is."""
    session.execute(_START_REPORT, values)
