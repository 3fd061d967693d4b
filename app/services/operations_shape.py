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
from app.engine.intervene_preview import TimerChange, preview
from app.engine.step import Position, State
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
HOLDERS = frozenset({"subProcess", "callActivity", "transaction"})
"""Elements whose token only says that others stand inside."""
TOLD_OF_CANCELLING = "dibatalkan_kota"
"""Key of the message to the reporter; a city may have a template of its own for it."""
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
        told = [
            str(self.instance_id), self.kind, dict(self.parameters), self.refused,
            matter_of(self.consequences), self.revision if self.fleeting else None,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()

    def still(self, revision: int, shown: Json) -> bool:
        """Whether it can be done and would mean what was `shown` when the SOP stood at `revision`."""
        if self.refused or (self.fleeting and self.revision != revision):
            return False
        return bool(matter_of(self.consequences) == matter_of(shown))


def consequences_of(
    compiled: CompiledSop, state: State, plan: Plan, items: Sequence[Row[Any]], status: str | None
) -> dict[str, Any]:
    """What a planned push means. Keys are left out where nothing changes:

    `gugur` tasks that disappear: id, name, role, unit, holder, whether something is typed there;
    `terbuka` tasks that open: step, name, role, limit; `batas` limits of tasks that stay: id, name, old, new;
    `total` limit of the report: old, new; `timer`: what becomes of it (`hilang`, `baru`, `ubah`), name, old,
    new; `berbunyi`: timers that ring at once; `tunggu`: messages no longer and newly awaited; `diberitahu`:
    recipient, message; `dimulai`: SOPs started beside; `status`: old, new; `berakhir`: the reason of the end;
    `kurang`: data the SOP reads later and nobody will have answered, with what reads it; `dipakai_lagi`:
    questions that keep the answer of an earlier round. `alur` (put in by the plan): the SOP, where it is not
    the report's main one.
    """
    seen = preview(compiled, state, plan.step)
    known = {str(item.id): item for item in items}
    told: dict[str, Any] = {
        "gugur": [_item(known[task.id]) for task in seen.disappear if task.id in known],
        "terbuka": [
            {"langkah": compiled.key_of(task.process, task.element), "nama": task.name, "peran": task.role,
             "batas": moment(task.due)}
            for task in seen.open
        ],
        "batas": [
            {"id": one.task.id, "nama": one.task.name, "dari": moment(one.before),
             "menjadi": moment(one.after)}
            for one in seen.due
        ],
        "timer": [_timer(compiled, one) for one in seen.timers],
        "berbunyi": [
            [compiled.elements[(one.process, one.element)][1] or one.element, moment(one.due)]
            for one in seen.fired
        ],
        "diberitahu": [
            [asked.recipient, asked.template] for asked in plan.requests if isinstance(asked, Notice)
        ],
        "dimulai": [asked.key for asked in plan.requests if isinstance(asked, Launch)],
        "berakhir": (seen.end_reason or "selesai") if seen.ended else None,
        "kurang": [] if seen.ended else [[one.label, list(one.readers)] for one in seen.missing],
        "dipakai_lagi": [one.label for one in seen.reused],
    }  # fmt: skip
    if seen.messages_lost or seen.messages_new:
        told["tunggu"] = [list(seen.messages_lost), list(seen.messages_new)]
    after = seen.end_reason if seen.ended and seen.end_reason else plan.step.status
    if after is not None and after != status:
        told["status"] = [status, after]
    if seen.total_before != seen.total_after and not seen.ended:
        told["total"] = [moment(seen.total_before), moment(seen.total_after)]
    return {key: value for key, value in told.items() if value not in (None, [])}


def picture(
    compiled: CompiledSop, position: Position, items: Sequence[Row[Any]], *, suspended_at: datetime | None
) -> dict[str, Any]:
    """Where a running SOP stands: elements with a token (not those that only hold others), open tasks (id,
    step, role, unit, holder, limit), timers (element, host, due), awaited messages, status, limit of the
    whole. No answer, no variable."""
    holding = {element for (_process, element), (tag, _name) in compiled.elements.items() if tag in HOLDERS}
    seen: dict[str, Any] = {
        "di": sorted(one for one in position.tokens if one not in holding),
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


def _timer(compiled: CompiledSop, one: TimerChange) -> list[str | None]:
    what = "baru" if one.before is None else "hilang" if one.after is None else "ubah"
    name = timer_name(compiled, one.process, one.element, one.host)
    return [what, name, moment(one.before), moment(one.after)]


def timer_name(compiled: CompiledSop, process: str, element: str, host: str | None) -> str:
    """What a timer is called, with the step it sits on."""
    name = compiled.elements.get((process, element), ("", ""))[1] or element
    on = compiled.elements.get((process, host or ""), ("", ""))[1]
    return f"{name}, {on}" if on else name
