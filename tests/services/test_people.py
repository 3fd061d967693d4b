"""Accounts: who gets in, who does not, and what is remembered of it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher, Type
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.queries.people import account_named, account_of
from app.domain.actor import Actor, Grant
from app.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from app.services import people, throttle
from app.services.people import Admitted, Credentials, NewPerson, NotAdmitted

NOW = datetime(2026, 3, 17, 2, 5, tzinfo=UTC)
SERVER = Actor(kind="command", source="cli:test")
KEY = "5" * 64
PASSWORD = "kuda laut berenang"


@pytest.fixture
def roles(session: Session) -> None:
    session.execute(
        text("INSERT INTO units (code, name, short_name, kind, active)"
             " VALUES ('DPU', 'Dinas PU', 'PU', 'opd', true)")
    )
    session.execute(
        text("INSERT INTO roles (code, name)"
             " VALUES ('operator_opd', 'Operator OPD'), ('verifikator', 'Verifikator')")
    )


@pytest.fixture
def wati(session: Session, roles: None) -> uuid.UUID:
    new = NewPerson("Wati", "Wati (demo)", PASSWORD, grants=(Grant("operator_opd", "DPU"),))
    return people.create_person(session, new, actor=SERVER, now=NOW)


def person(person_id: uuid.UUID, *roles: str) -> Actor:
    return Actor("person", "test", str(person_id), tuple(Grant(role) for role in roles))


def attempt(session: Session, password: str, *, name: str = "wati", address: str = "10.0.0.1",
            now: datetime = NOW) -> Admitted | NotAdmitted:
    return people.authenticate(session, Credentials(name, password, address), key=KEY, now=now)


def events(session: Session, person_id: uuid.UUID) -> list[str]:
    rows = session.execute(
        text("SELECT type FROM events WHERE stream_id = :id ORDER BY stream_seq"), {"id": person_id}
    )
    return [row.type for row in rows]


def test_the_right_password_opens_whatever_the_case_of_the_name(session: Session, wati: uuid.UUID) -> None:
    assert attempt(session, PASSWORD, name=" WATI ") == Admitted(wati, 1)
    assert attempt(session, "salah sekali lagi") == NotAdmitted("wrong")
    assert attempt(session, PASSWORD, name="tidak-ada") == NotAdmitted("wrong")


def test_after_five_wrong_tries_from_one_place_even_the_right_password_waits(
    session: Session, wati: uuid.UUID
) -> None:
    for _ in range(5):
        assert attempt(session, "salah") == NotAdmitted("wrong")
    assert attempt(session, PASSWORD) == NotAdmitted("too_often")
    assert attempt(session, PASSWORD, address="10.0.0.2") == Admitted(wati, 1), "others cannot lock her out"
    assert attempt(session, PASSWORD, now=NOW + timedelta(minutes=16)) == Admitted(wati, 1)


def test_attempts_are_kept_without_name_or_address(session: Session, wati: uuid.UUID) -> None:
    attempt(session, "salah")
    kept = " ".join(session.scalars(text("SELECT subject FROM throttle_counts")))
    assert "wati" not in kept
    assert "10.0.0.1" not in kept
    throttle.forget_old(session, now=NOW + timedelta(days=2))
    assert session.scalar(text("SELECT count(*) FROM throttle_counts")) == 0


def test_the_account_page_shows_roles_by_their_names(session: Session, wati: uuid.UUID) -> None:
    account = account_of(session, wati)
    assert account is not None
    assert [held.words for held in account.holdings] == ["Operator OPD, Dinas PU"]
    assert account_named(session, "wati") == account
    assert account_of(session, uuid.uuid4()) is None


def test_a_new_password_ends_the_other_visits(session: Session, wati: uuid.UUID) -> None:
    change = people.PasswordChange(PASSWORD, "bulan di atas teluk")
    assert people.change_password(session, change, actor=person(wati), now=NOW) == 2
    assert attempt(session, PASSWORD) == NotAdmitted("wrong")
    assert attempt(session, "bulan di atas teluk") == Admitted(wati, 2)
    with pytest.raises(Invalid, match="tidak cocok"):
        people.change_password(session, change, actor=person(wati), now=NOW)


@pytest.mark.parametrize("weak", ["pendek", "wati suka teluk palu", "aaaaaaaaaaaaaaaa", "x" * 201])
def test_weak_passwords_are_refused_in_words(session: Session, wati: uuid.UUID, weak: str) -> None:
    with pytest.raises(Invalid):
        people.change_password(session, people.PasswordChange(PASSWORD, weak), actor=person(wati), now=NOW)


def test_only_who_manages_people_opens_accounts_and_gives_roles(session: Session, wati: uuid.UUID) -> None:
    new = NewPerson("budi", "Budi (demo)", PASSWORD)
    with pytest.raises(NotPermitted):
        people.create_person(session, new, actor=person(wati, "operator_opd"), now=NOW)
    admin = person(wati, "admin_kominfo")
    budi = people.create_person(session, new, actor=admin, now=NOW)
    people.grant_role(session, budi, Grant("verifikator"), actor=admin, now=NOW)
    people.grant_role(session, budi, Grant("verifikator"), actor=admin, now=NOW)
    people.revoke_role(session, budi, Grant("verifikator"), actor=admin, now=NOW)
    with pytest.raises(NotFound):
        people.revoke_role(session, budi, Grant("verifikator"), actor=admin, now=NOW)
    with pytest.raises(Conflict):
        people.create_person(session, new, actor=admin, now=NOW)
    assert events(session, budi) == ["AccountOpened", "RoleGranted", "RoleRevoked"]


def test_a_closed_account_no_longer_opens(session: Session, wati: uuid.UUID) -> None:
    people.deactivate(session, wati, actor=SERVER, now=NOW)
    session.expire_all()
    assert attempt(session, PASSWORD) == NotAdmitted("wrong")
    with pytest.raises(NotFound):
        people.deactivate(session, wati, actor=SERVER, now=NOW)


def test_preferences_change_once_and_the_trace_says_from_what(session: Session, wati: uuid.UUID) -> None:
    wanted = people.Preferences(notify_new_task=False, notify_digest=True, language="en")
    for _ in range(2):
        people.set_preferences(session, wanted, actor=person(wati), now=NOW)
    assert events(session, wati) == ["AccountOpened", "RoleGranted", "PreferencesChanged"]
    account = account_of(session, wati)
    assert account is not None
    assert (account.notify_new_task, account.notify_digest, account.language) == (False, True, "en")


def test_guessing_at_a_stolen_hash_costs_what_rfc_9106_recommends(shipped_hasher: PasswordHasher) -> None:
    # RFC 9106, section 4, the second recommended option: 3 passes over 64 MiB.
    assert shipped_hasher.type is Type.ID
    assert shipped_hasher.time_cost >= 3
    assert shipped_hasher.memory_cost >= 64 * 1024
    assert (shipped_hasher.salt_len, shipped_hasher.hash_len) >= (16, 32)


def test_a_hash_made_at_another_cost_is_made_anew_at_the_next_sign_in(
    session: Session, wati: uuid.UUID, shipped_hasher: PasswordHasher
) -> None:
    older = shipped_hasher.hash(PASSWORD)
    session.execute(text("UPDATE persons SET password_hash = :hash"), {"hash": older})
    session.expire_all()
    assert isinstance(attempt(session, PASSWORD), Admitted)
    newer = session.scalar(text("SELECT password_hash FROM persons"))
    assert newer.split("$")[:4] == people.hash_password(PASSWORD).split("$")[:4] != older.split("$")[:4]
    assert isinstance(attempt(session, PASSWORD), Admitted)
