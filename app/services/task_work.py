"""What people do with tasks: take, release, hand over, draft, complete. Judged here, pushed by `process`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from app.db import pushes
from app.db.models import Photo, Report
from app.db.pushes import Around, LockedInstance
from app.domain.actor import Actor
from app.domain.errors import Conflict, NotFound, NotPermitted
from app.domain.words import told
from app.engine.declaration import Task
from app.services import photos, process, sop_enactment, sop_versions
from app.services.incidents import REPORTER, keep_as_draft
from app.services.outcome import Outcome, Pushed, Refused
from app.services.trail import record

PROGRESS = "kabar_kemajuan"
"""The message that opens a progress form beside the task it reports on."""
MIN_REASON = 10
"""Characters of a reason for handing a task over."""

_CLAIM = text("""
UPDATE work_items SET claimed_by = CAST(:person_id AS uuid), claimed_at = :now
WHERE id = :id AND closed_at IS NULL AND (claimed_by IS NULL OR claimed_by = CAST(:person_id AS uuid))
""")

_RELEASE = text("""
UPDATE work_items SET claimed_by = NULL, claimed_at = NULL
WHERE id = :id AND closed_at IS NULL AND claimed_by = CAST(:person_id AS uuid)
""")

_HAND_OVER = text("""
UPDATE work_items SET claimed_by = :to, claimed_at = :now WHERE id = :id AND closed_at IS NULL
""")

_ABLE = text("""
SELECT p.display_name FROM persons p JOIN grants g ON g.person_id = p.id
WHERE p.id = :person_id AND p.active AND g.role_code = :role AND g.unit_code IS NOT DISTINCT FROM :unit
""")


def complete(
    session: Session, task_id: uuid.UUID, answers: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Outcome:
    """Complete a task with the answers of its form.

    Returns `Pushed`; `Refused` with `TaskAlreadyDone` (who, when), `ClaimedByOther`, `NotPermitted`,
    `Suspended`, `InvalidAnswers` (a fault per field), `SamePerson` or `ClosedByDeadline`; or `Faulted`.
    Raises NotFound.
    """
    locked = pushes.lock_instance_of(session, task_id)
    item = None if locked is None else pushes.work_item(session, task_id)
    if locked is None or item is None:
        raise NotFound()
    if item.closed_at is not None:
        return already_done(item)
    if not may_work_on(item, actor):
        return Refused("NotPermitted", "Tugas ini bukan untuk peran atau unit Anda.", {})
    if item.claimed_by is not None and str(item.claimed_by) != actor.person_id:
        return _claimed(item)
    if locked.suspended_at is not None:
        keep_as_draft(session, task_id, actor.person_id, answers, now=now)
        return process.held_back(locked.suspended_at)
    task = sop_versions.compiled(session, locked.sop_version_id).task(item.process, item.element)
    if item.report_id is None:
        barred = sop_enactment.may_not_judge(session, item, task, actor)
        if barred is not None:
            return barred
    sent = _photo_ids(task, answers)
    faults = _photo_faults(session, task, sent, task_id)
    faults |= _report_faults(session, task, answers, locked.number)
    if faults:
        return Refused("InvalidAnswers", "Periksa kembali isian yang ditandai.", faults)
    try:
        with session.begin_nested() if item.report_id is None else nullcontext():
            outcome = process.complete(
                session,
                locked,
                task,
                task_id=task_id,
                role=item.role_code,
                answers=answers,
                around=Around(
                    item.roles or {}, item.calendar, item.status, item.opd, item.troubled, item.wanted
                ),
                actor=actor,
                now=now,
            )
    except sop_enactment.NotEnacted as refusal:
        keep_as_draft(session, task_id, actor.person_id, answers, now=now)
        return Refused("NotEnacted", refusal.text, {})
    if isinstance(outcome, Pushed) and sent:
        ids = [photo for chosen in sent.values() for photo in chosen if photo is not None]
        photos.attach_to_task(session, ids, work_item_id=task_id, report_id=locked.report_id)
    return outcome


def claim(session: Session, task_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """*Ambil tugas*: it is mine until I finish or release it. Raises NotFound, NotPermitted, Conflict."""
    locked, item = _workable(session, task_id, actor)
    if session.execute(_CLAIM, {"id": task_id, "person_id": actor.person_id, "now": now}).rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_claimed(item).text)
    _record(session, locked, item, "TaskClaimed", {}, actor=actor, now=now)


def release(session: Session, task_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """*Lepas tugas*: back to everybody of the unit. Raises NotFound, NotPermitted, Conflict."""
    locked, item = _workable(session, task_id, actor)
    if session.execute(_RELEASE, {"id": task_id, "person_id": actor.person_id}).rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("Tugas ini tidak sedang Anda pegang.")
    _record(session, locked, item, "TaskReleased", {}, actor=actor, now=now)


def hand_over(
    session: Session, task_id: uuid.UUID, to: uuid.UUID, *, reason: str, actor: Actor, now: datetime
) -> str:
    """Give an open task to a colleague of the same role and unit; the reason enters the trace.

    Returns the colleague's name. Raises NotFound, NotPermitted, Conflict (reason too short, no such
    colleague).
    """
    locked, item = _workable(session, task_id, actor)
    if len(reason.strip()) < MIN_REASON:
        raise Conflict(told("Tulis alasan serah tugas, sedikitnya %(n)s huruf.", n=MIN_REASON))
    able = {"person_id": to, "role": item.role_code, "unit": item.unit_code}
    name = session.execute(_ABLE, able).scalar_one_or_none()
    if name is None:
        raise Conflict("Rekan itu tidak memegang peran dan unit tugas ini. Pilih rekan lain.")
    session.execute(_HAND_OVER, {"id": task_id, "to": to, "now": now})
    before = None if item.claimed_by is None else str(item.claimed_by)
    facts = {"dari": before, "kepada": str(to)}
    _record(session, locked, item, "TaskHandedOver", facts, {"alasan": reason.strip()}, actor=actor, now=now)
    return str(name)


def report_progress(session: Session, task_id: uuid.UUID, *, actor: Actor, now: datetime) -> Outcome:
    """Ask for the form in which progress, or a wish for more time, is written, where the SOP offers one for
    this task. Raises NotFound, NotPermitted, Conflict (done, or held by a colleague)."""
    locked, item = _workable(session, task_id, actor)
    if item.claimed_by is not None and str(item.claimed_by) != actor.person_id:
        raise Conflict(_claimed(item).text)
    if not sop_versions.compiled(session, locked.sop_version_id).task(item.process, item.element).boundary:
        raise Conflict("SOP ini tidak meminta kabar kemajuan untuk tugas tersebut.")
    return process.deliver(session, locked.id, PROGRESS, {}, actor=actor, now=now, role=item.role_code)


def save_draft(
    session: Session, task_id: uuid.UUID, answers: Mapping[str, Any], *, actor: Actor, now: datetime
) -> None:
    """Keep what is typed so far. Raises NotFound, NotPermitted, Conflict when the task is done."""
    _workable(session, task_id, actor)
    keep_as_draft(session, task_id, actor.person_id, answers, now=now)


def draft_of(session: Session, task_id: uuid.UUID, *, actor: Actor) -> Row[Any] | None:
    """What this actor typed last into the task's form: answers, updated_at."""
    person = uuid.UUID(actor.person_id) if actor.person_id else REPORTER
    return session.execute(
        text("SELECT answers, updated_at FROM drafts WHERE work_item_id = :id AND person_id = :person"),
        {"id": task_id, "person": person},
    ).one_or_none()


