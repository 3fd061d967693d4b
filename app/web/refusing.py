"""What a page's button does, and where its refusal is read: on the same page, with what was typed."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect
from werkzeug.wrappers import Response

from app.domain.errors import Conflict, Invalid
from app.extensions import db
from app.i18n import translated


def done_or_said(
    action: Callable[[], object], page: Callable[[str], str], address: str
) -> Response | tuple[str, int]:
    """Do it and go on to `address`. What is refused changes nothing; `page` says it: 422 for what was typed,
    409 for what went on meanwhile."""
    try:
        action()
    except (Invalid, Conflict) as refused:
        db.session.rollback()
        return page(translated(refused.text)), 422 if isinstance(refused, Invalid) else 409
    return redirect(address, 303)
