"""Whether an SOP always comes to its end: found by walking everything it may come to, within bounds.

Found are: a token that waits for ever at a join, elements nothing can reach, circles without a wait, tokens
that grow in number, branches that meet the main way again, errors nobody catches, ends without a reason,
and `selesai` without accepted photos. Each finding carries the shortest way there. Beyond the bounds nothing
is claimed; one warning says so. Rule: publish checks 4; docs/adr/0012.
"""

from __future__ import annotations

from time import thread_time

from app.engine.declaration import Finding
from app.engine.diagram import Process
from app.engine.soundness_net import NotWalkable, Place, net_of
from app.engine.soundness_plan import Plan
from app.engine.soundness_search import MOST_SECONDS, MOST_SPOTS, Search
from app.engine.soundness_words import finding_of, too_many, unreached
from app.engine.survey import Survey

FEW_SPOTS = 1_500
FIRST_SHARE = 0.4
"""Up to so many states, and for so much of the time, every order is walked."""


def unsound(process: Process, survey: Survey, *, spots: int = MOST_SPOTS,
            seconds: float = MOST_SECONDS) -> list[Finding]:
    """Every finding about this process, with what it calls in place. Of a drawing that other rules refuse
    nothing is found. `spots` and `seconds` bound the work. Raises nothing for what a file holds."""
    search = explore(process, survey, spots=spots, seconds=seconds)
    if search is None:
        return []
    called = any(node.called == process.key for one in survey.processes.values()
                 for node in one.nodes.values())
    found = [finding for problem in search.problems.values()
             if (finding := finding_of(problem, search.plan.net, called)) is not None]
    if not search.complete:
        found.append(too_many(process, search.count))
    elif not search.is_broken:
        found.extend(unreached(process, place, _dead(search, place), search.way_to(before), search.plan.net)
                     for place, before in _frontier(search))
    return list(dict.fromkeys(found))


def explore(process: Process, survey: Survey, *, spots: int = MOST_SPOTS,
            seconds: float = MOST_SECONDS) -> Search | None:
    """The exploration itself; None when the drawing cannot be walked. Where much goes on side by side it is
    begun again, walking in turn what does not concern each other."""
    try:
        plan = Plan(net_of(process, survey), survey)
    except NotWalkable:
        return None
    began = thread_time()
    search = Search(plan, spots=min(spots, FEW_SPOTS), seconds=seconds * FIRST_SHARE)
    search.run()
    if not search.complete and spots > search.count:
        left = max(0.0, seconds - (thread_time() - began))
        first, search = search, Search(plan, spots=spots, seconds=left, in_turn=True)
        search.run()
        search.problems = {**search.problems, **first.problems}
    return search


def _frontier(search: Search) -> list[tuple[Place, int]]:
    """Own elements nobody comes to, each with a place before it to which somebody comes."""
    places = search.plan.net.places
    seen = {(places[number].process, places[number].node.id) for number in search.touched}
    before: dict[int, list[int]] = {}
    for place in places:
        for after in (*(track.target for track in place.tracks), *place.boundaries):
            before.setdefault(after, []).append(place.number)
    found = []
    for place in places:
        own = place.process == search.plan.net.process.key
        reached = [number for number in before.get(place.number, ()) if number in search.touched]
        if own and reached and (place.process, place.node.id) not in seen:
            found.append((place, reached[0]))
    return found


def _dead(search: Search, start: Place) -> list[str]:
    """This element, then those behind it, that nothing reaches; of a scope only itself."""
    net, found, ahead = search.plan.net, dict[str, None](), [start]
    while ahead:
        place = ahead.pop(0)
        if place.node.id not in found and place.number not in search.touched and place.owner == start.owner:
            found[place.node.id] = None
            after = (*(track.target for track in place.tracks), *place.boundaries)
            ahead.extend(net.places[number] for number in after)
    return list(found)
