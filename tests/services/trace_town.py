"""A city whose SOP has everything the trace can tell of, and people who do in it whatever comes to mind.

Loops, parts done for several units, a called process, an SOP beside the main one, branches at once, warnings,
limits that take a step away, objections, withdrawal.
"""

import uuid
from datetime import timedelta
from time import sleep

from sqlalchemy import select, text

from app.db import pushes
from app.db.models.traits import StepTime
from app.domain.errors import Conflict
from app.services import operations_work, process, task_work, trace_follow
from app.services.operations_shape import DEADLINE, SEND_BACK, SKIP
from app.services.operations_work import Order, Pictures
from app.services.tracking import reporter_of
from tests.engine.diagrams import begin, boundary, end, flows, gateway, loop, script, sub, timer
from tests.services.racing import caught, heard
from tests.services.workshop import WORKER, Workshop, diagram, task, tell

MESSAGES = (
    '<bpmn:message id="m_tarik" name="penarikan"/><bpmn:message id="m_keberatan" name="keberatan"/>'
    '<bpmn:message id="m_kabar" name="kabar_kemajuan"/>'
)
CHOICES = {"putusan": ["terima", "kembali", "alihkan"], "opd": ["DPU", "DLH"], "cukup": ["ya", "tidak"]}


def launched(name, key):
    return (
        f'<bpmn:serviceTask id="{name}"><bpmn:extensionElements><sop:service name="mulai_sop">'
        f'<sop:parameter name="kunci" value="\'{key}\'"/></sop:service></bpmn:extensionElements>'
        "</bpmn:serviceTask>"
    )


def many(drawn, inside):
    """A task with a multi-instance loop."""
    return drawn.replace("</bpmn:userTask>", f"{inside}</bpmn:userTask>")


def called_sop():
    body = (
        begin("c_mulai")
        + task("ukur", "catatan:text", deadline="jam(6)")
        + gateway("exclusive", "c_ulang", default="c_ulang_c_usai")
        + task("nilai", "cukup:string")
        + end("c_usai")
        + flows("c_mulai ukur", "ukur nilai", "nilai c_ulang", "c_ulang c_usai",
                "c_ulang ukur: cukup == 'tidak'")
    )  # fmt: skip
    return diagram(body, {"operator_opd": ["ukur", "nilai"]}, key="periksa_lapangan")


def beside_sop():
    body = (
        begin("b_mulai")
        + task("pantau", "catatan:text", deadline="jam(3)")
        + boundary("b_ingat", "pantau", timer("'R2/PT4H'", "timeCycle"), interrupting=False)
        + tell("b_tegur", "pelapor", "teguran")
        + end("b_ditegur", "cabang")
        + task("lapor", "catatan:text")
        + end("b_usai", "diarsipkan")
        + flows("b_mulai pantau", "pantau lapor", "lapor b_usai", "b_ingat b_tegur", "b_tegur b_ditegur")
    )
    return diagram(body, {"verifikator": ["pantau"], "admin_kominfo": ["lapor"]}, key="pemantauan")


