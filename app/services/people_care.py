"""What an administrator does with somebody else's account: change it, close it, open it again.

Tasks are not moved when a role or an account goes: who sees them is asked each time. What the person had
taken goes back to everybody of the unit.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db.models import Person
from app.domain.actor import Actor, Grant
from app.domain.errors import Conflict, NotFound, NotPermitted
from app.domain.password import temporary
from app.domain.permissions import Permission
from app.services import people, trail

ADMINISTRATOR = "admin_kominfo"

_FREE = text("""
UPDATE work_items SET claimed_by = NULL, claimed_at = NULL
WHERE claimed_by = :person_id AND closed_at IS NULL
  AND (CAST(:role AS text) IS NULL
       OR (role_code = :role AND unit_code IS NOT DISTINCT FROM CAST(:unit AS text)))
RETURNING id
""")
_OTHER_ADMINISTRATORS = text("""
SELECT count(DISTINCT p.id) FROM persons p JOIN grants g ON g.person_id = p.id
WHERE p.active AND g.role_code = :role AND p.id <> :person_id
""")


def change(
    session: Session,
    person_id: uuid.UUID,
    *,
    display_name: str,
    email: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Correct a name or an address. Raises NotFound, NotPermitted."""
    person = _person(session, person_id, actor)
    if (person.display_name, person.email) == (display_name, email):
        return
    person.display_name, person.email = display_name, email
    personal = {"nama": display_name, "surel": email or "-"}
    trail.record(session, person_id, "AccountChanged", {}, personal, actor=actor, now=now)


def new_password(session: Session, person_id: uuid.UUID, *, actor: Actor, now: datetime) -> str:
    """A password to hand over, shown once; every session of the account ends. Raises NotFound, NotPermitted,
    Conflict (one's own: that is changed on one's own page)."""
    person = _person(session, person_id, actor)
    if str(person_id) == actor.person_id:
        raise Conflict("Ganti kata sandi Anda sendiri lewat Pengaturan saya.")
    password = temporary()
    person.password_hash = people.hash_password(password)
    person.session_version += 1
    trail.record(session, person_id, "PasswordReset", actor=actor, now=now)
    return password


def take_role(session: Session, person_id: uuid.UUID, grant: Grant, *, actor: Actor, now: datetime) -> int:
    """Take a role away. Returns how many tasks go back to the unit. Raises NotFound, NotPermitted, Conflict
    (the last administrator)."""
    _person(session, person_id, actor)
    if grant.role == ADMINISTRATOR:
        _somebody_else_administers(session, person_id)
    people.revoke_role(session, person_id, grant, actor=actor, now=now)
    return len(session.execute(_FREE, {"person_id": person_id, "role": grant.role, "unit": grant.unit}).all())


def close(session: Session, person_id: uuid.UUID, *, actor: Actor, now: datetime) -> int:
    """Close an account. Returns how many tasks go back to their units. Raises NotFound, NotPermitted,
    Conflict (one's own, the last administrator)."""
    _person(session, person_id, actor)
    if str(person_id) == actor.person_id:
        raise Conflict("Anda tidak dapat menutup akun Anda sendiri. Mintalah rekan sesama admin.")
    _somebody_else_administers(session, person_id)
    people.deactivate(session, person_id, actor=actor, now=now)
    return len(session.execute(_FREE, {"person_id": person_id, "role": None, "unit": None}).all())


def reopen(session: Session, person_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Open a closed account again, with the roles it had. Raises NotFound, NotPermitted, Conflict."""
    person = _person(session, person_id, actor)
    if person.active:
        raise Conflict("Akun ini sudah aktif.")
    person.active = True
    trail.record(session, person_id, "AccountReopened", actor=actor, now=now)


def _person(session: Session, person_id: uuid.UUID, actor: Actor) -> Person:
    if actor.kind != "command" and not actor.may(Permission.PEOPLE_MANAGE):
        raise NotPermitted
    person = session.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if person is None:
        raise NotFound("Akun itu tidak ada.")
    return person


def _somebody_else_administers(session: Session, person_id: uuid.UUID) -> None:
    others = session.scalar(_OTHER_ADMINISTRATORS, {"role": ADMINISTRATOR, "person_id": person_id})
    if not others:
        raise Conflict("Harus ada paling sedikit satu Admin Kominfo yang aktif. Angkat penggantinya dahulu.")
