"""Officers' accounts: made, opened, changed. Every change is an event in the account's own stream."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db.models import Grant as GrantRow
from app.db.models import Person, Role
from app.domain.actor import Actor, Grant
from app.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from app.domain.password import weakness
from app.domain.permissions import Permission
from app.domain.words import told
from app.services import throttle, trail

_hasher = PasswordHasher()

PER_NAME_AND_ADDRESS = throttle.Limit("masuk", 5, timedelta(minutes=15))
PER_NAME = throttle.Limit("masuk-nama", 30, timedelta(minutes=15))
PER_ADDRESS = throttle.Limit("masuk-alamat", 60, timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class NewPerson:
    username: str
    display_name: str
    password: str = field(repr=False)
    email: str | None = None
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was typed at the door, and from which network address."""

    username: str
    password: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Admitted:
    """Signed in."""

    person_id: uuid.UUID
    session_version: int


@dataclass(frozen=True, slots=True)
class NotAdmitted:
    """Not signed in; the attempt is counted. It is not told whether the name or the password was wrong."""

    reason: Literal["wrong", "too_often"]


@dataclass(frozen=True, slots=True)
class PasswordChange:
    current: str = field(repr=False)
    wanted: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Preferences:
    notify_new_task: bool
    notify_digest: bool
    language: str


def hash_password(password: str) -> str:
    """Argon2id with the library's recommended cost."""
    return _hasher.hash(password)


def create_person(
    session: Session, new: NewPerson, *, actor: Actor, now: datetime, password_hash: str | None = None
) -> uuid.UUID:
    """Open an account and give its roles. Raises Invalid (weak password), Conflict (name taken).

    `password_hash` spares the hashing when many demo accounts share one password.
    """
    _only(Permission.PEOPLE_MANAGE, actor)
    username = new.username.strip().lower()
    weak = weakness(new.password, username=username)
    if weak:
        raise Invalid(weak)
    if session.scalar(select(Person.id).where(Person.username == username)):
        raise Conflict(told("Nama pengguna %(name)s sudah dipakai.", name=username))
    person = Person(
        id=uuid.uuid4(),
        username=username,
        display_name=new.display_name.strip(),
        email=new.email,
        password_hash=password_hash or hash_password(new.password),
        created_at=now,
    )
    session.add(person)
    session.flush()
    events = trail.begin_stream(session, person.id, "akun")
    events.add("AccountOpened", {"username": username}, {"display_name": person.display_name})
    events.write(session, origin=actor.origin(), now=now)
    for grant in new.grants:
        grant_role(session, person.id, grant, actor=actor, now=now)
    return person.id


def authenticate(
    session: Session, credentials: Credentials, *, key: str, now: datetime
) -> Admitted | NotAdmitted:
    """Judge an attempt to sign in. `key`: the city's lookup key, under which attempts are counted.

    The limits are per name and address, so that nobody can lock an officer out from elsewhere; wider limits
    per name and per address stop a spread-out or a many-names attack.
    """
    username = credentials.username.strip().lower()
    counters = (
        (PER_NAME_AND_ADDRESS, throttle.subject(key, username, credentials.address)),
        (PER_NAME, throttle.subject(key, username)),
        (PER_ADDRESS, throttle.subject(key, credentials.address)),
    )
    if any(throttle.exhausted(session, limit, who, now=now) for limit, who in counters):
        return NotAdmitted("too_often")
    person = session.scalar(select(Person).where(Person.username == username))
    known = _matches(person.password_hash if person else _nobody(), credentials.password)
    if person is None or not known or not person.active:
        for limit, who in counters:
            throttle.count(session, limit, who, now=now)
        return NotAdmitted("wrong")
    if _hasher.check_needs_rehash(person.password_hash):
        person.password_hash = hash_password(credentials.password)
    person.last_login_at = now
    return Admitted(person.id, person.session_version)


