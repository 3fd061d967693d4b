"""The proof of a report, or of how an SOP was judged, as a zip file that an auditor takes home and checks
without us.

Persons stand in it as the opaque ids of their accounts. Texts (answers, reasons, messages) come along only
when they are asked for; the chain holds either way, because it knows them by their commitments.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import approvals
from app.db.queries import bundle as queries
from app.db.queries import seals as seal_queries
from app.domain.actor import Actor
from app.domain.errors import Conflict, NotFound, NotPermitted
from app.domain.event import canonical
from app.domain.merkle import proof
from app.domain.permissions import Permission
from app.domain.seal import End
from app.services import sop_versions, trail
from app.services.identity import note_texts_opened
from app.services.photo_traits import TRAITS
from app.services.report_access import may_read
from app.services.seals import Signer, seal_of

CHECKER = Path(__file__).resolve().parents[1] / "adapters" / "data" / "periksa.py"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the zip, so that the same proof is the same bytes."""
POINT = "titik"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")

READ_ME = """\
BERKAS BUKTI {name}

Untuk memeriksanya cukup Python 3.8 atau yang lebih baru, tanpa jaringan:

    python3 periksa.py --kunci KUNCI_PUBLIK_KOTA --segel MAP_SEGEL_ANDA

Kunci publik tercetak pada surat segel setiap malam. Program periksa.py dapat Anda baca dalam lima menit, atau
ambil dari kode sumber Tuntas; bentuk semua berkas ini dijelaskan dalam docs/jejak-audit.md.

isi.json       daftar berkas dengan sidiknya, ditandatangani dalam isi.sig
peristiwa/     setiap peristiwanya dan peristiwa SOP yang menjalankannya, satu baris satu peristiwa
segel.json     bukti bahwa rantainya termasuk dalam segel malam
sop/           diagram dan tabel keputusan yang menjalankannya
foto.json      sidik dan data setiap foto; fotonya sendiri tidak disertakan
teks.json      isi teks yang dibuka, bila diminta
"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The zip file and the name to save it under."""

    name: str
    content: bytes


def bundle(
    session: Session,
    number: str,
    signer: Signer,
    *,
    actor: Actor,
    now: datetime,
    texts_for: str | None = None,
) -> Bundle:
    """The proof of one report; that it was taken is itself an event in it. `texts_for`: the purpose for which
    its texts are opened, which the reporter will read; None: they stay here. Raises NotFound, NotPermitted,
    Invalid (no purpose), Conflict (somebody took its trace out of the database)."""
    report = queries.report(session, number)
    if report is None:
        raise NotFound
    if not actor.may(Permission.TRACE_READ) or not may_read(session, report.id, actor=actor):
        raise NotPermitted
    if queries.stream(session, report.id) is None:
        raise Conflict("Jejak laporan ini hilang dari basis data. Server perlu diperiksa: audit verify.")
    role, with_texts = actor.role_with(Permission.TRACE_READ), texts_for is not None
    if texts_for is not None:
        note_texts_opened(session, report.id, purpose=texts_for, role=role or "", actor=actor, now=now)
    purpose = {} if texts_for is None else {"tujuan": texts_for.strip()}
    trail.record(
        session, report.id, "TraceExported", {"teks": with_texts}, purpose, actor=actor, now=now, role=role
    )
    files = {"foto.json": _json([_photo(row) for row in queries.photos(session, report.id)])}
    if with_texts:
        files["teks.json"] = _json({str(report.id): _texts(session, report.id)})
    about = _About(number, f"laporan {number}", report.id)
    return _bundle(session, about, queries.versions(session, report.id), files, signer, now)


def approval_bundle(
    session: Session, proposal_id: uuid.UUID, signer: Signer, *, actor: Actor, now: datetime
) -> Bundle:
    """The proof of how a proposed SOP was judged: the whole stream of that SOP, for it is one chain, and the
    diagrams that judged and that came of it; never texts. That it was taken is itself an event. Raises
    NotFound, NotPermitted."""
    if not actor.may(Permission.TRACE_READ):
        raise NotPermitted
    proposal = approvals.approval(session, proposal_id, now=now)
    if proposal is None:
        raise NotFound
    stream, facts = sop_versions.stream_of(proposal.key), {"usulan": str(proposal_id)}
    role = actor.role_with(Permission.TRACE_READ)
    trail.record(session, stream, "TraceExported", facts, actor=actor, now=now, role=role)
    about = _About(str(proposal_id), f"penetapan SOP {proposal.key}", stream)
    versions = queries.versions(session, stream, proposal_id)
    return _bundle(session, about, versions, {"foto.json": _json([])}, signer, now)


@dataclass(frozen=True, slots=True)
class _About:
    """What a bundle proves. `id`: as the list and the first stream's events call it."""

    id: str
    name: str
    stream: uuid.UUID


