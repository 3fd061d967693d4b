"""`flask audit …`: is the trace whole, and is everything in the city where it must be?"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict
from itertools import islice

import click
from flask.cli import AppGroup

from app.adapters import clock
from app.domain.report import read_number
from app.extensions import db
from app.services import invariants
from app.services.invariants import Offence

SHOWN = 20
"""Offences that are named; all are counted."""

group = AppGroup("audit", help="Periksa jejak dan keutuhan data; hanya membaca.")


@group.command("verify")
@click.option("--report", "number", help="Nomor satu laporan; tanpa ini semua rantai.")
def verify(number: str | None) -> None:
    """Hitung ulang rantai peristiwa. Keluar dengan 1 bila ada yang tidak cocok."""
    from_report = None if number is None else read_number(number) or number
    with db.connection.sessions() as session:
        if from_report is not None and not invariants.is_known(session, from_report):
            raise click.ClickException(f"Laporan {from_report} tidak ada.")
        with closing(invariants.broken_chains(session, from_report)) as found:
            broken = next(found, None)
    if broken is not None:
        click.echo(_line(broken))
        sys.exit(1)
    click.echo("Semua rantai utuh." if from_report is None else f"Rantai laporan {from_report} utuh.")


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


def _line(offence: Offence) -> str:
    return f"{offence.number or offence.what}: {offence.detail} [{offence.rule}]"
