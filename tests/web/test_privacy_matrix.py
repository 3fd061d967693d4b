"""Who may see what: anonymous or not, confidential or not, for everybody at every desk, on every page."""

import io
import json
import logging
import re
from dataclasses import dataclass

import pytest
from sqlalchemy import select, text

from app import logs
from app.db.models import IdentityReading, Photo, Report
from tests.conftest import let_worker_work
from tests.engine.diagrams import begin, end, flows
from tests.services.test_photos import jpeg
from tests.services.workshop import diagram, task
from tests.web.desks import DESKS, EMAIL, LANDMARK, NAME, PERSONAL, PHONE, POINT, WORDS, Desks, seen

NOTE, TO_REPORTER = "Catatan dalam: awas anjing.", "Kami datang besok pagi."
TAKES_PART = {"admin", "operator"}
READS_CONFIDENTIAL = TAKES_PART | {"inspektur", "wali"}
FINDS_CONFIDENTIAL = READS_CONFIDENTIAL - {"operator"}
OFFICERS_NAMES = "(uji)"
UNKNOWN = "LW-2026-03-000777"

combinations = pytest.mark.parametrize(
    ("anonymous", "confidential"), [(False, False), (False, True), (True, False), (True, True)]
)


@dataclass
class Told:
    """A report at work, with what was said about it."""

    report: Report
    secret: str
    task: str
    photo: str


def told(desks, *, anonymous, confidential):
    """Sent with a photo, verified, taken by the operator, with a note and a message."""
    flags = {"anonymous": "y" if anonymous else None, "confidential": "y" if confidential else None}
    report, secret = desks.send(**flags)
    desks.do("admin", "verifikasi", opd="DPU", catatan=NOTE)
    operator = desks.officer("operator")
    task = str(desks.item("kerjakan", report.id).id)
    assert operator.post(f"/tugas/{task}/ambil").status_code == 302
    assert operator.post(f"/tugas/{task}/konsep", data={"uraian": "Konsep: tiang miring."}).status_code == 204
    for audience, body in (("internal", NOTE), ("pelapor", TO_REPORTER)):
        wrote = operator.post(f"/laporan/{report.number}/pesan", data={"isi": body, "pembaca": audience})
        assert wrote.status_code == 302
    desks.session.rollback()
    photo = desks.session.scalars(select(Photo.id).where(Photo.report_id == report.id)).one()
    return Told(report, secret, task, f"/foto/{photo}")


def finished(desks, story):
    """The work is done with proof and the reporter is content: (address of the proof)."""
    operator = desks.officer("operator")
    sent = operator.post(
        f"/tugas/{story.task}/foto",
        data={"field": "foto_sesudah", "client_id": "b", "photo": (io.BytesIO(jpeg((5, 80, 5))), "b.jpg")},
    ).get_json()
    answers = {"uraian": "Lampu diganti.", "foto_sesudah": sent["id"]}
    assert operator.post(f"/tugas/{story.task}", data=answers).status_code == 302
    own = desks.item("tanggapi").id
    done = desks.stranger().post(
        f"/l/{story.secret}/tugas/{own}", data={"penilaian": "5", "kesan": "Terima kasih"}
    )
    assert done.status_code == 303
    return f"/foto/{sent['id']}"


def without_tokens(answer):
    return re.sub(r'(name="csrf-token" content|name="csrf_token" value)="[^"]+"', "", answer.text)


