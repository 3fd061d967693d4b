"""Differences of what stands over the whole SOP: its identity block, total limit and roles."""

from __future__ import annotations

from app.engine.diagram import Process
from app.engine.difference_changes import Notes, Section
from app.engine.difference_flows import same_expression
from app.engine.difference_steps import change_limit
from app.engine.document_limits import Limits

IDENTITY: dict[str, str] = {
    "name": "Nama SOP", "number": "Nomor SOP", "organization": "Instansi", "createdOn": "Tanggal pembuatan",
    "revisedOn": "Tanggal revisi", "effectiveOn": "Tanggal efektif", "approvedBy": "Disahkan oleh",
    "qualification": "Kualifikasi pelaksana", "related": "Keterkaitan",
    "equipment": "Peralatan dan perlengkapan",
    "warning": "Peringatan", "records": "Pencatatan dan pendataan",
}
"""Attributes of `sop:document` and their headings in the printed SOP (PermenPANRB 35/2012)."""


def compare_identity(old: Process, new: Process, notes: Notes, times: tuple[Limits, Limits]) -> None:
    key = new.key

    def say(section: Section, sentence: str, before: str = "", after: str = "") -> None:
        notes.say(section, key, None, sentence, before, after)

    if old.key != new.key:
        say(Section.IDENTITY, f"kunci SOP {old.key} → {new.key}", old.key, new.key)
    if old.name != new.name:
        say(Section.IDENTITY, f"nama SOP “{old.name}” → “{new.name}”", old.name, new.name)
    if old.executable != new.executable:
        say(Section.IDENTITY, f"proses {new.name} {'kini' if new.executable else 'tidak lagi'} dijalankan")
    for attribute, word in IDENTITY.items():
        before, after = (one.document.attributes.get(attribute, "").strip() for one in (old, new))
        if before != after:
            say(Section.IDENTITY, f"{word}: {_quoted(before)} → {_quoted(after)}", before, after)
    _compare_basis(old, new, notes)
    if not same_expression(old.total, new.total):
        before, after = (limits.words(total) if total else ""
                         for limits, total in zip(times, (old.total, new.total), strict=True))
        words = change_limit(old.total, new.total, times) if old.total and new.total else (
            f"kini {after}" if after else "dihapus")
        say(Section.LIMITS, f"batas waktu keseluruhan {words}", before, after)


def _compare_basis(old: Process, new: Process, notes: Notes) -> None:
    before, after = old.document.legal_basis, new.document.legal_basis
    for text in before:
        if text not in after:
            notes.say(Section.IDENTITY, new.key, None, f"dasar hukum dihapus: {text}", text, "", "removed")
    for text in after:
        if text not in before:
            notes.say(Section.IDENTITY, new.key, None, f"dasar hukum ditambahkan: {text}", "", text, "added")
    if sorted(before) == sorted(after) and before != after:
        notes.say(Section.IDENTITY, new.key, None, "urutan dasar hukum berubah")


def compare_lanes(old: Process, new: Process, notes: Notes) -> None:
    """A lane's id is its role. Their order is that of the columns of the printed SOP."""
    before = {lane.id: lane.name or lane.id for lane in old.lanes if lane.id}
    after = {lane.id: lane.name or lane.id for lane in new.lanes if lane.id}
    for role, name in before.items():
        if role not in after:
            notes.say(Section.ROLES, new.key, role, f"peran {name} dihapus", name, "", "removed")
        elif name != after[role]:
            notes.say(Section.ROLES, new.key, role, f"nama peran {role}: “{name}” → “{after[role]}”", name,
                      after[role])
    for role, name in after.items():
        if role not in before:
            notes.say(Section.ROLES, new.key, role, f"peran {name} ditambahkan", "", name, "added")
    kept = [role for role in before if role in after]
    now = [role for role in after if role in before]
    if kept != now:
        was, then = (", ".join(after[role] for role in roles) for roles in (kept, now))
        notes.say(Section.ROLES, new.key, None, f"urutan pelaksana: {was} → {then}", was, then)


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "kosong"
