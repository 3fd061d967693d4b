"""`flask sop …`: check, walk, decide, publish, list and export SOPs (a contract that scripts rely on)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.adapters import clock
from app.adapters.sandbox import SandboxStopped, in_sandbox
from app.cli import sop_decide, sop_document
from app.cli.sop_check import Published, finding_line, lint_file, walk_file
from app.cli.sop_files import UNREADABLE, FileUnreadable, read_source
from app.domain.errors import CityError
from app.engine.compiled import Source
from app.engine.declaration import Finding
from app.engine.references import references
from app.extensions import db
from app.services import sop_check, sop_versions
from app.services.sop_approvals import Proven
from app.services.sop_document import document_hash
from app.services.sop_facts import city_facts
from app.services.sop_rules import rules_in_force
from app.services.sop_suite import suite

LINT_KEYS = ("file", "element", "rule", "severity", "message", "repair")
"""What `lint --json` tells of a finding: a contract that scripts rely on."""

SHOWN = 10
"""Flows without a walk that are named; `--json` names all."""

SCENARIOS = (".yaml", ".yml")

group = AppGroup("sop", help="Periksa, jalankan, dan terbitkan SOP.")
group.add_command(sop_decide.command)
group.add_command(sop_document.command)


@group.command("lint")
@click.argument("files", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Cetak temuan sebagai JSON.")
def lint(files: tuple[str, ...], as_json: bool) -> None:
    """Temuan setiap berkas BPMN dan DMN."""
    found: list[Finding] = []
    for path in files:
        for one in _lint_one(path, files):
            if one not in found:
                found.append(one)
    if as_json:
        _print_json([{name: getattr(one, name) for name in LINT_KEYS} for one in found])
    else:
        for one in found:
            click.echo(finding_line(one))
        errors = sum(one.severity == "error" for one in found)
        click.echo(f"{len(files)} berkas: {errors} galat, {len(found) - errors} peringatan.", err=True)
    if any(one.rule in UNREADABLE for one in found):
        sys.exit(2)
    sys.exit(1 if any(one.severity == "error" for one in found) else 0)


def _lint_one(path: str, files: Sequence[str]) -> list[Finding]:
    try:
        told = in_sandbox(lint_file, path, files)
        published = _published() if told["wanting"] else []
        if published:
            told = in_sandbox(lint_file, path, files, published)
    except SandboxStopped as stopped:
        return [sop_check.stopped_finding(path, stopped.text)]
    return [Finding.from_told(one) for one in told["findings"]]


@group.command("walk")
@click.argument("scenarios", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Cetak hasil sebagai JSON.")
def walk(scenarios: tuple[str, ...], as_json: bool) -> None:
    """Jalankan skenario; cetak perbedaan pertama dari setiap skenario."""
    outcomes = [{"scenario": path, **_walk_one(path)} for path in scenarios]
    if as_json:
        _print_json(outcomes)
    else:
        for outcome in outcomes:
            step = f"langkah {outcome['step']}: " if outcome["step"] else ""
            click.echo(
                f"{outcome['scenario']}: "
                + ("sesuai" if outcome["agrees"] else f"{step}{outcome['difference']}")
            )
        for line in _coverage_lines(outcomes):
            click.echo(line, err=True)
    if any(outcome["unreadable"] for outcome in outcomes):
        sys.exit(2)
    sys.exit(0 if all(outcome["agrees"] for outcome in outcomes) else 1)


def _walk_one(path: str) -> dict[str, Any]:
    zone = current_app.extensions["tuntas"].city.zone
    try:
        told: dict[str, Any] = in_sandbox(walk_file, path, zone)
        published = [] if told["sop"] else _published()
        if published:
            told = in_sandbox(walk_file, path, zone, published)
    except SandboxStopped as stopped:
        return {
            "agrees": False,
            "step": None,
            "difference": stopped.text,
            "end": None,
            "path": [],
            "coverage": {"flows": [], "boundaries": [], "rows": {}},
            "sop": None,
            "unreadable": False,
        }
    return told


def _coverage_lines(outcomes: Sequence[dict[str, Any]]) -> list[str]:
    """What all scenarios of each SOP together have walked."""
    lines = []
    for sop in {outcome["sop"]["hash"]: outcome["sop"] for outcome in outcomes if outcome["sop"]}.values():
        own = [outcome for outcome in outcomes if outcome["sop"] and outcome["sop"]["hash"] == sop["hash"]]
        for name, noun in (("flows", "alur"), ("boundaries", "peristiwa batas")):
            walked = [pair for outcome in own for pair in outcome["coverage"][name]]
            left = [pair[1] for pair in sop[name] if pair not in walked]
            words = f"; belum: {', '.join(left[:SHOWN])}" if left else ""
            more = f" dan {len(left) - SHOWN} lagi" if len(left) > SHOWN else ""
            lines.append(
                f"{sop['key']}: {len(sop[name]) - len(left)} dari {len(sop[name])} {noun} dilalui"
                f"{words}{more}"
            )
    return lines


@group.command("publish")
@click.argument("files", nargs=-1, required=True)
@click.option("--by", required=True, help="Nama pengguna penyusun.")
@click.option("--approved-by", required=True, help="Nama pengguna penyetuju, orang lain.")
@click.option("--basis", required=True, help="Dasar hukum atau keputusan.")
def publish(files: tuple[str, ...], by: str, approved_by: str, basis: str) -> None:
    """Terbitkan SOP sebagai versi baru; yang sudah berjalan tetap pada versinya. Berkas skenario (.yaml) di
    antaranya ikut tersimpan bersama versi SOP-nya."""

    def work() -> None:
        given = [read_source(path) for path in files]
        cases = [(Path(one.name).stem, one.content.decode("utf-8", "replace")) for one in given
                 if one.name.lower().endswith(SCENARIOS)]  # fmt: skip
        sources = [one for one in given if not one.name.lower().endswith(SCENARIOS)]
        named = [type(one)(Path(one.name).name, one.content) for one in sources]
        diagrams = [one for one in named if references(one.name, one.content).main]
        if not diagrams:
            raise click.ClickException("Tidak ada diagram BPMN di antara berkas ini.")
        with db.connection.sessions.begin() as session:
            author = sop_versions.person_named(session, by)
            approver = sop_versions.person_named(session, approved_by)
            _refuse_errors(session, named, diagrams)
            for diagram in diagrams:
                others = [one for one in named if one is not diagram]
                key, now = references(diagram.name, diagram.content).main or "", clock.now()
                row = sop_versions.publish(
                    session, [diagram, *others], by=author, approved_by=approver, basis=basis, now=now,
                    proven=Proven(scenarios=suite(key, cases, marked_by=by, now=now)), printed=document_hash,
                )  # fmt: skip
                click.echo(f"{row.key} versi {row.version} berlaku ({row.content_hash[:12]})")

    _tell(work)


def _refuse_errors(session: Session, files: Sequence[Source], diagrams: Sequence[Source]) -> None:
    """Raises SopInvalid when the check finds an error in any of the files. Of several with one name, a later
    one is told by its place."""
    given = {one.name if one.name not in {other.name for other in files[:at]} else f"{at + 1}-{one.name}":
             one.content for at, one in enumerate(files)}
    rules = rules_in_force(session)
    published = sop_versions.published_files(session, clock.now())
    facts = city_facts(session)
    for diagram in diagrams:
        found = sop_check.check(given, diagram.name, rules=rules, published=published, facts=facts)
        if found.errors:
            raise sop_versions.SopInvalid(found.findings)


@group.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> None:
    """Semua versi SOP yang pernah diterbitkan."""

    def work() -> None:
        with db.connection.sessions() as session:
            rows = sop_versions.published_sops(session)
        if as_json:
            _print_json(
                [
                    {
                        "key": row.key,
                        "version": row.version,
                        "name": row.name,
                        "hash": row.content_hash,
                        "by": row.author,
                        "approved_by": row.approver,
                        "basis": row.legal_basis,
                        "published_at": row.published_at.isoformat(),
                    }
                    for row in rows
                ]
            )
            return
        for row in rows:
            click.echo(
                f"{row.key}\t{row.version}\t{row.published_at:%Y-%m-%d}\t{row.name}\t{row.legal_basis}"
            )

    _tell(work)


@group.command("export")
@click.argument("key")
@click.option("--version", type=int, default=None, help="Tanpa ini: yang berlaku.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Map tempat menulis diagram beserta tabel keputusan dan SOP yang dipanggilnya.",
)
def export(key: str, version: int | None, output: Path | None) -> None:
    """Cetak diagram SOP, persis seperti yang diterbitkan."""

    def work() -> None:
        with db.connection.sessions() as session:
            files = sop_versions.files_of(session, key, version, clock.now())
        if output is None:
            click.echo(next(iter(files.values())), nl=False)
            return
        output.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            place = output / Path(name).name
            place.write_bytes(text.encode("utf-8"))
            click.echo(str(place))

    _tell(work)


def _published() -> Published:
    """Files of SOPs in force, when there is a database that need not be started for it."""
    settings = current_app.extensions["tuntas"]
    if settings.database_url is None and not (settings.instance / "pg").exists():
        return []
    try:
        with db.connection.sessions() as session:
            return [(one.name, one.content) for one in sop_versions.published_files(session, clock.now())]
    except (SQLAlchemyError, OSError):
        return []


def _tell(work: Callable[[], None]) -> None:
    """Do something with the database; say in one sentence why it did not work."""
    try:
        work()
    except sop_versions.SopInvalid as invalid:
        for one in invalid.findings:
            click.echo(finding_line(one), err=True)
        raise click.ClickException(invalid.text) from None
    except FileUnreadable as unreadable:
        raise click.ClickException(finding_line(unreadable.finding)) from None
    except CityError as refused:
        raise click.ClickException(refused.text) from None
    except SQLAlchemyError as error:
        raise click.ClickException(f"Basis data tidak dapat dipakai: {str(error).splitlines()[0]}") from None


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
