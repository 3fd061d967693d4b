"""`flask audit export`: a file for whoever mines processes."""

import csv

import pytest

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


def test_a_number_and_dates_choose(flask, session, clock, tmp_path):
    shop = Workshop(session, clock, SHORT_SOP)
    number = shop.value("SELECT number FROM reports WHERE id = :r", r=shop.report())
    shop.report()
    path = tmp_path / "satu.csv"
    assert flask("--output", str(path), "--number", number, "--numbers")[1] == 0
    lines = csv.DictReader(path.read_text("utf-8").splitlines())
    assert {line["case"] for line in lines} == {number}
    assert "0 peristiwa ditulis" in flask("--output", str(path), "--until", "2020-01-01")[0]
