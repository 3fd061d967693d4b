"""Accounts of the demo city: somebody for every role and unit, all with one well-known password."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Person, Unit
from app.db.queries.people import account_named
from app.domain.actor import Actor, Grant
from app.services.people import NewPerson, create_person, hash_password

PASSWORD = "lapor warga demo"  # noqa: S105 - of accounts that exist in demo cities only
COMMAND = Actor(kind="command", source="flask demo seed")
EXAMPLES = (
    ("Admin Kominfo", "admin1, admin2"),
    ("Verifikator bukti", "verifikator1, verifikator2"),
    ("Operator OPD", "operator.dpu1, operator.dpu2 (juga dlh, disperkim, dishub, bpbd, …)"),
    ("Kepala OPD", "kepala.dpu (juga dlh, disperkim, dishub, bpbd, …)"),
    ("Asisten, Sekda, Wali Kota", "asisten, sekda, walikota"),
    ("Bappeda, Inspektorat", "bappeda1, bappeda2, inspektorat1"),
    ("Kelurahan", "kelurahan.kamonji (juga 45 kelurahan lain)"),
)
"""Who may sign in to the demo city, for its printed welcome and its door."""
MAIL = "demo.invalid"
"""A domain that can never exist (RFC 2606), so that no letter reaches a stranger."""


@dataclass(frozen=True, slots=True)
class Officer:
    """One demo account: `operator.dpu1`, "Operator DPU 1 (demo)"."""

    username: str
    name: str
    role: str
    unit: str | None = None


def officers(units: list[tuple[str, str, str]]) -> Iterator[Officer]:
    """Everybody the demo city employs. `units`: (code, short name, kind)."""
    for number in (1, 2):
        yield Officer(f"admin{number}", f"Admin Kominfo {number} (demo)", "admin_kominfo")
        yield Officer(f"verifikator{number}", f"Verifikator {number} (demo)", "verifikator")
        yield Officer(f"bappeda{number}", f"Bappeda {number} (demo)", "bappeda")
    yield Officer("inspektorat1", "Inspektorat 1 (demo)", "inspektorat")
    yield Officer("asisten", "Asisten Setda (demo)", "asisten")
    yield Officer("sekda", "Sekretaris Daerah (demo)", "sekda")
    yield Officer("walikota", "Wali Kota (demo)", "wali_kota")
    for code, name, kind in units:
        if kind == "kelurahan":
            username = f"kelurahan.{name.lower().replace(' ', '-')}"
            yield Officer(username, f"Petugas Kelurahan {name} (demo)", "kelurahan", code)
            continue
        for number in (1, 2):
            username = f"operator.{code.lower()}{number}"
            yield Officer(username, f"Operator {name} {number} (demo)", "operator_opd", code)
        yield Officer(f"kepala.{code.lower()}", f"Kepala {name} (demo)", "kepala_opd", code)


def open_accounts(session: Session, *, now: datetime) -> int:
    """Open every account that is missing; how many."""
    units = session.execute(select(Unit.code, Unit.short_name, Unit.kind).order_by(Unit.code)).all()
    known = set(session.scalars(select(Person.username)))
    hashed = hash_password(PASSWORD)
    missing = [officer for officer in officers(list(units)) if officer.username not in known]
    for officer in missing:
        new = NewPerson(
            officer.username,
            officer.name,
            PASSWORD,
            email=f"{officer.username}@{MAIL}",
            grants=(Grant(officer.role, officer.unit),),
        )
        create_person(session, new, actor=COMMAND, now=now, password_hash=hashed)
    return len(missing)


def actor_named(session: Session, username: str) -> Actor:
    """The officer with this user name, as services know them. Raises LookupError."""
    account = account_named(session, username)
    if account is None:
        raise LookupError(f"there is no account {username}")
    return account.actor(COMMAND.source)


def accounts_in_words() -> str:
    """What `make run` prints: who may sign in, and how."""
    lines = [f"    {label:<26} {names}" for label, names in EXAMPLES]
    return "\n".join([f'  Akun contoh, semua dengan kata sandi "{PASSWORD}":', *lines, ""])
