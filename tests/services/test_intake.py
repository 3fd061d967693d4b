"""A report comes in: once, with a number, its photos, its reporter kept apart, and its SOP running."""

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, text

from app.adapters.storage import open_store
from app.db.models import (
    Event,
    IdentityReading,
    Incident,
    Instance,
    OutboxMessage,
    Photo,
    Report,
    ReportIdentity,
    WorkItem,
)
from app.db.session import make_sessions
from app.domain.actor import Actor
from app.domain.actor import Grant as Held
from app.domain.errors import Invalid, NotPermitted
from app.domain.geo import Point
from app.domain.report import Contact, Kind
from app.services import intake, task_work, tracking
from app.services.identity import read_identity
from app.services.intake import NewReport, NotTaken, Received
from app.services.outlook import outlook
from app.services.photos import process_photo
from tests.services import small_city
from tests.services.test_photos import jpeg, receive

KEY = "c" * 64
REPORTER = Actor(kind="pelapor", source="uji")


@pytest.fixture
def people(session, clock):
    return small_city.found(session, clock())


@pytest.fixture
def storage(tmp_path):
    return open_store(str(tmp_path / "foto"))


def new_report(**changes):
    plain = NewReport(
        submission_key=uuid.uuid4(),
        kind=Kind.PENGADUAN,
        description="Tumpukan sampah di pinggir jalan sudah seminggu tidak diangkut.",
        kelurahan="72.71.03.1001",
        point=Point(-0.91215, 119.88286),
        contact=Contact("Warga Uji", "0812-3456-7890", None),
    )
    return replace(plain, **changes)


def submit(session, clock, new=None, **changes):
    answer = intake.submit_report(
        session,
        new or new_report(**changes),
        actor=REPORTER,
        now=clock(),
        sealing_key=KEY,
        city_name="Kota Palu",
    )
    session.commit()
    return answer


def test_a_report_gets_a_number_a_link_and_its_first_task(session, clock, people):
    received = submit(session, clock)
    assert isinstance(received, Received)
    assert received.number == "LW-2026-03-000001"
    report = session.get(Report, received.report_id)
    assert report.tracking_hash == hashlib.sha256(received.token.encode()).digest()
    assert tracking.report_by_token(session, received.token).id == report.id
    assert report.status == "diverifikasi"
    item = session.scalars(select(WorkItem)).one()
    assert (item.element, item.role_code, item.unit_code) == ("verifikasi", "admin_kominfo", "KOMINFO")
    assert submit(session, clock).number == "LW-2026-03-000002"


def test_the_number_counts_by_the_citys_month(session, clock, people):
    clock.advance(days=14, hours=14)
    assert clock().date() == date(2026, 3, 31)
    assert submit(session, clock).number == "LW-2026-04-000001"


