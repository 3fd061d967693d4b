"""What the demo city's studio shows: SOPs in force with their scenarios, one version that was replaced, and a
draft that Bappeda is writing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.engine.compiled import Source
from app.engine.references import references
from app.services import sop_drafts, sop_versions
from app.services.demo.accounts import COMMAND, actor_named
from app.services.sop_approvals import Proven
from app.services.sop_document import document_hash
from app.services.sop_suite import suite

BASIS = "Penetapan contoh untuk kota demo; bukan keputusan pejabat mana pun"
EARLIER = ("permintaan_informasi.bpmn", " Jawab yang ditanyakan, sebutkan sumber dan tanggalnya.", "")
"""(file, words, what stood there in the first version)."""
WRITTEN = ("aspirasi", 'deadline="hari_kerja(batas_verifikasi)"', 'deadline="hari_kerja(2)"')
"""(SOP, what stands in the version, what stands in the draft)."""


def publish_sops(
    session: Session,
    sops: Sequence[Sequence[Source]],
    scenarios: Sequence[tuple[str, str]],
    *,
    now: datetime,
    replaced: datetime,
) -> None:
    """As Bappeda would: one person publishes, another has approved. Each of `sops` begins with a diagram;
    one has a first version that is `replaced` later."""
    for sources in sops:
        main, *others = sources
        name, words, before = EARLIER
        if main.name == name and words.encode() in main.content:
            first = Source(main.name, main.content.replace(words.encode(), before.encode()))
            _publish(session, [first, *others], scenarios, now)
            _publish(session, sources, scenarios, replaced)
        else:
            _publish(session, sources, scenarios, now)


def begin_draft(session: Session, *, now: datetime) -> None:
    """A draft that somebody left in the middle of it."""
    key, words, instead = WRITTEN
    newest = sop_versions.latest_version(session, key)
    if newest is None or words not in newest.files[newest.main_file]:
        return
    writer = actor_named(session, "bappeda1")
    row = sop_drafts.begin_from_version(session, key, newest.version, actor=writer, now=now)
    files = {**row.files, row.main_file: row.files[row.main_file].replace(words, instead)}
    sop_drafts.save(
        session, row.id, revision=row.revision, files=files, main=row.main_file, actor=writer, now=now
    )
    sop_drafts.let_go(session, row.id, actor=writer)


def _publish(
    session: Session, sources: Sequence[Source], scenarios: Sequence[tuple[str, str]], now: datetime
) -> None:
    author, approver = actor_named(session, "bappeda1"), actor_named(session, "asisten")
    key = references(sources[0].name, sources[0].content).main or ""
    sop_versions.publish(
        session,
        sources,
        by=uuid.UUID(author.person_id),
        approved_by=uuid.UUID(approver.person_id),
        basis=BASIS,
        now=now,
        proven=Proven(scenarios=suite(key, scenarios, marked_by=author.display_name, now=now)),
        printed=document_hash,
        source=COMMAND.source,
    )
