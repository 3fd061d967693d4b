"""What keeps plans to move reports going, and what of them is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app.adapters.jobs import Job, defer
from app.db.models import SopImpact
from app.services.sop_migration import CARRY_JOB, TEST_JOB, UNDO_JOB

KEPT = timedelta(days=1)
"""How long the answer to what a draft would mean is kept."""

_LOST = text("""
SELECT m.id, m.state, m.round FROM sop_moves m
WHERE m.state IN ('menguji', 'berjalan', 'mengembalikan')
  AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs job
                   WHERE job.status IN ('todo', 'doing') AND job.args->>'move_id' = m.id::text)
ORDER BY m.id
""")

_NO_LONGER_UNDOABLE = text("""
UPDATE sop_move_reports x SET before = '{}' FROM instances i
WHERE i.id = x.instance_id AND x.before <> '{}'
  AND (x.outcome <> 'pindah' OR i.revision <> x.revision_after OR i.ended_at IS NOT NULL)
""")


def ask_again(session: Session) -> int:
    """Ask again for what goes on but no job waits for, because the queue was lost; how many."""
    jobs = {"menguji": TEST_JOB, "berjalan": CARRY_JOB, "mengembalikan": UNDO_JOB}
    lost = session.execute(_LOST).all()
    defer(session, [
        Job(jobs[row.state],
            {"move_id": str(row.id), **({"round": row.round} if row.state == "menguji" else {})},
            key=f"move:{row.id}")
        for row in lost
    ])
    return len(lost)


def forget(session: Session, *, now: datetime) -> int:
    """Forget what nobody can use any more: states kept to undo moves of reports that went on or ended since,
    and answers to questions about drafts of days ago. How many."""
    old = session.execute(_NO_LONGER_UNDOABLE)
    asked = session.execute(delete(SopImpact).where(SopImpact.asked_at < now - KEPT))
    return int(old.rowcount + asked.rowcount)  # type: ignore[attr-defined]
