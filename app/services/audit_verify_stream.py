"""What one stream of the trace states, gathered while its chain is reckoned."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

REPORTER = "pelapor"


@dataclass(slots=True)
class Stream:
    """Events of one whole chain, in order, and by type."""

    id: uuid.UUID
    kind: str = ""
    number: str | None = None
    events: list[Row[Any]] = field(default_factory=list)
    by_type: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))

    def take(self, row: Row[Any]) -> None:
        self.events.append(row)
        self.by_type[row.type].append(row)

    def of(self, *types: str) -> Iterator[Row[Any]]:
        """Events of these types, those of the first type first."""
        for type_ in types:
            yield from self.by_type.get(type_, ())

    @property
    def erased(self) -> bool:
        """Whether what is personal was taken away by right."""
        return "PersonalDataErased" in self.by_type


def words_of(event: Row[Any], name: str) -> str | None:
    """What a commitment of this event stands for; None where it was erased, or never was."""
    found = (event.secrets or {}).get(name)
    return None if found is None else str(found[1])


def erasable(event: Row[Any]) -> bool:
    """Whether erasing what is personal takes the words of this event."""
    return REPORTER in (event.actor_kind, event.role_code) or event.type == "ReportReceived"


def lost_words(stream: Stream) -> Iterator[tuple[str, str]]:
    """Words that a commitment stands for, and that lie nowhere any more."""
    for event in stream.events:
        for name in sorted(set(event.commitments or ()) - set(event.secrets or ())):
            if not (stream.erased and (erasable(event) or event.type == "PhotoCleaned")):
                what = f"{stream.kind} {stream.id}"
                yield what, f"peristiwa {event.stream_seq} ({event.type}) kehilangan isi “{name}”"


def moment(said: str | None) -> datetime | None:
    """A moment as events write it."""
    return None if said is None else datetime.fromisoformat(said).astimezone(UTC)


def text_of(value: Any) -> str | None:
    """An id as events write it."""
    return None if value is None else str(value)


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """As the trace keeps facts: it says what there is."""
    return {name: value for name, value in values.items() if value not in (None, [], {}, "")}
