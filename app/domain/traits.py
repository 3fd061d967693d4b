"""The way a report took, told so that two reports that went the same way have the same one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

ENDED = "akhir:"
"""Before the reason of the end, which is the last part of every way: `akhir:selesai`."""
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:tuntas:jalur")


def gone_on(way: Sequence[str], step: str) -> list[str]:
    """The way after one more step ended. A stretch that comes a second time right after itself is told once:
    two rounds of a correction and three are the same way, and a step done twice running is done once."""
    longer = [*way, step]
    for length in range(1, len(longer) // 2 + 1):
        if longer[-length:] == longer[-2 * length : -length]:
            return longer[:-length]
    return longer


def way_id(sop_key: str, steps: Sequence[str]) -> uuid.UUID:
    """The same for the same SOP and steps, everywhere and always."""
    return uuid.uuid5(_SPACE, "\n".join([sop_key, *steps]))
