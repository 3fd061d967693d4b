"""What officers write on a report: internal notes, words to the reporter, words for everybody."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from app.db.models import ThreadMessage
from app.domain.actor import Actor
from app.domain.errors import Invalid, NotPermitted
from app.domain.report import TEXT_MAX
from app.services.notices import tell_reporter
from app.services.report_access import may_read
from app.services.trail import record

Audience = Literal["internal", "pelapor", "publik"]
AUDIENCES = ("internal", "pelapor", "publik")
NEW_MESSAGE = "pesan_petugas"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Words of an officer and whom they reach."""

    body: str
    audience: Audience


def write(
    session: Session, report_id: uuid.UUID, message: NewMessage, *, actor: Actor, now: datetime
) -> None:
    """Add to the conversation; words to the reporter are also sent to whoever left an address.

    Raises NotPermitted, Invalid (empty, too long, unknown audience).
    """
    if not may_read(session, report_id, actor=actor):
        raise NotPermitted
    body = message.body.strip()
    if not body:
        raise Invalid("Tulis dahulu isinya.")
    if len(body) > TEXT_MAX:
        raise Invalid("Tulisan terlalu panjang. Batasnya 4.000 huruf.")
    if message.audience not in AUDIENCES:
        raise Invalid("Pilih siapa yang membaca tulisan ini.")
    acting = min(actor.grants, key=lambda grant: grant.role)
    session.add(
        ThreadMessage(
            id=uuid.uuid4(),
            report_id=report_id,
            at=now,
            author_kind="petugas",
            person_id=uuid.UUID(actor.person_id) if actor.person_id else None,
            role_code=acting.role,
            unit_code=acting.unit,
            audience=message.audience,
            body=body,
        )
    )
    session.flush()
    record(
        session,
        report_id,
        "MessageWritten",
        {"kepada": message.audience},
        {"isi": body},
        actor=actor,
        now=now,
        role=acting.role,
    )
    if message.audience != "internal":
        tell_reporter(session, report_id, template=NEW_MESSAGE, now=now)
