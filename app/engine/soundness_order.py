"""Which work side by side does not concern each other, so that one order of it stands for all.

A task is quiet when whatever else may happen (other work, a moment, a withdrawal that takes all of it away)
comes out the same before and after its completion. Then only "after" need be walked: partial order
reduction by one persistent token (Godefroid 1996), with full expansion where nothing new would come.
"""

from __future__ import annotations

from app.engine.soundness_moves import Move
from app.engine.soundness_net import Place
from app.engine.soundness_plan import Plan
from app.engine.soundness_tokens import Spot

ENDING = frozenset({"endEvent", "intermediateThrowEvent"})


def may_be_quiet(plan: Plan, place: Place) -> bool:
    """Whether completing this task can be seen by others in no way but what it sets and where it leads: no
    event on its edge, no inclusive join that looks where tokens are, no photos to judge."""
    heard = any(one not in plan.aside for one in place.boundaries)
    watched = any(one.is_join and one.kind == "inclusiveGateway" for one in plan.net.inside(place.owner))
    return not heard and not watched and place.number not in plan.proof.checked | set(plan.proof.checks)


def is_quiet(plan: Plan, move: Move, place: Place, spot: Spot) -> bool:
    """Whether this run of completing `place` set nothing that stays, read nothing others set, threw and ended
    nothing, and stayed in its scope."""
    after = move.spot()
    if (after.data, after.proof, after.reasoned) != (spot.data, spot.proof, spot.reasoned):
        return False
    entered = [plan.net.places[number] for number in move.entered]
    own = {one.slot for one in plan.forms.get(place.number, ())}
    read = frozenset().union(*(plan.reads[one.number] for one in (place, *entered))) - own
    ends = any(one.event is not None and one.kind in ENDING for one in entered)
    leaves = any(not _is_within(plan, one, place.owner) for one in entered)
    return not (move.touched or move.guessed or ends or leaves or read & plan.set_somewhere)


def _is_within(plan: Plan, place: Place, owner: int | None) -> bool:
    return place.owner == owner or any(around.owner == owner for around in plan.net.owners(place))
