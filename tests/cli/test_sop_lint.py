"""`flask sop lint` and `publish` judge by the same rules: what is an error in one is refused by the other."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app.cli.sop import LINT_KEYS, group
from app.config import City
from app.domain.actor import Actor
from app.services.sop_rules import change_rule
from tests.cli.test_sop_cli import PERSONS, two
from tests.engine.right_sop import RIGHT, spoilt

__all__ = ["two"]

UNTOLD = (('targetRef="kabar_selesai"', 'targetRef="selesai"'),)


@pytest.fixture
def offline(tmp_path: Path) -> Flask:
    application = Flask("uji")
    application.cli.add_command(group)
    application.extensions["tuntas"] = SimpleNamespace(
        city=City(), database_url=None, instance=tmp_path / "kosong")
    return application


def call(application: Flask, *arguments: object) -> Result:
    return application.test_cli_runner().invoke(args=["sop", *map(str, arguments)])


def written(folder: Path, text: str, name: str = "sop.bpmn") -> Path:
    place = folder / name
    place.write_text(text, "utf-8")
    return place


def test_the_exit_code_says_clean_doubtful_or_wrong(offline: Flask, tmp_path: Path) -> None:
    doubtful = written(tmp_path, spoilt(("Menegur petugas", "Teguran")), "ragu.bpmn")
    wrong = written(tmp_path, spoilt(*UNTOLD), "salah.bpmn")
    assert call(offline, "lint", written(tmp_path, RIGHT)).exit_code == 0
    assert call(offline, "lint", doubtful).exit_code == 0
    assert "tanpa-kata-kerja" in call(offline, "lint", doubtful).stdout
    assert call(offline, "lint", doubtful, wrong).exit_code == 1
    assert call(offline, "lint", wrong, tmp_path / "hilang.bpmn").exit_code == 2


def test_json_tells_six_things_of_a_finding_even_when_it_can_be_repaired(
    offline: Flask, tmp_path: Path
) -> None:
    result = call(offline, "lint", written(tmp_path, spoilt((' default="f_tolak"', ""))), "--json")
    findings = json.loads(result.stdout)
    assert {"tanpa-syarat"} <= {one["rule"] for one in findings}
    for one in findings:
        assert tuple(one) == LINT_KEYS == ("file", "element", "rule", "severity", "message", "repair")


def test_a_called_process_alone_knows_what_the_diagram_beside_it_sets(offline: Flask, tmp_path: Path) -> None:
    child = RIGHT.replace('id="jalan_rusak"', 'id="anak"').replace("hari_kerja(1)", "hari_kerja(batas_induk)")
    mother = RIGHT.replace('id="jalan_rusak"', 'id="ibu"').replace(
        '<bpmn:startEvent id="mulai" name="Laporan masuk"/>',
        '<bpmn:startEvent id="mulai"/><bpmn:scriptTask id="isi" name="Mengisi batas"><bpmn:script>'
        'batas_induk = 2</bpmn:script></bpmn:scriptTask>'
        '<bpmn:callActivity id="panggil" name="Memanggil" calledElement="anak"/>'
        '<bpmn:sequenceFlow id="p1" sourceRef="isi" targetRef="panggil"/>'
        '<bpmn:sequenceFlow id="p2" sourceRef="panggil" targetRef="verifikasi"/>',
    ).replace('sourceRef="mulai" targetRef="verifikasi"', 'sourceRef="mulai" targetRef="isi"')
    place = written(tmp_path, child, "anak.bpmn")
    assert "data-belum-diisi" in call(offline, "lint", place).stdout
    written(tmp_path, mother, "ibu.bpmn")
    assert "data-belum-diisi" not in call(offline, "lint", place).stdout


def test_what_runs_but_is_not_lawful_is_not_published(app: Flask, two: Any, tmp_path: Path) -> None:
    refused = call(app, "publish", written(tmp_path, spoilt(*UNTOLD)), *PERSONS, "--basis", "Perwali 1/2026")
    assert refused.exit_code == 1
    assert "Pelapor tidak diberi tahu" in refused.stderr
    assert json.loads(call(app, "list", "--json").stdout) == []
    right = written(tmp_path, RIGHT)
    assert call(app, "publish", right, *PERSONS, "--basis", "Perwali 1/2026").exit_code == 0


def test_publishing_keeps_to_the_limits_the_city_has_set(
    app: Flask, session: Any, two: Any, tmp_path: Path, clock: Any
) -> None:
    from_bappeda = Actor(kind="petugas", source="uji", person_id=str(two[0]))
    change_rule(session, "verifikasi", value=1, source="Perwali 2/2026", reason="Semarang juga begitu adanya",
                actor=from_bappeda, now=clock())
    session.commit()
    refused = call(app, "publish", written(tmp_path, RIGHT), *PERSONS, "--basis", "Perwali 1/2026")
    assert refused.exit_code == 1
    assert "Perwali 2/2026" in refused.stderr


def test_of_several_diagrams_with_one_wrong_none_is_published(app: Flask, two: Any, tmp_path: Path) -> None:
    right = written(tmp_path, RIGHT)
    wrong = written(tmp_path, spoilt(*UNTOLD).replace('id="jalan_rusak"', 'id="lain"'), "lain.bpmn")
    assert call(app, "publish", right, wrong, *PERSONS, "--basis", "x").exit_code == 1
    assert json.loads(call(app, "list", "--json").stdout) == []
