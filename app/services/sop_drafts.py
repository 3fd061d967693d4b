"""Drafts of SOPs: begun from a version or a file, saved as they are written, held by one person at a time.

Nothing here judges a draft: one with findings is saved like any other. What is proposed is fixed; then the
draft cannot be written until it comes back.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Person, SopDraft, SopVersion
from app.db.queries.studio import MOST_VERSION
from app.domain.actor import Actor
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.sop_draft import KEY, Hold, faults_of_files
from app.domain.words import told
from app.engine.references import title_of
from app.services import trail
from app.services.sop_versions import stream_of

MOST_VIEW = 4_000
"""Characters of what a browser keeps about where its person was."""


class NoSuchDraft(NotFound):
    text = told("Konsep SOP ini tidak ada. Mungkin sudah dibuang.")


class DraftMoved(Conflict):
    """Somebody else saved it, or has it in hand: what was typed is in the browser and not here."""

    def __init__(self, text: str, *, revision: int, hold: Hold | None) -> None:
        super().__init__(text)
        self.revision = revision
        self.hold = hold


class DraftFixed(Conflict):
    """It is before the approver, or through: nobody writes in it."""

    text = told("SOP ini sedang diusulkan. Tarik dahulu usulannya bila hendak menyunting.")


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What a draft begins with. `based_on`: the version it came from."""

    files: Mapping[str, str]
    main: str
    scenarios: Sequence[Mapping[str, Any]] = ()
    based_on: uuid.UUID | None = None
    origin: str = ""
    """For the trace: `kosong`, `unggahan`, `versi 3`, …"""


def begin(session: Session, new: NewDraft, *, actor: Actor, now: datetime) -> SopDraft:
    """Open a draft. Raises Invalid when its files cannot be stored."""
    fault = faults_of_files(new.files, new.main)
    if fault:
        raise Invalid(fault)
    key, name = title_of(new.main, new.files[new.main].encode("utf-8"))
    writer = _person(actor)
    draft = SopDraft(
        id=uuid.uuid4(),
        key=key or KEY_UNKNOWN,
        name=name or new.main,
        files=dict(new.files),
        main_file=new.main,
        scenarios=[dict(one) for one in new.scenarios],
        view=None,
        revision=1,
        state="konsep",
        based_on=new.based_on,
        remarks="",
        created_by=writer,
        created_at=now,
        saved_by=writer,
        saved_at=now,
        editors=[writer],
        editor_id=writer,
        editor_since=now,
        editor_seen_at=now,
    )
    session.add(draft)
    session.flush()
    _note(session, draft, "SopDraftBegun", {"dari": new.origin}, actor=actor, now=now)
    return draft


KEY_UNKNOWN = "sop_baru"
"""Key of a draft whose diagram does not say one yet."""


def begin_from_version(
    session: Session, key: str, version: int, *, actor: Actor, now: datetime
) -> SopDraft:
    """A draft that begins as that version is; with an older one this is the way back. Raises NotFound."""
    row = version_row(session, key, version)
    new = NewDraft(row.files, row.main_file, row.scenarios, row.id, f"versi {version}")
    return begin(session, new, actor=actor, now=now)


def version_row(session: Session, key: str, version: int) -> SopVersion:
    """A published version by its number. Raises NotFound."""
    wanted = select(SopVersion).where(SopVersion.key == key, SopVersion.version == version)
    found = session.scalars(wanted).one_or_none() if 0 < version < MOST_VERSION else None
    if found is None:
        raise NotFound(told("SOP “%(key)s” tidak punya versi %(n)s.", key=key, n=version))
    return found


def draft(session: Session, draft_id: uuid.UUID) -> SopDraft:
    """To look at. Raises NoSuchDraft."""
    found = session.get(SopDraft, draft_id)
    if found is None:
        raise NoSuchDraft
    return found


def writable(session: Session, draft_id: uuid.UUID) -> SopDraft:
    """Locked for this transaction, and still to be written. Raises NoSuchDraft, DraftFixed."""
    found = locked(session, draft_id)
    if found.state != "konsep":
        raise DraftFixed
    return found


def locked(session: Session, draft_id: uuid.UUID) -> SopDraft:
    """Read afresh and held for the rest of this transaction. Raises NoSuchDraft."""
    wanted = select(SopDraft).where(SopDraft.id == draft_id).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NoSuchDraft
    return found


def hold_of(session: Session, row: SopDraft, now: datetime) -> Hold | None:
    """Who has it in hand now; None when nobody does, or they fell silent."""
    if row.editor_id is None or row.editor_since is None or row.editor_seen_at is None:
        return None
    name = session.scalar(select(Person.display_name).where(Person.id == row.editor_id)) or ""
    hold = Hold(str(row.editor_id), name, row.editor_since, row.editor_seen_at)
    return hold if hold.lives(now) else None


def save(
    session: Session,
    draft_id: uuid.UUID,
    *,
    revision: int,
    files: Mapping[str, str],
    main: str,
    view: Mapping[str, Any] | None = None,
    actor: Actor,
    now: datetime,
) -> SopDraft:
    """Keep what was written since `revision`. Saving also says that one has the draft in hand.

    Raises NoSuchDraft, DraftFixed, Invalid, and DraftMoved when another person holds it or saved it since.
    """
    row = _in_my_hands(session, draft_id, revision, actor, now)
    fault = faults_of_files(files, main)
    if fault:
        raise Invalid(fault)
    if files != row.files or main != row.main_file:
        key, name = title_of(main, files[main].encode("utf-8"))
        row.files, row.main_file = dict(files), main
        row.key, row.name = key or row.key, name or row.name
        _saved(row, actor, now)
    if view is not None and len(str(view)) <= MOST_VIEW:
        row.view = dict(view)
    session.flush()
    return row


def replace_scenarios(
    session: Session,
    draft_id: uuid.UUID,
    scenarios: Sequence[Mapping[str, Any]],
    *,
    revision: int | None = None,
    actor: Actor,
    now: datetime,
) -> SopDraft:
    """Keep this list of scenarios. Raises as `save` does."""
    row = _in_my_hands(session, draft_id, revision, actor, now)
    if list(scenarios) != row.scenarios:
        row.scenarios = [dict(one) for one in scenarios]
        _saved(row, actor, now)
        session.flush()
    return row


def take(
    session: Session, draft_id: uuid.UUID, *, take_over: bool, actor: Actor, now: datetime
) -> Hold | None:
    """Say that one is writing. Who holds it afterwards: with `take_over` always the actor, else whoever was
    first and still lives. Taking it from somebody is recorded. Raises NoSuchDraft, DraftFixed."""
    row = writable(session, draft_id)
    held = hold_of(session, row, now)
    me = _person(actor)
    if held is not None and held.person_id != str(me):
        if not take_over:
            return held
        _note(session, row, "SopDraftTakenOver", {"dari": held.person_id}, actor=actor, now=now)
    if row.editor_id != me or held is None:
        row.editor_id, row.editor_since = me, now
    row.editor_seen_at = now
    session.flush()
    return hold_of(session, row, now)


def let_go(session: Session, draft_id: uuid.UUID, *, actor: Actor) -> None:
    """The page was closed: free for others. Nothing happens when somebody else holds it."""
    row = locked(session, draft_id)
    if row.editor_id == _person(actor):
        row.editor_id = row.editor_since = row.editor_seen_at = None


def discard(session: Session, draft_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Put a draft away for good; the trace remembers that there was one. Raises NoSuchDraft, DraftFixed,
    DraftMoved when somebody else is writing."""
    row = _in_my_hands(session, draft_id, None, actor, now)
    row.state, row.editor_id, row.editor_since, row.editor_seen_at = "dibuang", None, None, None
    _note(session, row, "SopDraftDiscarded", {}, actor=actor, now=now)


def _in_my_hands(
    session: Session, draft_id: uuid.UUID, revision: int | None, actor: Actor, now: datetime
) -> SopDraft:
    row = writable(session, draft_id)
    held = hold_of(session, row, now)
    me = _person(actor)
    if held is not None and held.person_id != str(me):
        raise DraftMoved(
            told(
                "%(name)s sedang menyunting konsep ini. Ketikan Anda tetap di peramban ini.", name=held.name
            ),
            revision=row.revision,
            hold=held,
        )
    if revision is not None and revision != row.revision:
        raise DraftMoved(
            told("Konsep ini sudah disimpan dari tempat lain. Ketikan Anda tetap di peramban ini."),
            revision=row.revision,
            hold=held,
        )
    if row.editor_id != me or held is None:
        row.editor_id, row.editor_since = me, now
    row.editor_seen_at = now
    return row


def _saved(row: SopDraft, actor: Actor, now: datetime) -> None:
    me = _person(actor)
    row.revision += 1
    row.saved_by, row.saved_at = me, now
    if me not in row.editors:
        row.editors = [*row.editors, me]


def _note(
    session: Session, row: SopDraft, type_: str, facts: Mapping[str, Any], *, actor: Actor, now: datetime
) -> None:
    events = trail.begin_stream(session, stream_of(row.key), "sop")
    events.add(type_, {"konsep": str(row.id), "nama": row.name, **facts})
    events.write(session, origin=actor.origin(), now=now)


def _person(actor: Actor) -> uuid.UUID:
    if actor.person_id is None:
        raise Invalid(told("Konsep SOP hanya dapat ditulis oleh seseorang yang masuk dengan akunnya."))
    return uuid.UUID(actor.person_id)


def valid_key(key: str) -> str:
    """`key` as an SOP may be called in data. Raises Invalid."""
    tidy = key.strip().lower()
    if not KEY.fullmatch(tidy):
        raise Invalid(told("Kunci SOP ditulis dengan 3–60 huruf kecil, angka, atau garis bawah, misalnya "
                           "penanganan_banjir."))
    return tidy
