"""Strangers who mean harm, and browsers that send nonsense: refused in words, never with a broken page."""

import io
import re
import uuid

import pytest
from sqlalchemy import select, text

from app.db.models import Person, Report
from tests.services.test_photos import jpeg
from tests.web.desks import PASSWORD, seen

MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}{%raw%}"
RAW = ("<script>alert(1)", "<img src=x", "onerror=alert(2)>", "\"'><")
GARBAGE = (
    "%00",
    "a%00b",
    "%FF%FE%ED%A0%80",
    "..%2F..%2Fetc%2Fpasswd",
    "%0d%0aX-Jahat:%20ya",
    "'%20OR%201=1--",
    "%3Cscript%3E",
    "%F0%9F%92%A3" * 30,
    "9" * 4000,
    "-1",
)
QUERIES = (
    "hal",
    "cari",
    "status",
    "keadaan",
    "langkah",
    "topik",
    "unit",
    "kotak",
    "urut",
    "nomor",
    "jenis",
    "next",
    "ukuran",
    "bahasa",
    "kembali",
    "tidak_dikenal",
)
FIELDS = (
    "submission_key",
    "client_id",
    "kind",
    "category",
    "description",
    "kelurahan",
    "landmark",
    "lat",
    "lng",
    "occurred_on",
    "name",
    "phone",
    "email",
    "anonymous",
    "nomor",
    "kontak",
    "isi",
    "pembaca",
    "tujuan",
    "kepada",
    "alasan",
    "kembali",
    "username",
    "password",
    "next",
    "language",
    "current",
    "wanted",
    "again",
    "field",
    "opd",
    "catatan",
    "uraian",
    "foto_sesudah",
    "penilaian",
    "remove_photo",
    "csrf_token",
)


@pytest.fixture
def as_served(app):
    """Errors become pages, as for people."""
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)


