"""Published SOPs: a version is written once, by one person, approved by another, and never changed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db.models.people import Person
from app.db.models.sop import SopVersion
from app.domain.actor import Actor
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.words import told
from app.engine.compiled import CompiledSop, CompileFailed, Source
from app.engine.compiler import compile_sop
from app.engine.declaration import Finding
from app.engine.markup import UnreadableMarkup, parse_markup
from app.engine.references import Candidate, belonging, references
from app.engine.step import EngineFault
from app.services import trail

KEPT = 200
"""Compiled SOPs a process holds; the oldest goes first."""

_ENCODING = re.compile(r"(\A\ufeff?<\?xml[^>]*?encoding=[\"'])[^\"']+")

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
    source: str = "flask sop publish",
) -> SopVersion:
    """Publish the SOP of the first file as the next version under its key.

    Called processes and decision tables are taken from `sources`, else from what is in force now, and are
    fixed with it. Content equal to the version in force is no new version: that one is returned.
    Raises SopInvalid, Invalid (same person, no basis), NotFound (unknown person).
    """
    _check_persons(session, by, approved_by)
    if not basis.strip():
        raise Invalid("Sebutkan dasar hukum atau keputusan yang menetapkan SOP ini.")
    files = _complete(session, sources, now)
    main = references(sources[0].name, sources[0].content).main
    try:
        compiled = compile_sop(files, key=main)
    except CompileFailed as failed:
        raise SopInvalid(failed.findings) from failed
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"sop:{compiled.key}"}
    )
    latest = session.scalars(
        select(SopVersion).where(SopVersion.key == compiled.key).order_by(SopVersion.version.desc()).limit(1)
    ).one_or_none()
    if latest is not None and latest.content_hash == compiled.hash:
        return latest
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
        effective_at=now,
    )
    session.add(row)
    session.flush()
    events = trail.begin_stream(session, stream_of(compiled.key), "sop")
    events.add(
        "SopPublished",
        {
            "sop": row.key,
            "versi": row.version,
            "isi": row.content_hash,
            "disetujui": str(approved_by),
            "dasar": row.legal_basis,
        },
    )
    actor = Actor(kind="command", source=source, person_id=str(by))
    events.write(session, origin=actor.origin(), now=now)
    return row


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
        told = next((one for one in failed.findings if one.severity == "error"), None)
        cause = told.message if told else str(failed)
        raise EngineFault(
            f"SOP {row.key} versi {row.version} tidak dapat dijalankan: {cause}",
            element=told.element if told else None,
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
        row = session.scalars(
            select(SopVersion).where(SopVersion.key == key, SopVersion.version == version)
        ).one_or_none()
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


def _check_persons(session: Session, by: uuid.UUID, approved_by: uuid.UUID) -> None:
    if by == approved_by:
        raise Conflict("Penyusun dan penyetuju SOP harus dua orang yang berbeda.")
    known = set(session.scalars(select(Person.id).where(Person.id.in_([by, approved_by]))))
    if known != {by, approved_by}:
        raise NotFound("Akun penyusun atau penyetuju tidak ditemukan.")


def _complete(session: Session, sources: Sequence[Source], now: datetime) -> list[Source]:
    """The first file with everything it needs, names made unique, all in UTF-8."""
    main, *given = [_as_utf8(source) for source in sources]
    others = [*given, *published_files(session, now)]
    candidates = [Candidate(at, references(one.name, one.content)) for at, one in enumerate(others)]
    files = [main]
    for at in belonging(references(main.name, main.content), candidates):
        one, number = others[at], 2
        name = one.name
        while name in {file.name for file in files}:
            name, number = f"{number}-{one.name}", number + 1
        files.append(Source(name, one.content))
    return files


def _as_utf8(source: Source) -> Source:
    """The same file in UTF-8, as rows keep text; what cannot be read stays for the compiler to name."""
    try:
        root = parse_markup(source.name, source.content)
        written = source.content.decode(root.getroottree().docinfo.encoding or "utf-8")
    except (UnreadableMarkup, UnicodeDecodeError, LookupError):
        return source
    return Source(source.name, _ENCODING.sub(r"\1UTF-8", written, count=1).encode("utf-8"))