def test_the_secret_stands_nowhere_in_the_database(session, clock, people):
    token = submit(session, clock).token
    tables = session.scalars(
        text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    ).all()
    for table in tables:
        found = session.scalar(
            text(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE :token'),
            {"token": f"%{token}%"},
        )
        assert found == 0, table


def test_the_same_form_sent_twice_is_one_report_with_the_same_link(session, clock, people):
    form = new_report()
    first = submit(session, clock, form)
    second = submit(session, clock, form)
    assert second.repeated
    assert (second.report_id, second.number, second.token) == (first.report_id, first.number, first.token)
    assert session.scalar(select(func.count()).select_from(Report)) == 1
    assert session.scalar(select(func.count()).select_from(WorkItem)) == 1


def test_photos_of_the_form_become_photos_of_the_report(session, clock, people, storage):
    form = new_report()
    receive(session, storage, clock, jpeg(), form.submission_key, client_id="satu")
    receive(session, storage, clock, jpeg((1, 2, 3)), form.submission_key, client_id="dua")
    receive(session, storage, clock, jpeg(), uuid.uuid4())
    received = submit(session, clock, form)
    attached = session.scalars(select(Photo).where(Photo.report_id == received.report_id)).all()
    assert {photo.client_id for photo in attached} == {"satu", "dua"}
    event = session.scalars(select(Event).where(Event.type == "ReportReceived")).one()
    assert {sent[1] for sent in event.data["foto"]} == {photo.sha256 for photo in attached}


def test_the_trace_ties_every_clean_photo_to_its_original(session, clock, people, storage):
    form = new_report()
    early = receive(session, storage, clock, jpeg(), form.submission_key, client_id="satu")
    late = receive(session, storage, clock, jpeg((1, 2, 3)), form.submission_key, client_id="dua")
    process_photo(session, early.id, storage=storage, now=clock())
    submit(session, clock, form)
    process_photo(session, late.id, storage=storage, now=clock())
    session.commit()
    events = {event.type: event.data for event in session.scalars(select(Event))}
    known = {sent[0]: sent[2] for sent in events["ReportReceived"]["foto"]}
    cleaned = events["PhotoCleaned"]
    for photo_id, digest in ((early.id, known[str(early.id)]), (late.id, cleaned["bersih"])):
        stored = session.get(Photo, photo_id)
        assert hashlib.sha256(storage.get(stored.image_key)).hexdigest() == digest
    assert known[str(late.id)] is None


def test_the_same_form_sent_by_two_hands_at_once_is_one_report(database, session, clock, people):
    form = new_report()

    def send(_):
        with make_sessions(database.engine).begin() as own:
            return intake.submit_report(own, form, actor=REPORTER, now=clock(), sealing_key=KEY)

    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(send, range(4)))
    assert len({answer.token for answer in answers}) == 1
    assert sorted(answer.repeated for answer in answers) == [False, True, True, True]
    assert session.scalar(select(func.count()).select_from(Report)) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"point": Point(-0.95, 119.75)}, "lat"),
        ({"point": Point(-6.98, 110.41), "kelurahan": None}, "lat"),
        ({"description": "a" * 4001}, "description"),
        ({"description": "rusak"}, "description"),
        ({"kelurahan": "33.74.01.1001", "point": None}, "kelurahan"),
        ({"point": None}, "landmark"),
        ({"category": "tidak_ada"}, "category"),
        ({"contact": Contact()}, "name"),
        ({"photos": 6}, "photos"),
        ({"occurred_on": date(2026, 3, 18)}, "occurred_on"),
    ],
)
def test_what_cannot_be_taken_in_is_told_and_nothing_is_written(session, clock, people, changes, field):
    answer = submit(session, clock, **changes)
    assert isinstance(answer, NotTaken)
    assert field in answer.faults
    for table in (Report, ReportIdentity, Event, Instance):
        count = select(func.count()).select_from(table)
        if table is Event:
            count = count.where(Event.type == "ReportReceived")
        assert session.scalar(count) == 0
    assert submit(session, clock).number == "LW-2026-03-000001"


def test_a_point_without_kelurahan_is_given_to_the_nearest(session, clock, people):
    received = submit(session, clock, kelurahan=None, point=Point(-0.8690, 119.8866))
    assert session.get(Report, received.report_id).kelurahan_code == "72.71.08.1003"


def test_a_report_whose_sop_fails_is_saved_and_receipted_all_the_same(session, clock):
    small_city.found(session, clock(), sop=small_city.BROKEN_SOP)
    received = submit(session, clock)
    assert received.number == "LW-2026-03-000001"
    assert tracking.report_by_token(session, received.token) is not None
    incident = session.scalars(select(Incident)).one()
    assert (incident.report_id, incident.element) == (received.report_id, "hitung")
    assert session.scalars(select(OutboxMessage)).one().template == intake.RECEIPT_MESSAGE


def test_a_kind_without_sop_in_force_is_saved_too(session, clock, people):
    received = submit(session, clock, kind=Kind.ASPIRASI)
    assert isinstance(received, Received)
    assert session.scalars(select(Incident)).one().sop_key == "aspirasi"


def test_the_link_is_sent_once_by_the_first_message_of_the_sop_or_by_the_receipt(session, clock):
    small_city.found(session, clock(), message="diterima")
    submit(session, clock)
    assert [message.template for message in session.scalars(select(OutboxMessage))] == ["diterima"]


def test_nobody_is_written_to_who_left_no_address(session, clock, people):
    submit(session, clock, anonymous=True, contact=Contact())
    assert session.scalars(select(OutboxMessage)).all() == []


def test_the_trace_holds_neither_identity_nor_words_in_clear(session, clock, people):
    submit(session, clock)
    for event in session.scalars(select(Event)):
        for personal in ("Warga Uji", "81234567890", "Tumpukan", "119.88286"):
            assert personal not in str(event.data)
    secrets = session.execute(text("SELECT value FROM event_secrets")).scalars().all()
    assert not any("Warga" in value or "8123" in value for value in secrets)


def test_personal_marks_in_the_text_are_masked_for_the_public(session, clock, people):
    received = submit(
        session, clock, description="Hubungi 0812-3456-7890, NIK 7271014505900001, jalan berlubang."
    )
    report = session.get(Report, received.report_id)
    assert "7271014505900001" in report.description
    assert "7271014505900001" not in report.public_description
    assert "7890" not in report.public_description


def test_an_anonymous_name_is_not_even_stored(session, clock, people):
    received = submit(session, clock, anonymous=True)
    stored = session.get(ReportIdentity, received.report_id)
    assert (stored.name, stored.phone) == (None, "+6281234567890")


