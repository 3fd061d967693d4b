"""`flask audit traits`: is what was gathered of the reports what their trace says?"""

from __future__ import annotations

import sys

import click

from app.cli.audit import group
from app.db import traits
from app.extensions import db
from app.services import trace_follow


@group.command("traits")
@click.option("--check", is_flag=True, help="Hitung ulang dan bandingkan; tidak mengubah apa pun.")
@click.option("--rebuild", is_flag=True, help="Buang dan kumpulkan kembali semuanya dari jejak.")
def show(check: bool, rebuild: bool) -> None:
    """Ciri laporan dan waktu langkah yang dikumpulkan dari jejak. Keluar dengan 1 bila tidak cocok."""
    with db.connection.sessions.begin() as session:
        if rebuild:
            total = traits.standing(session)
            length = total.taken + total.behind
            with click.progressbar(length=length, label="Laporan", file=sys.stderr) as progress:
                for some in trace_follow.rebuild(session):
                    progress.update(some)
        differing = trace_follow.differing(session) if check else []
        found = traits.standing(session)
    click.echo(
        f"{found.taken} laporan terkumpul, {found.behind} belum; {found.ways} jalur, {found.times} waktu."
    )
    if differing:
        click.echo(f"Tidak cocok dengan jejak: {', '.join(differing)}. Jalankan dengan --rebuild.")
        sys.exit(1)
    if check:
        click.echo("Cocok dengan jejak.")
