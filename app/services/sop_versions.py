"""Published SOPs: a version is written once, by one person, approved by another, and never changed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db.models.people import Person
from app.db.models.sop import SopVersion
from app.db.queries.studio import MOST_VERSION
from app.domain.actor import Actor
from app.domain.errors import Invalid, NotFound
from app.domain.words import told
from app.engine.compiled import CompiledSop, CompileFailed, Source
from app.engine.compiler import compile_sop
from app.engine.declaration import Finding
from app.engine.references import references
from app.engine.step import EngineFault
from app.services import trail
from app.services.sop_approvals import NO_PROOF, Proven, refuse_own_draft, refuse_own_work, write_approval
from app.services.sop_belongings import completed
from app.services.trail import Trail

KEPT = 200
"""Compiled SOPs a process holds; the oldest goes first."""

_lock = Lock()
_by_version: dict[uuid.UUID, str] = {}
_by_hash: dict[str, CompiledSop] = {}


class SopInvalid(Invalid):
    """The files do not compile; `findings` say why."""

    text = told("SOP belum dapat diterbitkan: masih ada temuan yang harus diperbaiki.")

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__()
        self.findings = tuple(findings)


class NoSuchSop(NotFound):
    """No SOP is in force under that key."""

    text = told("SOP ini belum ada yang berlaku. Terbitkan dahulu SOP-nya.")


@dataclass(frozen=True, slots=True)
class PublishedSop:
    """One version, as lists show it."""

    id: uuid.UUID
    key: str
    version: int
    name: str
    content_hash: str
    legal_basis: str
    author: str | None
    approver: str | None
    published_at: datetime
    effective_at: datetime


def publish(
    session: Session,
    sources: Sequence[Source],
    *,
    by: uuid.UUID,
    approved_by: uuid.UUID,
    basis: str,
    now: datetime,
    effective_at: datetime | None = None,
    proven: Proven = NO_PROOF,
    events: Trail | None = None,
    printed: Callable[..., str] | None = None,
    source: str = "flask sop publish",
) -> SopVersion:
    """Publish the SOP of the first file as the next version under its key, in force from `effective_at`
    (None: at once), with its approval.

    Called processes and decision tables are taken from `sources`, else from what is in force now, and are
    fixed with it. Content equal to the newest version is no new version: that one is returned. `events`: the
    SOP's open stream, to be written by the caller; `printed`: makes the hash of the document, where `proven`
    does not bring it. Raises SopInvalid, Invalid (no basis), Conflict (the
    approver wrote in it), NotFound (unknown person).
    """
    refuse_own_work(session, by, approved_by, proven.editors)
    if not basis.strip():
        raise Invalid("Sebutkan dasar hukum atau keputusan yang menetapkan SOP ini.")
    files = completed(sources, published_files(session, now))
    compiled = compile_main(files)
    hold_key(session, compiled.key)
    latest = latest_version(session, compiled.key)
    if latest is not None and latest.content_hash == compiled.hash:
        return latest
    refuse_own_draft(session, compiled, approved_by, files[0])
    row = SopVersion(
        id=uuid.uuid4(),
        key=compiled.key,
        version=1 if latest is None else latest.version + 1,
        name=compiled.name,
        files={one.name: one.content.decode("utf-8") for one in files},
        main_file=sources[0].name,
        content_hash=compiled.hash,
        author_id=by,
        approver_id=approved_by,
        legal_basis=basis.strip(),
        published_at=now,
        effective_at=effective_at or now,
        scenarios=[dict(one) for one in proven.scenarios],
    )
    session.add(row)
    session.flush()
    if printed is not None and proven.document_hash is None:
        proven = replace(proven, document_hash=printed(files, row.key, version=row.version))
    write_approval(session, row, proven)
    written = events or trail.begin_stream(session, stream_of(compiled.key), "sop")
    written.add(
        "SopPublished",
        {
            "sop": row.key,
            "versi": row.version,
            "id": str(row.id),
            "isi": row.content_hash,
            "dokumen": proven.document_hash,
            "penyusun": str(by),
            "disetujui": str(approved_by),
            "dasar": row.legal_basis,
            "berlaku": row.effective_at.isoformat(),
            "pengecualian": proven.exception is not None,
        },
    )
    if events is None:
        actor = Actor(kind="command", source=source, person_id=str(by))
        written.write(session, origin=actor.origin(), now=now)
    return row


def compile_main(files: Sequence[Source]) -> CompiledSop:
    """The SOP the first file is about, with all it needs among the others. Raises SopInvalid."""
    try:
        return compile_sop(files, key=references(files[0].name, files[0].content).main)
    except CompileFailed as failed:
        raise SopInvalid(failed.findings) from failed


def hold_key(session: Session, key: str) -> None:
    """Keep others from publishing under this key until the transaction ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"sop:{key}"})


def latest_version(session: Session, key: str) -> SopVersion | None:
    """The version with the highest number, in force or not yet."""
    newest = select(SopVersion).where(SopVersion.key == key).order_by(SopVersion.version.desc()).limit(1)
    return session.scalars(newest).one_or_none()


def version_in_force(session: Session, key: str, now: datetime) -> uuid.UUID:
    """Id of the version new reports start on at `now`. Raises NoSuchSop."""
    found = session.scalar(
        select(SopVersion.id)
        .where(SopVersion.key == key, SopVersion.effective_at <= now)
        .order_by(SopVersion.version.desc())
        .limit(1)
    )
    if found is None:
        raise NoSuchSop
    return found


def number_in_force(session: Session, key: str, now: datetime) -> int:
    """Number of the version new reports start on at `now`. Raises NoSuchSop."""
    row = session.get(SopVersion, version_in_force(session, key, now))
    if row is None:
        raise NoSuchSop
    return row.version


def compiled(session: Session, version_id: uuid.UUID) -> CompiledSop:
    """The SOP of a version, ready to run; compiled once per process and content, without a query afterwards.
    Raises NoSuchSop, and EngineFault when this engine no longer runs what an older one did."""
    with _lock:
        ready = _by_hash.get(_by_version.get(version_id, ""))
    if ready is not None:
        return ready
    row = session.get(SopVersion, version_id)
    if row is None:
        raise NoSuchSop
    with _lock:
        ready = _by_hash.get(row.content_hash)
        if ready is None:
            ready = _ready(row)
            while len(_by_hash) >= KEPT:
                del _by_hash[next(iter(_by_hash))]
            _by_hash[row.content_hash] = ready
        _by_version[version_id] = row.content_hash
    return ready


def _ready(row: SopVersion) -> CompiledSop:
    try:
        return compile_sop(sources_of(row), key=row.key)
    except CompileFailed as failed:
        first = next((one for one in failed.findings if one.severity == "error"), None)
        cause = first.message if first else str(failed)
        raise EngineFault(
            f"SOP {row.key} versi {row.version} tidak dapat dijalankan: {cause}",
            element=first.element if first else None,
            process=row.key,
        ) from failed


def sources_of(row: SopVersion) -> list[Source]:
    """The files of a version, the diagram first."""
    names = sorted(row.files, key=lambda name: (name != row.main_file, name))
    return [Source(name, row.files[name].encode("utf-8")) for name in names]


def files_of(session: Session, key: str, version: int | None, now: datetime) -> Mapping[str, str]:
    """File name -> text of a version, without a number of the one in force, the diagram first. Raises
    NoSuchSop."""
    if version is None:
        row = session.get(SopVersion, version_in_force(session, key, now))
    else:
        wanted = select(SopVersion).where(SopVersion.key == key, SopVersion.version == version)
        row = session.scalars(wanted).one_or_none() if 0 < version < MOST_VERSION else None
    if row is None:
        raise NoSuchSop
    return {source.name: row.files[source.name] for source in sources_of(row)}


def published_sops(session: Session) -> list[PublishedSop]:
    """Every version of every SOP, the newest of each first."""
    names = {row.id: row.username for row in session.execute(select(Person.id, Person.username))}
    rows = session.scalars(select(SopVersion).order_by(SopVersion.key, SopVersion.version.desc()))
    return [
        PublishedSop(
            row.id,
            row.key,
            row.version,
            row.name,
            row.content_hash,
            row.legal_basis,
            names.get(row.author_id) if row.author_id else None,
            names.get(row.approver_id) if row.approver_id else None,
            row.published_at,
            row.effective_at,
        )
        for row in rows
    ]


def person_named(session: Session, username: str) -> uuid.UUID:
    """Id of an active account by its user name. Raises NotFound."""
    found = session.scalar(
        select(Person.id).where(Person.username == username.strip().lower(), Person.active.is_(True))
    )
    if found is None:
        raise NotFound(f"Akun “{username}” tidak ada atau tidak aktif.")
    return found


def published_files(session: Session, now: datetime) -> list[Source]:
    """The diagrams and tables of every SOP in force, for files that refer to them."""
    in_force: dict[str, SopVersion] = {}
    rows = session.scalars(
        select(SopVersion).where(SopVersion.effective_at <= now).order_by(SopVersion.key, SopVersion.version)
    )
    for row in rows:
        in_force[row.key] = row
    return [source for row in in_force.values() for source in sources_of(row)]


def stream_of(key: str) -> uuid.UUID:
    """The event stream of an SOP's life, by its key."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:tuntas:sop:{key}")
