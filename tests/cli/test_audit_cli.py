"""`flask audit`: what an auditor runs, and what it says when somebody was at the database."""

import pytest
from sqlalchemy import text

from app.services.seal_files import SEALS
from tests.services.small_city import SHORT_SOP
from tests.services.workshop import Workshop


@pytest.fixture
def flask(app):
    runner = app.test_cli_runner()

    def run(*arguments):
        result = runner.invoke(args=["audit", *arguments])
        return result.output, result.exit_code

    return run


@pytest.fixture
def shop(session, clock):
    shop = Workshop(session, clock, SHORT_SOP)
    shop.report()
    return shop


def test_a_sealed_city_is_whole_and_says_so(flask, shop, settings):
    words, code = flask("seal")
    assert (code, words.startswith("Segel 1: ")) == (0, True)
    assert flask("seal") == ("Tidak ada peristiwa baru sejak segel terakhir.\n", 0)
    assert flask("verify") == ("Semua rantai utuh.\n", 0)
    assert len(flask("key")[0].strip()) == 64
    assert [path.name for path in (settings.instance / SEALS).iterdir()] == ["segel-000001.json"]


def test_a_seal_that_went_from_the_database_is_named(flask, shop, owner):
    flask("seal")
    owner.execute(text("DELETE FROM seal_ends; DELETE FROM seals"))
    owner.commit()
    words, code = flask("verify")
    assert (code, "segel 1 ada di luar, tetapi hilang dari basis data" in words) == (1, True)


def test_one_report_is_asked_for_alone(flask, shop, owner, session):
    flask("seal")
    number = session.scalar(text("SELECT number FROM reports"))
    assert flask("verify", "--report", number) == (f"Rantai laporan {number} utuh.\n", 0)
    owner.execute(text("UPDATE events SET type = 'ReportLost' WHERE type = 'ReportReceived'"))
    owner.commit()
    words, code = flask("verify", "--report", number)
    assert (code, number in words, "ReportLost" in words) == (1, True, True)
    assert flask("verify", "--report", "LW-000000-0000-00")[1] == 1
