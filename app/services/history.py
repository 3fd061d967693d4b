"""The story of a report in plain words, told from its events: one teller for officers, reporter and public.

Officers read who did what and every answer. The reporter and the public read what the SOP says they may:
the public text of each step, answers marked public, and the end; roles and units, never persons.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries.history import events_of, instances_of
from app.domain import spoken
from app.domain.words import dated, joined, told
from app.engine.declaration import Field, Task
from app.services import sop_versions
from app.services.history_operations import OPERATION, people_of, told_to_citizens
from app.services.history_words import MESSAGES, MOVED_FOR_CITIZENS, title_for_officers, title_of_end
from app.services.versions_run import Versions

Audience = Literal["petugas", "jejak", "pelapor", "publik"]
"""`jejak`: auditors, who read as officers do, but nothing that is declared personal and no point."""

REPORTER_SIDE = told("Pelapor")
"""Who did a step that the reporter did."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered field in words. `photos`: ids."""

    label: str
    text: str
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of the story."""

    at: datetime
    title: str
    who: str = ""
    text: str = ""
    answers: tuple[Answer, ...] = ()
    icon: str = ""
    kind: str = ""
    """Type of the event it tells of."""


def history(
    session: Session, report_id: uuid.UUID, *, audience: Audience, labels: Mapping[str, str]
) -> list[HistoryLine]:
    """The report's story, oldest first. `labels` turns codes (units, categories, roles) into names."""
    sops = {
        row.sop_key: sop_versions.compiled(session, row.sop_version_id)
        for row in instances_of(session, report_id)
    }
    events = events_of(session, report_id)
    versions = Versions(session, sops, events)
    teller = _Teller(versions, labels)
    story: list[HistoryLine] = []
    for event in events:
        versions.pass_(event)
        story += teller.for_officers(event) if audience == "petugas" else teller.for_citizens(event, audience)
    return story


class AuditTeller:
    """Tells auditors of one event after the other; `versions` is taken along by whoever asks."""

    def __init__(self, versions: Versions, labels: Mapping[str, str]) -> None:
        self._teller = _Teller(versions, labels, "jejak")

    def line(self, event: Row[Any]) -> HistoryLine:
        """The event in one line; decisions and the agency's change are left to the page."""
        return next(iter(self._teller.for_officers(event)))

    def task(self, where: str) -> Task | None:
        """The declaration of a step as events name it."""
        return self._teller.task(where)


