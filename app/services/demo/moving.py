"""How the demo city once moved its running reports to a new version of their SOP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import SopMove, SopMoveReport
from app.domain.actor import Actor
from app.services import sop_migration, sop_migration_work


@dataclass(frozen=True, slots=True)
class Move:
    """All that run on version `old` of an SOP go to `new`. `planned_by`, `carried_by`: user names of two."""

    sop: str
    old: int
    new: int
    planned_by: str
    carried_by: str
    reason: str


def carry_out(session: Session, move: Move, *, planner: Actor, carrier: Actor, now: datetime) -> int:
    """Plan, try and carry out, as two officers and the worker would; how many were moved. Raises what
    `app.services.sop_migration` raises."""
    plan = sop_migration.plan_move(session, move.sop, move.old, move.new, actor=planner, now=now)
    round_ = session.get_one(SopMove, plan).round
    while sop_migration.test_slice(session, plan, round_, now=now):
        pass
    lines = session.scalars(select(SopMoveReport).where(SopMoveReport.move_id == plan)).all()
    chosen = [line.instance_id for line in lines if line.movable]
    moved = sop_migration.set_going(
        session, move.sop, plan, chosen, move.reason, actor=carrier, now=now
    )  # fmt: skip
    while sop_migration_work.carry_next(session, plan, now=now):
        pass
    return moved