def main_sop(extra_step=""):
    """`extra_step`: a task before the end that only this version has."""
    last = extra_step or "rampung"
    inside = (
        begin("masuk")
        + task("verifikasi", "putusan:string", "opd:unit", deadline="hari_kerja(1)", status="diverifikasi")
        + boundary("ingat", "verifikasi", timer("tenggat(50)", "timeDate"), interrupting=False)
        + tell("ingatkan", "admin_kominfo", "teguran")
        + end("diingatkan", "cabang")
        + boundary("lewat", "verifikasi", timer("tenggat(100)", "timeDate"), interrupting=False)
        + task("tegur", "catatan:text", deadline="jam(8)")
        + end("ditegur", "cabang")
        + gateway("exclusive", "putus", default="putus_lapangan")
        + gateway("exclusive", "usai_garap")
        + '<bpmn:callActivity id="lapangan" calledElement="periksa_lapangan"/>'
        + script("bagi", "daftar = ['DPU', 'DLH']")
        + gateway("parallel", "pecah", "temu")
        + many(task("tinjau", "catatan:text", deadline="jam(10)"), loop("daftar", "opd"))
        + task("garap", "catatan:text", deadline="hari_kerja(2)", status="diproses")
        + boundary("habis", "garap", timer("tenggat(150)", "timeDate"))
        + boundary("kabar", "garap", heard("m_kabar"), interrupting=False)
        + task("kabari", "catatan:text")
        + end("dikabari", "cabang")
        + launched("mulai_pantau", "pemantauan")
        + task("konfirmasi", "cukup:string", status="menunggu_pelapor")
        + boundary("protes", "konfirmasi", heard("m_keberatan"))
        + boundary("diam", "konfirmasi", timer("'P5D'"))
        + task("kaji", "catatan:text", status="dibuka_kembali")
        + caught("jeda", timer("'PT2H'"))
        + (task(extra_step, "catatan:text") if extra_step else "")
        + end("rampung")
        + flows(
            "masuk verifikasi", "ingat ingatkan", "ingatkan diingatkan", "lewat tegur", "tegur ditegur",
            "verifikasi putus", "putus verifikasi: putusan == 'kembali'", "putus lapangan", "lapangan bagi",
            "bagi pecah", "pecah tinjau", "pecah garap", "tinjau temu", "garap usai_garap",
            "habis usai_garap", "usai_garap temu", "kabar kabari", "kabari dikabari", "temu mulai_pantau",
            "mulai_pantau konfirmasi",
            f"konfirmasi {last}", f"diam {last}", "protes kaji", "kaji jeda", "jeda verifikasi",
            *([f"{extra_step} rampung"] if extra_step else []),
        )
    )  # fmt: skip
    body = (
        begin("mulai")
        + sub("isi", inside)
        + boundary("ditarik", "isi", heard("m_tarik"))
        + end("batal", "dibatalkan")
        + end("tuntas")
        + flows("mulai isi", "isi tuntas", "ditarik batal")
    )
    lanes = {
        "admin_kominfo": ["verifikasi", "kaji", *([extra_step] if extra_step else [])],
        "kepala_opd": ["tegur"],
        "operator_opd": ["tinjau", "garap", "kabari", "lapangan"],
        "pelapor": ["konfirmasi"],
    }
    return diagram(body, lanes, extra=MESSAGES, total="hari_kerja(3)")


RUNNING = "FROM instances i LEFT JOIN reports r ON r.id = i.report_id WHERE i.ended_at IS NULL"
TASKS = "FROM work_items w JOIN instances i ON i.id = w.instance_id"
BY_NUMBER = "ORDER BY r.number, i.sop_key, i.started_at, i.id"
"""The same each time, as ids are not."""