class _Teller:
    """Knows the SOPs of one report and the city's names."""

    def __init__(
        self, versions: Versions, labels: Mapping[str, str], officers: Audience = "petugas"
    ) -> None:
        self._versions = versions
        self._labels = labels
        self._officers = officers

    def for_citizens(self, event: Row[Any], audience: Audience) -> Iterable[HistoryLine]:
        """Zero or more lines: the public text of steps that opened, public answers, the end."""
        if event.type == "ReportReceived":
            yield HistoryLine(event.at, told("Laporan diterima"), icon="inbox", kind=event.type)
        elif event.type == "TaskCompleted":
            task = self.task(event.data.get("langkah", ""))
            shown = [] if task is None else self._answers(event, task, audience)
            if shown and task is not None:
                yield HistoryLine(
                    event.at, task.name, self._side(event), answers=tuple(shown), kind=event.type
                )
        elif event.type == "MessageDelivered":
            title = MESSAGES.get(event.data.get("pesan", ""))
            if title:
                yield HistoryLine(event.at, title, icon="message-circle", kind=event.type)
        elif event.type in MOVED_FOR_CITIZENS:
            yield HistoryLine(event.at, MOVED_FOR_CITIZENS[event.type], icon="route", kind=event.type)
        elif event.type == OPERATION and told_to_citizens(event.data):
            yield HistoryLine(event.at, told_to_citizens(event.data), icon="hand", kind=event.type)
        for opened in event.data.get("dibuka", ()):
            task = self.task(opened[1])
            if task is not None and task.duty.public:
                who = self._labels.get(task.role or "", "")
                yield HistoryLine(event.at, task.duty.public, who, kind="TaskOpened")
        if event.type == "ReportClosed":
            yield HistoryLine(event.at, title_of_end(event.data), icon="flag", kind=event.type)

    def for_officers(self, event: Row[Any]) -> Iterable[HistoryLine]:
        """One line per event, with who and every answer."""
        who = " · ".join(part for part in (event.actor_name, event.role_name) if part)
        data = event.data
        if event.type == "TaskCompleted":
            task = self.task(data.get("langkah", ""))
            name = task.name if task is not None else str(data.get("langkah", ""))
            answers = () if task is None else tuple(self._answers(event, task, self._officers))
            yield HistoryLine(event.at, name, who, self._decisions(data), answers, "check", event.type)
            return
        title = title_for_officers(event.type, data)
        yield HistoryLine(event.at, title, who, self._detail(event), kind=event.type)

    def _detail(self, event: Row[Any]) -> str:
        data, secrets = event.data, event.secrets or {}
        task = self.task(str(data.get("langkah", "")))
        parts = [
            task.name if task is not None else "",
            data.get("sebab", ""),
            data.get("perubahan", ""),
            secrets.get("alasan", ""),
            secrets.get("catatan", ""),
            people_of(data, self._labels) if event.type == OPERATION else "",
            data.get("tujuan", "") or secrets.get("tujuan", ""),
        ]
        for _id, before, after in data.get("tugas", ()) if event.type in MOVED_FOR_CITIZENS else ():
            was, is_ = self.task(before), self.task(after)
            parts.append(f"{was.name if was else before} → {is_.name if is_ else after}")
        if event.type in ("TimersFired", "ProcessStarted"):
            names = [self.task(opened[1]) for opened in data.get("dibuka", ())]
            opened = ", ".join(each.name for each in names if each is not None)
            parts.append(told("Tugas baru: %(names)s", names=opened) if opened else "")
            parts.append(self._decisions(data))
        if event.type == "MessageDelivered" and "isi" in secrets:
            sent = json.loads(secrets["isi"])
            parts += [str(value) for value in sent.values() if isinstance(value, str)]
        return joined("\n", (part for part in parts if part))

    def _decisions(self, data: Mapping[str, Any]) -> str:
        lines: list[str] = []
        if self._officers == "jejak":
            return ""
        for made in data.get("keputusan", ()):
            rows = ", ".join(str(row) for row in made["baris"])
            lines.append(f"Tabel {made['tabel']}: baris {rows}")
        changed = data.get("opd")
        if changed:
            before, after = (self._labels.get(code or "", code or "—") for code in changed)
            lines.append(f"Perangkat daerah: {before} → {after}")
        return "\n".join(lines)

    def _answers(self, event: Row[Any], task: Task, audience: Audience) -> list[Answer]:
        given = {**event.data.get("jawaban", {}), **json.loads((event.secrets or {}).get("jawaban", "{}"))}
        return [
            _answer(field, given[field.id], self._labels)
            for field in task.fields
            if given.get(field.id) not in (None, "", []) and _reaches(field, task, audience)
        ]

    def _side(self, event: Row[Any]) -> str:
        return REPORTER_SIDE if event.actor_kind == "pelapor" else str(event.role_name)

    def task(self, where: str) -> Task | None:
        """The task that an event names, of whatever version has it."""
        process, _, element = where.rpartition("/")
        for key, sop in self._versions.all():
            found = sop.tasks.get((process or key, element))
            if found is not None:
                return found
        return None


def _reaches(field: Field, task: Task, audience: Audience) -> bool:
    """Officers read every answer; reporters what is public, meant for them, or their own; nobody else what is
    personal; auditors all but what is personal or a point."""
    if audience == "petugas":
        return True
    if audience == "jejak":
        return not field.personal and field.type != "location"
    if field.personal:
        return False
    return field.public or (audience == "pelapor" and (field.reporter or task.role == "pelapor"))


def _answer(field: Field, value: Any, labels: Mapping[str, str]) -> Answer:
    if field.type == "photo" and isinstance(value, list):
        return Answer(field.label, "", tuple(str(each) for each in value))
    if field.type in ("choice", "choices"):
        words = {option.value: option.label for option in field.options}
        chosen = value if isinstance(value, list) else [value]
        return Answer(field.label, ", ".join(words.get(str(one), str(one)) for one in chosen))
    if field.type == "boolean":
        return Answer(field.label, told("Ya") if value else told("Tidak"))
    if field.type in ("unit", "category", "kelurahan"):
        return Answer(field.label, labels.get(str(value), str(value)))
    if field.type == "date":
        return Answer(field.label, _day(str(value)))
    if field.type == "location" and isinstance(value, Mapping):
        return Answer(field.label, f"{value.get('lat')}, {value.get('lng')}")
    return Answer(field.label, str(value))


def _day(kept: str) -> str:
    """A day as people say it; what is none stays as it was written."""
    try:
        on = date.fromisoformat(kept)
        return dated(spoken.day(on), on)
    except ValueError:
        return kept
