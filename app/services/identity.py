"""Who reported: kept in a table of its own, opened here and nowhere else, never without a journal line.

The reporter sees that journal on the tracking page.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.db.models import IdentityReading, Report, ReportIdentity
from app.domain.actor import Actor
from app.domain.errors import Invalid, NotFound, NotPermitted
from app.domain.permissions import Permission, permissions_of
from app.domain.report import Contact, read_email, read_phone
from app.services import trail
from app.services.report_access import takes_part

SYSTEM_ROLE = "sistem"
SHORTEST_PURPOSE = 5
TEXTS = "texts"
"""What the journal says was opened when it was not the identity, but the reporter's words."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of a reporter. `seal`: hexadecimal salt of the tracking token (`app.domain.tracking`)."""

    report_id: uuid.UUID
    name: str | None
    phone: str | None
    email: str | None
    seal: str | None


def keep_identity(session: Session, report_id: uuid.UUID, contact: Contact, *, seal: bytes) -> None:
    """Store who reported, apart from the report. An anonymous reporter may still leave a way to answer."""
    session.add(
        ReportIdentity(
            report_id=report_id,
            name=contact.name,
            phone=contact.phone,
            email=contact.email,
            tracking_token=seal.hex(),
        )
    )


def read_identity(
    session: Session, report_id: uuid.UUID, *, purpose: str, actor: Actor, now: datetime
) -> Identity:
    """Open the identity of one report for `purpose` (words the reporter will read), and journal it.

    Officers need `IDENTITY_READ`, a part in the report, a purpose, and a reporter who gave a name. The worker
    (to send a notice) and the reporter may always. Raises NotFound, NotPermitted, Invalid (no purpose).
    """
    role = _allowed_role(session, report_id, purpose, actor)
    row = session.get(ReportIdentity, report_id)
    if row is None:
        raise NotFound
    found = Identity(report_id, row.name, row.phone, row.email, row.tracking_token)
    _journal(session, [found], purpose=purpose, actor=actor, role=role, now=now)
    if actor.kind == "person":
        trail.record(
            session, report_id, "IdentityOpened", {}, {"tujuan": purpose}, actor=actor, now=now, role=role
        )
    return found


def note_texts_opened(
    session: Session, report_id: uuid.UUID, *, purpose: str, role: str, actor: Actor, now: datetime
) -> None:
    """Journal that somebody takes the reporter's words away, for `purpose` (words the reporter will read).
    Raises Invalid (no purpose)."""
    _state_purpose(purpose)
    session.add(
        IdentityReading(
            report_id=report_id,
            at=now,
            person_id=uuid.UUID(str(actor.person_id)),
            role_code=role,
            purpose=purpose.strip(),
            fields=TEXTS,
        )
    )
    session.flush()


def is_reached_by(
    session: Session, report_id: uuid.UUID, contact: str, *, purpose: str, actor: Actor, now: datetime
) -> bool:
    """Whether the reporter left exactly this phone or address. Journaled like every opening."""
    try:
        identity = read_identity(session, report_id, purpose=purpose, actor=actor, now=now)
    except NotFound:
        return False
    phone, email = read_phone(contact), read_email(contact)
    return (phone is not None and phone == identity.phone) or (email is not None and email == identity.email)


def _allowed_role(session: Session, report_id: uuid.UUID, purpose: str, actor: Actor) -> str:
    """The role this actor opens the identity in."""
    if actor.kind in ("worker", "command"):
        return SYSTEM_ROLE
    if actor.kind == "pelapor":
        if actor.report_id is not None and actor.report_id != str(report_id):
            raise NotPermitted
        return "pelapor"
    anonymous = session.scalar(select(Report.anonymous).where(Report.id == report_id))
    if anonymous is None:
        raise NotFound
    if anonymous:
        raise NotPermitted("Pelapor memilih anonim. Identitasnya tidak dapat dibuka.")
    if not actor.may(Permission.IDENTITY_READ) or not takes_part(session, report_id, actor=actor):
        raise NotPermitted
    _state_purpose(purpose)
    return min(role for role in actor.roles if Permission.IDENTITY_READ in permissions_of((role,)))


def _state_purpose(purpose: str) -> None:
    if len(purpose.strip()) < SHORTEST_PURPOSE:
        raise Invalid("Tulis untuk apa data pelapor dibuka. Pelapor akan membaca alasan ini.")


def _noted(session: Session, report_id: uuid.UUID, purpose: str) -> bool:
    """The machine's own readings for one purpose are one line: each sending has its line in the outbox."""
    line = exists().where(
        IdentityReading.report_id == report_id,
        IdentityReading.role_code == SYSTEM_ROLE,
        IdentityReading.purpose == purpose,
    )
    return bool(session.scalar(select(line)))


def _journal(
    session: Session, opened: list[Identity], *, purpose: str, actor: Actor, role: str, now: datetime
) -> None:
    for identity in opened:
        if role == SYSTEM_ROLE and _noted(session, identity.report_id, purpose):
            continue
        fields = [name for name in ("name", "phone", "email") if getattr(identity, name)]
        session.add(
            IdentityReading(
                report_id=identity.report_id,
                at=now,
                person_id=uuid.UUID(actor.person_id) if actor.person_id else None,
                role_code=role,
                purpose=purpose.strip(),
                fields=",".join(fields),
            )
        )
    session.flush()
