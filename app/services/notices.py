"""Messages on their way out: who is meant is looked up when it is sent, the words come from the city's
templates, and each is noted as sent, dead, switched off or without address."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.adapters.jobs import Job, defer
from app.adapters.senders import Letter, NotSent, Sender
from app.db import pushes
from app.domain import spoken
from app.domain.actor import Actor
from app.domain.tracking import tracking_token
from app.services.city import ZONE
from app.services.identity import read_identity

MAX_ATTEMPTS = 8
WAITING, SENT, DEAD, NO_ADDRESS, SWITCHED_OFF = "menunggu", "terkirim", "gagal", "tanpa_alamat", "dimatikan"

_TAKE = text("""
SELECT m.id, m.report_id, m.recipient, m.template, m."values", m.created_at,
       t.subject, t.body, r.number, r.opd, coalesce(u.name, '') AS unit_name,
       (SELECT min(w.due_at) FROM work_items w
        WHERE w.report_id = m.report_id AND w.closed_at IS NULL) AS due_at
FROM outbox_messages m
LEFT JOIN message_templates t ON t.key = m.template
LEFT JOIN reports r ON r.id = m.report_id
LEFT JOIN units u ON u.code = r.opd
WHERE m.id = :id AND m.state = 'menunggu' FOR UPDATE OF m SKIP LOCKED
""")

_NOTE = text("""
UPDATE outbox_messages SET state = :state, channel = :channel, sent_at = :sent_at, attempts = attempts + 1,
       last_error = NULL, "values" = CASE WHEN :state = 'terkirim' THEN '{}' ELSE "values" END WHERE id = :id
""")

_FAILED = text("""
UPDATE outbox_messages SET attempts = attempts + 1, last_error = :error,
       state = CASE WHEN attempts + 1 >= :most THEN 'gagal' ELSE state END
WHERE id = :id AND state = 'menunggu'
""")

_HOLDERS = text("""
SELECT DISTINCT p.id, p.email, p.notify_new_task
FROM grants g JOIN persons p ON p.id = g.person_id AND p.active
WHERE g.role_code = :role AND g.unit_code IS NOT DISTINCT FROM :unit AND p.email IS NOT NULL
ORDER BY p.id
""")

_MEMBERS = text("""
SELECT DISTINCT p.id, p.email FROM grants g JOIN persons p ON p.id = g.person_id AND p.active
WHERE g.unit_code = :unit AND p.email IS NOT NULL ORDER BY p.id
""")

_TASK = text("""
SELECT w.id, w.name, w.role_code, w.unit_code, w.due_at, w.closed_at, r.number,
       (SELECT q.name FROM sop_proposals q WHERE q.instance_id = w.instance_id) AS sop
FROM work_items w LEFT JOIN reports r ON r.id = w.report_id WHERE w.id = :id
""")

_DIGEST_PEOPLE = text("""
SELECT DISTINCT p.id, p.email FROM persons p JOIN grants g ON g.person_id = p.id
WHERE p.active AND p.notify_digest AND p.email IS NOT NULL ORDER BY p.id
""")

_DIGEST = text("""
SELECT count(*) AS waiting, count(*) FILTER (WHERE w.due_at < :now) AS late,
       count(*) FILTER (WHERE w.due_at >= :now AND w.due_at < :tomorrow) AS today
FROM work_items w JOIN grants g ON g.role_code = w.role_code AND g.unit_code IS NOT DISTINCT FROM w.unit_code
WHERE w.closed_at IS NULL AND g.person_id = :person
""")


@dataclass(frozen=True, slots=True)
class Post:
    """What sending needs: ways out, the city's address and key, and its brand."""

    senders: Sequence[Sender]
    base_url: str
    sealing_key: str
    brand: str


def tell_reporter(
    session: Session, report_id: uuid.UUID, *, template: str, now: datetime, words: str = ""
) -> None:
    """Queue a message with the tracking link to the stored phone or address, and to nowhere else. `words`:
    what it says where the city has no template of that name."""
    message_id = str(uuid.uuid4())
    values = {"teks": words} if words else {}
    message = {"id": message_id, "recipient": "pelapor", "template": template, "values": values}
    pushes.queue_messages(session, [message], report_id=report_id, now=now)
    defer(session, [Job("send_message", {"message_id": message_id})])


def send_message(
    session: Session, message_id: uuid.UUID, post: Post, *, actor: Actor, now: datetime
) -> str | None:
    """Send one queued message and note it. Returns its new state; None when there was nothing to do (sent
    already, or another worker has it). Raises NotSent when it reached nobody: nothing is noted, the job tries
    again. Of several people, those with a broken address do not keep it from the others."""
    row = session.execute(_TAKE, {"id": message_id}).one_or_none()
    if row is None:
        return None
    structlog.contextvars.bind_contextvars(report=row.number or "-")
    addresses = _addresses(session, row, post, actor=actor, now=now)
    state, channel, failure = NO_ADDRESS, None, None
    for position, (address, link) in enumerate(addresses):
        sender = next((each for each in post.senders if each.reaches(address)), None)
        if sender is None:
            continue
        subject, body = words(row, link)
        try:
            sender.send(Letter(address, subject, body, f"{row.id}:{position}"))
        except NotSent as refused:
            failure = refused
        else:
            state, channel = SENT, sender.channel
    if failure is not None and state != SENT:
        raise failure
    session.execute(_NOTE, {"id": row.id, "state": state, "channel": channel, "sent_at": now})
    return state


