"""Differences of the steps of one process: what came, went, was renamed, moved or set otherwise."""

from __future__ import annotations

from app.engine.declaration import Duty, Standard
from app.engine.diagram import Event, Node
from app.engine.difference_changes import Notes, Section
from app.engine.difference_flows import same_expression
from app.engine.difference_forms import compare_forms
from app.engine.difference_pairs import ProcessPair
from app.engine.document_limits import Limits
from app.engine.time_words import change_words
from app.engine.titles import Titles, kind_words

_DUTY = {"cost": "biaya", "responsible": "penanggung jawab", "escalation": "eskalasi"}
_STANDARD = {"inputs": "kelengkapan", "output": "keluaran", "note": "keterangan"}
_TASK = {"status": "status laporan", "priority": "prioritas", "verifies": "memeriksa foto dari",
         "fresh": "hanya petugas baru", "pauses": "menghentikan jam"}
_LOOP = {"sequential": "satu demi satu", "cardinality": "banyaknya", "data_input": "daftar",
         "input_item": "nama tiap isi", "data_output": "daftar hasil", "output_item": "nama tiap hasil",
         "condition": "berhenti bila"}


def compare_steps(pair: ProcessPair, was: Titles, now: Titles, notes: Notes,
                  times: tuple[Limits, Limits]) -> None:
    """`times`: limits of the older and of the newer version in words, as their tables set them."""
    key = pair.new.key
    for name in pair.old.nodes:
        if name not in pair.nodes:
            notes.say(Section.STEPS, key, name, f"{was.title(name)} dihapus", was.name(name), "", "removed")
    back = pair.back
    for name, node in pair.new.nodes.items():
        if name not in back:
            where = _place(node, now, times[1])
            notes.say(Section.STEPS, key, name, f"{now.title(name)} ditambahkan{where}", "", now.name(name),
                      "added")
    for old_id, new_id in pair.nodes.items():
        _Step(pair.old.nodes[old_id], pair.new.nodes[new_id], pair, was, now, notes,
              times).compare()


def _place(node: Node, now: Titles, times: Limits) -> str:
    """Who does a new step, where it stands and how long it may take."""
    process = now.process
    told = []
    role = now.role(node.id)
    if role:
        told.append(f"oleh {role}")
    before = [now.name(flow.source) for flow in process.incoming(node.id)]
    after = [now.name(flow.target) for flow in process.outgoing(node.id)]
    if before:
        told.append(f"setelah {' dan '.join(before[:3])}")
    if after:
        told.append(f"sebelum {' dan '.join(after[:3])}")
    limit = node.declared.task.get("deadline") or (node.event.text if node.event else None)
    if limit:
        told.append(f"batas waktu {times.words(limit)}")
    return f" ({'; '.join(told)})" if told else ""