@combinations
def test_strangers_see_no_person_no_point_and_nothing_confidential(desks, settings, anonymous, confidential):
    story = told(desks, anonymous=anonymous, confidential=confidential)
    number = story.report.number
    for stage in ("at work", "finished"):
        proof = finished(desks, story) if stage == "finished" else None
        let_worker_work(settings)
        stranger = desks.stranger()
        addresses = ["/", "/lacak", "/lapor", f"/lacak?nomor={number}", "/lapor/kelurahan.json", "/masuk"]
        pages = {address: stranger.get(address) for address in addresses}
        for address, page in pages.items():
            for hidden in (
                *PERSONAL,
                LANDMARK,
                POINT[0],
                POINT[1],
                POINT[1][:-2],
                NOTE,
                TO_REPORTER,
                story.secret,
                OFFICERS_NAMES,
                "Konsep:",
                "Terima kasih",
                str(story.report.id),
            ):
                assert hidden not in page.text, (stage, address, hidden)
        assert (WORDS in pages[f"/lacak?nomor={number}"].text) is not confidential
        assert (number in pages["/"].text) is (stage == "finished" and not confidential)
        shown_before = stage == "finished" and not confidential and not anonymous
        assert (stranger.get(story.photo).status_code == 200) is shown_before
        assert (stranger.get(f"{story.photo}?ukuran=kecil").status_code == 200) is shown_before
        if proof:
            assert (stranger.get(proof).status_code == 200) is not confidential
        for officers_only in (
            f"/laporan/{number}",
            "/laporan?cari=lampu",
            f"/tugas/{story.task}",
            "/kotak-masuk",
            "/admin/gangguan",
            "/admin/pesan",
            "/admin/petugas",
            "/akun",
        ):
            answer = stranger.get(officers_only)
            assert answer.status_code == 302, officers_only
            assert answer.headers["Location"].startswith("/masuk")


BEFORE_ANYBODY_CHECKED = diagram(
    begin("mulai")
    + task("lengkapi", "foto_tambahan:photo,public=true", "kata:text", status="menunggu_pelapor")
    + task("telaah", "catatan:text", status="diproses")
    + end("selesai")
    + flows("mulai lengkapi", "lengkapi telaah", "telaah selesai"),
    {"admin_kominfo": ["telaah"], "pelapor": ["lengkapi"]},
)


@pytest.mark.parametrize("anonymous", [False, True])
@pytest.mark.usefixtures("still_clock")
def test_text_is_public_once_checked_and_an_anonymous_reporters_photos_never(
    app, session, clock, settings, anonymous
):
    desks = Desks(app, session, clock, BEFORE_ANYBODY_CHECKED)
    report, secret = desks.send(anonymous="y" if anonymous else None)
    browser, stranger = desks.stranger(), desks.stranger()
    own = desks.item("lengkapi").id
    sent = browser.post(
        f"/l/{secret}/tugas/{own}/foto",
        data={"field": "foto_tambahan", "client_id": "a", "photo": (io.BytesIO(jpeg((9, 9, 80))), "a.jpg")},
    ).get_json()["id"]
    looked_up = f"/lacak?nomor={report.number}"
    assert stranger.get(looked_up).status_code == 200
    assert WORDS not in stranger.get(looked_up).text
    browser.post(f"/l/{secret}/tugas/{own}", data={"foto_tambahan": sent})
    assert WORDS in stranger.get(looked_up).text
    desks.do("admin", "telaah")
    let_worker_work(settings)
    for page in ("/", looked_up):
        assert (sent in stranger.get(page).text) is not anonymous, page
    assert (stranger.get(f"/foto/{sent}").status_code == 200) is not anonymous
    assert browser.get(f"/foto/{sent}").status_code == 200


@pytest.mark.parametrize("anonymous", [False, True])
def test_a_confidential_number_answers_like_one_never_given_out(desks, anonymous):
    story = told(desks, anonymous=anonymous, confidential=True)
    number = story.report.number

    def alike(one, other):
        assert (one.status_code, one.headers.get("Location", "").replace(number, UNKNOWN)) == (
            other.status_code,
            other.headers.get("Location", ""),
        )
        hidden = re.compile(r'(?s)<p class="[^"]*reference.*?</p>')
        one_text, other_text = (hidden.sub("", without_tokens(each)) for each in (one, other))
        assert one_text.replace(number, UNKNOWN) == other_text

    stranger = desks.stranger()
    alike(stranger.get(f"/lacak?nomor={number}"), stranger.get(f"/lacak?nomor={UNKNOWN}"))
    alike(stranger.post(f"/lacak/{number}/dukung"), stranger.post(f"/lacak/{UNKNOWN}/dukung"))
    for contact in (PHONE, "0813 9999 9999"):
        asked = ({"nomor": each, "kontak": contact} for each in (number, UNKNOWN))
        alike(*(stranger.post("/lacak/kirim-ulang", data=each) for each in asked))
    for name in sorted(set(DESKS) - READS_CONFIDENTIAL):
        officer = desks.officer(name)
        alike(officer.get(f"/laporan/{number}"), officer.get(f"/laporan/{UNKNOWN}"))
        for path, data in (
            ("pesan", {"isi": "Halo", "pembaca": "internal"}),
            ("identitas", {"tujuan": "ingin tahu"}),
        ):
            one, other = (officer.post(f"/laporan/{each}/{path}", data=data) for each in (number, UNKNOWN))
            alike(one, other)
            assert one.status_code in (403, 404)


