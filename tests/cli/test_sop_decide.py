"""`flask sop decide` keeps its contract: answers on standard output, exit 1 with a message otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from app.cli.sop_decide import command
from app.config import City

TABLE = """<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">
<decision id="rute" name="Rute"><decisionTable id="t" hitPolicy="FIRST">
<input id="i"><inputExpression id="e"><text>kategori</text></inputExpression></input>
<output id="o" name="opd"/><output id="p" name="sampai"/>
<rule id="r1"><inputEntry id="a1"><text>"jalan","drainase"</text></inputEntry>
<outputEntry id="b1"><text>"DPU"</text></outputEntry>
<outputEntry id="c1"><text>date("2026-12-31")</text></outputEntry></rule>
<rule id="r2"><inputEntry id="a2"><text>"sampah"</text></inputEntry>
<outputEntry id="b2"><text>"DLH"</text></outputEntry>
<outputEntry id="c2"><text>hari_ini()</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


@pytest.fixture
def run(tmp_path: Path):
    file = tmp_path / "rute.dmn"
    file.write_text(TABLE)
    app = Flask("test")
    app.extensions["tuntas"] = SimpleNamespace(city=City())

    def ask(*arguments: str) -> Result:
        with app.app_context():
            return CliRunner().invoke(command, [a.replace("FILE", str(file)) for a in arguments])

    return ask


def test_the_answer_as_json(run) -> None:
    result = run("FILE", '{"kategori": "drainase"}', "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "outputs": {"opd": "DPU", "sampai": "2026-12-31"},
        "rows": [1],
        "policy": "FIRST",
    }


def test_the_answer_in_words(run) -> None:
    result = run("FILE", '{"kategori": "sampah"}')
    assert result.exit_code == 0
    assert "FIRST, baris 2" in result.stdout
    assert 'opd = "DLH"' in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["FILE", '{"kategori": "lampu"}'], "kategori = 'lampu'"),
        (["FILE", "{}"], "kategori"),
        (["FILE", "[]"], "objek JSON"),
        (["FILE", "{"], "JSON"),
        (["FILE", '{"kategori": NaN}'], "JSON"),
        (["FILE", "[" * 100_000], "JSON"),
        (["FILE", '{"kategori": ' + "9" * 5000 + "}"], "JSON"),
        (["FILE.tidak-ada", "{}"], "tidak"),
    ],
)
def test_no_answer_is_exit_1_with_a_message(run, arguments: list[str], said: str) -> None:
    result = run(*arguments, "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in result.stderr


def test_a_file_that_is_no_table_is_exit_1_with_a_message(run, tmp_path: Path) -> None:
    (tmp_path / "x.dmn").write_bytes(b"<a>")
    result = run(str(tmp_path / "x.dmn"), "{}", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr
