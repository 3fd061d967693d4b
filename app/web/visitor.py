"""What a browser without an account has opened: its own unsent forms, and reports by their secret link."""

from __future__ import annotations

import uuid

from flask import session

from app.services.photo_viewing import Viewer
from app.web.guards import signed_in

REPORTS, SUBMISSIONS, MARK = "laporan", "kiriman", "peramban"
KEPT = 8


def remember_report(report_id: uuid.UUID) -> None:
    """This browser opened the report by its secret link, so it may load the report's photos."""
    _remember(REPORTS, report_id)


def remember_submission(key: uuid.UUID) -> None:
    """This browser fills in the form with this key, so it may load the photos it sent."""
    _remember(SUBMISSIONS, key)


def mark() -> str:
    """A random name for this browser, kept as long as its visit."""
    if MARK not in session:
        session[MARK] = uuid.uuid4().hex
    return str(session[MARK])


def viewer() -> Viewer:
    """Who asks for a photo."""
    return Viewer(signed_in(), reports=_kept(REPORTS), submissions=_kept(SUBMISSIONS))


def _remember(name: str, value: uuid.UUID) -> None:
    known = _kept(name)
    if value not in known:
        session[name] = [each.hex for each in (*known, value)][-KEPT:]


def _kept(name: str) -> list[uuid.UUID]:
    return [uuid.UUID(text) for text in session.get(name, ())]
