"""What leaves the city: to whom it was meant for, once, and nothing of it lies about here."""

import email
import logging
import re
import socket
import uuid
from datetime import timedelta
from email import policy

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, text

from app import logs
from app.adapters.jobs import Job, defer
from app.adapters.senders import ConsoleSender, Letter, NotSent, SmtpSender
from app.db.models import MessageTemplate, OutboxMessage, Person
from app.domain.actor import WORKER
from app.services import notices, upkeep
from app.services.notices import MAX_ATTEMPTS, Post, note_failure, send_again, send_digest, send_message
from app.services.tracking import report_by_token
from tests.engine.diagrams import begin, end, flows
from tests.services.workshop import KEY, Workshop, diagram, task, tell

STORY = diagram(
    begin("mulai")
    + task("verifikasi", "opd:unit,required=true", "alasan:text", deadline="hari_kerja(3)")
    + tell("kabari", "pelapor", "didisposisikan")
    + tell("kabari_unit", "operator_opd", "tugas_baru_unit")
    + task("kerjakan", "uraian:text")
    + end("selesai")
    + flows("mulai verifikasi", "verifikasi kabari", "kabari kabari_unit", "kabari_unit kerjakan",
            "kerjakan selesai"),
    {"admin_kominfo": ["verifikasi"], "operator_opd": ["kerjakan"]},
)  # fmt: skip
PHONE = "+6281234567890"


class Postbox:
    """A sender that keeps what it was given, and refuses the addresses it is told to."""

    channel = "email"

    def __init__(self, *broken):
        self.letters, self.broken = [], broken

    def reaches(self, address):
        return True

    def send(self, letter):
        if letter.to in self.broken:
            raise NotSent("SMTP: SMTPRecipientsRefused")
        self.letters.append(letter)


