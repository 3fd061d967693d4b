"""Events as steps of work: what process mining calls an activity, when it was offered, taken, done.

One event may tell of several steps: a completed task opens the next. Persons and reports appear under
pseudonyms that stay the same within one city, so that work can be followed and nobody named.
"""

from __future__ import annotations

import hmac
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.domain.words import told
from app.engine.step import EngineFault
from app.services import sop_versions

LENGTH = 12
"""Hexadecimal digits of a pseudonym."""

_ACTIVITIES: Mapping[str, str] = {
    "ReportReceived": told("Laporan diterima"),
    "ReportClosed": told("Laporan ditutup"),
    "OperationDone": told("Tindakan petugas di luar alur"),
    "ProcessEnded": told("Alur tambahan berakhir"),
}
_TASK_EVENTS: Mapping[str, str] = {
    "TaskClaimed": "start",
    "TaskReleased": "suspend",
    "TaskHandedOver": "reassign",
    "TaskCompleted": "complete",
}
_ONLY_STEPS = frozenset({"ProcessStarted", "TimersFired"})
"""Events that say nothing besides the steps they opened and the timers they rang."""
_TYPED = frozenset({"tujuan", "sebab"})
"""What may repeat somebody's words."""
_KINDS = {"foto": "foto", "jawaban": "foto", "insiden": "insiden", "pindah": "pemindahan"}
"""Whose ids stand under a name in the data; all others are of tasks."""
_SOME_REPORT = "(laporan)"
_NUMBER = re.compile(r"[A-Za-z]{1,12}-[0-9]{4}-[0-9]{2}-[0-9]{6,9}")
_ID_LENGTH = 36
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PEOPLE = text("SELECT id FROM persons ORDER BY id")
_VERSIONS = text("SELECT id FROM sop_versions ORDER BY id")


@dataclass(frozen=True, slots=True)
class Line:
    """One step of work. `lifecycle` is a transition of the XES standard model (`schedule`, `start`,
    `complete`, `withdraw` …); `task` names one task; `resource` is a pseudonym; `due` a limit in ISO form."""

    case: str
    seq: int
    at: datetime
    activity: str
    lifecycle: str
    event: str
    actor_kind: str
    source: str
    task: str | None = None
    role: str | None = None
    resource: str | None = None
    due: str | None = None
    outcome: str | None = None


class Pseudonyms:
    """Names that stand for ids. `key`: the city's lookup key in hexadecimal."""

    def __init__(self, key: str) -> None:
        self._key = bytes.fromhex(key)
        self._known: dict[str, str] = {}

    def of(self, kind: str, value: Any) -> str:
        """`kasus-3f2a…`; those of persons are remembered, of whom a city has few."""
        name = f"{kind}:{value}"
        known = self._known.get(name)
        if known is None:
            digest = hmac.digest(self._key, name.encode(), "sha256").hex()[:LENGTH]
            known = f"{kind}-{digest}"
            if kind == "petugas":
                self._known[name] = known
        return known