@combinations
def test_officers_see_what_their_desk_needs_and_never_who_reported(desks, anonymous, confidential):
    story = told(desks, anonymous=anonymous, confidential=confidential)
    number = story.report.number
    for name in DESKS:
        officer = desks.officer(name)
        reads = not confidential or name in READS_CONFIDENTIAL
        finds = not confidential or name in FINDS_CONFIDENTIAL
        page = officer.get(f"/laporan/{number}")
        assert page.status_code == (200 if reads else 404), name
        assert (WORDS in page.text) is reads, name
        for asked in ("", "?cari=lampu", "?cari=lorong+padam", f"?cari={number}", "?status=diproses"):
            listed = officer.get(f"/laporan{asked}")
            assert (f"/laporan/{number}" in listed.text) is finds, (name, asked)
        task = officer.get(f"/tugas/{story.task}")
        assert task.status_code == (200 if name == "operator" else 403), name
        assert ("Konsep: tiang miring." in task.text) is (name == "operator")
        for box in ("", "?kotak=semua&cari=lampu", f"?cari={number}", "?kotak=saya"):
            assert (story.task in officer.get(f"/kotak-masuk{box}").text) is (name == "operator"), (name, box)
        for size in ("", "?ukuran=kecil"):
            assert (officer.get(story.photo + size).status_code == 200) is reads, name
        pages = [page, task, officer.get("/laporan"), officer.get("/kotak-masuk"), officer.get("/akun")]
        pages += [officer.get(f"/admin/{each}") for each in ("gangguan", "pesan", "petugas")]
        for each in pages:
            for hidden in (*PERSONAL, story.secret):
                assert hidden not in each.text, (name, hidden)
        assert [each.status_code for each in pages[-3:]] == {
            "admin": [200, 200, 200],
            "inspektur": [200, 403, 403],
        }.get(name, [403, 403, 403]), name
        opened = officer.post(f"/laporan/{number}/identitas", data={"tujuan": "menanyakan letak tiang"})
        may_open = not anonymous and name in TAKES_PART
        assert (opened.status_code == 200) is may_open, name
        for hidden in (NAME, EMAIL):
            assert (hidden in opened.text) is may_open, name
    readings = desks.session.scalars(
        select(IdentityReading).where(IdentityReading.person_id.is_not(None))
    ).all()
    assert len(readings) == (0 if anonymous else len(TAKES_PART))


def test_opening_an_identity_needs_a_purpose_and_the_reporter_reads_it(desks):
    story = told(desks, anonymous=False, confidential=True)
    admin = desks.officer("admin")
    for purpose in ("", "   ", "x"):
        refused = admin.post(f"/laporan/{story.report.number}/identitas", data={"tujuan": purpose})
        assert refused.status_code == 422
        assert NAME not in refused.text
    own = desks.stranger().get(f"/l/{story.secret}")
    assert "letak tiang" not in own.text
    admin.post(f"/laporan/{story.report.number}/identitas", data={"tujuan": "menanyakan letak tiang"})
    own = seen(desks.stranger().get(f"/l/{story.secret}"))
    assert "menanyakan letak tiang" in own
    assert "Admin Kominfo" in own
    assert OFFICERS_NAMES not in own


