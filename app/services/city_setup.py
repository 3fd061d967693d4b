"""A new city gets its lists: agencies, places, roles, topics, and the words of its messages.

Only what is missing is added: what a city has changed since stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.adapters.city import DATA, read_starting_city
from app.adapters.messages import read_messages
from app.db.models import Base, Category, CitySetting, Kecamatan, Kelurahan, MessageTemplate, Role, Unit
from app.domain.actor import Actor
from app.services import trail
from app.services.calendar_seed import seed_calendar
from app.services.city import stream_of_city
from app.services.geography import BOUNDS

BUILT_IN_MESSAGES = DATA / "messages.json"
"""Messages that the program itself sends; those of SOPs come with the SOPs."""
COMMAND = Actor(kind="command", source="flask city setup")


def set_up_city(
    session: Session,
    city_file: Path,
    *,
    now: datetime,
    message_files: Sequence[Path] = (),
    actor: Actor = COMMAND,
) -> Mapping[str, int]:
    """Add what the city lacks of `city_file` and of `message_files` (YAML, the first that has a key counts).

    Returns how many rows were added, by table; empty when there was nothing to add.
    """
    city = read_starting_city(city_file)
    texts: dict[str, Mapping[str, str]] = {}
    for file in (*message_files, BUILT_IN_MESSAGES):
        for key, words in read_messages(file).items():
            texts.setdefault(key, words)
    wanted: tuple[tuple[type[Base], Sequence[Mapping[str, Any]]], ...] = (
        (Unit, city.units),
        (Kecamatan, city.kecamatan),
        (Kelurahan, city.kelurahan),
        (Role, city.roles),
        (Category, city.categories),
        (MessageTemplate, [{"key": key, **words} for key, words in texts.items()]),
        (CitySetting, [{"key": BOUNDS, "value": dict(city.bounds)}]),
    )
    added = {table.__tablename__: _add(session, table, rows) for table, rows in wanted}
    added["days_off"] = seed_calendar(session, now=now)
    found = {name: count for name, count in added.items() if count}
    if found:
        events = trail.begin_stream(session, stream_of_city(), "kota")
        events.add("CitySetUp", {"berkas": city_file.name, "kota": city.name, "ditambahkan": found})
        events.write(session, origin=actor.origin(), now=now)
    return found


def _add(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose key is not there yet; how many."""
    if not rows:
        return 0
    key = next(iter(table.__table__.primary_key)).name
    statement = insert(table).values([dict(row) for row in rows]).on_conflict_do_nothing()
    return len(session.execute(statement.returning(table.__table__.c[key])).all())
