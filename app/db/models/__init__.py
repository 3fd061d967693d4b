"""Rows, one file per aggregate. Importing this package registers every table."""

from app.db.models.base import Base
from app.db.models.calendar import CalendarState, DayOff, SpecialHours, WorkingHours
from app.db.models.city import Category, CitySetting, Kecamatan, Kelurahan, MessageTemplate, Role, Unit
from app.db.models.erasure import Erasure
from app.db.models.event import Event, EventSecret, Stream
from app.db.models.evidence import Photo
from app.db.models.export import Export
from app.db.models.moves import SopImpact, SopMove, SopMoveReport
from app.db.models.operation import Operation, OperationReport
from app.db.models.outbox import OutboxMessage
from app.db.models.people import Grant, Person, ThrottleCount
from app.db.models.process import Deadline, Draft, Incident, Instance, WorkItem
from app.db.models.report import (
    IdentityReading,
    NumberCounter,
    Report,
    ReportIdentity,
    Support,
    ThreadMessage,
)
from app.db.models.seal import Seal, SealEnd
from app.db.models.sop import SopVersion
from app.db.models.studio import SopApproval, SopDraft, SopProposal, SopRule
from app.db.models.traits import ReportTraits, StepTime, TracePath, TraceReader

__all__ = [
    "Base",
    "CalendarState",
    "Category",
    "CitySetting",
    "DayOff",
    "Deadline",
    "Draft",
    "Erasure",
    "Event",
    "EventSecret",
    "Export",
    "Grant",
    "IdentityReading",
    "Incident",
    "Instance",
    "Kecamatan",
    "Kelurahan",
    "MessageTemplate",
    "NumberCounter",
    "Operation",
    "OperationReport",
    "OutboxMessage",
    "Person",
    "Photo",
    "Report",
    "ReportIdentity",
    "ReportTraits",
    "Role",
    "Seal",
    "SealEnd",
    "SopApproval",
    "SopDraft",
    "SopImpact",
    "SopMove",
    "SopMoveReport",
    "SopProposal",
    "SopRule",
    "SopVersion",
    "SpecialHours",
    "StepTime",
    "Stream",
    "Support",
    "ThreadMessage",
    "ThrottleCount",
    "TracePath",
    "TraceReader",
    "Unit",
    "WorkItem",
    "WorkingHours",
]
