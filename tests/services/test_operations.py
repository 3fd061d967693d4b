"""Named officers act on a running report: shown first, done under the lock, one event each, seen by two."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.db.models import Deadline, Event, Instance, Operation, OperationReport, Role, WorkItem
from app.domain.deadline import explain
from app.domain.errors import Invalid, NotFound, NotPermitted
from app.services import operations, process, upkeep
from app.services.operations_shape import Planned
from app.services.outcome import Pushed, Refused
from tests.engine.diagrams import begin, boundary, end, flows, gateway, timer
from tests.services.racing import nothing_broken
from tests.services.test_process import check_chain
from tests.services.workshop import Workshop, counted, diagram, task, tell

REASON = "Diminta kepala dinas lewat surat."

STORY = diagram(
    begin("mulai")
    + task("verifikasi", "opd:unit,required=true", deadline="hari_kerja(3)", status="diverifikasi")
    + tell("kabari", "pelapor", "didisposisikan")
    + task("kerjakan", "uraian:text,required=true", deadline="hari_kerja(5)", status="diproses")
    + boundary("lewat", "kerjakan", timer("tenggat(100)", "timeDate"), interrupting=False)
    + task("tegur", "arahan:text", deadline="hari_kerja(1)")
    + end("ditegur", "cabang")
    + task("periksa", "diterima:boolean,required=true", verifies="kerjakan")
    + gateway("exclusive", "terima", default="terima_kerjakan")
    + end("tuntas", "masuk_rencana")
    + flows(
        "mulai verifikasi", "verifikasi kabari", "kabari kerjakan", "kerjakan periksa", "periksa terima",
        "terima tuntas: diterima == True", "terima kerjakan", "lewat tegur", "tegur ditegur",
    ),
    {"admin_kominfo": ["verifikasi"], "kepala_opd": ["tegur"], "operator_opd": ["kerjakan"],
     "verifikator": ["periksa"]},
    total="hari_kerja(14)",
)  # fmt: skip


class Desk(Workshop):
    """The workshop with people who may operate and people who may agree."""

    def __init__(self, session, clock, sop=STORY):
        super().__init__(session, clock, sop)
        session.add(Role(code="sekda", name="Sekretaris Daerah"))
        session.flush()
        self.hire("admin2", ("admin_kominfo", "KOMINFO"))
        self.hire("sekda", ("sekda", None))
        self.hire("operator_dlh", ("operator_opd", "DLH"))

    def at_work(self):
        """A report whose work is to be done by DPU; its instance."""
        report_id = self.report()
        assert isinstance(self.do("admin", "verifikasi", opd="DPU"), Pushed)
        return self.session.scalars(select(Instance).where(Instance.report_id == report_id)).one()

    def plan(self, instance, kind, by="admin", **parameters):
        return operations.plan(
            self.session, instance.id, kind, parameters, actor=self.who[by], now=self.clock()
        )

    def ask(self, instance, kind, by="admin", reason=REASON, mark=None, **parameters):
        """Show, ask, commit."""
        if mark is None:
            mark = self.plan(instance, kind, by, **parameters).mark
        asked = operations.ask(
            self.session, instance.id, kind, parameters, mark=mark, reason=reason, actor=self.who[by],
            now=self.clock(),
        )  # fmt: skip
        self.session.commit()
        return asked

    def confirm(self, operation_id, by="sekda"):
        done = operations.confirm(self.session, operation_id, "", actor=self.who[by], now=self.clock())
        self.session.commit()
        return done

    def events(self, instance, type_="OperationDone"):
        return self.session.scalars(
            select(Event)
            .where(Event.stream_id == instance.stream_id, Event.type == type_)
            .order_by(Event.stream_seq)
        ).all()

    def row(self, instance):
        return self.session.get_one(Instance, instance.id, populate_existing=True)


@pytest.fixture
def desk(session, clock):
    return Desk(session, clock)


def test_a_task_goes_to_another_unit_with_its_pictures(desk, session, database, clock):
    instance = desk.at_work()
    item = desk.item("kerjakan")
    shown = desk.plan(instance, "alihkan", tugas=str(item.id), unit="DLH")
    assert shown.refused == ""
    assert [one["menjadi"] for one in shown.consequences["pindah"]] == [["operator_opd", "DLH", ""]]
    asked = desk.ask(instance, "alihkan", tugas=str(item.id), unit="DLH")
    assert (asked.state, asked.note) == ("selesai", "")
    assert desk.open() == [("kerjakan", "operator_opd", "DLH")]
    [event] = desk.events(instance)
    assert event.data["sebelum"]["tugas"][0][3] == "DPU"
    assert event.data["sesudah"]["tugas"][0][3] == "DLH"
    assert event.data["diminta"][:2] == [desk.who["admin"].person_id, "admin_kominfo"]
    assert REASON not in str(event.data)
    row = session.get_one(OperationReport, (asked.operation_id, instance.id))
    assert (row.before, row.after) == (event.data["sebelum"], event.data["sesudah"])
    check_chain(session, instance.stream_id)
    nothing_broken(database, clock())


def test_a_task_goes_to_one_person_who_may_do_it(desk, session):
    instance = desk.at_work()
    item = str(desk.item("kerjakan").id)
    rekan, stranger = desk.who["rekan"].person_id, desk.who["operator_dlh"].person_id
    assert "tidak memegang" in desk.plan(instance, "alihkan", tugas=item, orang=stranger).refused
    desk.ask(instance, "alihkan", tugas=item, orang=rekan)
    assert str(session.get_one(WorkItem, uuid.UUID(item), populate_existing=True).claimed_by) == rekan
    assert "sudah dipegang" in desk.plan(instance, "alihkan", tugas=item, orang=rekan).refused


def test_nobody_gets_a_task_that_checks_their_own_work(desk):
    desk.hire("serba", ("operator_opd", "DPU"), ("verifikator", "KOMINFO"))
    instance = desk.at_work()
    desk.do("serba", "kerjakan", uraian="Selesai dikerjakan kemarin.")
    item = str(desk.item("periksa").id)
    own, other = desk.who["serba"].person_id, desk.who["pemeriksa"].person_id
    assert "orang lain" in desk.plan(instance, "alihkan", tugas=item, orang=own).refused
    assert desk.plan(instance, "alihkan", tugas=item, orang=other).refused == ""


def test_a_deadline_moves_with_its_timers(desk, session, database, clock):
    instance = desk.at_work()
    item = desk.item("kerjakan")
    until = item.due_at.replace(microsecond=0) + (item.due_at - item.opened_at)
    shown = desk.plan(instance, "batas", tugas=str(item.id), sampai=until.isoformat())
    assert [what for what, *_ in shown.consequences["timer"]] == ["ubah"]
    desk.ask(instance, "batas", tugas=str(item.id), sampai=until.isoformat())
    assert desk.item("kerjakan").due_at == until
    assert desk.row(instance).next_wake == until
    assert len(desk.events(instance)) == 1
    nothing_broken(database, clock())


def test_a_deadline_in_another_age_is_refused_in_words(desk, clock):
    instance = desk.at_work()
    item = str(desk.item("kerjakan").id)
    for until in ("9999-12-31T23:59:00+08:00", (clock() + timedelta(days=366 * 6)).isoformat()):
        assert "Periksa tahunnya" in desk.plan(instance, "batas", tugas=item, sampai=until).refused
    next_year = (clock() + timedelta(days=400)).isoformat()
    assert desk.plan(instance, "batas", tugas=item, sampai=next_year).refused == ""


def test_a_deadline_in_the_past_is_refused_in_words(desk, clock):
    instance = desk.at_work()
    item = str(desk.item("kerjakan").id)
    assert "sudah lewat" in desk.plan(instance, "batas", tugas=item, sampai=clock().isoformat()).refused
    assert "Isi tanggal" in desk.plan(instance, "batas", tugas=item, sampai="kapan-kapan").refused


def test_a_suspended_report_sleeps_and_keeps_what_is_typed(desk, session, database, clock):
    instance = desk.at_work()
    due = desk.row(instance).next_wake
    desk.ask(instance, "tangguhkan")
    assert (desk.row(instance).next_wake, desk.row(instance).suspended_at) == (None, clock())
    refused = desk.do("operator", "kerjakan", uraian="Sudah selesai, dua truk.")
    assert (refused.name, refused.when) == ("Suspended", clock())
    typed = session.execute(text("SELECT answers FROM drafts")).scalar_one()
    assert typed["uraian"] == "Sudah selesai, dua truk."
    clock.set(due)
    clock.advance(days=1)
    assert upkeep.wake_what_is_due(session, now=clock()) == 0
    assert desk.wake(instance.id) is None
    told = process.deliver(session, instance.id, "apa_saja", {}, actor=desk.who["admin"], now=clock())
    assert isinstance(told, Refused)
    assert told.name == "Suspended"
    assert "sedang ditangguhkan" in desk.plan(instance, "batas", tugas="x", sampai="y").refused
    nothing_broken(database, clock())


def test_resuming_rings_at_once_what_fell_due_meanwhile(desk, database, clock):
    instance = desk.at_work()
    desk.ask(instance, "tangguhkan")
    clock.advance(days=30)
    shown = desk.plan(instance, "lanjutkan")
    assert [one["langkah"] for one in shown.consequences["terbuka"]] == ["tegur"]
    desk.ask(instance, "lanjutkan")
    assert [element for element, *_ in desk.open()] == ["kerjakan", "tegur"]
    assert desk.row(instance).suspended_at is None
    assert [one.data["tindakan"] for one in desk.events(instance)] == ["tangguhkan", "lanjutkan"]
    assert isinstance(desk.do("operator", "kerjakan", uraian="Selesai."), Pushed)
    nothing_broken(database, clock())


def test_what_changed_since_it_was_shown_is_shown_anew(desk):
    instance = desk.at_work()
    item = str(desk.item("kerjakan").id)
    seen = desk.plan(instance, "alihkan", tugas=item, unit="DLH").mark
    desk.do("operator", "kerjakan", uraian="Sudah dikerjakan tadi.")
    anew = desk.ask(instance, "alihkan", mark=seen, tugas=item, unit="DLH")
    assert isinstance(anew, Planned)
    assert "sudah selesai" in anew.refused
    assert desk.events(instance) == []


def test_a_reason_is_wanted_and_only_named_roles_may(desk, session, clock):
    instance = desk.at_work()
    with pytest.raises(Invalid, match="10 huruf"):
        desk.ask(instance, "tangguhkan", reason="pendek")
    session.rollback()
    for who in ("operator", "kepala", "sekda"):
        with pytest.raises(NotPermitted):
            desk.ask(instance, "tangguhkan", by=who, mark="")
        session.rollback()
    with pytest.raises(NotFound):
        operations.plan(session, uuid.uuid4(), "tangguhkan", {}, actor=desk.who["admin"], now=clock())
    assert session.scalars(select(Operation)).all() == []


def test_what_an_operation_costs(desk, session):
    """Statements: to show, to do, and to agree to."""
    instance = desk.at_work()
    item = str(desk.item("kerjakan").id)
    session.commit()
    with counted(session.get_bind()) as shown:
        mark = desk.plan(instance, "alihkan", tugas=item, unit="DLH").mark
    with counted(session.get_bind()) as done:
        desk.ask(instance, "alihkan", mark=mark, tugas=item, unit="DLH")
    mark = desk.plan(instance, "batalkan").mark
    asked = desk.ask(instance, "batalkan", mark=mark)
    with counted(session.get_bind()) as agreed:
        desk.confirm(asked.operation_id)
    assert len(shown["statements"]) <= 5
    assert len(done["statements"]) <= 17
    assert len(agreed["statements"]) <= 21
    assert (shown["commits"], done["commits"], agreed["commits"]) == (0, 1, 1)


def test_a_deadline_that_is_brought_forward_is_told_as_such(desk, session, clock):
    instance = desk.at_work()
    item = desk.item("kerjakan")
    until = clock() + (item.due_at - clock()) / 2
    desk.ask(instance, "batas", tugas=str(item.id), sampai=until.isoformat())
    stored = session.get_one(Deadline, item.id).arithmetic
    whole = {"mulai": item.opened_at.isoformat(), "aturan": "", "hasil": until.isoformat(), "satuan": "kerja"}
    said = explain({**whole, **stored}, "Asia/Makassar", moment=str, day=str)
    assert any(sentence.startswith("Dimajukan pada") for sentence in said)
    assert desk.row(instance).total_due_at == session.get_one(Deadline, instance.id).first_due_at
