"""The city's limits of law: as the program brings them, or as Bappeda has set them, each with its source."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import SopRule
from app.domain.actor import Actor
from app.domain.errors import Invalid, NotFound
from app.domain.sop_rules import DEFAULT_RULES, Rule
from app.domain.words import told
from app.services import trail
from app.services.city import stream_of_city

MOST = 3650
SHORTEST_SOURCE = 5
SHORTEST_REASON = 10


def rules_in_force(session: Session) -> tuple[Rule, ...]:
    """What drafts are checked against now."""
    own = {row.key: row for row in session.scalars(select(SopRule))}
    return tuple(
        rule if rule.key not in own else replace(rule, value=own[rule.key].value, source=own[rule.key].source)
        for rule in DEFAULT_RULES
    )


def change_rule(
    session: Session, key: str, *, value: int, source: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Set a limit. Raises NotFound, Invalid (no legal source, no reason, a number that cannot be meant)."""
    before = next((rule for rule in rules_in_force(session) if rule.key == key), None)
    if before is None:
        raise NotFound
    if not 1 <= value <= MOST:
        raise Invalid(told("Batasnya antara 1 dan %(n)s.", n=MOST))
    if len(source.strip()) < SHORTEST_SOURCE:
        raise Invalid(told("Sebutkan peraturan yang menetapkan batas ini, misalnya Perwal Nomor 5/2027."))
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(told("Tulis mengapa batas ini diubah, sedikitnya %(n)s huruf.", n=SHORTEST_REASON))
    if (value, source.strip()) == (before.value, before.source):
        raise Invalid(told("Tidak ada yang berubah."))
    session.merge(
        SopRule(
            key=key, value=value, source=source.strip(), reason=reason.strip(),
            changed_by=uuid.UUID(actor.person_id), changed_at=now,
        )
    )  # fmt: skip
    session.flush()
    events = trail.begin_stream(session, stream_of_city(), "kota")
    events.add(
        "SopRuleChanged",
        {
            "aturan": key,
            "dari": before.value,
            "ke": value,
            "satuan": before.unit,
            "sumber_lama": before.source,
            "sumber": source.strip(),
            "alasan": reason.strip(),
        },
    )
    events.write(session, origin=actor.origin(), now=now)