def note_failure(session: Session, message_id: uuid.UUID, failure: NotSent) -> None:
    """One more failed attempt; the last one makes it a dead letter, which the admin sees."""
    session.execute(_FAILED, {"id": message_id, "error": str(failure)[:200], "most": MAX_ATTEMPTS})


def send_again(session: Session, message_id: uuid.UUID) -> bool:
    """Give a dead letter another life. False: it is none."""
    revived = session.execute(
        text(
            "UPDATE outbox_messages SET state = 'menunggu', attempts = 0 WHERE id = :id AND state = 'gagal'"
        ),
        {"id": message_id},
    )
    return bool(revived.rowcount == 1)  # type: ignore[attr-defined]


def notify_new_task(session: Session, work_item_id: uuid.UUID, post: Post) -> int:
    """Tell the officers of an inbox that a task came in; those who switched it off are not told. Returns how
    many letters went out."""
    task = session.execute(_TASK, {"id": work_item_id}).one_or_none()
    if task is None or task.closed_at is not None:
        return 0
    holders = session.execute(_HOLDERS, {"role": task.role_code, "unit": task.unit_code}).all()
    due = f"\nBatas waktu: {spoken.moment(task.due_at, ZONE)}." if task.due_at else ""
    about = f"laporan {task.number}" if task.number else f"SOP {task.sop or 'tanpa nama'}"
    body = (
        f"Ada tugas baru di kotak masuk Anda: {task.name} ({about}).{due}\n\n"
        f"Buka: {post.base_url}/tugas/{task.id}\n\n"
        "Pemberitahuan ini dapat dimatikan di halaman “Pengaturan saya”."
    )
    letters = [
        (
            holder.email,
            f"Tugas baru: {task.name} – {task.number or task.sop or ''}".strip(" –"),
            body,
            f"{task.id}:{holder.id}",
        )
        for holder in holders
        if holder.notify_new_task
    ]
    return post_all(letters, post)


def send_digest(session: Session, post: Post, *, now: datetime) -> int:
    """The morning digest: how many tasks wait, are late, or fall due today; nobody with an empty inbox is
    disturbed. Returns how many letters went out."""
    local = now.astimezone(ZoneInfo(ZONE))
    tomorrow = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    letters = []
    for person in session.execute(_DIGEST_PEOPLE).all():
        counts = session.execute(_DIGEST, {"person": person.id, "now": now, "tomorrow": tomorrow}).one()
        if not counts.waiting:
            continue
        body = (
            f"Selamat pagi. Di kotak masuk Anda ada {counts.waiting} tugas: {counts.late} terlambat, "
            f"{counts.today} jatuh tempo hari ini.\n\nBuka: {post.base_url}/kotak-masuk\n\n"
            "Ringkasan ini dapat dimatikan di halaman “Pengaturan saya”."
        )
        key = f"ringkasan:{local:%Y-%m-%d}:{person.id}"
        letters.append((person.email, f"{post.brand}: {counts.waiting} tugas menunggu Anda", body, key))
    return post_all(letters, post)


def words(row: Row[Any], link: str | None) -> tuple[str, str]:
    """Subject and body of a queued message: the city's template, else the public text of the SOP."""
    values: Mapping[str, Any] = row.values or {}
    subject = row.subject or "Laporan {nomor}"
    body = row.body or values.get("teks") or "Ada perkembangan pada laporan {nomor}."
    filled = {
        "nomor": row.number or "",
        "unit": row.unit_name or "dinas terkait",
        "batas": spoken.moment(row.due_at, ZONE) if row.due_at else "secepatnya",
        "alasan": values.get("alasan") or "",
        "jawaban": values.get("jawaban") or "",
        "teks": values.get("teks") or "",
        "tautan": link or "",
    }
    return fill(subject, filled), fill(body, filled)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values into `{names}`; anything else in braces stays as it is."""
    for name, value in values.items():
        template = template.replace("{" + name + "}", value.replace("{", "(").replace("}", ")"))
    return template.strip()


def _addresses(
    session: Session, row: Row[Any], post: Post, *, actor: Actor, now: datetime
) -> list[tuple[str, str | None]]:
    """Where a message goes, each with the link it carries."""
    if row.recipient == "pelapor":
        if row.report_id is None:
            return []
        found = read_identity(session, row.report_id, purpose="mengirim pemberitahuan", actor=actor, now=now)
        address = found.email or found.phone
        if address is None:
            return []
        link = None
        if found.seal:
            token = tracking_token(bytes.fromhex(post.sealing_key), bytes.fromhex(found.seal))
            link = f"{post.base_url}/l/{token}"
        return [(address, link)]
    kind, _, who = row.recipient.partition(":")
    if kind == "role":
        # As inboxes do: a role that acts for units is nobody as long as its unit is not known.
        role, _, unit = who.partition("@")
        holders = session.execute(_HOLDERS, {"role": role, "unit": unit or None}).all()
    else:
        holders = session.execute(_MEMBERS, {"unit": who}).all()
    link = f"{post.base_url}/laporan/{row.number}" if row.number else None
    return [(holder.email, link) for holder in holders]


def post_all(letters: Iterable[tuple[str, str, str, str]], post: Post) -> int:
    """How many went out. Raises NotSent when there were some to send and none went."""
    sent, failure = 0, None
    for address, subject, body, key in letters:
        sender = next((each for each in post.senders if each.reaches(address)), None)
        if sender is None:
            continue
        try:
            sender.send(Letter(address, subject, body, key))
        except NotSent as refused:
            failure = refused
        else:
            sent += 1
    if failure is not None and not sent:
        raise failure
    return sent
