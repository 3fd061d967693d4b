"""The cases of a draft: what they walk, and who said of which that it is right.

A mark belongs to the text it was given for: a case that changes has to be judged again.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db.models import SopDraft
from app.domain.actor import Actor
from app.domain.errors import NotFound
from app.domain.words import told
from app.services import sop_drafts
from app.services.sop_judge import Judged as Judged
from app.services.sop_judge import judge as judge

MARK = ("verdict", "marked_by", "marked_at", "marked_by_id")


def keep(
    session: Session,
    draft_id: uuid.UUID,
    scenarios: Sequence[Mapping[str, Any]],
    *,
    revision: int | None = None,
    actor: Actor,
    now: datetime,
) -> SopDraft:
    """The whole list as the page has it now. Marks of cases whose text is the same stay."""
    known = {one["name"]: one for one in sop_drafts.draft(session, draft_id).scenarios}

    def marked(one: Mapping[str, Any]) -> dict[str, Any]:
        before = known.get(one["name"], {})
        same = before.get("text") == one["text"]
        return {**one, **{name: before.get(name) if same else None for name in MARK}}

    return sop_drafts.replace_scenarios(
        session, draft_id, [marked(one) for one in scenarios], revision=revision, actor=actor, now=now
    )


def mark(
    session: Session, draft_id: uuid.UUID, name: str, verdict: str | None, *, actor: Actor, now: datetime
) -> SopDraft:
    """Say of a case that the city wants it so (`benar`), or that it does not (`salah`). Raises NotFound."""
    row = sop_drafts.draft(session, draft_id)
    if all(one["name"] != name for one in row.scenarios):
        raise NotFound(told("Skenario “%(name)s” tidak ada dalam konsep ini.", name=name))
    signed: dict[str, Any] = dict.fromkeys(MARK)
    if verdict is not None:
        signed = {
            "verdict": verdict,
            "marked_by": actor.display_name,
            "marked_by_id": actor.person_id,
            "marked_at": now.isoformat(),
        }
    changed = [{**one, **signed} if one["name"] == name else one for one in row.scenarios]
    return sop_drafts.replace_scenarios(session, draft_id, changed, actor=actor, now=now)
