"""Who acts: a person in their roles, the reporter on their own page, the worker, or a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.domain.event import Origin
from app.domain.permissions import Permission, permissions_of

ActorKind = Literal["person", "pelapor", "worker", "command"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held, for one unit where the role belongs to a unit."""

    role: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Handed to every service. `source` is the route, job or command it came through; `report_id` is set for
    the reporter, who acts for that one report only."""

    kind: ActorKind
    source: str
    person_id: str | None = None
    grants: tuple[Grant, ...] = ()
    report_id: str | None = None
    display_name: str = ""

    def holds(self, role: str, unit: str | None = None) -> bool:
        """Whether this actor has the role, for that unit when one is asked for."""
        units = {grant.unit for grant in self.grants if grant.role == role}
        return bool(units) and (unit is None or None in units or unit in units)

    def may(self, permission: Permission) -> bool:
        """Whether one of this person's roles carries the permission."""
        return self.kind == "person" and permission in permissions_of(self.roles)

    def role_with(self, permission: Permission) -> str | None:
        """The role this actor does it in: of those that carry the permission the first by name."""
        return next((role for role in sorted(self.roles) if permission in permissions_of((role,))), None)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    def engine_id(self) -> str:
        """The opaque id the engine keeps to tell people apart."""
        return self.person_id or self.kind

    def origin(self, role: str | None = None) -> Origin:
        """How events of this actor are signed; `role` the one acted in."""
        if role is None and self.kind == "pelapor":
            role = "pelapor"
        return Origin(self.kind, self.person_id, role, self.source)


WORKER = Actor(kind="worker", source="worker")
