"""Other ways to begin a draft: from a small SOP that is right as it stands, or from what somebody sent."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from sqlalchemy.orm import Session

from app.adapters.city import DATA
from app.db.models import SopDraft
from app.domain.actor import Actor
from app.domain.errors import Invalid
from app.domain.words import told
from app.services import sop_drafts, sop_package
from app.services.sop_drafts import NewDraft, valid_key

EXAMPLE: Path = DATA / "sop_contoh.bpmn"
"""Receive, decide, answer, tell: passes every check. `{key}` and `{name}` are filled in."""
LONGEST_NAME = 120


def begin_blank(session: Session, key: str, name: str, *, actor: Actor, now: datetime) -> SopDraft:
    """A draft that holds the example under its own key and name. Raises Invalid."""
    key, name = valid_key(key), " ".join(name.split())
    if not 3 <= len(name) <= LONGEST_NAME:
        raise Invalid(told("Tulis nama SOP, 3 sampai %(n)s huruf.", n=LONGEST_NAME))
    return sop_drafts.begin(
        session, NewDraft({f"{key}.bpmn": example(key, name)}, f"{key}.bpmn", origin="kosong"),
        actor=actor, now=now,
    )  # fmt: skip


def begin_from_file(session: Session, name: str, content: bytes, *, actor: Actor, now: datetime) -> SopDraft:
    """A draft of its own that holds a diagram or a package, from this city or another. `view["masuk"]` says
    where it came from. Raises PackageRefused, Invalid."""
    came = sop_package.unpack(name, content)
    new = NewDraft(came.files, came.main, came.scenarios, origin=f"unggahan {came.city}".strip())
    row = sop_drafts.begin(session, new, actor=actor, now=now)
    row.view = {"masuk": {"kota": came.city, "versi": came.version, "ditinggal": list(came.left_out)[:20]}}
    session.flush()
    return row


def example(key: str, name: str) -> str:
    """The example under this key and name."""
    text = EXAMPLE.read_text("utf-8")
    return text.replace("{key}", key).replace('"{name}"', quoteattr(name)).replace("{name}", escape(name))