def _bundle(
    session: Session, about: _About, versions: Sequence[Row[Any]], files: dict[str, bytes], signer: Signer,
    now: datetime,
) -> Bundle:  # fmt: skip
    files |= {"BACA-DULU.txt": READ_ME.format(name=about.name.upper()).encode(),
              "periksa.py": CHECKER.read_bytes()}  # fmt: skip
    sops = [_sop(row, files) for row in versions]
    streams = [_stream(session, about.stream, about.name, files)]
    for key in dict.fromkeys(sop["key"] for sop in sops):
        stream = sop_versions.stream_of(key)
        streams += [] if stream == about.stream else [_stream(session, stream, f"SOP {key}", files)]
    files["segel.json"] = _json({one["stream"]: _seals(session, uuid.UUID(one["stream"])) for one in streams})
    told = {
        "format": "tuntas-bukti-1",
        "report": about.id,
        "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "public_key": signer.public,
        "streams": streams,
        "sops": sops,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    files["isi.json"] = _json(told)
    files["isi.sig"] = signer.sign(files["isi.json"]).hex().encode()
    return Bundle(f"bukti-{_UNSAFE.sub('-', about.name.removeprefix('laporan '))}.zip", _zipped(files))


def _stream(session: Session, stream_id: uuid.UUID, name: str, files: dict[str, bytes]) -> dict[str, Any]:
    """Write a stream's events as lines; how the list names it."""
    row = queries.stream(session, stream_id)
    if row is None:
        raise LookupError(f"no stream {stream_id}")
    file = f"peristiwa/{stream_id}.jsonl"
    lines = [canonical(_event(str(stream_id), event)) for event in queries.events(session, stream_id)]
    files[file] = b"\n".join(lines) + b"\n"
    return {
        "stream": str(stream_id),
        "kind": row.kind,
        "name": name,
        "file": file,
        "count": row.last_seq,
        "last_hash": bytes(row.last_hash).hex(),
    }


def _event(stream: str, row: Row[Any]) -> dict[str, Any]:
    """The event as it was hashed (`app.domain.event.event_hash`), and its hash."""
    return {
        "actor": None if row.actor_id is None else str(row.actor_id),
        "actor_kind": row.actor_kind,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "commitments": row.commitments,
        "data": row.data,
        "role": row.role_code,
        "seq": row.stream_seq,
        "source": row.source,
        "stream": stream,
        "type": row.type,
        "hash": bytes(row.hash).hex(),
    }


def _seals(session: Session, stream_id: uuid.UUID) -> list[dict[str, Any]]:
    """Each seal that saw the stream, with the way from its end to the seal's root."""
    found = []
    for row in seal_queries.seals_with(session, stream_id):
        ends = seal_queries.ends_of(session, row.number)
        leaves = [End(str(one.stream_id), one.stream_seq, bytes(one.hash)).leaf() for one in ends]
        # Not `row.place`: where ends were taken out of the table, the proof is made all the same, and fails.
        place = [one.stream_id for one in ends].index(stream_id)
        found.append(
            {
                "seal": seal_of(row).told(),
                "signature": bytes(row.signature).hex(),
                "end": [str(stream_id), row.stream_seq, bytes(row.hash).hex()],
                "place": place,
                "neighbours": [one.hex() for one in proof(leaves, place)],
            }
        )
    return found


def _sop(row: Row[Any], files: dict[str, bytes]) -> dict[str, Any]:
    """Write a version's files; how the list names it."""
    folder = f"sop/{_UNSAFE.sub('-', row.key)}-v{row.version}"
    given = enumerate(sorted(row.files))
    names = {name: f"{folder}/{place}-{_UNSAFE.sub('-', name)}" for place, name in given}
    for name, path in names.items():
        files[path] = row.files[name].encode()
    return {
        "key": row.key,
        "version": row.version,
        "id": str(row.id),
        "name": row.name,
        "content_hash": row.content_hash,
        "legal_basis": row.legal_basis,
        "published_at": row.published_at.astimezone(UTC).isoformat(),
        "files": list(names.values()),
    }


def _photo(row: Row[Any]) -> dict[str, Any]:
    """Facts of a photo, without the exact point."""
    told = dict(row._mapping)
    return {name: _plain(value) for name, value in told.items()}


def _texts(session: Session, stream_id: uuid.UUID) -> list[dict[str, Any]]:
    """What the commitments stand for; the exact point stays here, whoever asks."""
    rows: Sequence[Row[Any]] = queries.secrets(session, stream_id)
    return [
        {"seq": row.stream_seq, "field": row.field, "salt": bytes(row.salt).hex(), "value": row.value}
        for row in rows
        if row.field != POINT and row.field.partition(":")[0] != TRAITS
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, FIRST_DAY), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()
