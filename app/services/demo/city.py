"""Fill an empty demo city: lists, accounts, SOPs, reports. All of it or nothing; afterwards never again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from app.adapters.storage import PhotoStore
from app.db.models import Report
from app.engine.compiler import Source
from app.services import city, photos
from app.services.city_setup import set_up_city
from app.services.demo.accounts import COMMAND, open_accounts
from app.services.demo.past import read_past
from app.services.demo.stage import Almanac, Stage
from app.services.demo.stories import read_stories
from app.services.demo.studio import begin_draft, publish_sops

FOUNDED = timedelta(days=130)
"""How long before now the demo city was set up."""
REPLACED = (34, "08.00")
"""Working days before now, and the time, at which the second version of an SOP came."""

_FORGET_JOBS = text("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name <> 'wake_instance'")


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """What the demo city is made from. Each of `sops` begins with its diagram."""

    city: Path
    stories: Path
    past: Path
    messages: Sequence[Path]
    sops: Sequence[Sequence[Source]]
    scenarios: Sequence[tuple[str, str]] = ()
    """Name and YAML of each."""


@dataclass(frozen=True, slots=True)
class DemoNames:
    """What the settings say about this city."""

    city: str
    number_prefix: str
    sealing_key: str
    base_url: str
    brand: str


def seed(session: Session, files: DemoFiles, names: DemoNames, *, storage: PhotoStore, now: datetime) -> int:
    """Make the demo city unless it has a report; returns how many reports were made.

    Raises StoryBroken when a story cannot be played with these SOPs.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('demo', 0))"))
    if session.scalar(select(exists().where(Report.id.is_not(None)))):
        return 0
    founded = now - FOUNDED
    set_up_city(session, files.city, now=founded, message_files=files.messages, actor=COMMAND)
    open_accounts(session, now=founded)
    calendar = city.calendar(session)
    on = Almanac(calendar, now)
    publish_sops(session, files.sops, files.scenarios, now=founded, replaced=on(*REPLACED))
    stage = Stage(
        session, storage, calendar, names.sealing_key, names.city, names.number_prefix, names.base_url,
        names.brand,
    )  # fmt: skip
    stage.play([*read_past(files.past, on), *read_stories(files.stories, on)], until=now)
    begin_draft(session, now=now)
    photos.forget_originals(session, storage=storage)
    session.execute(_FORGET_JOBS)
    return len(stage.reports)

