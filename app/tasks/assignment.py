"""Whose task is it? The lane says the role; the role says in which variable its unit stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Roles = Mapping[str, Sequence[str | None]]
"""Role code -> (unit variable, home unit)."""


def unit_of(role: str, variables: Mapping[str, Any], scope: Mapping[str, Any], roles: Roles) -> str | None:
    """Code of the unit a task of `role` goes to at the moment it opens; None: the role has no unit.

    Local variables of a multi-instance child win over the report's. A role that needs a unit while its
    variable is empty gives None, and the task falls to Kominfo, so that no report is ever in no inbox.
    """
    variable, home = roles.get(role, (None, None))
    if variable is None:
        return home
    value = scope.get(variable, variables.get(variable))
    return value if isinstance(value, str) and value else None
