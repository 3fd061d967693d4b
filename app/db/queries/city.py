"""The city's lists, as forms offer them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Category, Role, Unit


def category_choices(session: Session) -> list[tuple[str, str]]:
    """(code, name) of the topics in use, in the city's order."""
    rows = session.execute(
        select(Category.code, Category.name).where(Category.active).order_by(Category.position, Category.name)
    )
    return [(row.code, row.name) for row in rows]


def roles_and_units(session: Session) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(code, name) of every role an officer may hold, and of every unit in use; by name."""
    roles = session.execute(
        select(Role.code, Role.name).where(Role.code.not_in(["pelapor", "sistem"])).order_by(Role.name)
    )
    units = session.execute(select(Unit.code, Unit.name).where(Unit.active).order_by(Unit.name))
    return [(row.code, row.name) for row in roles], [(row.code, row.name) for row in units]
