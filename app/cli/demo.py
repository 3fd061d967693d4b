"""`flask demo`: fill a demo city, say who may sign in, move its clock. Refused in production."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup

from app.adapters import clock
from app.adapters.city import DATA
from app.adapters.storage import open_store
from app.cli.city import message_files
from app.config import ROOT, Settings
from app.domain import spoken
from app.engine.compiler import Source
from app.extensions import db
from app.services import upkeep
from app.services.demo.accounts import accounts_in_words
from app.services.demo.city import DemoFiles, DemoNames, seed

SOPS = ROOT / "bpmn"
UNITS = {"menit": 60, "jam": 3600, "hari": 86400, "minggu": 604800}
P = ParamSpec("P")
R = TypeVar("R")
group = AppGroup("demo", help="Kota contoh: isi, akun, dan jamnya. Tidak ada di kota sungguhan.")


def _settings() -> Settings:
    found: Settings = current_app.extensions["tuntas"]
    return found


def not_in_production(command: Callable[P, R]) -> Callable[P, R]:
    """Demo accounts share a password that everybody knows; a real city must never have them."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if _settings().environment == "production":
            raise click.ClickException("Perintah ini hanya untuk kota contoh (TUNTAS_ENV=demo).")
        return command(*args, **kwargs)

    return guarded


@group.command("seed")
@not_in_production
def seed_city() -> None:
    """Isi kota yang masih kosong dengan akun, SOP, dan laporan tiga bulan terakhir."""
    settings = _settings()
    names = DemoNames(
        settings.city.name, settings.city.number_prefix, settings.keys.sealing, settings.base_url,
        settings.city.brand,
    )  # fmt: skip
    with db.connection.sessions.begin() as session:
        made = seed(session, demo_files(), names, storage=open_store(settings.storage_url), now=clock.now())
    click.echo(f"{made} laporan contoh dibuat." if made else "Kota ini sudah berisi; tidak ada yang diubah.")


@group.command("accounts")
@not_in_production
def accounts() -> str:
    """Siapa yang dapat masuk ke kota contoh."""
    words = accounts_in_words()
    click.echo(words)
    return words


@group.command("clock")
@click.option("--forward", help='Misalnya "2 hari", "90 menit", "1 minggu".')
@click.option("--to", "until", help="Waktu kota, misalnya 2026-12-01T08.00 atau 2026-12-01.")
@not_in_production
def move_clock(forward: str | None, until: str | None) -> None:
    """Majukan jam kota contoh, lalu jalankan semua yang jatuh tempo. Tanpa pilihan: sebutkan jamnya."""
    zone = _settings().city.zone
    if forward or until:
        by = _span(forward) if forward else _until(until or "", zone) - clock.now()
        if by <= timedelta(0):
            raise click.ClickException(
                "Jam hanya dapat maju. Hapus instance/clock-shift untuk kembali ke jam nyata."
            )
        clock.move(by)
        fired = upkeep.fire_what_is_due(db.connection.sessions, now=clock.now())
        click.echo(f"{fired} alur berjalan karena waktunya tiba.")
    click.echo(f"Jam kota: {spoken.moment(clock.now(), zone)}")


def demo_files() -> DemoFiles:
    """The files of this program: Palu's lists and every SOP in `bpmn/`."""
    tables = [Source(path.name, path.read_bytes()) for path in sorted(SOPS.glob("*.dmn"))]
    diagrams = [Source(path.name, path.read_bytes()) for path in sorted(SOPS.glob("*.bpmn"))]
    return DemoFiles(
        DATA / "palu.json",
        DATA / "demo_stories.yaml",
        DATA / "demo_past.yaml",
        message_files(),
        [(diagram, *tables) for diagram in diagrams],
        [(path.stem, path.read_text("utf-8")) for path in sorted(SOPS.glob("skenario/*.yaml"))],
    )


def _span(words: str) -> timedelta:
    found = re.fullmatch(r"\s*([0-9]{1,5})\s*([a-z]+)\s*", words.lower())
    if found is None or found[2] not in UNITS:
        raise click.ClickException(f"“{words}” tidak dimengerti. Contoh: 2 hari, 90 menit, 1 minggu.")
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


def _until(words: str, zone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(words.replace(".", ":"))
    except ValueError:
        raise click.ClickException(f"“{words}” bukan waktu. Contoh: 2026-12-01T08.00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
