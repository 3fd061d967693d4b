"""Officers and what they may act as. Roles are looked up when asked, never copied onto tasks."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, uuid_key


class Person(Base):
    """An account. `session_version` counts up to end every open session of it."""

    __tablename__ = "persons"
    id: Mapped[uuid_key]
    username: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    email: Mapped[str | None]
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(default="id")
    session_version: Mapped[int] = mapped_column(default=1)
    notify_new_task: Mapped[bool] = mapped_column(default=True)
    notify_digest: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]


class Grant(Base):
    """A person acts in a role, for a unit where the role belongs to one."""

    __tablename__ = "grants"
    __table_args__ = (
        UniqueConstraint("person_id", "role_code", "unit_code", postgresql_nulls_not_distinct=True),
    )
    id: Mapped[uuid_key]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    role_code: Mapped[str] = mapped_column(ForeignKey("roles.code"))
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"))
    granted_at: Mapped[datetime]
    granted_by: Mapped[uuid.UUID | None]


class ThrottleCount(Base):
    """One attempt of something that is limited (login, lost link, report), by a keyed hash of who tried."""

    __tablename__ = "throttle_counts"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    action: Mapped[str]
    subject: Mapped[str]
    at: Mapped[datetime]


Index("ix_grants_role_unit", Grant.role_code, Grant.unit_code)
Index("ix_throttle_counts_lookup", ThrottleCount.action, ThrottleCount.subject, ThrottleCount.at)
