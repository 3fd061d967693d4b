"""What a citizen does with a browser without scripts, and what strangers may see of it."""

import io
import json
import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.adapters import clock as wall
from app.db.models import Event, OutboxMessage, Photo, Report, WorkItem
from app.services import photos, task_work, tracking
from app.services.identity import read_identity
from app.services.photos import Upload
from app.web import citizen
from tests.services import small_city
from tests.services.test_photos import WITA, jpeg

pytestmark = pytest.mark.usefixtures("still_clock")
NAME, PHONE, EMAIL = "Warga Uji Rahasia", "081234567890", "warga.uji@contoh.id"
INTERNAL = "Catatan dalam."
WORDS = "Lampu jalan di lorong kami padam sejak dua minggu."


@pytest.fixture
def people(app, session, clock):
    return small_city.found(session, clock())


def form(**changes):
    plain = {
        "submission_key": str(uuid.uuid4()),
        "kind": "pengaduan",
        "description": WORDS,
        "kelurahan": "72.71.02.1007",
        "landmark": "lorong Cemara",
        "lat": "-0.90019",
        "lng": "119.85231",
        "name": NAME,
        "phone": PHONE,
        "email": EMAIL,
    }
    return {name: value for name, value in {**plain, **changes}.items() if value is not None}


def send(client, **changes):
    return client.post("/lapor", data=form(**changes))


def taken(client, **changes):
    """Send a report and return its secret."""
    answer = send(client, **changes)
    assert answer.status_code == 303, answer.text
    return re.fullmatch(r"/l/([\w-]{32})/tanda-terima", answer.headers["Location"]).group(1)


def number_of(session):
    return session.scalars(select(Report.number).order_by(Report.received_at.desc())).first()


def plain(answer):
    """The page without its form token, which holds the time."""
    return re.sub(r'(name="csrf-token" content|name="csrf_token" value)="[^"]+"', "", answer.text)


def photo(name="foto.jpg", colour=(200, 60, 30)):
    return (io.BytesIO(jpeg(colour)), name)


def test_the_form_is_light_says_112_and_never_asks_for_nik(client, people):
    page = client.get("/lapor")
    assert page.status_code == 200
    assert len(page.data) < 60_000
    assert "112" in page.text
    assert 'name="nik"' not in page.text.lower()
    assert "Kamonji" in page.text
    assert client.get("/").status_code == 200
    assert len(client.get("/lapor/kelurahan.json").get_json()) == 4


def test_a_report_leads_to_a_receipt_with_number_link_and_first_deadline(client, people, session):
    secret = taken(client)
    receipt = client.get(f"/l/{secret}/tanda-terima")
    assert receipt.status_code == 200
    assert "LW-2026-03-000001" in receipt.text
    assert f"/l/{secret}" in receipt.text
    assert "20 Maret 2026" in receipt.text or "Maret 2026" in receipt.text
    assert NAME not in receipt.text
    drawn = client.get(f"/l/{secret}/qr.svg")
    assert (drawn.status_code, drawn.mimetype) == (200, "image/svg+xml")


