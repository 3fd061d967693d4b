"""Officers: who they are, in which roles."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.db.models import Grant, Person, Role, Unit
from app.domain.actor import Actor
from app.domain.actor import Grant as RoleHeld


@dataclass(frozen=True, slots=True)
class Holding:
    """A role somebody holds, with the names people know it by."""

    role: str
    role_name: str
    unit: str | None
    unit_name: str | None

    @property
    def words(self) -> str:
        """`Operator OPD, Dinas Pekerjaan Umum`; a role named as its unit is said once: `Inspektorat`."""
        names = dict.fromkeys(name for name in (self.role_name, self.unit_name) if name)
        return ", ".join(names)


@dataclass(frozen=True, slots=True)
class Account:
    """An officer's account as the application needs it on every page; never the password."""

    id: uuid.UUID
    username: str
    display_name: str
    email: str | None
    active: bool
    language: str
    session_version: int
    notify_new_task: bool
    notify_digest: bool
    last_login_at: datetime | None
    holdings: tuple[Holding, ...]

    def actor(self, source: str) -> Actor:
        """This person as services know them, come through `source` (a route, a job, a command)."""
        grants = tuple(RoleHeld(held.role, held.unit) for held in self.holdings)
        return Actor("person", source, str(self.id), grants, display_name=self.display_name)


def account_of(session: Session, person_id: uuid.UUID) -> Account | None:
    """The account of a person, one statement."""
    return _account(session, Person.id == person_id)


def account_named(session: Session, username: str) -> Account | None:
    """The account that signs in as `username`."""
    return _account(session, Person.username == username)


def _account(session: Session, who: ColumnElement[bool]) -> Account | None:
    return next(iter(_accounts(session, who)), None)


def _accounts(session: Session, who: ColumnElement[bool]) -> list[Account]:
    """Accounts with all they hold, by name; one statement."""
    rows = session.execute(
        select(Person, Grant.role_code, Role.name, Grant.unit_code, Unit.name)
        .outerjoin(Grant, Grant.person_id == Person.id)
        .outerjoin(Role, Role.code == Grant.role_code)
        .outerjoin(Unit, Unit.code == Grant.unit_code)
        .where(who)
        .order_by(Person.display_name, Person.id, Grant.role_code, Grant.unit_code)
    ).all()
    return [_of(list(own)) for _person, own in groupby(rows, key=lambda row: row[0].id)]


def _of(rows: Sequence[Any]) -> Account:
    person: Person = rows[0][0]
    return Account(
        id=person.id,
        username=person.username,
        display_name=person.display_name,
        email=person.email,
        active=person.active,
        language=person.language,
        session_version=person.session_version,
        notify_new_task=person.notify_new_task,
        notify_digest=person.notify_digest,
        last_login_at=person.last_login_at,
        holdings=tuple(
            Holding(role, role_name, unit, unit_name)
            for _person, role, role_name, unit, unit_name in rows
            if role is not None
        ),
    )


def people_page(session: Session, query: str, *, page: int, size: int) -> list[Account]:
    """One page of accounts whose name, user name, role or unit holds `query`, by name; one more when there is
    a next page."""
    pattern = f"%{query.strip()}%"
    matching = (
        select(Person.id)
        .outerjoin(Grant, Grant.person_id == Person.id)
        .outerjoin(Role, Role.code == Grant.role_code)
        .outerjoin(Unit, Unit.code == Grant.unit_code)
        .where(
            or_(
                Person.display_name.ilike(pattern),
                Person.username.ilike(pattern),
                Role.name.ilike(pattern),
                Unit.name.ilike(pattern),
            )
        )
    )
    wanted = (
        select(Person.id)
        .where(Person.id.in_(matching))
        .order_by(Person.display_name, Person.id)
        .limit(size + 1)
        .offset((max(page, 1) - 1) * size)
    )
    return _accounts(session, Person.id.in_(wanted))
