"""How demo stories are played: each cue is one change through the same services the screens call, at a moment
in the past; timers that fall due between two cues fire at their own moment."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.demo_photos import Shot, draw_photo
from app.adapters.images import Refused as PhotoRefused
from app.adapters.senders import Letter
from app.adapters.storage import PhotoStore
from app.db.models import Instance, OutboxMessage, Report, WorkItem
from app.domain.actor import WORKER, Actor
from app.domain.calendar import BusinessCalendar
from app.domain.geo import Point
from app.engine.declaration import Task
from app.services import conversation, notices, photos, process, sop_versions, task_work, tracking
from app.services.conversation import NewMessage
from app.services.demo import moving
from app.services.demo.accounts import COMMAND, actor_named
from app.services.demo.moving import Move
from app.services.demo.stepping_in import StepIn, step_in
from app.services.intake import NewReport, Received, submit_report
from app.services.outcome import Faulted, Outcome, Pushed
from app.services.photos import Upload


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands in answers for the number of another story's report."""

    report: str


@dataclass(frozen=True, slots=True)
class Send:
    """A report comes in. `scenes`: photos; `by`: the officer who takes it down, else the reporter."""

    new: NewReport
    scenes: tuple[str, ...] = ()
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Do:
    """Somebody completes the task `element`; `by`: a user name or `pelapor`. `shots`: scenes by field,
    `small` ones where many are drawn."""

    by: str
    element: str
    answers: Mapping[str, Any]
    shots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    small: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """The reporter writes, on their own page."""

    body: str
    message: str = tracking.REPLY


@dataclass(frozen=True, slots=True)
class Write:
    """An officer writes into the conversation."""

    by: str
    message: NewMessage


@dataclass(frozen=True, slots=True)
class Progress:
    """An officer wants to report progress on the task `element`."""

    by: str
    element: str


@dataclass(frozen=True, slots=True)
class Take:
    """An officer takes the task `element`, to do it later. Whoever only does it took it just before."""

    by: str
    element: str


Act: TypeAlias = Send | Do | Take | Say | Write | Progress | StepIn | Move


@dataclass(frozen=True, slots=True)
class Cue:
    """What happens when, on which story's report."""

    at: datetime
    report: str
    act: Act


class StoryBroken(RuntimeError):
    """A cue did not do what the story wants, e.g. because the SOP was changed since."""


@dataclass(frozen=True, slots=True)
class Almanac:
    """Moments of the last weeks, as seen from `now`."""

    calendar: BusinessCalendar
    now: datetime

    def day(self, ago: int) -> date:
        """The working day `ago` working days before today; today never counts."""
        day = self.calendar.local_day(self.now)
        while ago > 0:
            day -= timedelta(days=1)
            ago -= self.calendar.is_working_day(day)
        return day

    def __call__(self, ago: int, clock: str) -> datetime:
        """`(3, "09.40")`: twenty to ten, three working days before today."""
        hour, minute = clock.split(".")
        return datetime.combine(self.day(ago), time(int(hour), int(minute)), self.calendar.tzinfo)


class _Silent:
    """Takes demo letters and shows them to nobody."""

    channel = "konsol"

    def reaches(self, address: str) -> bool:
        return True

    def send(self, letter: Letter) -> None:
        return None


