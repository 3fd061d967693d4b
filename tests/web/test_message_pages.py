"""Kominfo sees which messages could not be sent, sends them again, and never learns an address."""

import uuid

from sqlalchemy import select, text

from app.adapters.senders import NotSent
from app.db.models import OutboxMessage, Person
from app.services.notices import MAX_ATTEMPTS, note_failure
from tests.web.desks import EMAIL, PERSONAL, seen


def dead_letter(desks):
    """A message to the reporter that was tried to the end."""
    desks.send()
    row = desks.session.scalars(select(OutboxMessage)).first()
    for _ in range(MAX_ATTEMPTS):
        note_failure(desks.session, row.id, NotSent("SMTP: ConnectionRefusedError"))
    desks.session.commit()
    return row


def test_a_dead_letter_is_seen_and_sent_again(desks):
    row = dead_letter(desks)
    admin = desks.officer("admin")
    page = admin.get("/admin/pesan?keadaan=gagal")
    for words in ("Pelapor", "Gagal", "dicoba 8 kali", "ConnectionRefusedError", "Kirim lagi"):
        assert words in seen(page)
    for hidden in (*PERSONAL, "/l/"):
        assert hidden not in page.text
    desks.session.execute(text("DELETE FROM procrastinate_jobs"))
    desks.session.commit()
    assert admin.post(f"/admin/pesan/{row.id}/kirim").status_code == 302
    desks.session.refresh(row)
    assert (row.state, row.attempts) == ("menunggu", 0)
    asked = desks.session.scalars(text("SELECT args->>'message_id' FROM procrastinate_jobs")).all()
    assert asked == [str(row.id)]
    assert admin.post(f"/admin/pesan/{row.id}/kirim").status_code == 409
    assert admin.post(f"/admin/pesan/{uuid.uuid4()}/kirim").status_code == 409


def test_only_kominfo_sends_again(desks):
    row = dead_letter(desks)
    for name in ("operator", "inspektur", "wali", "perencana"):
        assert desks.officer(name).post(f"/admin/pesan/{row.id}/kirim").status_code == 403
    desks.session.refresh(row)
    assert row.state == "gagal"


def test_what_an_officer_switches_off_stays_off(desks):
    officer = desks.officer("operator")
    page = officer.get("/akun")
    assert page.text.count("checked") >= 2
    assert officer.post("/akun", data={"notify_new_task": "y", "language": "id"}).status_code == 302
    person = desks.session.get(Person, uuid.UUID(desks.who["operator"].person_id), populate_existing=True)
    assert (person.notify_new_task, person.notify_digest, person.language) == (True, False, "id")
    assert officer.post("/akun", data={"language": "xx"}).status_code == 422
    assert EMAIL not in officer.get("/akun").text
