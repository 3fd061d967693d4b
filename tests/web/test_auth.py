"""The door of the officers' side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.actor import Actor, Grant
from app.services import people

PASSWORD = "kuda laut berenang"
SERVER = Actor(kind="command", source="cli:test")


@pytest.fixture
def wati(app: Flask) -> None:
    with app.extensions["tuntas_database"].sessions.begin() as session:
        session.execute(text("INSERT INTO roles (code, name) VALUES ('verifikator', 'Verifikator')"))
        new = people.NewPerson("wati", "Wati (demo)", PASSWORD, grants=(Grant("verifikator"),))
        people.create_person(session, new, actor=SERVER, now=datetime(2026, 3, 17, tzinfo=UTC))


def sign_in(client: FlaskClient, password: str = PASSWORD, **more: str) -> tuple[int, str]:
    answer = client.post("/masuk", data={"username": "wati", "password": password, **more})
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.usefixtures("wati")
def test_signing_in_leads_where_one_wanted_to_go_but_never_elsewhere(app: Flask) -> None:
    asked = app.test_client().get("/akun?x=1")
    assert asked.headers["Location"] == "/masuk?next=/akun?x%3D1"
    assert sign_in(app.test_client(), next="/akun?x=1") == (302, "/akun?x=1")
    for bad in ("https://jahat.example", "//jahat.example", "/\\jahat.example", "akun", "/\r\nX: y"):
        assert sign_in(app.test_client(), next=bad) == (302, "/kotak-masuk")


@pytest.mark.usefixtures("wati")
def test_wrong_tries_are_counted_even_though_nobody_got_in(client: FlaskClient) -> None:
    for _ in range(5):
        assert sign_in(client, "salah")[0] == 422
    assert sign_in(client)[0] == 429


@pytest.mark.usefixtures("wati")
def test_a_visit_ends_after_an_idle_hour_and_after_a_working_day(app: Flask) -> None:
    start = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as now:
        idle, busy = app.test_client(), app.test_client()
        sign_in(idle)
        sign_in(busy)
        for minutes in range(0, 12 * 60, 30):
            now.move_to(start + timedelta(minutes=minutes))
            assert busy.get("/akun").status_code == 200
        assert idle.get("/akun").status_code == 302
        now.move_to(start + timedelta(hours=12, minutes=1))
        assert busy.get("/akun").status_code == 302


@pytest.mark.usefixtures("wati")
def test_a_new_password_ends_visits_elsewhere_but_not_this_one(app: Flask) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    sign_in(here)
    sign_in(elsewhere)
    wanted = {"current": PASSWORD, "wanted": "bulan di atas teluk", "again": "bulan di atas teluk"}
    assert here.post("/akun/kata-sandi", data=wanted).status_code == 302
    assert here.get("/akun").status_code == 200
    assert elsewhere.get("/akun").status_code == 302


@pytest.mark.usefixtures("wati")
def test_a_role_taken_away_ends_at_the_next_click(app: Flask) -> None:
    client = app.test_client()
    sign_in(client)
    assert client.get("/akun").status_code == 200
    with app.extensions["tuntas_database"].sessions.begin() as session:
        session.execute(text("DELETE FROM grants"))
    assert client.get("/akun").status_code == 403


@pytest.mark.usefixtures("wati")
def test_preferences_are_kept(client: FlaskClient) -> None:
    sign_in(client)
    assert client.post("/akun", data={"notify_digest": "y", "language": "en"}).status_code == 302
    page = client.get("/akun").text
    assert 'lang="en"' in page


@pytest.mark.usefixtures("wati")
def test_the_session_cookie_is_fresh_and_closed(client: FlaskClient) -> None:
    client.get("/masuk")
    answer = client.post("/masuk", data={"username": "wati", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    client.post("/keluar")
    assert client.get("/akun").status_code == 302


def test_csrf(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post("/masuk", data={"username": "wati", "password": PASSWORD})
    assert answer.status_code == 400
    assert "muat ulang" in answer.text
