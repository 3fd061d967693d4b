"""`flask sop …` is a contract that scripts rely on: exit codes, JSON, and never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.cli.sop import group
from app.config import City
from app.db.models.people import Person
from app.db.models.sop import SopVersion
from app.domain.errors import Conflict, Invalid
from app.engine.compiled import Source
from app.engine.step import EngineFault
from app.services import sop_versions

GOOD = Path(__file__).parents[1] / "files" / "uji.bpmn"
PERSONS = ("--by", "bappeda", "--approved-by", "sekda")
SCENARIO = """
sop: uji
at: 2026-03-17T10:05:00+08:00
steps:
  - complete: verifikasi
    by: budi
    answers: {keputusan: tolak}
end: ditolak
path: [verifikasi]
"""
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n > 1 else b"&a;" * 10) for n in range(1, 12)
    )
    + b']><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">&a11;</definitions>'
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY rahasia SYSTEM "file:///etc/hostname">]>'
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="a">&rahasia;</process>'
    b"</definitions>"
)
HOSTILE = {
    "tertawa.bpmn": LAUGHS,
    "luar.bpmn": OUTSIDE,
    "besar.bpmn": b"<definitions>" + b" " * 3_000_000 + b"</definitions>",
    "biner.bpmn": bytes(range(256)) * 40,
    "kosong.bpmn": b"",
    "salah_sandi.bpmn": '<?xml version="1.0" encoding="UTF-8"?><a>é</a>'.encode("latin-1"),
    "sandi_asing.bpmn": b'<?xml version="1.0" encoding="x-tidak-ada"?><a/>',
    "gambar.bpmn": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "dalam.bpmn": b"<a>" * 100_000 + b"</a>" * 100_000,
    "html.bpmn": b"<!DOCTYPE html><html><body>halo</body></html>",
    "svg.bpmn": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "xpdl.bpmn": b'<Package xmlns="http://www.wfmc.org/2008/XPDL2.1" Id="a"><WorkflowProcesses/></Package>',
    "bpmn1.bpmn": b'<definitions xmlns="http://schema.omg.org/spec/BPMN/1.2"/>',
    "cmmn.bpmn": b'<definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL"/>',
    "tanpa_proses.bpmn": b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
    "putus.bpmn": GOOD.read_bytes()[:2000],
    "kacau.dmn": b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
    "json.dmn": b'{"a": 1}',
    "ungkapan.bpmn": GOOD.read_bytes().replace(b"bukti_diterima<", b"__import__('os').system('ls')<"),
    "kurung.bpmn": GOOD.read_bytes().replace(b"bukti_diterima<", b"(" * 5000 + b"1" + b")" * 5000 + b"<"),
}

YAML_BOMB = [b"a: &a [%s]" % b",".join([b"x"] * 10)] + [
    b"%c: &%c [%s]" % (n + 1, n + 1, b",".join([b"*%c" % n] * 8)) for n in range(97, 108)
]
SCENARIOS = (
    b"",
    b"\xff\xfe\x00",
    b"sop: [",
    b"- a\n- b",
    b"sop: uji\nsteps: &a [*a]",
    b"sop: tidak_ada",
    b"sop: ../../etc/passwd.bpmn",
    b"!!python/object/apply:os.system ['true']",
    b"\n".join([*YAML_BOMB, b"sop: uji", b"data: {x: *l}"]),
    b"sop: uji\nsteps: [{advance: {days: .inf}}]",
    b"sop: uji\nat: .nan",
    b"x" * 1_100_000,
    b"[" * 20_000,
    b"sop: uji\nsteps:\n  - advance: {working_days: 999999}\n",
)


@pytest.fixture
def offline(tmp_path: Path) -> Flask:
    """The commands in an installation without any database."""
    application = Flask("uji")
    application.cli.add_command(group)
    application.extensions["tuntas"] = SimpleNamespace(
        city=City(), database_url=None, instance=tmp_path / "kosong"
    )
    return application


def call(application: Flask, *arguments: object) -> Result:
    return application.test_cli_runner().invoke(args=["sop", *map(str, arguments)])


def told(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_clean_file_has_no_errors(offline: Flask) -> None:
    result = call(offline, "lint", GOOD, "--json")
    assert [one for one in told(result) if one["severity"] == "error"] == []
    assert result.exit_code == 0


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gives_findings_and_never_a_traceback(
    offline: Flask, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.write_bytes(HOSTILE[name])
    result = call(offline, "lint", file, "--json")
    assert result.exit_code in (1, 2), result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    findings = told(result)
    assert any(one["severity"] == "error" for one in findings)
    hostname = Path("/etc/hostname").read_text().strip() if Path("/etc/hostname").exists() else "-"
    for one in findings:
        assert set(one) == {"file", "element", "rule", "severity", "message", "repair"}
        assert one["file"] == str(file)
        assert one["message"]
        assert hostname not in one["message"]


def test_what_cannot_be_read_at_all_exits_with_two_and_the_others_are_still_checked(
    offline: Flask, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipa.bpmn")
    bad = tmp_path / "salah.bpmn"
    bad.write_bytes(GOOD.read_bytes().replace(b'targetRef="selesai"', b'targetRef="hilang"'))
    result = call(
        offline, "lint", tmp_path / "tidak_ada.bpmn", tmp_path, tmp_path / "pipa.bpmn", bad, "--json"
    )
    assert result.exit_code == 2
    files = {one["file"] for one in told(result)}
    assert files == {str(tmp_path / "tidak_ada.bpmn"), str(tmp_path), str(tmp_path / "pipa.bpmn"), str(bad)}
    assert call(offline, "lint", bad).exit_code == 1


def test_what_a_file_needs_is_found_beside_it(offline: Flask, tmp_path: Path) -> None:
    called, caller = GOOD.read_text(), (GOOD.parent / "induk.bpmn").read_text()
    (tmp_path / "induk.bpmn").write_text(caller)
    alone = call(offline, "lint", tmp_path / "induk.bpmn", "--json")
    assert any("uji" in one["message"] and one["severity"] == "error" for one in told(alone))
    (tmp_path / "anak.bpmn").write_text(called)
    (tmp_path / "lain.bpmn").write_bytes(HOSTILE["biner.bpmn"])
    assert call(offline, "lint", tmp_path / "induk.bpmn").exit_code == 0


@pytest.mark.parametrize("where", [".", "skenario"])
def test_a_scenario_finds_its_sop_beside_it_and_agrees(offline: Flask, tmp_path: Path, where: str) -> None:
    shutil.copy(GOOD, tmp_path / "apa_saja.bpmn")
    (tmp_path / where).mkdir(exist_ok=True)
    for name, sop in (("kunci", "uji"), ("berkas", "apa_saja.bpmn")):
        (tmp_path / where / f"{name}.yaml").write_text(SCENARIO.replace("sop: uji", f"sop: {sop}"))
    result = call(
        offline, "walk", tmp_path / where / "kunci.yaml", tmp_path / where / "berkas.yaml", "--json"
    )
    assert [one["agrees"] for one in told(result)] == [True, True], result.output
    assert told(result)[0]["end"] == "ditolak"
    assert result.exit_code == 0


def test_a_difference_is_printed_and_fails(offline: Flask, tmp_path: Path) -> None:
    shutil.copy(GOOD, tmp_path)
    (tmp_path / "beda.yaml").write_text(SCENARIO.replace("end: ditolak", "end: selesai"))
    (tmp_path / "sama.yaml").write_text(SCENARIO)
    result = call(offline, "walk", tmp_path / "beda.yaml", tmp_path / "sama.yaml")
    assert result.exit_code == 1
    assert "Seharusnya berakhir dengan “selesai”; ternyata dengan “ditolak”" in result.stdout
    assert f"{tmp_path / 'sama.yaml'}: sesuai" in result.stdout
    assert "belum: " in result.stderr


@pytest.mark.parametrize("content", SCENARIOS)
def test_a_hostile_scenario_is_told_in_words(offline: Flask, tmp_path: Path, content: bytes) -> None:
    shutil.copy(GOOD, tmp_path)
    (tmp_path / "a.yaml").write_bytes(content)
    result = call(offline, "walk", tmp_path / "a.yaml", "--json")
    assert result.exit_code in (1, 2), result.output
    assert isinstance(result.exception, SystemExit)
    assert told(result)[0]["difference"]


@pytest.fixture
def two(session: Session, clock: Any) -> tuple[uuid.UUID, uuid.UUID]:
    people = [
        Person(
            id=uuid.uuid4(),
            username=name,
            display_name=f"{name} (demo)",
            password_hash="-",
            created_at=clock(),
        )
        for name in ("bappeda", "sekda")
    ]
    session.add_all(people)
    session.commit()
    return people[0].id, people[1].id


def publish(session: Session, two: tuple[uuid.UUID, uuid.UUID], now: datetime, content: bytes = b"") -> Any:
    source = Source("uji.bpmn", content or GOOD.read_bytes())
    return sop_versions.publish(
        session, [source], by=two[0], approved_by=two[1], basis="Perwali 1/2026", now=now
    )


def test_a_version_is_published_listed_and_exported_as_it_was(
    app: Flask, two: tuple[uuid.UUID, uuid.UUID]
) -> None:
    options = (*PERSONS, "--basis", "Perwali 1/2026")
    first = call(app, "publish", GOOD, *options)
    assert first.exit_code == 0, first.output
    assert "uji versi 1" in first.stdout
    rows = told(call(app, "list", "--json"))
    assert [(row["key"], row["version"], row["by"], row["approved_by"]) for row in rows] == [
        ("uji", 1, "bappeda", "sekda")
    ]
    assert call(app, "export", "uji").stdout == GOOD.read_text()
    assert call(app, "export", "tidak_ada").exit_code == 1


def test_any_encoding_of_the_same_diagram_is_kept_as_utf8(
    app: Flask, two: tuple[uuid.UUID, uuid.UUID], tmp_path: Path
) -> None:
    (tmp_path / "a.bpmn").write_bytes(GOOD.read_text().replace("UTF-8", "UTF-16").encode("utf-16"))
    assert call(app, "lint", tmp_path / "a.bpmn").exit_code == 0
    published = call(app, "publish", tmp_path / "a.bpmn", *PERSONS, "--basis", "x")
    assert published.exit_code == 0, published.output
    assert call(app, "export", "uji").stdout.strip() == GOOD.read_text().strip()


def test_publishing_needs_two_persons_a_basis_and_a_sound_file(
    app: Flask, two: tuple[uuid.UUID, uuid.UUID], tmp_path: Path
) -> None:
    same = call(app, "publish", GOOD, "--by", "bappeda", "--approved-by", "bappeda", "--basis", "x")
    assert same.exit_code == 1
    assert "dua orang" in same.stderr
    assert (
        call(app, "publish", GOOD, "--by", "bappeda", "--approved-by", "siapa", "--basis", "x").exit_code == 1
    )
    assert call(app, "publish", GOOD, *PERSONS, "--basis", " ").exit_code == 1
    for name, content in HOSTILE.items():
        (tmp_path / name).write_bytes(content)
        refused = call(app, "publish", tmp_path / name, *PERSONS, "--basis", "x")
        assert refused.exit_code == 1, name
        assert isinstance(refused.exception, SystemExit), name
    assert told(call(app, "list", "--json")) == []


def test_a_version_is_only_followed_never_changed(
    session: Session, owner_session: Session, two: tuple[uuid.UUID, uuid.UUID], clock: Any
) -> None:
    first = publish(session, two, clock())
    assert publish(session, two, clock.advance(hours=1)).id == first.id
    changed = GOOD.read_bytes().replace(b"hari_kerja(3)", b"hari_kerja(2)")
    second = publish(session, two, clock.advance(hours=1), changed)
    session.commit()
    assert (first.version, second.version) == (1, 2)
    assert sop_versions.version_in_force(session, "uji", clock()) == second.id
    assert sop_versions.compiled(session, first.id).hash != sop_versions.compiled(session, second.id).hash
    with pytest.raises(Conflict):
        publish(session, (two[0], two[0]), clock(), changed)
    with pytest.raises(Invalid):
        sop_versions.publish(
            session, [Source("a.bpmn", b"<a/>")], by=two[0], approved_by=two[1], basis="x", now=clock()
        )
    session.rollback()
    with pytest.raises(DatabaseError):
        session.execute(text("UPDATE sop_versions SET name = 'lain'"))
    with pytest.raises(DatabaseError):
        owner_session.execute(text("DELETE FROM sop_versions"))


def test_a_version_that_no_longer_compiles_is_a_fault_that_opens_an_incident(
    session: Session, two: tuple[uuid.UUID, uuid.UUID], clock: Any
) -> None:
    row = publish(session, two, clock())
    old = SopVersion(
        id=uuid.uuid4(),
        key="uji",
        version=2,
        name="Uji",
        files={"uji.bpmn": row.files["uji.bpmn"].replace('targetRef="selesai"', 'targetRef="hilang"')},
        main_file="uji.bpmn",
        content_hash="lain",
        legal_basis="-",
        published_at=clock(),
        effective_at=clock(),
    )
    session.add(old)
    session.flush()
    with pytest.raises(EngineFault, match="versi 2"):
        sop_versions.compiled(session, old.id)


def test_a_version_once_compiled_costs_no_query(
    session: Session, two: tuple[uuid.UUID, uuid.UUID], clock: Any
) -> None:
    row = publish(session, two, clock())
    session.commit()
    ready = sop_versions.compiled(session, row.id)
    session.close()
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *told: statements.append(told[2]))
    assert sop_versions.compiled(session, row.id) is ready
    assert statements == []


def test_a_walk_finds_published_sops_last(
    app: Flask, two: tuple[uuid.UUID, uuid.UUID], tmp_path: Path
) -> None:
    (tmp_path / "jauh").mkdir()
    scenario = tmp_path / "jauh" / "a.yaml"
    scenario.write_text(SCENARIO)
    assert call(app, "walk", scenario).exit_code == 2
    call(app, "publish", GOOD, *PERSONS, "--basis", "x")
    assert call(app, "walk", scenario).exit_code == 0