def test_opening_an_identity_needs_a_part_a_purpose_and_leaves_a_line(session, clock, people):
    received = submit(session, clock)
    admin, operator = people["admin"], people["operator"]
    with pytest.raises(NotPermitted):
        read_identity(session, received.report_id, purpose="ingin tahu saja", actor=operator, now=clock())
    with pytest.raises(Invalid):
        read_identity(session, received.report_id, purpose=" ", actor=admin, now=clock())
    admin = replace(admin, grants=(Held("a_verifikator", None), *admin.grants))
    found = read_identity(session, received.report_id, purpose="menanyakan lokasi", actor=admin, now=clock())
    session.commit()
    assert (found.name, found.phone) == ("Warga Uji", "+6281234567890")
    line = session.scalars(select(IdentityReading)).one()
    assert (line.purpose, line.role_code, line.fields) == ("menanyakan lokasi", "admin_kominfo", "name,phone")
    opened = session.scalars(select(Event).where(Event.type == "IdentityOpened")).one()
    assert (opened.data, list(opened.commitments)) == ({}, ["tujuan"])


def test_an_anonymous_reporter_stays_unknown_to_every_officer(session, clock, people):
    received = submit(session, clock, anonymous=True)
    with pytest.raises(NotPermitted):
        read_identity(
            session, received.report_id, purpose="menanyakan lokasi", actor=people["admin"], now=clock()
        )
    assert session.scalars(select(IdentityReading)).all() == []


def test_the_reporter_learns_what_happens_if_nobody_acts(session, clock, people):
    received = submit(session, clock)
    ahead = outlook(session, received.report_id)
    assert [each.text for each in ahead.consequences] == ["Laporan dinaikkan ke Kepala Dinas"]
    assert "penarikan" in ahead.waiting
    assert "Mengerjakan" in ahead.next_steps


def test_a_withdrawn_report_ends_and_the_words_stay(session, clock, people):
    received = submit(session, clock)
    reporter = tracking.reporter_of(received.report_id, source="uji")
    said = tracking.say(
        session,
        received.report_id,
        "Sudah diperbaiki warga.",
        message="penarikan",
        actor=reporter,
        now=clock(),
    )
    session.commit()
    assert said.moved
    report = session.get(Report, received.report_id, populate_existing=True)
    assert (report.status, report.end_reason) == ("dibatalkan", "dibatalkan")


def test_a_message_nobody_waits_for_stays_in_the_conversation(session, clock, people):
    received = submit(session, clock)
    reporter = tracking.reporter_of(received.report_id, source="uji")
    said = tracking.say(session, received.report_id, "Mohon segera.", actor=reporter, now=clock())
    session.commit()
    assert not said.moved
    assert session.execute(text("SELECT body, audience FROM thread_messages")).all() == [
        ("Mohon segera.", "pelapor")
    ]


def lost(session, clock, number, contact, address="10.0.0.1"):
    tracking.send_lost_link(
        session, number, contact, address=address, key="b" * 64, prefix="LW", actor=REPORTER, now=clock()
    )
    session.commit()
    return session.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.template == tracking.LOST_LINK_MESSAGE)
    )


def test_a_lost_link_goes_only_to_whom_it_belongs_and_not_too_often(session, clock, people):
    received = submit(session, clock)
    assert lost(session, clock, received.number, "0813-0000-0000") == 0
    assert lost(session, clock, "LW-2026-03-999999", "0812 3456 7890") == 0
    assert lost(session, clock, received.number, "0812 3456 7890") == 1
    assert lost(session, clock, received.number, "0812 3456 7890") == 2
    assert lost(session, clock, received.number, "0812 3456 7890") == 2
    clock.advance(days=2)
    assert lost(session, clock, received.number, "0812 3456 7890") == 3


def test_the_story_runs_to_its_end_with_the_reporters_own_task(session, clock, people):
    received = submit(session, clock)

    def finish(actor, answers):
        item = session.scalars(select(WorkItem).where(WorkItem.closed_at.is_(None))).one()
        outcome = task_work.complete(session, item.id, answers, actor=actor, now=clock())
        session.commit()
        return outcome

    finish(people["admin"], {"opd": "DPU"})
    finish(people["operator"], {"uraian": "Sampah sudah diangkut ke TPA.", "foto_sesudah": []})
    done = finish(tracking.reporter_of(received.report_id, source="uji"), {"penilaian": 5, "kesan": "Cepat."})
    assert done.ended
    report = session.get(Report, received.report_id, populate_existing=True)
    assert (report.status, report.rating) == ("selesai", 5)
