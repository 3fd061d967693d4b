"""Running SOPs: instances, the tasks people see, their deadlines, and what went wrong."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, uuid_key


class Instance(Base):
    """One running SOP. `state` is the engine's small value (None once ended); `revision` counts pushes;
    `next_wake` is the earliest timer; `waiting` the messages somebody waits for.

    `stream_id` is the event stream it writes to: the report's id, or its own id where no report stands
    behind it.
    """

    __tablename__ = "instances"
    id: Mapped[uuid_key]
    stream_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("streams.id"))
    report_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reports.id"))
    sop_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sop_versions.id"))
    sop_key: Mapped[str]
    main: Mapped[bool] = mapped_column(default=True)
    """True for the SOP whose end closes the report; False for one started beside it (`mulai_sop`)."""
    state: Mapped[dict[str, Any] | None]
    revision: Mapped[int] = mapped_column(default=0)
    next_wake: Mapped[datetime | None]
    waiting: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    started_at: Mapped[datetime]
    total_due_at: Mapped[datetime | None]
    total_paused_at: Mapped[datetime | None]
    """Since when the total clock stands still; None while it runs."""
    suspended_at: Mapped[datetime | None]
    """Since when an officer holds it back: nobody completes its tasks, nothing rings. None while it runs."""
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class WorkItem(Base):
    """A user task in somebody's inbox. Its id is the engine's task id. What was answered is in the event
    `TaskCompleted`, once."""

    __tablename__ = "work_items"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("instances.id"))
    report_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reports.id"))
    process: Mapped[str]
    element: Mapped[str]
    name: Mapped[str]
    role_code: Mapped[str]
    unit_code: Mapped[str | None]
    priority: Mapped[str] = mapped_column(default="normal")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    claimed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    claimed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None]
    outcome: Mapped[str | None]
    """`completed` or `cancelled`."""
    scope: Mapped[dict[str, Any] | None]
    """Local variables of the multi-instance child the task belongs to; None outside of one."""


class Deadline(Base):
    """One clock. `kind`: `tahap` (`id` is the work item's) or `total` (of the report's class; `id` is the
    instance's). `arithmetic` is how the date came about, beside the columns: legal source, working days
    counted, skipped days, pauses."""

    __tablename__ = "deadlines"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("instances.id"))
    kind: Mapped[str]
    rule: Mapped[str]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    first_due_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    """When the clock stopped for good: the task closed, the report ended."""
    arithmetic: Mapped[dict[str, Any]]


class Draft(Base):
    """What an officer (or the reporter: `person_id` nil UUID) has typed into an open task's form."""

    __tablename__ = "drafts"
    work_item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("work_items.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    answers: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]


class Incident(Base):
    """A push that could not be done. `action` is what was tried, so that *coba lagi* can do it again:
    `{"verb": "start"|"complete"|"deliver"|"wake", …}`; answers are kept as the person's draft."""

    __tablename__ = "incidents"
    id: Mapped[uuid_key]
    instance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("instances.id"))
    report_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reports.id"))
    sop_key: Mapped[str]
    element: Mapped[str | None]
    cause: Mapped[str]
    names: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    action: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    last_tried_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[uuid.UUID | None]


_OPEN = text("closed_at is null")
Index("ix_instances_due", Instance.next_wake, postgresql_where=text("next_wake is not null"))
Index("ix_instances_report", Instance.report_id)
Index(
    "ix_work_items_inbox",
    WorkItem.role_code,
    WorkItem.unit_code,
    WorkItem.due_at,
    WorkItem.id,
    postgresql_where=_OPEN,
)
Index(
    "ix_work_items_inbox_opened",
    WorkItem.role_code,
    WorkItem.unit_code,
    WorkItem.opened_at,
    WorkItem.id,
    postgresql_where=_OPEN,
)
Index(
    "ix_work_items_claimed",
    WorkItem.claimed_by,
    WorkItem.due_at,
    WorkItem.id,
    postgresql_where=text("closed_at is null and claimed_by is not null"),
)
Index("ix_work_items_instance", WorkItem.instance_id, postgresql_where=text("report_id is null"))
Index("ix_work_items_report", WorkItem.report_id, WorkItem.opened_at)
Index("ix_incidents_open", Incident.opened_at, postgresql_where=text("resolved_at is null"))
Index(
    "uq_incidents_open_instance",
    Incident.instance_id,
    unique=True,
    postgresql_where=text("resolved_at is null and instance_id is not null"),
)