def test_sent_twice_it_is_one_report(client, people, session):
    key = str(uuid.uuid4())
    assert taken(client, submission_key=key) == taken(client, submission_key=key)
    assert len(session.scalars(select(Report)).all()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lat": "-0.95", "lng": "119.75"}, "di luar Kota Palu"),
        ({"lat": "-6.98", "lng": "110.41", "kelurahan": ""}, "di luar Kota Palu"),
        ({"description": "a" * 4001}, "4.001 huruf"),
        ({"description": "x"}, "sedikitnya 10 huruf"),
        ({"kind": "lainnya"}, "Pilih jenis laporan"),
        ({"name": "", "phone": "", "email": ""}, "tanpa nama"),
        ({"phone": "12"}, "tidak dikenali"),
        ({"occurred_on": "besok"}, "2026-03-17"),
        ({"occurred_on": "2026-03-18"}, "masa depan"),
        ({"category": "tidak_ada\0"}, "topik"),
        ({"lat": "nan", "lng": "119.8"}, "tidak terbaca"),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(client, people, session, changes, words):
    answer = send(client, **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert NAME in answer.text or changes.get("name") == ""
    assert "lorong Cemara" in answer.text
    assert session.scalars(select(Report)).all() == []


def test_photos_sent_stay_as_thumbnails_when_something_else_is_refused(client, people, session):
    key = str(uuid.uuid4())
    answer = client.post(
        "/lapor",
        data={
            **form(submission_key=key, description="x"),
            "photos": [photo("1.jpg"), photo("2.jpg", (1, 9, 9))],
        },
    )
    assert answer.status_code == 422
    thumbs = re.findall(r'src="(/foto/[^"]+)"', answer.text)
    assert len(thumbs) == 2
    assert client.get(thumbs[0].replace("&amp;", "&")).mimetype == "image/jpeg"
    secret = taken(client, submission_key=key)
    report = session.scalars(select(Report)).one()
    assert len(session.scalars(select(Photo).where(Photo.report_id == report.id)).all()) == 2
    assert client.get(f"/l/{secret}").text.count("/foto/") >= 2


def test_a_refused_photo_is_named_and_the_good_ones_stay(client, people, session):
    key = str(uuid.uuid4())
    bad = (io.BytesIO(b"<script>alert(1)</script>"), "foto.jpg")
    answer = client.post("/lapor", data={**form(submission_key=key), "photos": [photo(), bad]})
    assert answer.status_code == 422
    assert "Foto ke-2" in answer.text
    assert len(re.findall(r'src="/foto/', answer.text)) == 1
    assert session.scalars(select(Report)).all() == []


def test_a_ticked_photo_is_dropped(client, people, session):
    key = str(uuid.uuid4())
    first = client.post("/lapor", data={**form(submission_key=key, description="x"), "photos": [photo()]})
    client_id = re.search(r'name="remove_photo" value="([^"]+)"', first.text).group(1)
    taken(client, submission_key=key, remove_photo=client_id)
    assert session.scalars(select(Photo)).all() == []


@pytest.mark.parametrize("anonymous", [False, True])
@pytest.mark.parametrize("confidential", [False, True])
def test_the_four_combinations_on_every_public_page(app, client, people, session, anonymous, confidential):
    flags = {"anonymous": "y" if anonymous else None, "confidential": "y" if confidential else None}
    secret = taken(client, **flags)
    number = number_of(session)
    item = session.scalars(select(WorkItem)).one()
    task_work.complete(
        session, item.id, {"opd": "DPU", "catatan": "Catatan dalam."}, actor=people["admin"], now=wall.now()
    )
    session.commit()

    stranger = app.test_client()
    pages = [stranger.get(address) for address in ("/", f"/lacak?nomor={number}", "/lacak", "/lapor")]
    for page in pages:
        for personal in (
            NAME,
            PHONE,
            "+6281234567890",
            EMAIL,
            "119.85231",
            "lorong Cemara",
            "Catatan dalam.",
            "(uji)",
            secret,
        ):
            assert personal not in page.text, personal
    looked_up = pages[1]
    assert looked_up.status_code == (404 if confidential else 200)
    assert (WORDS in looked_up.text) is not confidential
    own = client.get(f"/l/{secret}")
    assert WORDS in own.text
    assert "Dinas Pekerjaan Umum" in own.text
    assert "(uji)" not in own.text
    assert INTERNAL not in own.text


def test_unknown_and_confidential_numbers_answer_alike(app, client, people, session):
    taken(client, confidential="y")
    number = number_of(session)
    stranger = app.test_client()
    hidden, unknown = (stranger.get(f"/lacak?nomor={each}") for each in (number, "LW-2026-03-000777"))
    assert hidden.status_code == unknown.status_code == 404
    assert plain(hidden).replace(number, "N") == plain(unknown).replace("LW-2026-03-000777", "N")


def test_words_nobody_has_verified_are_not_shown_to_strangers(app, client, people, session):
    taken(client)
    report = session.scalars(select(Report)).one()
    report.status = "diterima"
    session.commit()
    assert WORDS not in app.test_client().get(f"/lacak?nomor={report.number}").text


def test_a_wrong_secret_opens_nothing(client, people, session):
    secret = taken(client)
    for wrong in ("a" * 32, secret[:-1] + ("a" if secret[-1] != "a" else "b"), "x", "%00"):
        for address in (f"/l/{wrong}", f"/l/{wrong}/tanda-terima", f"/l/{wrong}/qr.svg"):
            assert client.get(address).status_code == 404
        assert client.post(f"/l/{wrong}/pesan", data={"isi": "halo"}).status_code == 404


def test_photos_open_for_the_reporter_and_not_for_a_stranger(app, client, people, session):
    secret = taken(client, photos=photo())
    other = app.test_client()
    page = other.get(f"/l/{secret}")
    address = re.search(r'href="(/foto/[^"]+)"', page.text).group(1)
    assert other.get(address).status_code == 200
    assert app.test_client().get(address).status_code == 404


def test_the_reporter_writes_withdraws_and_sees_the_end(client, people, session):
    secret = taken(client)
    assert client.post(f"/l/{secret}/pesan", data={"isi": "Mohon segera ditangani."}).status_code == 303
    page = client.get(f"/l/{secret}")
    assert "Mohon segera ditangani." in page.text
    assert "Tarik laporan" in page.text
    assert "Ajukan keberatan" not in page.text
    assert client.post(f"/l/{secret}/pesan", data={"isi": "  "}).status_code == 422
    client.post(f"/l/{secret}/penarikan", data={"isi": "Sudah selesai sendiri."})
    page = client.get(f"/l/{secret}")
    assert "dibatalkan" in page.text
    assert "Tarik laporan" not in page.text


def test_the_page_says_who_holds_it_until_when_and_what_happens_otherwise(client, people, session):
    secret = taken(client)
    page = client.get(f"/l/{secret}").text
    assert "Laporan sedang diperiksa" in page
    assert "Admin Kominfo, Dinas Kominfo" in page
    assert "hari kerja lagi" in page
    assert "Laporan dinaikkan ke Kepala Dinas" in page


def test_the_page_draws_the_way_through_the_sop_that_runs(client, app, session, clock):
    shipped = Path(__file__).resolve().parents[2] / "bpmn"
    sop = (shipped / "pengaduan.bpmn").read_text("utf-8")
    small_city.found(
        session,
        clock(),
        sop=sop,
        tables=[*sorted(shipped.glob("*.dmn")), shipped / "pemantauan_rencana.bpmn"],
    )
    secret = taken(client, category="jalan")
    page = client.get(f"/l/{secret}").text
    assert '<svg class="diagram"' in page
    assert "is-current" in page
    assert "Tarik laporan" in page
    assert "style=" not in page[page.index('<svg class="diagram"') :]


def test_an_imported_boundary_decides_from_then_on(app, client, people, session, tmp_path):
    ring = [[119.86, -0.92], [119.90, -0.92], [119.90, -0.86], [119.86, -0.86], [119.86, -0.92]]
    file = tmp_path / "batas.geojson"
    file.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    result = app.test_cli_runner().invoke(args=["city", "boundary", str(file)])
    assert result.exit_code == 0, result.output
    assert send(client).status_code == 422
    assert send(client, kelurahan="72.71.03.1001", lat="-0.912", lng="119.883").status_code == 303
    file.write_text("{}")
    assert app.test_cli_runner().invoke(args=["city", "boundary", str(file)]).exit_code == 1


def test_a_nik_in_the_text_is_warned_of(client, people):
    secret = taken(client, description="NIK saya 7271014505900001, mohon bantuan.")
    assert "memuat NIK" in client.get(f"/l/{secret}/tanda-terima").text


def work_through(session, people):
    """Officers do their part, with a proof photo; then it is the reporter's turn."""

    def open_item():
        return session.scalars(select(WorkItem).where(WorkItem.closed_at.is_(None))).one()

    task_work.complete(session, open_item().id, {"opd": "DPU"}, actor=people["admin"], now=wall.now())
    item = open_item()
    stored = photos.receive_photo(
        session,
        Upload(jpeg((5, 80, 5)), item.id, "bukti", photos.PROOF, "foto_sesudah", item.id),
        actor=people["operator"],
        now=wall.now(),
        storage=citizen.photo_store(),
        zone=WITA,
    )
    answers = {"uraian": "Lampu sudah diganti.", "foto_sesudah": [str(stored.id)]}
    task_work.complete(session, item.id, answers, actor=people["operator"], now=wall.now())
    session.commit()
    return open_item()


def test_the_reporter_answers_on_the_page_and_the_case_closes_with_proof(
    app, client, people, session, settings
):
    secret = taken(client, photos=photo())
    with app.app_context():
        own = work_through(session, people)
    page = client.get(f"/l/{secret}")
    assert "Menunggu Anda" in page.text
    assert "Lampu sudah diganti." in page.text
    assert client.post(f"/l/{secret}/tugas/{own.id}", data={"kesan": "Bagus"}).status_code == 422
    kept = client.post(f"/l/{secret}/tugas/{own.id}/konsep", data={"kesan": "Bagus sekali"})
    assert kept.status_code == 204
    assert "Bagus sekali" in client.get(f"/l/{secret}").text
    uploaded = client.post(
        f"/l/{secret}/tugas/{own.id}/foto", data={"field": "foto_kini", "client_id": "a", "photo": photo()}
    )
    assert uploaded.status_code == 200
    done = client.post(
        f"/l/{secret}/tugas/{own.id}",
        data={"penilaian": "5", "kesan": "Terima kasih", "foto_kini": uploaded.get_json()["id"]},
    )
    assert done.status_code == 303, done.text
    report = session.scalars(select(Report)).one()
    session.refresh(report)
    assert (report.end_reason, report.rating) == ("selesai", 5)
    for address in re.findall(r'"(/foto/[^"]+)"', client.get(f"/l/{secret}").text):
        assert client.get(address.replace("&amp;", "&")).status_code == 200
    again = client.post(f"/l/{secret}/tugas/{own.id}", data={"penilaian": "1"})
    assert again.status_code == 409

    stranger = app.test_client()
    public_page = stranger.get(f"/lacak?nomor={report.number}").text
    for address in re.findall(r'"(/foto/[^"]+)"', public_page + stranger.get("/").text):
        assert stranger.get(address.replace("&amp;", "&")).status_code == 200
    assert "Terima kasih" not in public_page


def test_somebody_elses_task_cannot_be_done_with_ones_own_secret(client, people, session):
    secret = taken(client)
    officers = session.scalars(select(WorkItem)).one()
    assert client.post(f"/l/{secret}/tugas/{officers.id}", data={"opd": "DPU"}).status_code == 409
    assert client.post(f"/l/{secret}/tugas/{uuid.uuid4()}", data={}).status_code == 409
    answer = client.post(
        f"/l/{secret}/tugas/{officers.id}/foto", data={"field": "x", "client_id": "a", "photo": photo()}
    )
    assert answer.status_code == 403


def test_a_lost_link_answers_the_same_whoever_asks(client, people, session):
    taken(client)
    number = number_of(session)
    right = client.post("/lacak/kirim-ulang", data={"nomor": number, "kontak": PHONE})
    wrong = client.post("/lacak/kirim-ulang", data={"nomor": number, "kontak": "0813 9999 9999"})
    assert (right.status_code, plain(right)) == (wrong.status_code, plain(wrong))
    sent = session.scalars(
        select(OutboxMessage).where(OutboxMessage.template == tracking.LOST_LINK_MESSAGE)
    ).all()
    assert len(sent) == 1
    assert sent[0].recipient == "pelapor"


def test_the_reporter_sees_who_opened_the_identity(client, people, session, clock):
    secret = taken(client)
    report = session.scalars(select(Report)).one()
    read_identity(session, report.id, purpose="menanyakan letak lampu", actor=people["admin"], now=clock())
    session.commit()
    page = client.get(f"/l/{secret}").text
    assert "menanyakan letak lampu" in page
    assert "Admin Kominfo" in page


def test_others_say_they_have_it_too_once_each(app, client, people, session):
    taken(client)
    number = number_of(session)
    for browser in (app.test_client(), app.test_client()):
        for _ in range(2):
            assert browser.post(f"/lacak/{number}/dukung").status_code == 303
    report = session.scalars(select(Report)).one()
    session.refresh(report)
    assert report.supporters == 2
    assert len(session.scalars(select(Event).where(Event.type == "SupportGiven")).all()) == 2
    assert client.post("/lacak/LW-2026-03-000999/dukung").status_code == 404


def test_a_flood_of_reports_from_one_address_is_stopped_in_words(client, people, session, monkeypatch):
    monkeypatch.setattr(citizen, "REPORTS_BY_ADDRESS", citizen.Limit("laporan", 2, timedelta(hours=1)))
    taken(client)
    taken(client)
    assert send(client).status_code == 429
    assert len(session.scalars(select(Report)).all()) == 2