def change_password(session: Session, change: PasswordChange, *, actor: Actor, now: datetime) -> int:
    """Set a new password and end every other session. Returns the new session version."""
    person = _own(session, actor)
    if not _matches(person.password_hash, change.current):
        raise Invalid("Kata sandi sekarang tidak cocok.")
    weak = weakness(change.wanted, username=person.username)
    if weak:
        raise Invalid(weak)
    person.password_hash = hash_password(change.wanted)
    person.session_version += 1
    trail.record(session, person.id, "PasswordChanged", actor=actor, now=now)
    return person.session_version


def set_preferences(session: Session, wanted: Preferences, *, actor: Actor, now: datetime) -> None:
    """Which notices the person gets, and in which language the pages are."""
    person = _own(session, actor)
    names = ("notify_new_task", "notify_digest", "language")
    before = {name: getattr(person, name) for name in names}
    after = {name: getattr(wanted, name) for name in names}
    if before == after:
        return
    for name, value in after.items():
        setattr(person, name, value)
    trail.record(
        session, person.id, "PreferencesChanged", {"before": before, "after": after}, actor=actor, now=now
    )


def grant_role(session: Session, person_id: uuid.UUID, grant: Grant, *, actor: Actor, now: datetime) -> None:
    """Let somebody act in a role. Tasks are not moved: who sees them is asked each time.

    A role with a home unit is held for that unit, since inboxes are looked up by role and unit together.
    Raises NotFound (no such role).
    """
    _only(Permission.PEOPLE_MANAGE, actor)
    grant = _housed(session, grant)
    held = select(GrantRow.id).where(
        GrantRow.person_id == person_id,
        GrantRow.role_code == grant.role,
        GrantRow.unit_code.is_not_distinct_from(grant.unit),
    )
    if session.scalar(held):
        return
    session.add(
        GrantRow(
            person_id=person_id,
            role_code=grant.role,
            unit_code=grant.unit,
            granted_at=now,
            granted_by=uuid.UUID(actor.person_id) if actor.person_id else None,
        )
    )
    session.flush()
    trail.record(
        session, person_id, "RoleGranted", {"role": grant.role, "unit": grant.unit}, actor=actor, now=now
    )


def revoke_role(session: Session, person_id: uuid.UUID, grant: Grant, *, actor: Actor, now: datetime) -> None:
    """Take a role away. Raises NotFound when it was not held."""
    _only(Permission.PEOPLE_MANAGE, actor)
    grant = _housed(session, grant)
    held = session.scalar(
        select(GrantRow).where(
            GrantRow.person_id == person_id,
            GrantRow.role_code == grant.role,
            GrantRow.unit_code.is_not_distinct_from(grant.unit),
        )
    )
    if held is None:
        raise NotFound("Peran itu tidak dipegang oleh orang ini.")
    session.delete(held)
    trail.record(
        session, person_id, "RoleRevoked", {"role": grant.role, "unit": grant.unit}, actor=actor, now=now
    )


def deactivate(session: Session, person_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Close an account; its open sessions end at once, its past stays."""
    _only(Permission.PEOPLE_MANAGE, actor)
    closed = session.execute(
        update(Person)
        .where(Person.id == person_id, Person.active)
        .values(active=False, session_version=Person.session_version + 1)
        .returning(Person.id)
    ).one_or_none()
    if closed is None:
        raise NotFound("Akun itu tidak ada atau sudah ditutup.")
    trail.record(session, person_id, "AccountClosed", actor=actor, now=now)


def _only(permission: Permission, actor: Actor) -> None:
    """Commands run on the server itself may do what an administrator may."""
    if actor.kind != "command" and not actor.may(permission):
        raise NotPermitted


def _housed(session: Session, grant: Grant) -> Grant:
    """The grant with the role's home unit where no unit is named."""
    role = session.get(Role, grant.role)
    if role is None:
        raise NotFound("Peran itu tidak ada di kota ini.")
    return Grant(grant.role, grant.unit or role.home_unit)


def _own(session: Session, actor: Actor) -> Person:
    person = session.get(Person, uuid.UUID(actor.person_id)) if actor.person_id else None
    if person is None:
        raise NotPermitted
    return person


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Checked when the name is unknown, so that the answer takes as long as for a known one."""
    return _hasher.hash("nobody signs in with this")


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