class _Step:
    """One step of both versions."""

    def __init__(self, old: Node, new: Node, pair: ProcessPair, was: Titles, now: Titles,
                 notes: Notes, times: tuple[Limits, Limits]) -> None:
        self.times = times
        self.old, self.new, self.pair, self.notes = old, new, pair, notes
        self.was, self.now = was, now
        self.key = pair.new.key
        self.name = now.name(new.id)

    def compare(self) -> None:
        if self.old == self.new:
            return
        self._what_it_is()
        self._where_it_stands()
        self._limits()
        self._words()
        self._work()
        compare_forms(self.old.declared.fields, self.new.declared.fields, self.name, self.key, self.new.id,
                      self.notes)

    def _say(self, section: Section, sentence: str, before: str = "", after: str = "") -> None:
        self.notes.say(section, self.key, self.new.id, sentence, before, after)

    def _attribute(self, section: Section, word: str, before: str | None, after: str | None) -> None:
        if (before or "") != (after or ""):
            self._say(section, f"{word} {self.name}: {_shown(before)} → {_shown(after)}", before or "",
                      after or "")

    def _what_it_is(self) -> None:
        old, new = self.old, self.new
        if old.id != new.id:
            self.notes.renamed[f"{self.pair.old.key}/{old.id}"] = f"{self.key}/{new.id}"
            self._say(Section.STEPS, f"id {self.now.title(new.id)}: {old.id} → {new.id}", old.id, new.id)
        if old.kind != new.kind:
            self._say(Section.STEPS, f"{self.name}: {kind_words(old)} → {kind_words(new)}", kind_words(old),
                      kind_words(new))
        old_name, new_name = (node.name if node.name != node.id else "" for node in (old, new))
        if old_name != new_name:
            self._say(Section.STEPS, f"nama {kind_words(new)} {_shown(old_name)} → {_shown(new_name)}",
                      old_name, new_name)
        if old.documentation != new.documentation:
            self._say(Section.STEPS, f"penjelasan {self.name} berubah", old.documentation, new.documentation)
        self._attribute(Section.STEPS, "alasan akhir", old.declared.end_reason, new.declared.end_reason)

    def _where_it_stands(self) -> None:
        old, new = self.old, self.new
        before, after = self.was.role(old.id), self.now.role(new.id)
        if (old.lane or before) != (new.lane or after):
            self._say(Section.ROLES, f"{self.now.title(new.id)} dipindah dari {before or 'tanpa peran'} ke "
                      f"{after or 'tanpa peran'}", before, after)
        scope = self.pair.nodes.get(old.scope, self.key if old.scope == self.pair.old.key else "")
        if scope != new.scope:
            inside = new.scope in self.pair.new.nodes
            where = f"ke dalam {self.now.name(new.scope)}" if inside else "ke luar sub-proses"
            self._say(Section.STEPS, f"{self.now.title(new.id)} dipindah {where}", old.scope, new.scope)
        host = self.pair.nodes.get(old.attached_to or "", "")
        if host != (new.attached_to or "") and (old.attached_to or new.attached_to):
            self._say(Section.STEPS, f"{kind_words(new)} “{new.name}” kini pada "
                      f"{self.now.name(new.attached_to or '')}", old.attached_to or "", new.attached_to or "")
        if old.interrupting != new.interrupting:
            after = "menghentikan tugasnya" if new.interrupting else "tidak menghentikan tugasnya"
            self._say(Section.STEPS, f"{self.now.title(new.id)} kini {after}", "", after)

    def _limits(self) -> None:
        before, after = (node.declared.task.get("deadline", "").strip() for node in (self.old, self.new))
        if before and after and not same_expression(before, after):
            self._say(Section.LIMITS, f"batas waktu {self.name} {self._change(before, after)}",
                      *self._both(before, after))
        elif before != after and not (before and after):
            was, now = self._both(before, after)
            told = f"kini {now}" if after else f"dihapus (sebelumnya {was})"
            self._say(Section.LIMITS, f"batas waktu {self.name} {told}", was, now)
        if self.old.kind == self.new.kind:
            self._event(self.old.event, self.new.event)
        if self.old.declared.catch_up != self.new.declared.catch_up:
            self._attribute(Section.LIMITS, "sesudah sistem berhenti, pewaktu", self.old.declared.catch_up,
                            self.new.declared.catch_up)

    def _both(self, before: str, after: str) -> tuple[str, str]:
        was, now = self.times
        return was.words(before) if before else "", now.words(after) if after else ""

    def _change(self, before: str, after: str) -> str:
        return change_limit(before, after, self.times)

    def _event(self, old: Event | None, new: Event | None) -> None:
        if (old and (old.kind, old.name)) != (new and (new.kind, new.name)):
            before, after = (f"{one.kind} {one.name or ''}".strip() if one else "" for one in (old, new))
            self._attribute(Section.MESSAGES, "peristiwa", before, after)
        before, after = (one.text or "" if one else "" for one in (old, new))
        if not same_expression(before, after):
            self._say(Section.LIMITS, f"waktu {self.now.title(self.new.id)}: {self._change(before, after)}",
                      *self._both(before, after))
        elif old and new and old.place != new.place:
            self._attribute(Section.LIMITS, "bentuk pewaktu", old.place, new.place)

    def _words(self) -> None:
        old, new = self.old.declared, self.new.declared
        duties = old.duty or Duty(), new.duty or Duty()
        for attribute, word in _DUTY.items():
            self._attribute(Section.DUTIES, word, *(getattr(one, attribute) for one in duties))
        self._attribute(Section.MESSAGES, "keterangan untuk umum", *(one.public for one in duties))
        messages = [one.message for one in duties]
        if messages[0] != messages[1]:
            before, after = ("menurut keterangan" if one is None else one or "tidak ada" for one in messages)
            self._say(Section.MESSAGES, f"pesan ke pelapor {self.name}: {before} → {after}", before, after)
        standards = old.standard or Standard(), new.standard or Standard()
        for attribute, word in _STANDARD.items():
            self._attribute(Section.STANDARDS, word, *(getattr(one, attribute) for one in standards))
        for attribute, word in _TASK.items():
            values = [one.task.get(attribute) for one in (old, new)]
            self._attribute(Section.MESSAGES if attribute == "status" else Section.STEPS, word, *values)

    def _work(self) -> None:
        old, new = self.old, self.new
        if not _same_script(old.script, new.script):
            self._say(Section.WORK, f"perhitungan {self.name} berubah: {_lines(old.script, new.script)}",
                      old.script or "", new.script or "")
        self._attribute(Section.WORK, "layanan", old.declared.operation, new.declared.operation)
        before, after = dict(old.declared.parameters), dict(new.declared.parameters)
        for name in {**before, **after}:
            if not same_expression(before.get(name), after.get(name)):
                self._attribute(Section.WORK, f"nilai {name} pada", before.get(name), after.get(name))
        self._attribute(Section.WORK, "SOP yang dipanggil", old.called, new.called)
        self._attribute(Section.DECISIONS, "tabel keputusan yang dipakai", old.decision, new.decision)
        if bool(old.loop) != bool(new.loop):
            again = "kini diulang untuk setiap isi daftar" if new.loop else "tidak lagi diulang"
            self._say(Section.WORK, f"{self.name} {again}")
        elif old.loop and new.loop:
            for attribute, word in _LOOP.items():
                values = (str(getattr(one, attribute) or "") for one in (old.loop, new.loop))
                self._attribute(Section.WORK, f"pengulangan ({word})", *values)


def change_limit(before: str, after: str, times: tuple[Limits, Limits]) -> str:
    """`3 → 1 hari kerja`; both in full where units differ; as written where the words do not tell."""
    was, now = times
    short = change_words(was.spans(before), now.spans(after))
    told = was.words(before) if before else "tidak ada", now.words(after) if after else "tidak ada"
    return short or " → ".join(told if told[0] != told[1] else (before, after))


def _same_script(old: str | None, new: str | None) -> bool:
    return _plain_lines(old) == _plain_lines(new)


def _plain_lines(text: str | None) -> list[str]:
    return [" ".join(line.split()) for line in (text or "").splitlines() if line.strip()]


def _lines(old: str | None, new: str | None) -> str:
    before, after = _plain_lines(old), _plain_lines(new)
    gone = [line for line in before if line not in after]
    come = [line for line in after if line not in before]
    return f"{'; '.join(gone) or '–'} → {'; '.join(come) or '–'}"


def _shown(text: str | None) -> str:
    if not text:
        return "tidak ada"
    return {"true": "ya", "false": "tidak", "True": "ya", "False": "tidak"}.get(text, f"“{text}”")
