"""What an operation on a running report is, what it means, and how the report looked before and after.

Consequences and pictures are plain JSON, for they are kept: codes, ids and moments, never an answer, never a
word of the reporter's.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from app.engine.compiled import CompiledSop
from app.engine.step import Position, Timer
from app.services.step_plan import Plan
from app.tasks.operations import Launch, Notice

Json = Mapping[str, Any]

REASSIGN, DEADLINE, CANCEL, SEND_BACK, SKIP, MOVE, RETRY, SUSPEND, RESUME = (
    "alihkan", "batas", "batalkan", "kembalikan", "lewati", "pindahkan", "ulangi", "tangguhkan", "lanjutkan",
)  # fmt: skip
KINDS = (REASSIGN, DEADLINE, SEND_BACK, SKIP, MOVE, RETRY, SUSPEND, RESUME, CANCEL)
IRREVERSIBLE = frozenset({CANCEL, SKIP, MOVE})
"""What cannot be undone wants a second person."""
WHILE_HELD_BACK = frozenset({REASSIGN, CANCEL, RESUME})
"""What may be done to a report that is suspended: nothing else may push it."""
CANCELLED = "dibatalkan"
"""End reason of a report that was cancelled."""
BY_CITY = "kota"
"""Says in the event of the end that the city, not the reporter, cancelled."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What an operation would mean for one running SOP, worked out and not done. `refused`: why it cannot be
    done, in words; empty when it can."""

    instance_id: uuid.UUID
    report_id: uuid.UUID | None
    number: str | None
    kind: str
    parameters: Json
    revision: int
    consequences: Json
    refused: str = ""

    @property
    def irreversible(self) -> bool:
        return self.kind in IRREVERSIBLE

    @property
    def fleeting(self) -> bool:
        """It names a token that is no task; such names hold for one state only."""
        return "#" in json.dumps(dict(self.parameters), default=str)

    @property
    def mark(self) -> str:
        """The same as long as the same operation would mean the same."""
        told = [str(self.instance_id), self.kind, dict(self.parameters), self.refused]
        told += [matter_of(self.consequences), self.revision if self.fleeting else None]
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def consequences_of(
    compiled: CompiledSop, before: Position, plan: Plan, items: Sequence[Row[Any]], status: str | None
) -> dict[str, Any]:
    """What a planned push means. Keys are left out where nothing changes:

    `gugur` tasks that disappear: id, name, role, unit, holder, whether something is typed there;
    `terbuka` tasks that open: step, name, role, limit; `batas` limits of tasks that stay: id, name, old, new;
    `total` limit of the report: old, new; `timer`: what becomes of it (`hilang`, `baru`, `ubah`), name, old,
    new; `tunggu`: messages no longer and newly awaited; `diberitahu`: recipient, message; `dimulai`: SOPs
    started beside; `status`: old, new; `berakhir`: the reason of the end.
    """
    step, after = plan.step, plan.step.position
    known = {str(item.id): item for item in items}
    gone = {task.id for task in step.closed}
    fresh = {task.id for task in before.open}
    told: dict[str, Any] = {
        "gugur": [_item(known[task.id]) for task in step.closed if task.id in known],
        "terbuka": [
            {"langkah": compiled.key_of(task.process, task.element), "nama": task.name, "peran": task.role,
             "batas": moment(task.due)}
            for task in after.open if task.id not in fresh
        ],
        "batas": [
            {"id": task, "nama": known[task].name, "dari": moment(old), "menjadi": moment(new)}
            for task, old, new in step.moved if task not in gone and task in known
        ],
        "timer": _timers(compiled, before.timers, after.timers),
        "tunggu": [sorted(before.waiting - after.waiting), sorted(after.waiting - before.waiting)],
        "diberitahu": [
            [asked.recipient, asked.template] for asked in plan.requests if isinstance(asked, Notice)
        ],
        "dimulai": [asked.key for asked in plan.requests if isinstance(asked, Launch)],
        "berakhir": (after.end_reason or "selesai") if after.ended else None,
    }  # fmt: skip
    ends = after.end_reason if after.ended else None
    if (new := ends or step.status) is not None and new != status:
        told["status"] = [status, new]
    if before.total_due != after.total_due and not after.ended:
        told["total"] = [moment(before.total_due), moment(after.total_due)]
    if told["tunggu"] == [[], []]:
        del told["tunggu"]
    return {key: value for key, value in told.items() if value not in (None, [])}


def picture(
    position: Position, items: Sequence[Row[Any]], *, suspended_at: datetime | None
) -> dict[str, Any]:
    """Where a running SOP stands: elements with a token, open tasks (id, step, role, unit, holder, limit),
    timers (element, host, due), awaited messages, status, limit of the whole. No answer, no variable."""
    seen: dict[str, Any] = {
        "di": sorted(position.tokens),
        "tugas": [
            [str(one.id), one.element, one.role_code, one.unit_code,
             None if one.claimed_by is None else str(one.claimed_by), moment(one.due_at)]
            for one in items
        ],
        "timer": sorted([one.element, one.host or "", moment(one.due)] for one in position.timers),
        "tunggu": sorted(position.waiting),
        "status": position.status,
        "total": moment(position.total_due),
        "ditangguhkan": moment(suspended_at),
        "berakhir": (position.end_reason or "selesai") if position.ended else None,
    }  # fmt: skip
    return {key: value for key, value in seen.items() if value not in (None, [])}


def matter_of(consequences: Json) -> Any:
    """What two people agree to: the consequences without the moments that pass by themselves."""
    told = {key: value for key, value in consequences.items() if key != "total"}
    told["terbuka"] = [[one["langkah"], one["peran"]] for one in told.get("terbuka", ())]
    told["timer"] = [one[:2] for one in told.get("timer", ())]
    told["gugur"] = [one["id"] for one in told.get("gugur", ())]
    return json.loads(json.dumps(told, sort_keys=True))


def moment(value: datetime | None) -> str | None:
    """A moment as kept: UTC, ISO."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _item(item: Row[Any]) -> dict[str, Any]:
    return {
        "id": str(item.id), "nama": item.name, "peran": item.role_code, "unit": item.unit_code,
        "pemegang": item.claimed_by_name, "isian": item.drafted,
    }  # fmt: skip


def _timers(
    compiled: CompiledSop, before: Sequence[Timer], after: Sequence[Timer]
) -> list[list[str | None]]:
    """[what becomes of it, name, old, new] of each timer that does not stay as it is."""

    def due_of(timers: Sequence[Timer]) -> dict[tuple[str, str, str], Timer]:
        return {(one.process, one.element, one.task_id or ""): one for one in timers}

    was, is_ = due_of(before), due_of(after)
    told: list[list[str | None]] = []
    for key in sorted(was.keys() | is_.keys()):
        old, new = was.get(key), is_.get(key)
        if old is not None and new is not None and old.due == new.due:
            continue
        name = compiled.elements.get(key[:2], ("", ""))[1] or key[1]
        what = "baru" if old is None else "hilang" if new is None else "ubah"
        told.append([what, name, moment(old.due if old else None), moment(new.due if new else None)])
    return told
