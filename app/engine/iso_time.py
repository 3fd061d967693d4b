"""Days and moments as ISO 8601 writes them, read strictly: what is not one of them is None."""

from __future__ import annotations

import re
from datetime import date, datetime

from app.engine.step import Json

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def day_of(value: Json) -> date | None:
    """The day of an ISO date, or of an ISO moment as written in its own zone."""
    if not isinstance(value, str) or _DAY.match(value) is None or value[10:11] not in ("", "T"):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def moment_of(value: Json) -> datetime | None:
    """A moment with its offset; without one nobody knows which moment is meant."""
    if not isinstance(value, str) or _DAY.match(value) is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
