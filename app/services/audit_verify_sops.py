"""SOP versions whose diagrams, tables or signatures are not those that were published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import beside as queries
from app.engine.compiled import Source
from app.engine.compiler import content_hash
from app.services.audit_verify_stream import moment, text_of
from app.services.invariants import Offence

SOP = "sop"


def changed_versions(session: Session, number: str | None = None) -> Iterator[Offence]:
    """Versions that say something else than the event of their publication, versions nobody published, and
    published ones that are gone. `number`: those that ran one report."""
    said = {(event.data["sop"], event.data["versi"]): event for event in queries.published(session)}
    for row in queries.versions(session, number):
        name = f"SOP {row.key} versi {row.version}"
        event = said.pop((row.key, row.version), None)
        if event is None:
            yield Offence(SOP, None, name, "tidak tercatat diterbitkan")
            continue
        wrong = _unlike(row, event)
        if wrong:
            yield Offence(SOP, None, name, f"{', '.join(wrong)} bukan yang diterbitkan")
    for key, version in said if number is None else ():
        yield Offence(SOP, None, f"SOP {key} versi {version}", "hilang, padahal tercatat diterbitkan")


def _unlike(row: Row[Any], event: Row[Any]) -> list[str]:
    data = event.data
    files = content_hash(row.key, [Source(name, said.encode()) for name, said in row.files.items()])
    pairs: dict[str, tuple[Any, Any]] = {
        "diagram atau tabel keputusan": (files, data["isi"]),
        "sidik isi": (row.content_hash, data["isi"]),
        "nomor pengenal": (str(row.id), data.get("id", str(row.id))),
        "penyusun": (text_of(row.author_id), data["penyusun"]),
        "penyetuju": (text_of(row.approver_id), data["disetujui"]),
        "dasar hukum": (row.legal_basis, data["dasar"]),
        "waktu terbit": (row.published_at, event.at),
        "mulai berlaku": (row.effective_at, moment(data["berlaku"])),
    }
    if row.approved_hash is None:
        return [label for label, (one, other) in pairs.items() if one != other] + ["lembar persetujuan"]
    approval = (row.approved_hash, text_of(row.approved_author), text_of(row.approved_by), row.document_hash,
                row.exception is not None)  # fmt: skip
    signed = (data["isi"], data["penyusun"], data["disetujui"], data.get("dokumen"),
              data.get("pengecualian", False))  # fmt: skip
    pairs["lembar persetujuan"] = (approval, signed)
    return [label for label, (one, other) in pairs.items() if one != other]
