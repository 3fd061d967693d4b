"""Whatever is answered in any form of the shipped SOPs is taken, refused or an incident, never a crash."""

import math
import random
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.db.models import Instance, WorkItem
from app.domain.actor import Actor, Grant
from app.domain.geo import Point
from app.domain.report import Contact, Kind
from app.services import process, sop_versions, task_work
from app.services.intake import NewReport, submit_report
from app.services.outcome import Faulted, Pushed, Refused
from app.services.tracking import reporter_of
from tests.services import small_city
from tests.services.workshop import KEY, REPORTER, WORKER

SEEDS, STORIES, LONGEST = 3, 12, 25
SHIPPED = Path(__file__).resolve().parents[2] / "bpmn"
WORDS = (
    "", "ya", "x" * 20, "Sudah dikerjakan dengan baik dan benar.", "LW-2026-03-000001", "DPU", "ABC", "jalan",
    "72.71.02.1007", "2026-03-20", "2026-02-30", "9999-12-31", "0001-01-01T00:00:00+23:59", "1e400", "\u202e",
    "\x01", "\U0001d518" * 50, "x" * 5000, "{{7*7}}", "__import__('os')", "{nomor}", str(uuid.UUID(int=7)),
)  # fmt: skip
VALUES = (None, True, False, 0, -1, 2**70, -(2**70), 1.5, math.nan, math.inf, 1e308, *WORDS)
RESERVED = (
    "data",
    "id",
    "tenggat",
    "sekarang",
    "nomor",
    "rahasia",
    "opd",
    "__class__",
    "hari_kerja",
    "loopCounter",
)


def anything(chance, depth=0):
    """Any JSON at all, and numbers that JSON does not know."""
    kind = chance.random()
    if kind < 0.7 or depth > 2:
        return chance.choice(VALUES)
    inner = [anything(chance, depth + 1) for _ in range(chance.randint(0, 3))]
    return inner if kind < 0.85 else {str(chance.choice(WORDS)): each for each in inner}


def fitting(field, chance):
    """Something the field may well take."""
    options = [option.value for option in field.options] or ["x"]
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=chance.randint(0, 20_000))
    return {
        "boolean": chance.random() < 0.5,
        "integer": chance.randint(-5, 400),
        "number": chance.uniform(-5, 400),
        "date": moment.date().isoformat(),
        "datetime": moment.isoformat(),
        "choice": chance.choice(options),
        "choices": chance.sample(options, chance.randint(0, len(options))),
        "unit": chance.choice(["DPU", "KOMINFO"]),
        "category": chance.choice(["jalan", "sampah"]),
        "kelurahan": "72.71.02.1007",
        "rating": chance.randint(1, 5),
        "location": {"lat": -0.9, "lng": 119.87},
        "photo": [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(chance.randint(0, 2))],
        "report": "LW-2026-03-000001",
    }.get(field.type, chance.choice(WORDS))


def answers_for(task, chance):
    """Mostly fitting answers, some of them anything at all, and some for fields that do not exist."""
    answers = {name: anything(chance) for name in chance.sample(RESERVED, chance.choice([0, 0, 0, 2]))}
    wild = chance.random() < 0.3
    for field in task.fields:
        kind = chance.random()
        if field.type != "info" and kind < 0.97:
            answers[field.id] = anything(chance) if wild and kind < 0.3 else fitting(field, chance)
    return answers


@pytest.fixture
def city(session, clock):
    tables = [*sorted(SHIPPED.glob("*.dmn")), SHIPPED / "pemantauan_rencana.bpmn"]
    for number, kind in enumerate(Kind):
        sop = (SHIPPED / f"{kind.value}.bpmn").read_text("utf-8")
        if number == 0:
            small_city.found(session, clock(), sop=sop, key=kind.value, tables=tables)
        else:
            people = session.execute(text("SELECT id FROM persons ORDER BY username")).scalars().all()
            sources = [sop_versions.Source(f"{kind.value}.bpmn", sop.encode())]
            sources += [sop_versions.Source(path.name, path.read_bytes()) for path in tables]
            sop_versions.publish(
                session, sources, by=people[0], approved_by=people[1], basis="Perwal uji", now=clock()
            )
    session.commit()
    return session


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_answer_is_taken_refused_or_an_incident(city, clock, seed):
    chance = random.Random(seed)
    for _ in range(STORIES):
        tell(city, clock(), chance)
        city.rollback()


def tell(session, now, chance):
    """A report on its way through whatever happens to be answered, and told, and waited for."""
    new = NewReport(
        submission_key=uuid.UUID(int=chance.getrandbits(128)),
        kind=chance.choice(list(Kind)),
        description="Lampu jalan padam sejak dua minggu.",
        kelurahan="72.71.02.1007",
        point=Point(-0.90019, 119.85182),
        category="jalan",
        contact=Contact("Warga Uji", "0812-3456-7890", None),
        confidential=chance.random() < 0.5,
    )
    report_id = submit_report(session, new, actor=REPORTER, now=now, sealing_key=KEY).report_id
    for _ in range(LONGEST):
        now += timedelta(hours=chance.choice([1, 1, 30, 400]))
        items = session.scalars(
            select(WorkItem)
            .where(WorkItem.report_id == report_id, WorkItem.closed_at.is_(None))
            .order_by(WorkItem.element, WorkItem.id)
            .execution_options(populate_existing=True)
        ).all()
        if not items:
            break
        item = chance.choice(items)
        instance = session.get(Instance, item.instance_id, populate_existing=True)
        actor, deed = reporter_of(report_id, source="uji"), chance.random()
        if deed < 0.1:
            outcome = process.wake(session, instance.id, actor=WORKER, now=now)
            assert outcome is None or isinstance(outcome, Pushed | Faulted)
            continue
        if deed < 0.2:
            message = chance.choice([*instance.waiting, "penarikan", "lain"])
            said = {"isi": anything(chance)}
            outcome = process.deliver(session, instance.id, message, said, actor=actor, now=now)
        else:
            task = sop_versions.compiled(session, instance.sop_version_id).task(item.process, item.element)
            if item.role_code != "pelapor":
                grants = (Grant(item.role_code, item.unit_code),)
                actor = Actor("person", "uji", str(uuid.uuid4()), grants)
            outcome = task_work.complete(session, item.id, answers_for(task, chance), actor=actor, now=now)
        assert isinstance(outcome, Pushed | Refused | Faulted)
        session.flush()
