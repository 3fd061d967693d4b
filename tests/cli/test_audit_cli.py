"""`flask audit`: what an auditor runs, and what it says when somebody was at the database."""

import pytest
from sqlalchemy import text

from app.adapters.storage import open_store
from app.services import photos
from app.services.seal_files import SEALS
from tests.services.small_city import SHORT_SOP
from tests.services.workshop import Workshop

WHOLE = "Semua rantai utuh, dan semua catatan cocok dengannya.\n"


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
    assert flask("verify") == (WHOLE, 0)
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
    assert flask("verify", "--report", number) == (
        f"Rantai laporan {number} utuh, dan semua catatan cocok dengannya.\n", 0
    )
    owner.execute(text("UPDATE events SET type = 'ReportLost' WHERE type = 'ReportReceived'"))
    owner.commit()
    words, code = flask("verify", "--report", number)
    assert (code, number in words, "ReportLost" in words) == (1, True, True)
    assert flask("verify", "--report", "LW-000000-0000-00")[1] == 1


def test_rows_beside_the_trace_are_compared_and_each_is_named(flask, shop, owner, session):
    number = session.scalar(text("SELECT number FROM reports"))
    owner.execute(text("UPDATE reports SET description = 'Tidak ada apa-apa.', channel = 'telepon'"))
    owner.execute(text("UPDATE work_items SET opened_at = opened_at - interval '1 day'"))
    owner.commit()
    words, code = flask("verify")
    assert (code, len(words.splitlines())) == (1, 2)
    assert f"{number}: laporan: kanal, isi bukan yang tercatat dalam peristiwa [catatan]" in words
    assert f"{number}: tugas verifikasi: waktu dibuka bukan yang tercatat" in words


def test_with_files_every_file_of_a_photo_is_read(flask, shop, session, clock, app, settings):
    store = open_store(settings.storage_url)
    item = shop.item("verifikasi")
    for colour in ((1, 2, 3), (200, 100, 0), (0, 0, 250)):
        shop.photo(store, item, "bukti", colour, by="admin")
    one, two, three = session.scalars(text("SELECT id FROM photos ORDER BY id")).all()
    for photo in (one, two):
        photos.process_photo(session, photo, storage=store, now=clock())
    session.commit()
    words, code = flask("verify", "--files")
    assert (code, WHOLE in words) == (0, True), words
    keys = dict(session.execute(text("SELECT id, coalesce(image_key, original_key) FROM photos")).all())
    session.rollback()
    for photo in (one, three):
        store.delete(keys[photo])
    store.put(keys[three], b"another picture")
    assert flask("verify")[1] == 0, "the rows are what they were"
    words, code = flask("verify", "--files")
    assert code == 1
    assert f"foto {one}: salinan hilang dari penyimpanan" in words
    assert f"foto {three}: berkas asli bukan lagi yang tercatat" in words
    assert str(two) not in words