class Steps:
    """Names of steps as the version that ran the report calls them. `plain`: report numbers as they are."""

    def __init__(self, session: Session, pseudonyms: Pseudonyms, *, plain: bool = False) -> None:
        self.session = session
        self.pseudonyms = pseudonyms
        self.plain = plain
        self._people: set[str] | None = None
        self._versions: set[str] | None = None
        self._case: uuid.UUID | None = None
        self._names: dict[str, str] = {}
        self._of_version: dict[str, dict[str, str]] = {}

    def case(self, row: Row[Any]) -> str:
        """How the report is called."""
        return str(row.number) if self.plain else self.pseudonyms.of("kasus", row.id)

    def lines(self, row: Row[Any]) -> Iterator[Line]:
        """The steps one event tells of; rows come report after report."""
        if row.id != self._case:
            self._case, self._names = row.id, {}
        data: Mapping[str, Any] = row.data
        if row.type == "ProcessStarted":
            self._names |= self._version(str(data.get("versi", "")))
        if row.type in _TASK_EVENTS:
            yield self._line(row, self._name(data.get("langkah")), _TASK_EVENTS[row.type], data.get("tugas"))
        elif row.type not in _ONLY_STEPS:
            activity = _ACTIVITIES.get(row.type, row.type)
            yield self._line(row, activity, "complete", outcome=data.get("alasan") or data.get("akhir"))
        for element, _due, _count in data.get("timer", ()):
            yield self._line(row, self._name(element), "complete")
        for task, element, _cause in data.get("ditutup", ()):
            yield self._line(row, self._name(element), "withdraw", task)
        for task, element, due in data.get("dibuka", ()):
            yield self._line(row, self._name(element), "schedule", task, due=due, mine=False)

    def _line(
        self,
        row: Row[Any],
        activity: str,
        lifecycle: str,
        task: str | None = None,
        *,
        due: str | None = None,
        outcome: str | None = None,
        mine: bool = True,
    ) -> Line:
        """`mine`: done by whoever caused the event; a task that opens is nobody's yet."""
        resource = None
        if mine and row.actor_id is not None:
            resource = self.pseudonyms.of("petugas", row.actor_id)
        return Line(
            case=self.case(row),
            seq=row.stream_seq,
            at=row.at,
            activity=activity,
            lifecycle=lifecycle,
            event=row.type,
            actor_kind=row.actor_kind,
            source=row.source,
            task=self._task(task),
            role=row.role_code if mine else None,
            resource=resource,
            due=due,
            outcome=outcome,
        )

    def data(self, row: Row[Any]) -> Any:
        """What the event tells, for others: nobody and no report is named, and nothing anybody typed."""
        return self._without(row.data, self.case(row), str(row.id))

    def _without(self, value: Any, case: str, report: str, kind: str = "tugas") -> Any:
        if isinstance(value, dict):
            return {
                name: self._without(inner, case, report, _KINDS.get(name, kind))
                for name, inner in value.items()
                if name not in _TYPED and (name != "nomor" or self.plain)
            }
        if isinstance(value, list):
            return [self._without(inner, case, report, kind) for inner in value]
        if not isinstance(value, str):
            return value
        if len(value) != _ID_LENGTH or _ID.fullmatch(value) is None:
            return _SOME_REPORT if not self.plain and _NUMBER.fullmatch(value) else value
        if self._is_open(value):
            return value
        return case if value == report else self._of_person(value) or self._other(kind, value)

    def _is_open(self, value: str) -> bool:
        """Ids of SOP versions are no secret, and lead to the diagram."""
        if self._versions is None:
            self._versions = {str(one) for one in self.session.scalars(_VERSIONS)}
        return value in self._versions

    def _of_person(self, value: str) -> str | None:
        if self._people is None:
            self._people = {str(one) for one in self.session.scalars(_PEOPLE)}
        return self.pseudonyms.of("petugas", value) if value in self._people else None

    def _task(self, value: str | None) -> str | None:
        return None if value is None else self._other("tugas", value)

    def _other(self, kind: str, value: str) -> str:
        """The id of a task or a photo leads an officer to its report: it stays or goes with the number."""
        return value if self.plain else self.pseudonyms.of(kind, value)

    def _name(self, element: Any) -> str:
        return self._names.get(str(element), str(element))

    def _version(self, version: str) -> dict[str, str]:
        """Element -> name; an SOP that this engine no longer runs keeps the ids."""
        known = self._of_version.get(version)
        if known is None:
            known = {}
            try:
                compiled = sop_versions.compiled(self.session, uuid.UUID(version))
            except (ValueError, sop_versions.NoSuchSop, EngineFault):
                compiled = None
            if compiled is not None:
                for (process, element), (_tag, name) in compiled.elements.items():
                    known[compiled.key_of(process, element)] = name or element
            self._of_version[version] = known
        return known