@dataclass(slots=True)
class Stage:
    """Where the stories are played: the services' needs, and who is who."""

    session: Session
    storage: PhotoStore
    calendar: BusinessCalendar
    sealing_key: str
    city_name: str
    number_prefix: str
    base_url: str
    brand: str
    reports: dict[str, Received] = field(default_factory=dict)
    _people: dict[str, Actor] = field(default_factory=dict)

    def play(self, cues: list[Cue], *, until: datetime) -> None:
        """Play cues in the order of time, and everything that falls due up to `until`. Raises StoryBroken."""
        for cue in sorted(cues, key=lambda each: each.at):
            self._wake(cue.at)
            outcome = self._act(cue)
            if outcome is not None and not isinstance(outcome, Pushed):
                raise StoryBroken(f"{cue.report}, {cue.act}: {outcome}")
            self._post(cue.at)
        self._wake(until)

    def _act(self, cue: Cue) -> Outcome | None:
        act, now = cue.act, cue.at
        if isinstance(act, Send):
            self._send(cue.report, act, now)
            return None
        if isinstance(act, Move):
            planner, carrier = self._person(act.planned_by), self._person(act.carried_by)
            moving.carry_out(self.session, act, planner=planner, carrier=carrier, now=now)
            return None
        report_id = self.reports[cue.report].report_id
        if isinstance(act, Do):
            return self._do(cue.report, act, now)
        if isinstance(act, Take):
            item = self._item(report_id, act.element)
            task_work.claim(self.session, item.id, actor=self._person(act.by), now=now)
        elif isinstance(act, StepIn):
            step_in(self.session, report_id, act, self.calendar, actor=self._person(act.by), now=now)
        elif isinstance(act, Write):
            conversation.write(self.session, report_id, act.message, actor=self._person(act.by), now=now)
        elif isinstance(act, Progress):
            item = self._item(report_id, act.element)
            return task_work.report_progress(self.session, item.id, actor=self._person(act.by), now=now)
        elif not tracking.say(
            self.session, report_id, act.body, message=act.message, actor=self._reporter(cue.report), now=now
        ).moved:
            raise StoryBroken(f"{cue.report}: nobody waited for {act.message}")
        return None

    def _send(self, story: str, act: Send, now: datetime) -> None:
        actor = self._person(act.by) if act.by else Actor(kind="pelapor", source=COMMAND.source)
        for scene in act.scenes:
            self._photo(
                Upload(b"", act.new.submission_key), scene, story, act.new.point, actor=actor, now=now
            )
        answer = submit_report(
            self.session, act.new, actor=actor, now=now, sealing_key=self.sealing_key,
            city_name=self.city_name, prefix=self.number_prefix,
        )  # fmt: skip
        if not isinstance(answer, Received):
            raise StoryBroken(f"{story}: {dict(answer.faults)}")
        self.reports[story] = answer

    def _do(self, story: str, act: Do, now: datetime) -> Outcome:
        received = self.reports[story]
        item = self._item(received.report_id, act.element)
        actor = self._reporter(story) if act.by == "pelapor" else self._person(act.by)
        answers = {
            name: self.reports[value.report].number if isinstance(value, Ref) else value
            for name, value in act.answers.items()
        }
        if actor.kind == "person" and item.claimed_by is None:
            task_work.claim(self.session, item.id, actor=actor, now=now - timedelta(minutes=4))
        task = self._declared(item)
        report = self.session.get_one(Report, received.report_id)
        point = None if report.lat is None or report.lng is None else Point(report.lat, report.lng)
        for declared in task.fields:
            if declared.id in act.shots:
                purpose = photos.PROOF if declared.public else photos.INTERNAL
                upload = Upload(b"", item.id, "", purpose, declared.id, item.id)
                answers[declared.id] = [
                    str(self._photo(upload, scene, story, point, actor=actor, now=now, small=act.small))
                    for scene in act.shots[declared.id]
                ]
        return task_work.complete(self.session, item.id, answers, actor=actor, now=now)

    def _photo(
        self, upload: Upload, scene: str, story: str, point: Point | None, *, actor: Actor, now: datetime,
        small: bool = False,
    ) -> uuid.UUID:  # fmt: skip
        """Take, send and clean one photo, shortly before `now`. An office lies where offices lie."""
        now -= timedelta(minutes=1)
        zone = self.calendar.tzinfo
        taken = (now - timedelta(minutes=12)).astimezone(zone)
        lat, lng = (None, None) if point is None else (point.lat + 0.00004, point.lng - 0.00003)
        if scene == "kantor":
            lat, lng = -0.8917, 119.8707
        content = draw_photo(Shot(scene, sum(story.encode()), taken, lat, lng, small))
        sent = Upload(
            content, upload.submission_key, scene, upload.purpose, upload.field, upload.work_item_id
        )
        stored = photos.receive_photo(
            self.session, sent, actor=actor, now=now, storage=self.storage, zone=zone
        )
        if isinstance(stored, PhotoRefused):
            raise StoryBroken(f"{story}, {scene}: {stored.text}")
        photos.process_photo(self.session, stored.id, storage=self.storage, now=now)
        return stored.id

    def _item(self, report_id: uuid.UUID, element: str) -> WorkItem:
        found = self.session.scalar(
            select(WorkItem).where(
                WorkItem.report_id == report_id, WorkItem.element == element, WorkItem.closed_at.is_(None)
            )
        )
        if found is None:
            raise StoryBroken(f"no task {element} is open")
        return found

    def _declared(self, item: WorkItem) -> Task:
        version = self.session.scalars(
            select(Instance.sop_version_id).where(Instance.id == item.instance_id)
        ).one()
        return sop_versions.compiled(self.session, version).task(item.process, item.element)

    def _person(self, username: str) -> Actor:
        if username not in self._people:
            self._people[username] = actor_named(self.session, username)
        return self._people[username]

    def _reporter(self, story: str) -> Actor:
        return tracking.reporter_of(self.reports[story].report_id, source=COMMAND.source)

    def _wake(self, until: datetime) -> None:
        """Fire timers up to `until`, each at its moment."""
        first = (
            select(Instance.id, Instance.next_wake)
            .where(Instance.next_wake <= until)
            .order_by(Instance.next_wake)
            .limit(1)
        )
        while (due := self.session.execute(first).one_or_none()) is not None:
            outcome = process.wake(self.session, due.id, actor=WORKER, now=due.next_wake)
            if isinstance(outcome, Faulted):
                raise StoryBroken(outcome.text)
            self._post(due.next_wake)

    def _post(self, now: datetime) -> None:
        """Send what the worker would have sent meanwhile, to nobody."""
        post = notices.Post((_Silent(),), self.base_url, self.sealing_key, self.brand)
        waiting = select(OutboxMessage.id).where(OutboxMessage.state == notices.WAITING)
        for message_id in self.session.scalars(waiting).all():
            notices.send_message(self.session, message_id, post, actor=WORKER, now=now)
