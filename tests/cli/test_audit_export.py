"""`flask audit export`: a file for whoever mines processes."""

import csv

import pytest
from sqlalchemy import text

from app.services.event_formats import FORMATS
from tests.services.small_city import SHORT_SOP
from tests.services.workshop import Workshop


@pytest.fixture
def flask(app):
    runner = app.test_cli_runner()

    def run(*arguments):
        result = runner.invoke(args=["audit", "export", *arguments])
        return result.output, result.exit_code

    return run


@pytest.mark.parametrize("form", ["csv", "jsonl", "xes", "ocel"])
def test_every_form_is_written_and_counted(flask, session, clock, tmp_path, form):
    Workshop(session, clock, SHORT_SOP).report()
    path = tmp_path / f"catatan.{form}"
    words, code = flask("--format", form, "--output", str(path))
    assert (code, "2 peristiwa ditulis" in words) == (0, True), words
    assert path.stat().st_size > 200


def test_a_selection_is_written_as_in_the_address_of_a_search(flask, session, clock, tmp_path):
    shop = Workshop(session, clock, SHORT_SOP)
    shop.report()
    path = tmp_path / "pilihan.jsonl"
    for query, count in (("jenis=pengaduan", 2), ("jenis=aspirasi", 0), ("status=terbuka&kata=", 2)):
        words, code = flask("--format", "jsonl", "--output", str(path), "--select", query)
        assert (code, f"{count} peristiwa ditulis" in words) == (0, True), words
    words, code = flask("--output", str(path), "--select", "sejak=kemarin")
    assert (code, "Tanggal tidak dikenali" in words) == (1, True)
    session.rollback()
    rows = session.execute(
        text("SELECT actor_kind, source, data FROM events WHERE type = 'EventsExported' ORDER BY seq")
    ).all()
    assert [(row.actor_kind, row.source, row.data["peristiwa"]) for row in rows] == [
        ("command", "flask audit export", count) for count in (2, 0, 2)
    ]


def test_a_number_and_dates_choose(flask, session, clock, tmp_path):
    shop = Workshop(session, clock, SHORT_SOP)
    number = shop.value("SELECT number FROM reports WHERE id = :r", r=shop.report())
    shop.report()
    path = tmp_path / "satu.csv"
    assert flask("--output", str(path), "--number", number, "--numbers")[1] == 0
    lines = csv.DictReader(path.read_text("utf-8").splitlines())
    assert {line["case"] for line in lines} == {number}
    assert "0 peristiwa ditulis" in flask("--output", str(path), "--until", "2020-01-01")[0]


def test_what_was_broken_off_does_not_lie_under_the_name_of_a_whole_file(
    flask, session, clock, tmp_path, monkeypatch
):
    Workshop(session, clock, SHORT_SOP).report()
    path = tmp_path / "catatan.csv"

    def broken_off(steps, rows):
        yield "case,seq\r\n"
        raise ConnectionError("the database went away")

    monkeypatch.setitem(FORMATS, "csv", (broken_off, "text/csv"))
    assert flask("--output", str(path))[1] == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == ["catatan.csv.sebagian"]
    monkeypatch.undo()
    assert flask("--output", str(path))[1] == 0
    assert [one.name for one in tmp_path.iterdir()] == ["catatan.csv"]
