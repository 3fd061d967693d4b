"""The trace of one judgement of a proposed SOP, and who may read it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.db.queries import approvals as queries
from app.domain.actor import Actor
from app.domain.errors import NotFound, NotPermitted
from app.domain.permissions import Permission
from app.services.sop_versions import stream_of
from app.services.trace_page import Trace, note_reading, trace_of
from app.services.trace_subject import approval_subject

READERS = (Permission.TRACE_READ, Permission.SOP_EDIT, Permission.SOP_APPROVE)
"""Auditors, and those whom the studio gives proposals to write or to judge. Every officer may read a
proposal and by whom it was judged; who did what from where, when and how late is for these."""


@dataclass(frozen=True, slots=True)
class ApprovalTrace:
    """The judgement (a row of `queries.approvals.approval`) and its trace."""

    approval: Row[Any]
    trace: Trace


def may_read_approvals(actor: Actor) -> bool:
    """Whether this officer may read how SOPs were judged."""
    return any(actor.may(permission) for permission in READERS)


def open_approval(
    session: Session, proposal_id: uuid.UUID, *, labels: Mapping[str, str], actor: Actor, now: datetime
) -> ApprovalTrace:
    """Read the trace of a judgement; that it was read stands in the SOP's stream, once per person, proposal
    and day. Raises NotPermitted, NotFound."""
    held = next((one for one in READERS if actor.may(one)), None)
    if held is None:
        raise NotPermitted
    row = queries.approval(session, proposal_id, now=now)
    if row is None:
        raise NotFound
    stream = stream_of(row.key)
    facts = {"usulan": str(proposal_id)}
    note_reading(session, stream, facts, actor=actor, role=actor.role_with(held), now=now)
    subject = approval_subject(session, stream, proposal_id=proposal_id, instance_id=row.instance_id)
    trace = trace_of(session, subject, labels, now)
    covering = {event.seal for event in trace.events}
    seals = tuple(seal for seal in trace.seals if seal.number in covering)
    return ApprovalTrace(row, replace(trace, seals=seals))
