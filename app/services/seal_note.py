"""The nightly note to the inspectorate: today's seal, short enough to be printed or copied by hand."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain import spoken
from app.domain.seal import short
from app.services.city import ZONE
from app.services.notices import Post, post_all
from app.services.seals import Sealed

_AUDITORS = text("""
SELECT DISTINCT p.id, p.email FROM persons p JOIN grants g ON g.person_id = p.id
WHERE p.active AND p.email IS NOT NULL AND g.role_code = 'inspektorat' ORDER BY p.id
""")


def send_note(session: Session, sealed: Sealed, post: Post, *, public: str) -> int:
    """Mail the seal to everybody who audits; how many letters went out."""
    seal = sealed.seal
    body = (
        f"Segel jejak nomor {seal.number}, {spoken.moment(seal.sealed_at, ZONE)}.\n\n"
        f"Sidik: {seal.head.hex()}\n"
        f"Pendek: {short(seal.head)}\n"
        f"Mencakup {seal.events} peristiwa baru dari {seal.streams} rantai.\n"
        f"Tanda tangan: {sealed.signature.hex()}\n"
        f"Kunci publik: {public}\n\n"
        "Simpan atau cetak surat ini. Dengan sidik di atas, siapa pun dapat membuktikan kelak bahwa catatan "
        "sampai malam ini tidak diubah."
    )
    title = f"{post.brand}: segel jejak {seal.number}, {short(seal.head)}"
    letters = [
        (row.email, title, body, f"segel:{seal.number}:{row.id}") for row in session.execute(_AUDITORS)
    ]
    return post_all(letters, post)
