"""`flask city`: the lists a new city starts with."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from app.adapters import clock
from app.adapters.city import DATA
from app.config import ROOT
from app.domain.actor import Actor, Grant
from app.domain.errors import CityError
from app.extensions import db
from app.services.boundary import import_boundary
from app.services.city_setup import set_up_city
from app.services.people import NewPerson, create_person

PALU = DATA / "palu.json"
SOP_MESSAGES = ROOT / "bpmn" / "pesan.yaml"
BOUNDARY_COMMAND = Actor(kind="command", source="flask city boundary")
PERSON_COMMAND = Actor(kind="command", source="flask city person")
group = AppGroup("city", help="Daftar-daftar kota: unit, wilayah, peran, topik, pesan.")


def message_files() -> tuple[Path, ...]:
    """The words that come with the SOPs."""
    return (SOP_MESSAGES,) if SOP_MESSAGES.exists() else ()


@group.command("setup")
@click.option(
    "--file",
    "city_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=PALU,
    help="Berkas kota (JSON); tanpa ini Kota Palu.",
)
def setup(city_file: Path) -> None:
    """Tambahkan yang belum ada; yang sudah diubah kota tidak disentuh."""
    with db.connection.sessions.begin() as session:
        added = set_up_city(session, city_file, now=clock.now(), message_files=message_files())
    for table, count in added.items():
        click.echo(f"{table}: {count} baris ditambahkan")
    if not added:
        click.echo("Kota ini sudah lengkap.")


@group.command("boundary")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def boundary(file: Path) -> None:
    """Pakai batas kota dari berkas GeoJSON; titik di luarnya ditolak."""
    try:
        document = json.loads(file.read_text("utf-8"))
        with db.connection.sessions.begin() as session:
            count = import_boundary(session, document, actor=BOUNDARY_COMMAND, now=clock.now())
    except ValueError as fault:
        raise click.ClickException(f"{file.name}: {fault}") from fault
    click.echo(f"{file.name}: {count} poligon dipakai sebagai batas kota")


@group.command("person")
@click.argument("username")
@click.option("--name", required=True, help="Nama yang tampil, misalnya “Siti, Kominfo”.")
@click.option("--email", help="Surel untuk pemberitahuan tugas.")
@click.option("--role", required=True, help="Peran, misalnya admin_kominfo.")
@click.option("--unit", help="Kode unit, untuk peran yang bertugas di satu unit.")
@click.password_option("--password", prompt="Kata sandi", confirmation_prompt="Ulangi kata sandi")
def person(
    username: str, name: str, email: str | None, role: str, unit: str | None, password: str
) -> None:
    """Buka akun petugas, misalnya admin pertama sebuah kota baru."""
    new = NewPerson(username, name, password, email, grants=(Grant(role, unit),))
    try:
        with db.connection.sessions.begin() as session:
            create_person(session, new, actor=PERSON_COMMAND, now=clock.now())
    except CityError as refused:
        raise click.ClickException(str(refused.text)) from refused
    click.echo(f"Akun {username} dibuka.")
