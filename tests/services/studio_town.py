"""A town where SOPs are written, judged and put in force: Bappeda, an Asisten, a Sekda, and one small SOP."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select, text

from app.adapters.messages import read_messages
from app.db.models import MessageTemplate, Role, SopDraft, Unit
from app.services import sop_drafts, sop_lifecycle, sop_scenarios, sop_versions
from app.services.sop_beginnings import example
from app.services.sop_drafts import NewDraft
from app.services.sop_lifecycle import Proposing
from tests.services import small_city
from tests.services.workshop import Workshop

BPMN = Path(__file__).parents[2] / "bpmn"
ZONE = "Asia/Makassar"
NOTE = "Batas pengerjaan menjadi dua hari kerja."
EXCEPTION = "Pengingat diuji saat pelatihan petugas bulan Maret."
SCENARIO = """\
sop: izin
at: "2026-03-16T09:00:00+08:00"
steps:
  - complete: periksa
    by: budi
    answers: {putusan: terima, opd: DPU}
  - advance: {to: "2026-03-30T16:30:00+08:00"}
  - complete: kerjakan
    by: ani
    answers: {hasil: "Izin keramaian sudah diterbitkan."}
end: selesai
"""
REFUSAL = """\
sop: izin
at: "2026-03-16T09:00:00+08:00"
steps:
  - complete: periksa
    by: budi
    answers: {putusan: tolak, alasan: "Tempatnya bukan milik kota."}
end: ditolak
"""


class Studio(Workshop):
    """The workshop with Bappeda, an Asisten and a Sekda, and the SOP of approvals in force."""

    def __init__(self, session, clock):
        super().__init__(session, clock, small_city.SHORT_SOP)
        session.add_all(
            Unit(code=code, name=code.title(), short_name=code, kind=kind)
            for code, kind in (("BAPPEDA", "bappeda"), ("SETDA", "setda"))
        )
        session.flush()
        session.add_all(
            Role(code=code, name=code.title(), home_unit=unit)
            for code, unit in (
                ("bappeda", "BAPPEDA"), ("asisten", "SETDA"), ("sekda", "SETDA"), ("wali_kota", "SETDA"),
            )
        )  # fmt: skip
        session.add_all(
            MessageTemplate(key=key, **words) for key, words in read_messages(BPMN / "pesan.yaml").items()
        )
        session.flush()
        self.hire("penyusun", ("bappeda", "BAPPEDA"))
        self.hire("rekan_penyusun", ("bappeda", "BAPPEDA"))
        self.hire("asisten", ("asisten", "SETDA"))
        self.hire("sekda", ("sekda", "SETDA"))
        self.hire("dua_topi", ("bappeda", "BAPPEDA"), ("sekda", "SETDA"))
        self.publish((BPMN / "penetapan_sop.bpmn").read_text("utf-8"), "penetapan_sop")
        self.publish(example("izin", "Izin keramaian"), "izin")

    def draft(self, by="penyusun", deadline="hari_kerja(2)", name="Izin keramaian", proven=True):
        """A draft of `izin` with another deadline; with `proven` its scenarios are marked right."""
        written = example("izin", name).replace('deadline="hari_kerja(3)"', f'deadline="{deadline}"')
        version = sop_drafts.version_row(self.session, "izin", 1)
        cases = [
            {"name": name, "title": name, "text": words, "origin": "orang", "covers": {}}
            for name, words in (("diterima", SCENARIO), ("ditolak", REFUSAL))
        ]
        row = sop_drafts.begin(
            self.session,
            NewDraft({"izin.bpmn": written}, "izin.bpmn", based_on=version.id, origin="versi 1"),
            actor=self.who[by],
            now=self.clock(),
        )
        sop_scenarios.keep(self.session, row.id, cases, actor=self.who[by], now=self.clock())
        for case in cases if proven else ():
            sop_scenarios.mark(
                self.session, row.id, case["name"], "benar", actor=self.who[by], now=self.clock()
            )
        self.session.commit()
        return row

    def propose(self, row, by="penyusun", **said):
        proposal = sop_lifecycle.propose(
            self.session, row.id, Proposing(**{"note": NOTE, **said}), revision=row.revision,
            actor=self.who[by], zone=ZONE, now=self.clock(),
        )  # fmt: skip
        self.session.commit()
        return proposal

    def approve(self, by="sekda", **answers):
        self.do("asisten", "telaah", hasil_telaah="layak")
        return self.do(by, "setujui", putusan="tetapkan", dasar_hukum="SK Wali Kota 065/12/2026", **answers)

    def state(self, row):
        return self.session.scalars(
            select(SopDraft).where(SopDraft.id == row.id).execution_options(populate_existing=True)
        ).one()

    def versions(self):
        return [row.version for row in sop_versions.published_sops(self.session) if row.key == "izin"]

    def events(self):
        stream = sop_versions.stream_of("izin")
        return self.session.scalars(
            text("SELECT type FROM events WHERE stream_id = :id ORDER BY stream_seq"), {"id": stream}
        ).all()