def may_work_on(item: Row[Any], actor: Actor) -> bool:
    """Whether a task (role_code, unit_code, report_id) is for this actor: by role and unit, or as the
    reporter on the page of that very report."""
    if actor.kind == "pelapor":
        return item.role_code == "pelapor" and actor.report_id == str(item.report_id)
    return any(
        grant.role == item.role_code and (item.unit_code is None or grant.unit == item.unit_code)
        for grant in actor.grants
    )


def _workable(session: Session, task_id: uuid.UUID, actor: Actor) -> tuple[LockedInstance, Row[Any]]:
    """An open task of this actor's, under the lock of its instance: the same order of locks as a push takes,
    so that taking a task and completing another of the same report never wait for each other in a ring."""
    locked = pushes.lock_instance_of(session, task_id)
    item = None if locked is None else pushes.work_item(session, task_id)
    if locked is None or item is None:
        raise NotFound()
    if not may_work_on(item, actor):
        raise NotPermitted("Tugas ini bukan untuk peran atau unit Anda.")
    if item.closed_at is not None:
        raise Conflict("Tugas ini sudah diselesaikan.")
    return locked, item


def _record(
    session: Session, locked: LockedInstance, item: Row[Any], type_: str, facts: Mapping[str, Any],
    personal: Mapping[str, str] | None = None, *, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    data = {"tugas": str(item.id), "langkah": item.element, **facts}
    record(session, locked.stream_id, type_, data, personal, actor=actor, now=now, role=item.role_code)


def already_done(item: Row[Any]) -> Refused:
    """Who was first, and when: what a closed task answers to everybody else."""
    if item.outcome == "completed":
        words = told("Tugas ini sudah diselesaikan.")
    else:
        words = told("Tugas ini sudah tidak diperlukan: alur laporan berjalan terus tanpa langkah ini.")
    return Refused("TaskAlreadyDone", words, {}, who=item.closed_by_name, when=item.closed_at)


def _claimed(item: Row[Any]) -> Refused:
    words = told(
        "Tugas ini sedang dikerjakan %(name)s. Minta rekan Anda melepas atau menyerahkannya.",
        name=item.claimed_by_name,
    )
    return Refused(
        "ClaimedByOther", words, {}, who=item.claimed_by_name, when=getattr(item, "claimed_at", None)
    )


def _photo_ids(task: Task, answers: Mapping[str, Any]) -> dict[str, list[uuid.UUID | None]]:
    """Photo ids per photo field; None stands for text that is no id."""
    found: dict[str, list[uuid.UUID | None]] = {}
    for declared in task.fields:
        value = answers.get(declared.id)
        if declared.type == "photo" and isinstance(value, list) and value:
            found[declared.id] = [_uuid(each) for each in value]
    return found


def _photo_faults(
    session: Session, task: Task, sent: Mapping[str, list[uuid.UUID | None]], task_id: uuid.UUID
) -> dict[str, str]:
    """Every photo answered must really have been sent for this very task and be readable."""
    ids = {photo for chosen in sent.values() for photo in chosen if photo is not None}
    if not sent:
        return {}
    rows = session.query(Photo.id, Photo.state).filter(Photo.id.in_(ids), Photo.work_item_id == task_id).all()
    usable = {row.id for row in rows if row.state != photos.REJECTED}
    labels = {declared.id: declared.label for declared in task.fields}
    return {
        name: told(
            "%(field)s: foto ke-%(n)s tidak ada atau tidak terbaca. Unggah lagi foto itu.",
            field=labels[name],
            n=number,
        )
        for name, chosen in sent.items()
        for number, photo in enumerate(chosen, start=1)
        if photo not in usable
    }


def _report_faults(
    session: Session, task: Task, answers: Mapping[str, Any], own: str | None
) -> dict[str, str]:
    """A report that is named must exist and be another one."""
    named = {
        declared.id: (declared.label, answers[declared.id])
        for declared in task.fields
        if declared.type == "report" and isinstance(answers.get(declared.id), str) and answers[declared.id]
    }
    if not named:
        return {}
    known = set(
        session.scalars(
            select(Report.number).where(Report.number.in_([number for _, number in named.values()]))
        )
    )
    faults = {}
    for name, (label, number) in named.items():
        if number == own:
            faults[name] = told(
                "%(field)s: ini nomor laporan yang sedang Anda kerjakan. Pilih laporan lain.", field=label
            )
        elif number not in known:
            faults[name] = told("%(field)s: nomor ini tidak ada. Periksa kembali nomornya.", field=label)
    return faults


def _uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None
