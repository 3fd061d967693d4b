"""A small city in which any small SOP can be run: everybody has a colleague, every push is committed."""

import math
import uuid
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, select, text

from app.db.models import Role, Unit, WorkItem
from app.domain.actor import Actor
from app.domain.geo import Point
from app.domain.report import Contact, Kind
from app.engine.compiler import Source
from app.services import city, photos, process, sop_versions, task_work
from app.services.intake import NewReport, Received, submit_report
from app.services.photos import Upload
from app.services.tracking import reporter_of
from tests.services import small_city
from tests.services.test_photos import jpeg

KEY = "c" * 64
REPORTER = Actor(kind="pelapor", source="uji")
WORKER = Actor(kind="worker", source="uji")
WITA = ZoneInfo("Asia/Makassar")


def diagram(body, lanes, *, key="pengaduan", extra="", total=""):
    """A whole file: `lanes` maps a role to the elements it does; `total` is the report's own deadline."""
    drawn = "".join(
        f'<bpmn:lane id="{role}" name="{role}">'
        + "".join(f"<bpmn:flowNodeRef>{element}</bpmn:flowNodeRef>" for element in elements)
        + "</bpmn:lane>"
        for role, elements in lanes.items()
    )
    clock = (
        f'<bpmn:extensionElements><sop:process total="{total}"/></bpmn:extensionElements>' if total else ""
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:sop="urn:tuntas:sop:1"
 id="d_{key}" targetNamespace="urn:uji">{extra}
<bpmn:process id="{key}" name="SOP {key}" isExecutable="true">{clock}
<bpmn:laneSet id="lanes">{drawn}</bpmn:laneSet>{body}</bpmn:process></bpmn:definitions>"""


def task(name, *fields, **attributes):
    """A user task. A field is `id:type` with further attributes behind commas: `hp:string,personal=true`."""
    form = ""
    for field in fields:
        head, *more = field.split(",")
        name_, _, type_ = head.partition(":")
        rest = "".join(f' {part.split("=")[0]}="{part.split("=")[1]}"' for part in more)
        form += f'<sop:field id="{name_}" type="{type_ or "text"}" label="Isian {name_}"{rest}/>'
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return (
        f'<bpmn:userTask id="{name}" name="Tugas {name}"><bpmn:extensionElements><sop:task{given}/>'
        f"<sop:form>{form}</sop:form></bpmn:extensionElements></bpmn:userTask>"
    )


def tell(name, to, key):
    return (
        f'<bpmn:serviceTask id="{name}"><bpmn:extensionElements><sop:service name="beritahu">'
        f'<sop:parameter name="kepada" value="\'{to}\'"/><sop:parameter name="pesan" value="\'{key}\'"/>'
        "</sop:service></bpmn:extensionElements></bpmn:serviceTask>"
    )


class Workshop:
    """Runs one SOP. `who` are the people by name: admin, operator, rekan (a second operator), pemeriksa."""

    def __init__(self, session, clock, sop):
        self.session, self.clock = session, clock
        self.who = small_city.found(session, clock(), sop=sop)
        session.add(Unit(code="DLH", name="Dinas Lingkungan Hidup", short_name="DLH", kind="opd"))
        session.add(Role(code="verifikator", name="Verifikator", home_unit="KOMINFO"))
        session.add(Role(code="kepala_opd", name="Kepala OPD", unit_variable="opd"))
        session.flush()
        self.hire("rekan", ("operator_opd", "DPU"))
        self.hire("pemeriksa", ("verifikator", "KOMINFO"))

    def hire(self, name, *grants):
        self.who[name] = small_city.person(self.session, name, self.clock(), *grants)
        self.session.commit()
        return self.who[name]

    def publish(self, sop, key):
        sop_versions.publish(
            self.session,
            [Source(f"{key}.bpmn", sop.encode())],
            by=uuid.UUID(self.who["admin"].person_id),
            approved_by=uuid.UUID(self.who["kepala"].person_id),
            basis="Perwal uji",
            now=self.clock(),
        )
        self.session.commit()

    def report(self, kind=Kind.PENGADUAN):
        """A new report; its id."""
        new = NewReport(
            submission_key=uuid.uuid4(),
            kind=kind,
            description="Tumpukan sampah di pinggir jalan sudah seminggu.",
            point=Point(-0.91215, 119.88286),
            contact=Contact("Warga Uji", "0812-3456-7890", None),
        )
        received = submit_report(
            self.session, new, actor=REPORTER, now=self.clock(), sealing_key=KEY, city_name="Kota Palu"
        )
        assert isinstance(received, Received)
        self.session.commit()
        return received.report_id

    def item(self, element, report_id=None):
        """The open task `element`, read afresh."""
        wanted = select(WorkItem).where(WorkItem.element == element, WorkItem.closed_at.is_(None))
        if report_id is not None:
            wanted = wanted.where(WorkItem.report_id == report_id)
        return self.session.scalars(wanted.execution_options(populate_existing=True)).one()

    def open(self):
        """Elements of the open tasks, each with role and unit."""
        rows = self.session.execute(
            text("SELECT element, role_code, unit_code FROM work_items WHERE closed_at IS NULL ORDER BY 1")
        )
        return [tuple(row) for row in rows]

    def do(self, name, element, **answers):
        """Complete the open task and commit; `name` a person or `pelapor`."""
        item = self.item(element)
        actor = reporter_of(item.report_id, source="uji") if name == "pelapor" else self.who[name]
        outcome = task_work.complete(self.session, item.id, answers, actor=actor, now=self.clock())
        self.session.commit()
        return outcome

    def wake(self, instance_id):
        outcome = process.wake(self.session, instance_id, actor=WORKER, now=self.clock())
        self.session.commit()
        return outcome

    def photo(self, storage, item, field, colour=(10, 120, 40), by="operator"):
        """A photo sent for a field of a task; its id as text."""
        upload = Upload(jpeg(colour), item.id, "", photos.PROOF, field, item.id)
        stored = photos.receive_photo(
            self.session, upload, actor=self.who[by], now=self.clock(), storage=storage, zone=WITA
        )
        self.session.commit()
        return str(stored.id)

    def value(self, sql, **values):
        return self.session.execute(text(sql), values).scalar_one()


@contextmanager
def counted(engine):
    """Statements and commits of this engine meanwhile, as `{"statements": [...], "commits": n}`. That pages
    look at the calendar again after some seconds is none of what they cost, however slow the machine."""
    seen = {"statements": [], "commits": 0}

    def note(connection, cursor, statement, parameters, context, executemany):
        if not statement.upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK TO")):
            seen["statements"].append(statement)

    def committed(connection):
        seen["commits"] += 1

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", committed)
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(city, "PAGES_LOOK_AGAIN", math.inf)
            yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", committed)
