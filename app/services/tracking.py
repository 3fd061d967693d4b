"""The reporter's own page, opened by the secret link: what they see, say and ask for."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Instance, Report, ThreadMessage
from app.domain.actor import Actor
from app.domain.errors import Invalid
from app.domain.privacy import mask_personal
from app.domain.report import TEXT_MAX, read_number
from app.domain.tracking import token_hash
from app.domain.words import told
from app.services import process, throttle, trail
from app.services.identity import is_reached_by
from app.services.notices import tell_reporter
from app.services.outcome import Faulted, Outcome, Pushed, Refused
from app.services.throttle import Limit

REPLY, WITHDRAWAL, OBJECTION = "balasan_pelapor", "penarikan", "keberatan"
MESSAGES = frozenset({REPLY, WITHDRAWAL, OBJECTION})
LOST_LINK_MESSAGE = "tautan_dikirim_ulang"
HELD_BACK = told(
    "Penanganan laporan ini sedang dihentikan sementara. Pesan Anda tersimpan untuk petugas, tetapi belum "
    "diproses; kirim lagi sesudah penanganannya dilanjutkan."
)
LOST_LINK_BY_ADDRESS = Limit("tautan-hilang", 10, timedelta(hours=1))
LOST_LINK_BY_REPORT = Limit("tautan-hilang-laporan", 3, timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Said:
    """What the reporter wrote is in the thread; `moved`: the process took it and went on."""

    moved: bool
    text: str = ""
    """Words to the reporter when the process did not take it."""


def report_by_token(session: Session, token: str) -> Report | None:
    """The report this secret opens. None for any other text, without telling why."""
    digest = token_hash(token)
    if digest is None:
        return None
    return session.scalar(select(Report).where(Report.tracking_hash == digest))


def reporter_of(report_id: uuid.UUID, *, source: str) -> Actor:
    """Whoever holds the secret link acts as the reporter of that one report."""
    return Actor(kind="pelapor", source=source, report_id=str(report_id))


def say(
    session: Session, report_id: uuid.UUID, body: str, *, message: str = REPLY, actor: Actor, now: datetime
) -> Said:
    """Write to the officers, withdraw the report, or object.

    The words always stay in the conversation; the process hears of them where it waits for such a message.
    Raises Invalid (nothing or too much written).
    """
    body = body.strip()
    if message not in MESSAGES:
        raise Invalid
    if not body:
        raise Invalid("Tulis dahulu pesannya.")
    if len(body) > TEXT_MAX:
        raise Invalid("Pesan terlalu panjang. Batasnya 4.000 huruf.")
    outcome = _deliver(session, report_id, message, body, actor=actor, now=now)
    session.add(
        ThreadMessage(
            report_id=report_id,
            at=now,
            author_kind="pelapor",
            role_code="pelapor",
            audience="pelapor",
            body=body,
        )
    )
    trail.record(
        session, report_id, "MessageWritten", {"kepada": "petugas", "pesan": message}, {"isi": body},
        actor=actor, now=now,
    )  # fmt: skip
    session.flush()
    if isinstance(outcome, Pushed):
        return Said(True)
    if isinstance(outcome, Refused) and outcome.name == "Suspended":
        return Said(False, HELD_BACK)
    if message == REPLY:
        return Said(False)
    if isinstance(outcome, Faulted):
        return Said(False, told("Pesan Anda tersimpan dan akan diproses petugas."))
    return Said(
        False, told("Pada tahap ini hal itu belum dapat diproses. Pesan Anda tersimpan untuk petugas.")
    )


def send_lost_link(
    session: Session,
    number: str,
    contact: str,
    *,
    address: str,
    key: str,
    prefix: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Send the tracking link again, only to the phone or e-mail stored with the report, and only to somebody
    who knows both the number and one of these.

    The asker learns nothing, whether or not they match; `address` (network) and each report are throttled.
    `key`: the city's lookup key.
    """
    asker = throttle.subject(key, LOST_LINK_BY_ADDRESS.action, address)
    if throttle.exhausted(session, LOST_LINK_BY_ADDRESS, asker, now=now):
        return
    throttle.count(session, LOST_LINK_BY_ADDRESS, asker, now=now)
    known = read_number(number, prefix)
    report_id = session.scalar(select(Report.id).where(Report.number == known)) if known else None
    if report_id is None:
        return
    meant = throttle.subject(key, LOST_LINK_BY_REPORT.action, str(report_id))
    if throttle.exhausted(session, LOST_LINK_BY_REPORT, meant, now=now):
        return
    throttle.count(session, LOST_LINK_BY_REPORT, meant, now=now)
    purpose = "mengirim ulang tautan yang hilang"
    if is_reached_by(session, report_id, contact, purpose=purpose, actor=actor, now=now):
        tell_reporter(session, report_id, template=LOST_LINK_MESSAGE, now=now)
        trail.record(session, report_id, "LinkSentAgain", actor=actor, now=now)


def _deliver(
    session: Session, report_id: uuid.UUID, message: str, body: str, *, actor: Actor, now: datetime
) -> Outcome | None:
    """Hand the message to the process if it waits for it; None when it does not, or could not start."""
    instance = main_instance(session, report_id)
    if instance is None or message not in instance.waiting:
        return None
    return process.deliver(session, instance.id, message, {"isi": mask_personal(body)}, actor=actor, now=now)


def main_instance(session: Session, report_id: uuid.UUID) -> Instance | None:
    """The SOP whose end closes the report."""
    return session.scalar(
        select(Instance)
        .where(Instance.report_id == report_id, Instance.main)
        .order_by(Instance.started_at)
        .limit(1)
    )
