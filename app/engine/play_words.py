"""Steps of a scenario as people say them: who does what with which answers, and what must be true then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from app.domain.spoken import day as say_day
from app.domain.spoken import moment as say_moment
from app.domain.spoken import number
from app.engine.compiled import CompiledSop
from app.engine.declaration import Task
from app.engine.scenario import Act, Advance, Complete, Deliver, Expect, Refuse
from app.engine.step import Json

REFERENCES = frozenset({"unit", "category", "kelurahan", "person"})
SPANS = {"working_days": "hari kerja", "days": "hari", "hours": "jam", "minutes": "menit"}
MESSAGES = {
    "balasan_pelapor": "Pelapor membalas", "keberatan": "Pelapor mengajukan keberatan",
    "penarikan": "Pelapor menarik laporannya",
}
REFUSED = {
    "SamePerson": "orang yang sama", "NotOpen": "tugas itu tidak terbuka", "NotPermitted": "tidak berhak",
    "InvalidAnswers": "isiannya belum benar", "NotExpected": "tidak ada yang menunggu pesan itu",
    "ClosedByDeadline": "batas waktunya sudah lewat",
}
DATA = {
    "jenis": "Jenis", "kategori": "Topik", "kelurahan": "Kelurahan", "kecamatan": "Kecamatan",
    "kanal": "Kanal", "anonim": "Anonim", "rahasia": "Rahasia", "jumlah_foto": "Foto", "nomor": "Nomor",
    "diterima": "Diterima",
}
LONGEST = 120


@dataclass(frozen=True, slots=True)
class StepWords:
    """One step in a sentence; `details` are pairs of a question and its answer."""

    kind: Literal["complete", "deliver", "advance", "expect", "refuse"]
    text: str
    details: tuple[tuple[str, str], ...] = ()
    element: str | None = None
    """What it is about, to be shown on the diagram."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Knows what things are called in this SOP and city. `labels`: code of a unit, topic, place, role, status
    or message -> its name."""

    compiled: CompiledSop
    zone: str
    labels: Mapping[str, str]

    def said(self, act: Act) -> StepWords:
        """One step in words."""
        if isinstance(act, Complete):
            return self._completed(act)
        if isinstance(act, Deliver):
            said = MESSAGES.get(act.message, f"Pesan “{act.message}” masuk")
            return StepWords("deliver", f"{said}.", tuple((k, self.value(v)) for k, v in act.data.items()))
        if isinstance(act, Advance):
            return StepWords("advance", self._advanced(act))
        if isinstance(act, Expect):
            return StepWords("expect", "Saat itu harus berlaku:", tuple(self._expected(act)))
        return self._refused(act)

    def brought(self, data: Mapping[str, Json]) -> list[tuple[str, str]]:
        """What the report brings, less what is as with any other."""
        return [(DATA.get(key, key), self.value(value)) for key, value in data.items()
                if value not in (None, False, "")]

    def name(self, task: str) -> str:
        """Name of a task called as scenarios do."""
        found = self.declared(task)
        return found.name if found is not None else task

    def declared(self, task: str) -> Task | None:
        """The declaration of a task called as scenarios do."""
        process, slash, element = task.rpartition("/")
        if slash:
            return self.compiled.tasks.get((process, element))
        own = self.compiled.tasks.get((self.compiled.key, task))
        others = (one for (_process, key), one in self.compiled.tasks.items() if key == task)
        return own or next(others, None)

    def label(self, code: str) -> str:
        return self.labels.get(code, code)

    def value(self, value: Json, task: Task | None = None, field: str = "") -> str:
        """An answer as people read it: labels instead of codes."""
        declared = next((one for one in task.fields if one.id == field), None) if task else None
        if isinstance(value, list):
            return ", ".join(self.value(one, task, field) for one in value) or "–"
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return "Ya" if value else "Tidak"
        if isinstance(value, (int, float)):
            return number(value)
        if isinstance(value, Mapping):
            return ", ".join(f"{key}: {self.value(one)}" for key, one in value.items())
        text = str(value)
        if declared is not None:
            options = {one.value: one.label for one in declared.options}
            if text in options:
                return options[text]
        if declared is None or declared.type in REFERENCES:
            text = self.label(text)
        elif declared.type in ("date", "datetime"):
            text = self.moment(text)
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

    def moment(self, text: str) -> str:
        """A day or a moment as people say it; anything else as it stands."""
        try:
            if len(text) == 10:
                return say_day(date.fromisoformat(text))
            found = datetime.fromisoformat(text)
        except ValueError:
            return text
        aware = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(self.zone))
        return say_moment(aware, self.zone)

    def _completed(self, act: Complete) -> StepWords:
        task = self.declared(act.task)
        who = f" oleh {self.label(act.by)}" if act.by else ""
        child = f" untuk {self.value(act.of)}" if act.has_of else ""
        labels = {field.id: field.label or field.id for field in task.fields} if task else {}
        details = tuple(
            (labels.get(key, key), self.value(value, task, key)) for key, value in act.answers.items()
        )
        return StepWords("complete", f"“{self.name(act.task)}”{child} diselesaikan{who}.", details, act.task)

    def _advanced(self, act: Advance) -> str:
        if act.to is not None:
            return f"Waktu maju sampai {self.moment(act.to.isoformat())}."
        parts = [f"{number(int(n) if n == int(n) else n)} {SPANS[unit]}" for unit, n in act.spans]
        return f"Waktu maju {' dan '.join(parts)}."

    def _refused(self, act: Refuse) -> StepWords:
        said = self.said(act.act)
        why = f" karena {REFUSED[act.because]}" if act.because else ""
        if isinstance(act.act, Complete):
            who = f" oleh {self.label(act.act.by)}" if act.act.by else ""
            text = f"“{self.name(act.act.task)}”{who} harus ditolak{why}."
        else:
            text = f"{said.text.removesuffix('.')}: harus ditolak{why}."
        return StepWords("refuse", text, said.details, said.element)

    def _expected(self, act: Expect) -> list[tuple[str, str]]:
        wanted, said = act.wanted, []
        if "open" in wanted:
            names = ", ".join(f"“{self.name(one)}”" for one in wanted["open"])
            said.append(("Tugas terbuka", names or "tidak ada"))
        if wanted.get("status"):
            said.append(("Status", self.label(str(wanted["status"]))))
        for task, role in wanted.get("roles", {}).items():
            said.append((f"“{self.name(task)}” untuk", self._roles(role)))
        for task, due in wanted.get("due", {}).items():
            moments = due if isinstance(due, list) else [due]
            said.append((f"Batas “{self.name(task)}”", ", ".join(self.moment(str(one)) for one in moments)))
        for to, message in wanted.get("sent", ()):
            said.append((f"Pesan ke {self.label(to)}", self.label(message)))
        return said

    def _roles(self, raw: Json) -> str:
        said = []
        for one in raw if isinstance(raw, list) else [raw]:
            role, _, unit = str(one).partition("@")
            said.append(f"{self.label(role)} · {self.label(unit)}" if unit else self.label(role))
        return ", ".join(said)