class Mailbox:
    def __init__(self):
        self.envelopes = []

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def mail():
    """A mail server on this machine: (what it got, a sender that hands letters to it)."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, SmtpSender("127.0.0.1", port, "lapor@kota.example", starttls=False)
    server.stop()


@pytest.fixture
def shop(session, clock):
    shop = Workshop(session, clock, STORY)
    for name in ("admin", "operator", "rekan"):
        shop.session.get(Person, uuid.UUID(shop.who[name].person_id)).email = f"{name}@kota.example"
    shop.session.commit()
    return shop


def post(*senders):
    return Post(senders, "https://lapor.example", KEY, "Lapor Walikota")


def queued(session, template):
    return session.scalars(select(OutboxMessage).where(OutboxMessage.template == template)).one()


def send(shop, template, *senders):
    row = queued(shop.session, template)
    state = send_message(shop.session, row.id, post(*senders), actor=WORKER, now=shop.clock())
    shop.session.commit()
    shop.session.refresh(row)
    return state, row


def read(envelope):
    return email.message_from_bytes(envelope.content, policy=policy.default)


def test_a_letter_arrives_whole_and_its_subject_cannot_add_a_header(mail):
    box, sender = mail
    subject = "Laporan LW – “jalan”\r\nBcc: mata-mata@jahat.example\n\nHalo"
    sender.send(Letter("warga@kota.example", subject, "Jalan diperbaiki – terima kasih ☂\n.\nakhir", "a:0"))
    (envelope,) = box.envelopes
    got = read(envelope)
    assert envelope.rcpt_tos == ["warga@kota.example"]
    assert got["Bcc"] is None
    assert got["Subject"] == "Laporan LW – “jalan” Bcc: mata-mata@jahat.example Halo"
    assert got["Message-ID"] == "<a.0@kota.example>"
    assert got.get_content().splitlines() == ["Jalan diperbaiki – terima kasih ☂", ".", "akhir"]


def test_an_address_that_cannot_be_written_to_is_a_failure_that_does_not_name_it(mail):
    box, sender = mail
    address = "warga@kota.example\r\nBcc: x@y.example"
    with pytest.raises(NotSent) as failure:
        sender.send(Letter(address, "Halo", "Halo", "a:0"))
    assert address not in str(failure.value)
    assert box.envelopes == []


def test_the_reporter_gets_the_link_and_nothing_of_it_stays_here(shop, mail, caplog):
    box, sender = mail
    report_id = shop.report()
    shop.session.execute(
        text("UPDATE report_identities SET email = 'warga.uji@contoh.example' WHERE report_id = :id"),
        {"id": report_id},
    )
    shop.session.add(
        MessageTemplate(key="didisposisikan", subject="Laporan {nomor}", body="{alasan} Ikuti: {tautan}")
    )
    shop.do("admin", "verifikasi", opd="DPU", alasan="Diteruskan {tautan} {nomor}.")
    with caplog.at_level(logging.DEBUG):
        state, row = send(shop, "didisposisikan", sender)
    assert (state, row.state, row.channel, row.values) == ("terkirim", "terkirim", "email", {})
    (envelope,) = box.envelopes
    assert envelope.rcpt_tos == ["warga.uji@contoh.example"]
    body = read(envelope).get_content()
    link = re.search(r"https://lapor\.example/l/([\w-]{32})", body)
    assert report_by_token(shop.session, link[1]).id == report_id
    assert body.count("/l/") == 1, "words of an officer cannot call for the link"
    lines = "\n".join(logs.formatter(readable=False).format(record) for record in caplog.records)
    kept = shop.value("SELECT json_agg(o)::text FROM outbox_messages o")
    for secret in ("warga.uji@contoh.example", link[1], PHONE, "Warga Uji"):
        assert secret not in kept
        assert secret not in lines
    assert send_message(shop.session, row.id, post(sender), actor=WORKER, now=shop.clock()) is None
    assert len(box.envelopes) == 1


def test_the_console_tells_neither_address_nor_link(caplog):
    with caplog.at_level(logging.INFO):
        ConsoleSender().send(
            Letter(PHONE, "Laporan LW-2026-03-000001", "https://lapor.example/l/" + "a" * 32, "a:0")
        )
    assert PHONE not in caplog.text
    assert "a" * 32 not in caplog.text


def test_a_role_is_told_in_the_unit_that_holds_the_report_and_nowhere_else(shop):
    shop.hire("jauh", ("operator_opd", "DLH"))
    shop.session.get(Person, uuid.UUID(shop.who["jauh"].person_id)).email = "jauh@kota.example"
    shop.report()
    shop.do("admin", "verifikasi", opd="DPU")
    box = Postbox("operator@kota.example")
    state, _row = send(shop, "tugas_baru_unit", box)
    assert [letter.to for letter in box.letters] == ["rekan@kota.example"]
    assert state == "terkirim", "one broken address does not silence the others"


def test_a_role_without_its_unit_is_nobody_rather_than_everybody(shop):
    shop.report()
    shop.do("admin", "verifikasi", opd="DPU")
    shop.session.execute(
        text("UPDATE outbox_messages SET recipient = 'role:operator_opd' WHERE template = 'tugas_baru_unit'")
    )
    box = Postbox()
    assert send(shop, "tugas_baru_unit", box)[0] == "tanpa_alamat"
    assert box.letters == []


def test_what_cannot_be_sent_becomes_a_dead_letter_that_can_live_again(shop):
    shop.report()
    shop.do("admin", "verifikasi", opd="DPU")
    nowhere = SmtpSender("127.0.0.1", 1, "lapor@kota.example", starttls=False)
    row = queued(shop.session, "tugas_baru_unit")
    for attempt in range(1, MAX_ATTEMPTS + 1):
        with pytest.raises(NotSent) as failure:
            send(shop, "tugas_baru_unit", nowhere)
        shop.session.rollback()
        note_failure(shop.session, row.id, failure.value)
        shop.session.commit()
        shop.session.refresh(row)
        assert row.attempts == attempt
    assert (row.state, row.last_error) == ("gagal", "SMTP: ConnectionRefusedError")
    assert send_message(shop.session, row.id, post(nowhere), actor=WORKER, now=shop.clock()) is None
    assert send_again(shop.session, row.id)
    assert not send_again(shop.session, row.id)
    shop.session.commit()
    assert send(shop, "tugas_baru_unit", Postbox())[0] == "terkirim"


def test_officers_are_told_of_new_tasks_unless_they_switched_it_off(shop):
    shop.report()
    shop.do("admin", "verifikasi", opd="DPU")
    item = shop.item("kerjakan")
    shop.session.get(Person, uuid.UUID(shop.who["operator"].person_id)).notify_new_task = False
    shop.session.commit()
    box = Postbox()
    assert notices.notify_new_task(shop.session, item.id, post(box)) == 1
    (letter,) = box.letters
    assert letter.to == "rekan@kota.example"
    assert f"https://lapor.example/tugas/{item.id}" in letter.body
    shop.do("operator", "kerjakan", uraian="Beres.")
    assert notices.notify_new_task(shop.session, item.id, post(box)) == 0


def test_the_digest_reaches_those_who_want_it_past_a_broken_address(shop):
    shop.report()
    shop.do("admin", "verifikasi", opd="DPU")
    shop.report()
    box = Postbox("operator@kota.example")
    assert send_digest(shop.session, post(box), now=shop.clock()) == 2
    assert {letter.to for letter in box.letters} == {"admin@kota.example", "rekan@kota.example"}
    for name in ("admin", "rekan"):
        shop.session.get(Person, uuid.UUID(shop.who[name].person_id)).notify_digest = False
    shop.session.flush()
    with pytest.raises(NotSent):
        send_digest(shop.session, post(box), now=shop.clock())
    assert len(box.letters) == 2


def test_a_message_that_is_waiting_for_its_next_try_is_not_hurried(shop, clock):
    shop.report()
    shop.do("admin", "verifikasi", opd="DPU")
    now = clock.advance(minutes=10)
    one, *others = shop.session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.created_at)).all()
    shop.session.execute(text("DELETE FROM procrastinate_jobs"))
    later = clock() + timedelta(hours=1)
    defer(shop.session, [Job("send_message", {"message_id": str(one)}, at=later)])
    assert upkeep.send_what_waits(shop.session, now=now) == len(others)
    asked = shop.session.scalars(text("SELECT args->>'message_id' FROM procrastinate_jobs ORDER BY id")).all()
    assert set(asked) == {str(one), *map(str, others)}
