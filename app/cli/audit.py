"""`flask audit …`: is the trace whole, and is everything in the city where it must be?"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup

from app.adapters import clock
from app.adapters.signing import Signer, is_signed
from app.adapters.storage import open_store
from app.domain.actor import Actor
from app.domain.report import read_number
from app.domain.seal import short
from app.extensions import db
from app.forms.trace_search import read_search
from app.services import audit_export, audit_verify, audit_verify_files, invariants, seals
from app.services.audit_export import Order
from app.services.event_formats import FORMATS
from app.services.invariants import Offence
from app.services.seal_files import SEALS, SealFileUnreadable, heads_in, keep_file

EXPORT_COMMAND = Actor(kind="command", source="flask audit export")
SHOWN = 20
"""Offences that are named; all are counted."""

group = AppGroup("audit", help="Periksa jejak dan keutuhan data; hanya membaca.")


@group.command("verify")
@click.option("--report", "number", help="Nomor satu laporan; tanpa ini semua rantai.")
@click.option(
    "--seals",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Map berisi berkas segel yang disimpan di luar basis data; tanpa ini map segel instalasi ini.",
)
@click.option("--files", is_flag=True, help="Baca juga setiap berkas foto dan cocokkan sidiknya.")
def verify(number: str | None, folder: Path | None, *, files: bool) -> None:
    """Hitung ulang rantai peristiwa dan segelnya, dan cocokkan semua catatan di sampingnya: foto, SOP, tugas,
    tindakan, pembacaan. Keluar dengan 1 bila ada yang tidak cocok."""
    from_report = None if number is None else read_number(number) or number
    settings = current_app.extensions["tuntas"]
    try:
        outside = heads_in(folder or settings.instance / SEALS)
    except SealFileUnreadable as unreadable:
        raise click.ClickException(str(unreadable)) from None
    public = Signer(settings.keys.audit).public
    with db.connection.sessions() as session:
        if from_report is not None and not invariants.is_known(session, from_report):
            raise click.ClickException(f"Laporan {from_report} tidak ada.")
        session.rollback()
        found = audit_verify.verify(
            session, from_report, public=public, is_signed=is_signed, handed_out=outside
        )
        count = _named(found)
        if files:
            length = audit_verify_files.files_to_read(session, from_report)
            with click.progressbar(length=length, label="Foto", file=sys.stderr) as progress:
                count = _named(
                    audit_verify_files.changed_files(
                        session, from_report, storage=open_store(settings.storage_url), tell=progress.update
                    ),
                    count,
                )
    if count > SHOWN:
        click.echo(f"… dan {count - SHOWN} lagi.")
    if count:
        sys.exit(1)
    whole = "Semua rantai utuh" if from_report is None else f"Rantai laporan {from_report} utuh"
    click.echo(f"{whole}, dan semua catatan cocok dengannya.")


@group.command("seal")
def seal() -> None:
    """Segel semua peristiwa yang belum disegel sekarang juga; biasanya terjadi sendiri setiap malam."""
    settings = current_app.extensions["tuntas"]
    signer = Signer(settings.keys.audit)
    with db.connection.sessions.begin() as session:
        made = seals.seal_trace(session, signer, now=clock.now())
    if made is None:
        click.echo("Tidak ada peristiwa baru sejak segel terakhir.")
        return
    path = keep_file(settings.instance / SEALS, made.told(signer.public))
    click.echo(f"Segel {made.seal.number}: {short(made.seal.head)} ({made.seal.events} peristiwa), {path}")


@group.command("key")
def key() -> None:
    """Kunci publik kota ini, untuk dicatat pemeriksa dan dicocokkan dengan segel dan berkas bukti."""
    click.echo(Signer(current_app.extensions["tuntas"].keys.audit).public)


@group.command("invariants")
@click.option("--json", "as_json", is_flag=True, help="Cetak hasil sebagai JSON.")
def check(as_json: bool) -> None:
    """Periksa bahwa tidak ada laporan yang hilang, ganda, atau setengah jadi. Keluar dengan 1 bila ada."""
    with db.connection.sessions() as session:
        found = invariants.offences(session, now=clock.now())
        named = list(islice(found, SHOWN))
        count = len(named) + sum(1 for _ in found)
        sums = invariants.counts(session)
    if as_json:
        told = {**asdict(sums), "offences": count, "first": [asdict(one) for one in named]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for one in named:
            click.echo(_line(one))
        if count > len(named):
            click.echo(f"… dan {count - len(named)} pelanggaran lagi.")
        click.echo(
            f"{sums.received} laporan diterima = {sums.open} terbuka + {sums.closed} ditutup; "
            f"{count or 'tidak ada'} pelanggaran."
        )
    sys.exit(1 if count else 0)


@group.command("export")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="csv", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--number", help="Satu laporan saja.")
@click.option("--kind", help="Jenis laporan, misalnya pengaduan.")
@click.option("--unit", help="Kode unit pemegang.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Diterima sejak tanggal ini.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Diterima sebelum tanggal ini.")
@click.option("--select", "query", help="Pilihan seperti di alamat pencarian jejak: 'terlambat=ya&unit=DPU'.")
@click.option("--numbers", is_flag=True, help="Nomor laporan apa adanya; tanpa ini nama samaran.")
def export(
    form: str, output: Path, number: str | None, kind: str | None, unit: str | None,
    since: datetime | None, until: datetime | None, query: str | None, numbers: bool,
) -> None:  # fmt: skip
    """Tulis catatan peristiwa untuk lembar kerja atau penambangan proses (CSV, JSON Lines, XES, OCEL)."""
    settings = current_app.extensions["tuntas"]
    zone = ZoneInfo(settings.city.zone)
    search = read_search(dict(parse_qsl(query or "")), zone=settings.city.zone, confidential=True)
    if search.criteria is None:
        raise click.ClickException("; ".join(f"{name}: {words}" for name, words in search.faults.items()))
    asked: dict[str, Any] = {
        "number": None if number is None else read_number(number) or number,
        "kind": kind,
        "unit": unit,
        "holding": bool(unit) or search.criteria.holding,
        "since": since and since.replace(tzinfo=zone),
        "until": until and until.replace(tzinfo=zone),
    }
    chosen = replace(search.criteria, **{name: value for name, value in asked.items() if value})
    order, sessions = Order(chosen, form, plain=numbers), db.connection.sessions
    with sessions.begin() as session:
        begun = audit_export.begin(session, order, actor=EXPORT_COMMAND, now=clock.now())
    shown = click.progressbar(length=begun.events, label="Peristiwa", file=sys.stderr)
    # What was broken off does not lie under the name of what is whole.
    into = output.with_name(f"{output.name}.sebagian") if output.is_file() or not output.exists() else output
    with shown as progress, into.open("w", encoding="utf-8", newline="") as file:
        for part in audit_export.written(
            sessions, order, key=settings.keys.lookup, begun=begun, now=clock.now, tell=progress.update
        ):
            file.write(part)
    if into != output:
        into.replace(output)
    click.echo(f"{begun.events} peristiwa ditulis ke {output}")


def _named(found: Iterable[Offence], before: int = 0) -> int:
    """Print the first offences; how many there are with those `before`."""
    count = before
    for one in found:
        count += 1
        if count <= SHOWN:
            click.echo(_line(one))
    return count


def _line(offence: Offence) -> str:
    return f"{offence.number or offence.what}: {offence.detail} [{offence.rule}]"
