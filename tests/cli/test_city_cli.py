"""`flask city` and `flask demo`: what a new city's administrator types first."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from app.adapters import clock as wall
from app.factory import create_app
from app.services.people import Admitted, Credentials, authenticate
from tests.engine.diagrams import begin, boundary, end, flows, timer
from tests.services.workshop import Workshop, diagram, task

PASSWORD = "kuda laut berenang"


@pytest.fixture
def flask(app):
    """Run a `flask` command; what it printed and its exit code."""
    runner = app.test_cli_runner()

    def run(*arguments, typed=None):
        result = runner.invoke(args=list(arguments), input=typed)
        return result.output, result.exit_code

    return run


def test_a_new_city_gets_its_lists_and_its_first_admin(flask, session, clock):
    words, code = flask("city", "setup")
    assert code == 0
    assert "kelurahan: 46 baris ditambahkan" in words
    assert flask("city", "setup") == ("Kota ini sudah lengkap.\n", 0)
    asked = ("city", "person", "siti", "--name", "Siti", "--role", "admin_kominfo", "--email", "s@contoh.id")
    assert flask(*asked, typed="pendek\npendek\n")[1] == 1
    words, code = flask(*asked, typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert code == 0
    assert PASSWORD not in words
    assert flask("city", "person", "adi", "--name", "Adi", "--role", "raja", "--password", PASSWORD)[1] == 1
    granted = session.execute(text("SELECT role_code, unit_code FROM grants")).all()
    assert granted == [("admin_kominfo", "KOMINFO")], "without a unit, the role's home"
    assert session.execute(text("SELECT email FROM persons")).scalar_one() == "s@contoh.id"
    entered = authenticate(session, Credentials("siti", PASSWORD, "10.0.0.1"), key="b" * 64, now=clock())
    assert isinstance(entered, Admitted)


@pytest.mark.parametrize("command", [["seed"], ["accounts"], ["clock", "--forward", "1 hari"]])
def test_a_real_city_has_no_demo(settings, session, command):
    production = create_app(replace(settings, environment="production"))
    try:
        result = production.test_cli_runner().invoke(args=["demo", *command])
    finally:
        production.extensions["tuntas_database"].dispose()
        wall.use(wall.Clock())
    assert result.exit_code == 1
    assert "hanya untuk kota contoh" in result.output
    assert session.execute(text("SELECT count(*) FROM persons")).scalar_one() == 0


def test_moving_the_clock_fires_what_falls_due(flask, session, clock):
    story = diagram(
        begin("mulai")
        + task("verifikasi", deadline="hari_kerja(3)")
        + boundary("lewat", "verifikasi", timer("tenggat(100)", "timeDate"), interrupting=False)
        + task("tegur")
        + end("usai", "cabang")
        + end("selesai")
        + flows("mulai verifikasi", "verifikasi selesai", "lewat tegur", "tegur usai"),
        {"admin_kominfo": ["verifikasi", "tegur"]},
    )
    clock.set(wall.now())
    shop = Workshop(session, clock, story)
    shop.report()
    words, code = flask("demo", "clock", "--forward", "5 menit")
    assert (code, words.startswith("0 alur")) == (0, True)
    words, code = flask("demo", "clock", "--forward", "3 minggu")
    assert (code, words.startswith("1 alur")) == (0, True)
    session.rollback()
    assert [element for element, *_ in shop.open()] == ["tegur", "verifikasi"]
    for wrong in (["--forward", "2 abad"], ["--to", "besok"], ["--to", "2001-01-01"]):
        assert flask("demo", "clock", *wrong)[1] == 1
