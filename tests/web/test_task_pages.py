"""Tasks on the screen: what an officer may do with one, and what happens when two do it."""

import re

import pytest
from sqlalchemy import text

from app.services import task_work
from app.services.people import hash_password
from tests.engine.diagrams import begin, boundary, end, flows
from tests.services.workshop import Workshop, diagram, task

PASSWORD = "kuda laut berenang"
STORY = diagram(
    begin("mulai")
    + task("verifikasi", "opd:unit,required=true", status="diverifikasi")
    + task("kerjakan", "uraian:text,required=true", status="diproses")
    + boundary("kabar", "kerjakan", '<bpmn:messageEventDefinition messageRef="m_kabar"/>', interrupting=False)
    + task("kemajuan", "isi_kabar:text,required=true")
    + end("kabar_usai", "cabang")
    + end("selesai")
    + flows(
        "mulai verifikasi", "verifikasi kerjakan", "kabar kemajuan", "kemajuan kabar_usai", "kerjakan selesai"
    ),
    {"admin_kominfo": ["verifikasi"], "operator_opd": ["kerjakan", "kemajuan"]},
    extra='<bpmn:message id="m_kabar" name="kabar_kemajuan"/>',
)


@pytest.fixture
def shop(session, clock):
    shop = Workshop(session, clock, STORY)
    session.execute(text("UPDATE persons SET password_hash = :hash"), {"hash": hash_password(PASSWORD)})
    session.commit()
    shop.report()
    shop.do("admin", "verifikasi", opd="DPU")
    return shop


@pytest.fixture
def officer(app):
    """A browser in which somebody is signed in."""

    def sign_in(name):
        client = app.test_client()
        answer = client.post("/masuk", data={"username": name, "password": PASSWORD})
        assert answer.headers["Location"] == "/kotak-masuk"
        return client

    return sign_in


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_an_officer_reports_progress_from_the_task(shop, officer):
    item = shop.item("kerjakan")
    client = officer("operator")
    assert "Kabari kemajuan" in words(client.get(f"/tugas/{item.id}"))
    answer = client.post(f"/tugas/{item.id}/kemajuan")
    form = shop.item("kemajuan")
    assert answer.headers["Location"] == f"/tugas/{form.id}"
    page = words(client.get(answer.headers["Location"]))
    assert "Tugas kemajuan" in page
    assert "Kabari kemajuan" not in page
    sent = client.post(f"/tugas/{form.id}", data={"isi_kabar": "Separuh pekerjaan selesai."})
    assert sent.status_code == 302
    assert [element for element, *_ in shop.open()] == ["kerjakan"]


def test_the_second_of_two_officers_is_told_who_was_first_and_keeps_the_words(shop, officer, clock):
    item = shop.item("kerjakan")
    client = officer("rekan")
    client.get(f"/tugas/{item.id}")
    done = task_work.complete(
        shop.session, item.id, {"uraian": "Selesai lebih dahulu."}, actor=shop.who["operator"], now=clock()
    )
    assert done.ended
    shop.session.commit()
    late = client.post(f"/tugas/{item.id}", data={"uraian": "Kata-kata yang sayang hilang."})
    assert late.status_code == 409
    page = words(late)
    assert "Operator (uji)" in page
    assert "Kata-kata yang sayang hilang." in page


def test_somebody_elses_task_stays_closed(shop, officer):
    item = shop.item("kerjakan")
    client = officer("admin")
    assert client.get(f"/tugas/{item.id}").status_code == 403
    assert client.post(f"/tugas/{item.id}/kemajuan").status_code == 403
    assert client.post(f"/tugas/{item.id}", data={"uraian": "x"}).status_code == 403
    assert officer("operator").get("/tugas/00000000-0000-0000-0000-000000000000").status_code == 404
