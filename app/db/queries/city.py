"""The city's lists, as forms offer them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Category


def category_choices(session: Session) -> list[tuple[str, str]]:
    """(code, name) of the topics in use, in the city's order."""
    rows = session.execute(
        select(Category.code, Category.name).where(Category.active).order_by(Category.position, Category.name)
    )
    return [(row.code, row.name) for row in rows]