@combinations
def test_the_reporter_sees_all_of_their_own_but_no_officers_name(desks, anonymous, confidential):
    story = told(desks, anonymous=anonymous, confidential=confidential)
    browser = desks.stranger()
    assert browser.get(story.photo).status_code == 404
    for stage in ("at work", "finished"):
        proof = finished(desks, story) if stage == "finished" else None
        page = browser.get(f"/l/{story.secret}")
        assert WORDS in page.text
        assert TO_REPORTER in page.text
        assert NOTE not in page.text
        assert "Konsep:" not in page.text
        assert OFFICERS_NAMES not in page.text
        for address in filter(None, (story.photo, f"{story.photo}?ukuran=kecil", proof)):
            assert browser.get(address).status_code == 200
        receipt = browser.get(f"/l/{story.secret}/tanda-terima")
        for hidden in PERSONAL:
            assert hidden not in page.text
            assert hidden not in receipt.text


def test_a_secret_opens_its_own_report_only(desks):
    mine, other = (told(desks, anonymous=False, confidential=False) for _ in range(2))
    browser = desks.stranger()
    assert browser.get(f"/l/{mine.secret}").status_code == 200
    assert browser.get(other.photo).status_code == 404
    for path in ("", "/tanda-terima", "/qr.svg"):
        assert browser.get(f"/l/{mine.secret[::-1]}{path}").status_code == 404
    for path in ("pesan", "keberatan", "penarikan", f"tugas/{mine.task}", f"tugas/{mine.task}/konsep"):
        answer = browser.post(f"/l/{mine.secret[::-1]}/{path}", data={"isi": "Halo"})
        assert answer.status_code == 404, path


def test_a_strangers_form_can_neither_show_nor_drop_the_photos_of_a_task(desks):
    story = told(desks, anonymous=False, confidential=False)
    operator = desks.officer("operator")
    sent = operator.post(
        f"/tugas/{story.task}/foto",
        data={"field": "foto_sesudah", "client_id": "b", "photo": (io.BytesIO(jpeg((5, 80, 5))), "b.jpg")},
    ).get_json()
    stranger = desks.stranger()
    fake = {"submission_key": story.task, "client_id": "x", "photo": (io.BytesIO(jpeg((9, 9, 9))), "x.jpg")}
    stranger.post("/lapor/foto", data=fake)
    assert stranger.get(f"/foto/{sent['id']}").status_code == 404
    stranger.post("/lapor/foto/hapus", data={"submission_key": story.task, "client_id": "b"})
    assert operator.get(f"/foto/{sent['id']}").status_code == 200
    form = stranger.post("/lapor", data={"submission_key": story.task, "description": "x"})
    assert sent["id"] not in form.text


def test_after_a_whole_story_only_the_identity_table_knows_who_reported(
    desks, settings, owner_session, caplog
):
    with caplog.at_level(logging.DEBUG):
        story = told(desks, anonymous=False, confidential=False)
        browser = desks.stranger()
        browser.get(f"/l/{story.secret}")
        browser.post(f"/l/{story.secret}/pesan", data={"isi": "Tolong segera."})
        browser.post("/lacak/kirim-ulang", data={"nomor": story.report.number, "kontak": EMAIL})
        admin = desks.officer("admin")
        admin.post(f"/laporan/{story.report.number}/identitas", data={"tujuan": "menanyakan letak tiang"})
        finished(desks, story)
        let_worker_work(settings)
    tables = owner_session.scalars(
        text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    ).all()
    assert {"report_identities", "events", "outbox_messages", "incidents", "procrastinate_jobs"} <= set(
        tables
    )
    holds = {}
    for table in tables:
        dump = "\n".join(owner_session.scalars(text(f'SELECT row_to_json(t)::text FROM "{table}" t')))
        for value in (NAME, PHONE[1:], EMAIL, story.secret, POINT[1], LANDMARK):
            if value in dump or json.dumps(value)[1:-1] in dump:
                holds.setdefault(value, set()).add(table)
    assert holds == {
        NAME: {"report_identities"},
        PHONE[1:]: {"report_identities"},
        EMAIL: {"report_identities"},
        POINT[1]: {"reports", "event_secrets"},
        LANDMARK: {"reports", "event_secrets"},
    }
    lines = "\n".join(logs.formatter(readable=False).format(record) for record in caplog.records)
    for value in (NAME, PHONE[1:], EMAIL, story.secret, *POINT, LANDMARK):
        assert value not in lines, value
