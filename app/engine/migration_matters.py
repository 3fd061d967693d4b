"""What a person has to know, or decide, before an instance is moved to another version of its SOP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Matter:
    """`kind` is a short stable name, `element` a key (see `CompiledSop.key_of`), in the old version unless it
    is about something new. `blocks`: only a mapping, or nothing, helps. `asks`: somebody has to agree
    (`mark`); a matter that neither blocks nor asks is a note. `targets`: keys in the new version that the
    element may be mapped to."""

    kind: str
    element: str
    text: str
    """Indonesian."""
    blocks: bool = False
    asks: bool = True
    targets: tuple[str, ...] = ()
    at: datetime | None = None
    """The moment it is about, if any."""

    @property
    def mark(self) -> str:
        """How an agreement names it."""
        return f"{self.kind}:{self.element}"
