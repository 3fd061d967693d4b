"""Photo proof along the ways: which tasks a check judges, and which ends want their photos accepted.

Rule: the SOP file contract, "Photo proof".
"""

from __future__ import annotations

from app.engine.persons import PROVEN_END
from app.engine.soundness_net import Net, Place


class Proof:
    """`checks`: check -> the places of the task whose photos it judges. `checked`: all of those. `needed`:
    ends that want accepted photos."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self.checks = self._judged()
        self.checked = frozenset[int]().union(*self.checks.values())
        self._owners = {net.places[one].process for one in self.checked}
        self.needed = {place.number for place in net.places if self._is_wanted(place)}

    def concerns(self, number: int) -> bool:
        """Whether a place is a check, what a check judges, or an end that wants it."""
        return number in self.checks or number in self.checked or number in self.needed

    def counting_for(self, end: Place) -> frozenset[int]:
        """The checked tasks that count for an end."""
        return frozenset(one for one in self.checked
                         if end.process in (self._net.process.key, self._net.places[one].process))

    def _judged(self) -> dict[int, frozenset[int]]:
        found = {}
        for place in self._net.places:
            wanted = place.node.declared.task.get("verifies")
            if place.kind == "userTask" and wanted:
                anywhere = [one for one in self._net.places if one.node.id == wanted]
                own = [one for one in anywhere if one.process == place.process]
                found[place.number] = frozenset(one.number for one in own or anywhere)
        return found

    def _is_wanted(self, place: Place) -> bool:
        """Whether `selesai` here needs accepted photos: in the main process for every check, in a called one
        for its own."""
        if place.kind != "endEvent" or place.node.declared.end_reason != PROVEN_END:
            return False
        return bool(self._owners) and place.process in {self._net.process.key, *self._owners}