def addresses(app, method, text_value="x", id_value=None):
    """An address of every route that takes `method`."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            path = re.sub(r"<uuid:\w+>", str(id_value or uuid.uuid4()), rule.rule)
            path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", path)
            yield rule, re.sub(r"<(?:\w+:)?\w+>", text_value, path)


def in_words(answer, where):
    not_ready = answer.status_code == 503 and answer.request.path == "/health/ready"
    assert answer.status_code < 500 or not_ready, where
    assert "Traceback" not in answer.text
    if answer.status_code >= 400 and answer.mimetype == "text/html":
        assert "<h1" in answer.text, where


def test_no_form_is_taken_without_its_token(app, desks):
    officer = desks.officer("admin")
    app.config["WTF_CSRF_ENABLED"] = True
    for client in (officer, desks.stranger()):
        taking = list(addresses(app, "POST"))
        assert len(taking) > 15
        for rule, path in taking:
            answer = client.post(path, data={"isi": "x"})
            assert answer.status_code == 400, rule
            assert "muat ulang" in seen(answer)
            foreign = client.post(
                path, data={"csrf_token": "x" * 40}, headers={"Origin": "https://jahat.example"}
            )
            assert foreign.status_code == 400, rule


@pytest.mark.parametrize("who", ["admin", None])
def test_nonsense_in_addresses_is_answered_in_words(app, desks, as_served, who):
    client = desks.officer(who) if who else desks.stranger()
    for garbage in GARBAGE:
        for method in ("GET", "POST"):
            for rule, path in addresses(app, method, garbage):
                if rule.endpoint == "auth.sign_out":
                    continue
                in_words(client.open(path, method=method), (method, rule.rule, garbage))
        for _rule, path in addresses(app, "GET"):
            everything = "&".join(f"{name}={garbage}" for name in QUERIES)
            in_words(client.get(f"{path}?{everything}"), (path, garbage))


@pytest.mark.parametrize("who", ["admin", "operator", None])
def test_nonsense_in_forms_is_answered_in_words(app, desks, as_served, who):
    report, secret = desks.send()
    desks.do("admin", "verifikasi", opd="DPU")
    tasks = desks.session.scalars(text("SELECT id FROM work_items ORDER BY opened_at")).all()
    desks.session.rollback()
    client = desks.officer(who) if who else desks.stranger()
    for value in (
        "\0",
        "x\0y",
        "\ud7ff\ufffe",
        "9" * 5000,
        "[]",
        '{"a": [1]}',
        "-1e309",
        "\r\nSet-Cookie: a=b",
        "💣",
    ):
        for _rule, path in addresses(app, "POST", secret, tasks[-1]):
            if path == "/keluar":
                continue
            for target in {path, path.replace(f"/laporan/{secret}", f"/laporan/{report.number}")}:
                answer = client.post(target, data=dict.fromkeys(FIELDS, value))
                in_words(answer, (target, value))
                assert "Set-Cookie: a=b" not in str(answer.headers)
    for body, kind in (
        (b'{"isi": 1}', "application/json"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"--x\r\nContent-Disp", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
    ):
        for _rule, path in addresses(app, "POST", secret, tasks[0]):
            if path != "/keluar":
                in_words(client.post(path, data=body, content_type=kind), (path, kind))


def test_a_zero_byte_in_a_text_takes_nothing_else_away(desks):
    report, _secret = desks.send(description="Lampu\0 padam sejak dua minggu.", landmark="Pohon\0 besar")
    assert report.description == "Lampu padam sejak dua minggu."
    admin = desks.officer("admin")
    wrote = admin.post(f"/laporan/{report.number}/pesan", data={"isi": "Ha\0lo", "pembaca": "internal"})
    assert wrote.status_code == 302
    assert "Halo" in admin.get(f"/laporan/{report.number}").text


@pytest.mark.parametrize(
    "wanted",
    [
        "https://jahat.example",
        "//jahat.example",
        "/\\jahat.example",
        "\\\\jahat.example",
        "javascript:alert(1)",
        "/\t/jahat.example",
        "/kotak-masuk\r\nX-Jahat: ya",
        "/kotak-masuk?a=b\r\nX-Jahat: ya",
        "@jahat.example",
    ],
)
def test_no_way_leads_out_of_the_city(desks, wanted):
    desks.send()
    signed_in = desks.stranger().post(
        "/masuk", data={"username": "admin", "password": PASSWORD, "next": wanted}
    )
    assert signed_in.headers["Location"] == "/kotak-masuk"
    admin = desks.officer("admin")
    assert admin.get("/masuk", query_string={"next": wanted}).headers["Location"] == "/kotak-masuk"
    item = desks.item("verifikasi").id
    desks.session.rollback()
    admin.post(f"/tugas/{item}/ambil", data={"kembali": wanted})
    for path, data in (("lepas", {}), ("", {"opd": "DPU"})):
        answer = admin.post(f"/tugas/{item}/{path}".rstrip("/"), data={**data, "kembali": wanted})
        assert answer.status_code == 302, answer.text
        assert re.fullmatch(r"/kotak-masuk(\?.*)?", answer.headers["Location"])
        assert "X-Jahat" not in answer.headers


def test_a_foreign_host_name_changes_nothing(desks):
    report, secret = desks.send()
    client = desks.stranger()
    for headers in (
        {"Host": "jahat.example"},
        {"X-Forwarded-Host": "jahat.example", "X-Forwarded-Proto": "https"},
    ):
        for path in (
            "/",
            f"/l/{secret}/tanda-terima",
            f"/l/{secret}/qr.svg",
            "/masuk",
            f"/lacak?nomor={report.number}",
        ):
            assert b"jahat.example" not in client.get(path, headers=headers).data, path
        assert "jahat.example" not in client.get("/kotak-masuk", headers=headers).headers["Location"]
    assert client.get("/", headers={"Host": "a b<c>"}).status_code in (200, 400)


def test_nothing_of_a_visit_before_signing_in_goes_on_after_it(desks):
    _report, secret = desks.send(confidential="y")
    browser = desks.stranger()
    photo = re.search(r'href="(/foto/[^"]+)"', browser.get(f"/l/{secret}").text)[1]
    assert browser.get(photo).status_code == 200
    before = browser.get_cookie("tuntas").value
    assert browser.post("/masuk", data={"username": "perencana", "password": PASSWORD}).status_code == 302
    assert browser.get_cookie("tuntas").value != before
    assert browser.get(photo).status_code == 404
    fixed = desks.stranger()
    fixed.set_cookie("tuntas", before)
    assert fixed.get("/kotak-masuk").status_code == 302
    browser.post("/keluar")
    assert browser.get("/kotak-masuk").status_code == 302
    for forged in ("x", before[:-3] + "AAA", "eyJfdXNlcl9pZCI6IjEifQ.x.y"):
        fixed.set_cookie("tuntas", forged)
        assert fixed.get("/kotak-masuk").status_code == 302


def test_guessing_passwords_stops_the_guesser_and_not_the_officer(desks):
    guesser = {"REMOTE_ADDR": "203.0.113.9"}
    answers = [
        desks.stranger().post(
            "/masuk", data={"username": name, "password": "salah"}, environ_overrides=guesser
        )
        for name in ["admin"] * 6 + ["tidak-ada"] * 6
    ]
    assert [each.status_code for each in answers] == [*[422] * 5, 429, *[422] * 5, 429]
    assert seen(answers[0]).replace("admin", "N") == seen(answers[6]).replace("tidak-ada", "N")
    desks.officer("admin")


def test_what_people_write_is_text_on_every_page(desks):
    desks.session.execute(
        text("UPDATE persons SET display_name = display_name || :markup"), {"markup": MARKUP}
    )
    desks.session.execute(text("UPDATE units SET name = name || :markup"), {"markup": MARKUP})
    desks.session.commit()
    report, secret = desks.send(description=f"Lampu padam {MARKUP}", landmark=MARKUP, name=MARKUP)
    number = report.number
    admin, operator, browser = desks.officer("admin"), desks.officer("operator"), desks.stranger()
    first = desks.item("verifikasi").id
    pages = [
        browser.post("/lapor", data={"description": MARKUP, "name": MARKUP, "phone": MARKUP, "lat": MARKUP}),
        browser.get("/lacak", query_string={"nomor": MARKUP}),
        browser.post("/lacak/kirim-ulang", data={"nomor": MARKUP, "kontak": MARKUP}),
        browser.post("/masuk", data={"username": MARKUP, "password": "x", "next": MARKUP}),
        admin.get("/laporan", query_string={"cari": MARKUP, "status": MARKUP}),
        admin.get("/kotak-masuk", query_string={"cari": MARKUP, "langkah": MARKUP, "topik": MARKUP}),
        admin.get("/admin/petugas", query_string={"cari": MARKUP}),
        admin.post(f"/tugas/{first}", data={"opd": MARKUP, "catatan": MARKUP}),
        admin.get(f"/tugas/{first}"),
    ]
    admin.post(f"/tugas/{first}/konsep", data={"catatan": MARKUP})
    pages.append(admin.get(f"/tugas/{first}"))
    assert admin.post(f"/tugas/{first}", data={"opd": "DPU", "catatan": MARKUP}).status_code == 302
    browser.post(f"/l/{secret}/pesan", data={"isi": MARKUP})
    for audience in ("internal", "pelapor", "publik"):
        operator.post(f"/laporan/{number}/pesan", data={"isi": MARKUP, "pembaca": audience})
    admin.post(f"/laporan/{number}/identitas", data={"tujuan": MARKUP})
    second = desks.item("kerjakan").id
    desks.session.rollback()
    operator.post(f"/tugas/{second}/ambil")
    pages += [operator.get(f"/tugas/{second}"), operator.get("/kotak-masuk")]
    assert operator.post(f"/tugas/{second}", data={"uraian": MARKUP}).status_code == 302
    own = desks.item("tanggapi").id
    pages += [browser.post(f"/l/{secret}/tugas/{own}", data={"penilaian": MARKUP, "kesan": MARKUP})]
    browser.post(f"/l/{secret}/tugas/{own}/konsep", data={"kesan": MARKUP})
    pages += [browser.get(f"/l/{secret}"), browser.get(f"/l/{secret}/tanda-terima")]
    browser.post(f"/l/{secret}/tugas/{own}", data={"penilaian": "1", "kesan": MARKUP})
    pages += [
        browser.get(f"/l/{secret}"),
        browser.get("/"),
        browser.get(f"/lacak?nomor={number}"),
        admin.get(f"/laporan/{number}"),
        admin.get("/laporan"),
        admin.get(f"/tugas/{first}"),
        admin.get("/admin/petugas"),
        admin.get("/admin/pesan"),
        admin.get("/admin/gangguan"),
        admin.get("/akun"),
        admin.post(f"/laporan/{number}/identitas", data={"tujuan": MARKUP}),
    ]
    for number_of_page, page in enumerate(pages):
        for raw in RAW:
            assert raw not in page.text, (number_of_page, page.request.path)
    assert sum("&lt;script&gt;alert(1)" in page.text for page in pages) > 15
    assert "49" not in re.findall(r"onerror=alert\(2\)&gt;(\S{2})", pages[-5].text)


def test_data_for_scripts_cannot_be_taken_for_a_page(desks):
    client = desks.stranger()
    upload = client.post(
        "/lapor/foto",
        data={
            "submission_key": str(uuid.uuid4()),
            "client_id": MARKUP,
            "photo": (io.BytesIO(jpeg()), "f.jpg"),
        },
    )
    places = client.get("/lapor/kelurahan.json")
    for answer in (upload, places):
        assert answer.mimetype == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert {key for place in places.get_json() for key in place} == {
        "code",
        "name",
        "kecamatan",
        "lat",
        "lng",
    }


@pytest.mark.parametrize("path", ["/lapor", "/lapor/foto", "/masuk"])
def test_a_request_above_ninety_megabytes_is_refused_in_words(app, desks, path):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = desks.stranger().post(
        path,
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(90 * 1024 * 1024 + 1)},
    )
    assert answer.status_code == 413
    assert "90 MB" in answer.text


def test_a_closed_account_is_out_at_once(desks):
    officer = desks.officer("operator")
    assert officer.get("/kotak-masuk").status_code == 200
    person = desks.session.get(Person, uuid.UUID(desks.who["operator"].person_id))
    person.active = False
    desks.session.commit()
    assert officer.get("/kotak-masuk").status_code == 302
    assert desks.session.scalars(select(Report)).all() == []
