"""What a push came to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.services.step_record import Placed


@dataclass(frozen=True, slots=True)
class Pushed:
    """The push happened."""

    instance_id: uuid.UUID
    report_id: uuid.UUID | None
    number: str | None
    opened: tuple[Placed, ...]
    ended: bool
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The push did not happen, for an expected reason. `who`, `when`: who was first, where that is known."""

    name: str
    text: str
    faults: Mapping[str, str]
    who: str = ""
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class Faulted:
    """The SOP could not go on. What was typed is kept as a draft; the incident waits for *coba lagi*."""

    incident_id: uuid.UUID
    text: str


Outcome = Pushed | Refused | Faulted