class Town(Workshop):
    """People act by chance; `chance` is a random.Random, and the same things happen for the same one."""

    def __init__(self, session, clock, chance):
        super().__init__(session, clock, called_sop().replace('"periksa_lapangan"', '"permintaan_informasi"'))
        self.chance = chance
        self.hire("lingkungan", ("operator_opd", "DLH"))
        self.hire("kepala_dpu", ("kepala_opd", "DPU"))
        for sop, key in ((called_sop(), "periksa_lapangan"), (beside_sop(), "pemantauan"),
                         (main_sop(), "pengaduan")):  # fmt: skip
            self.publish(sop, key)

    def something(self):
        """One thing happens; then the clock goes on."""
        does = self.chance.choice(
            [self._complete] * 12 + [self._take] * 2 + [self._tell] * 2 + [self._wait, self._operate]
        )
        does()
        self.session.commit()
        self.clock.advance(minutes=self.chance.choice([1, 7, 50, 200, 600]))

    def running(self):
        return self.value("SELECT count(*) FROM instances WHERE ended_at IS NULL AND report_id IS NOT NULL")

    def _complete(self):
        row = self._any_task()
        if row is None:
            return
        names = self.session.execute(
            text("SELECT element FROM work_items WHERE id = :id"), {"id": row.id}
        ).scalar_one()
        given = {"verifikasi": ("putusan", "opd"), "nilai": ("cukup",), "konfirmasi": ("cukup",)}
        answers = {name: self.chance.choice(CHOICES[name]) for name in given.get(names, ())}
        self._due(row.instance_id)
        task_work.complete(self.session, row.id, answers, actor=self._able(row), now=self.clock())

    def _take(self):
        row = self._any_task()
        if row is None or row.role_code == "pelapor":
            return
        try:
            act = self.chance.choice([task_work.claim, task_work.claim, task_work.release])
            act(self.session, row.id, actor=self._able(row), now=self.clock())
        except Conflict:
            self.session.rollback()

    def _tell(self):
        rows = self.session.execute(
            text(f"SELECT i.id, i.waiting {RUNNING} AND i.waiting <> '{{}}' {BY_NUMBER}")
        ).all()
        if rows:
            row = self.chance.choice(rows)
            message = self.chance.choice(sorted(row.waiting))
            if message != "penarikan" or self.chance.random() < 0.15:
                process.deliver(self.session, row.id, message, {}, actor=WORKER, now=self.clock())

    def _operate(self):
        """What only named officers may: skip a step, send back to one, set another limit."""
        row = self._any_task()
        if row is None:
            return
        self._due(row.instance_id)
        kind = self.chance.choice([SKIP, SEND_BACK, DEADLINE])
        until = self.clock() + timedelta(hours=self.chance.choice([1, 5, 40]))
        given = {
            SKIP: {"tugas": str(row.id)},
            SEND_BACK: {"ke": self.chance.choice(["verifikasi", "garap", "pantau"])},
            DEADLINE: {"tugas": str(row.id), "sampai": until.isoformat()},
        }
        asked = (self.who["admin"].person_id, "admin_kominfo", self.clock())
        order = Order(uuid.uuid4(), kind, given[kind], "Diminta lewat surat dinas.", asked)
        locked = pushes.lock_instance(self.session, row.instance_id)
        done = None
        if locked.state is not None:
            done = operations_work.do(self.session, locked, order, actor=self.who["admin"], now=self.clock())
        if not isinstance(done, Pictures):
            self.session.rollback()

    def _wait(self):
        self.clock.advance(hours=self.chance.choice([3, 9, 30, 80]))
        due = self.session.scalars(
            text(f"SELECT i.id {RUNNING} AND i.next_wake <= :now {BY_NUMBER}"), {"now": self.clock()}
        )
        for one in due.all():
            self._due(one)

    def _due(self, instance_id):
        process.wake(self.session, instance_id, actor=WORKER, now=self.clock())
        self.session.commit()

    def _any_task(self):
        rows = self.session.execute(
            text(
                "SELECT w.id, w.instance_id, w.report_id, w.role_code, w.unit_code, w.claimed_by"
                f" {RUNNING.replace('FROM instances i', TASKS)} AND w.closed_at IS NULL"
                f" {BY_NUMBER}, w.opened_at, w.element, w.unit_code, w.id"
            )
        ).all()
        return self.chance.choice(rows) if rows else None

    def _able(self, row):
        if row.role_code == "pelapor":
            return reporter_of(row.report_id, source="uji")
        actors = [
            one
            for one in self.who.values()
            if any(held.role == row.role_code and held.unit == row.unit_code for held in one.grants)
        ]
        held = [one for one in actors if one.person_id == str(row.claimed_by)]
        return (held or actors)[0]


def follow_all(session, **sizes):
    while trace_follow.follow(session, **sizes):
        session.commit()
    session.commit()


def followed(session):
    """Follow to the end, and then until everything is surely read."""
    for _ in range(3):
        follow_all(session)


def surely_read(session):
    """Follow until the reader stands behind the last event. Transactions that run in other databases of the
    same server hold it back meanwhile."""
    last = text("SELECT upto = (SELECT max(seq) FROM events) FROM trace_readers")
    for _ in range(600):
        followed(session)
        if session.scalar(last):
            return True
        session.rollback()
        sleep(0.1)
    return False


def times(session, **wanted):
    """place -> times, of the side that counts all."""
    rows = session.scalars(select(StepTime).filter_by(unit="", kelurahan="", **wanted))
    found = {}
    for row in rows:
        found[row.place] = found.get(row.place, 0) + row.times
    return found
