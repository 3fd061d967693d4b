"""No SOP comes into force but by another person's approval, on our own engine, with proof that stays."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text

from app.db.models import SopApproval, SopProposal, SopVersion
from app.db.session import make_sessions
from app.domain.errors import Conflict
from app.engine.compiled import Source
from app.services import sop_drafts, sop_lifecycle, sop_scenarios, sop_versions, task_work
from app.services.invariants import offences
from app.services.outcome import Pushed, Refused
from app.services.sop_approvals import Proven
from app.services.sop_beginnings import example
from app.services.sop_lifecycle import NotReady
from tests.services.studio_town import BPMN, EXCEPTION, Studio


@pytest.fixture
def studio(session, clock):
    return Studio(session, clock)


def test_a_proposal_that_is_proven_is_approved_by_another_and_comes_into_force(studio):
    row = studio.draft()
    proposal = studio.propose(row)
    assert studio.state(row).state == "diusulkan"
    assert studio.open() == [("telaah", "asisten", "SETDA")]
    assert [one["sentence"] for one in proposal.differences] != []
    assert proposal.exception is None
    assert isinstance(studio.approve(), Pushed)
    assert studio.versions() == [2, 1]
    assert studio.state(row).state == "disetujui"
    approval = studio.session.scalars(
        select(SopApproval).where(SopApproval.proposal_id == proposal.id)
    ).one()
    version = studio.session.get(SopVersion, approval.sop_version_id)
    assert approval.content_hash == proposal.content_hash == version.content_hash
    assert approval.legal_basis == "SK Wali Kota 065/12/2026"
    assert approval.author_id == uuid.UUID(studio.who["penyusun"].person_id)
    assert approval.approver_id == uuid.UUID(studio.who["sekda"].person_id)
    assert approval.approved_at == studio.clock()
    assert [one["name"] for one in version.scenarios] == ["diterima", "ditolak"]
    assert studio.open() == []
    assert {"SopProposed", "SopPublished", "ProcessEnded"} <= set(studio.events())


def test_reports_that_run_keep_their_version_and_new_ones_follow_the_new(studio):
    def ran_on(report):
        wanted = text("SELECT v.version FROM instances i JOIN sop_versions v ON v.id = i.sop_version_id"
                      " WHERE i.report_id = :id")  # fmt: skip
        return studio.session.scalars(wanted, {"id": report}).one()

    before = studio.report()
    first = studio.session.scalars(select(SopVersion).where(SopVersion.key == "pengaduan")).one()
    changed = first.files["pengaduan.bpmn"].replace("SOP pendek", "SOP kedua")
    sop_versions.publish(
        studio.session, [Source("pengaduan.bpmn", changed.encode())],
        by=uuid.UUID(studio.who["penyusun"].person_id), approved_by=uuid.UUID(studio.who["sekda"].person_id),
        basis="Perwal uji", now=studio.clock(),
        effective_at=datetime(2026, 4, 1, tzinfo=UTC),
    )  # fmt: skip
    studio.session.commit()
    between = studio.report()
    studio.clock.set(datetime(2026, 4, 1, 0, 0, 1, tzinfo=UTC))
    after = studio.report()
    assert [ran_on(one) for one in (before, between, after)] == [1, 1, 2]


def test_a_future_date_is_kept_and_honoured_from_its_first_moment(studio):
    studio.propose(studio.draft(), effective_on=date(2026, 4, 1))
    assert isinstance(studio.approve(mulai_berlaku="2026-04-01"), Pushed)
    start = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # midnight in Palu
    before = sop_versions.version_in_force(studio.session, "izin", start.replace(hour=15, minute=59))
    after = sop_versions.version_in_force(studio.session, "izin", start)
    numbers = [studio.session.get(SopVersion, one).version for one in (before, after)]
    assert numbers == [1, 2]


def test_a_date_that_has_passed_is_refused_and_the_answers_are_kept(studio):
    studio.propose(studio.draft())
    refused = studio.approve(mulai_berlaku="2026-03-16")
    assert isinstance(refused, Refused)
    assert refused.text.startswith("Tanggal mulai berlaku sudah lewat.")
    assert studio.versions() == [1]
    assert studio.open() == [("setujui", "sekda", "SETDA")]
    kept = studio.value("SELECT answers->>'dasar_hukum' FROM drafts WHERE work_item_id = :id",
                        id=studio.item("setujui").id)  # fmt: skip
    assert kept == "SK Wali Kota 065/12/2026"


@pytest.mark.parametrize("who", ["penyusun", "rekan_penyusun", "operator"])
def test_whoever_does_not_approve_cannot(studio, who):
    studio.propose(studio.draft())
    refused = studio.do(who, "telaah", hasil_telaah="layak")
    assert isinstance(refused, Refused)
    assert refused.name == "NotPermitted"


def test_the_author_who_is_sekda_too_cannot_approve(studio):
    studio.propose(studio.draft(by="dua_topi"), by="dua_topi")
    studio.do("asisten", "telaah", hasil_telaah="layak")
    refused = studio.do("dua_topi", "setujui", putusan="tetapkan", dasar_hukum="SK 1/2026")
    assert refused.name == "SamePerson"
    assert studio.versions() == [1]


def test_whoever_wrote_in_it_cannot_approve_although_another_proposes(studio):
    row = studio.draft(by="penyusun")
    sop_drafts.let_go(studio.session, row.id, actor=studio.who["penyusun"])
    last = studio.state(row)
    files = {"izin.bpmn": last.files["izin.bpmn"].replace("Diterima?", "Dapat diterima?")}
    saved = sop_drafts.save(
        studio.session, row.id, revision=last.revision, files=files, main="izin.bpmn",
        actor=studio.who["dua_topi"], now=studio.clock(),
    )  # fmt: skip
    sop_drafts.let_go(studio.session, row.id, actor=studio.who["dua_topi"])
    studio.session.commit()
    studio.propose(saved, by="penyusun")
    studio.do("asisten", "telaah", hasil_telaah="layak")
    refused = studio.do("dua_topi", "setujui", putusan="tetapkan", dasar_hukum="SK 1/2026")
    assert refused.name == "SamePerson"
    assert isinstance(studio.do("sekda", "setujui", putusan="tetapkan", dasar_hukum="SK 1/2026"), Pushed)


def test_nobody_approves_their_own_draft_by_the_command_line(studio):
    row = studio.draft(by="penyusun")
    with pytest.raises(Conflict, match="dua orang yang berbeda"):
        sop_versions.publish(
            studio.session, [Source("izin.bpmn", row.files["izin.bpmn"].encode())],
            by=uuid.UUID(studio.who["admin"].person_id),
            approved_by=uuid.UUID(studio.who["penyusun"].person_id), basis="SK 1/2026", now=studio.clock(),
        )  # fmt: skip


@pytest.mark.parametrize("editors", [("penyusun",), ("rekan_penyusun", "sekda")])
def test_the_database_itself_knows_no_approval_by_an_author(studio, editors):
    people = {name: uuid.UUID(actor.person_id) for name, actor in studio.who.items()}
    approver = people[editors[-1]]
    with pytest.raises(Exception, match=r"dua orang|ck_sop_approvals"):
        sop_versions.publish(
            studio.session, [Source("izin.bpmn", example("izin", "Lain").encode())],
            by=people["penyusun"], approved_by=approver, basis="SK 1/2026", now=studio.clock(),
            proven=Proven(editors=tuple(people[name] for name in editors)),
        )  # fmt: skip
    studio.session.rollback()
    version = sop_drafts.version_row(studio.session, "izin", 1)
    forged = text(
        "INSERT INTO sop_approvals (sop_version_id, author_id, editors, approver_id, approved_at,"
        " legal_basis, content_hash) VALUES (:v, :a, :e, :p, now(), 'SK', 'x')"
    )
    with pytest.raises(Exception, match="ck_sop_approvals"):
        studio.session.execute(
            forged, {"v": version.id, "a": people["penyusun"], "p": approver,
                     "e": [people[name] for name in editors]},
        )  # fmt: skip


@pytest.mark.parametrize("table", ["sop_approvals", "sop_proposals", "sop_versions"])
@pytest.mark.parametrize("order", ["UPDATE {} SET legal_basis = 'lain'", "DELETE FROM {}"])
def test_what_was_approved_cannot_be_changed_by_anybody(studio, owner_session, table, order):
    studio.propose(studio.draft())
    studio.approve()
    with pytest.raises(Exception, match="permission denied"):
        studio.session.execute(text(order.format(table)))
    studio.session.rollback()
    with pytest.raises(Exception, match="never changed or deleted"):
        owner_session.execute(text(order.format(table)))
    owner_session.rollback()


def test_a_draft_with_errors_is_not_proposed(studio):
    row = studio.draft(deadline="")
    with pytest.raises(NotReady, match="2 temuan yang harus diperbaiki"):
        studio.propose(row)


def test_what_changes_nothing_is_not_proposed(studio):
    with pytest.raises(NotReady, match="sama dengan versi 1"):
        studio.propose(studio.draft(deadline="hari_kerja(3)"))


def test_what_is_not_proven_needs_a_signed_exception_that_stays(studio):
    row = studio.draft(proven=False)
    with pytest.raises(NotReady, match="tulis pengecualian"):
        studio.propose(row)
    studio.session.rollback()
    with pytest.raises(NotReady, match="tulis pengecualian"):
        studio.propose(row, exception="Nanti saja.")
    studio.session.rollback()
    proposal = studio.propose(row, exception=EXCEPTION)
    assert proposal.exception == EXCEPTION
    assert proposal.exception_by == uuid.UUID(studio.who["penyusun"].person_id)
    studio.approve()
    approval = studio.session.scalars(
        select(SopApproval).where(SopApproval.proposal_id == proposal.id)
    ).one()
    assert (approval.exception, approval.exception_at) == (EXCEPTION, proposal.proposed_at)


def test_what_is_proposed_is_fixed(studio):
    row = studio.draft()
    proposal = studio.propose(row)
    with pytest.raises(sop_drafts.DraftFixed):
        sop_drafts.save(
            studio.session, row.id, revision=row.revision, files=row.files, main=row.main_file,
            actor=studio.who["penyusun"], now=studio.clock(),
        )  # fmt: skip
    studio.session.rollback()
    with pytest.raises(sop_drafts.DraftFixed):
        sop_scenarios.mark(
            studio.session, row.id, "diterima", None, actor=studio.who["penyusun"], now=studio.clock()
        )
    studio.session.rollback()
    assert studio.session.get(SopProposal, proposal.id).files == studio.state(row).files


def test_a_proposal_comes_back_with_remarks_is_changed_and_proposed_again(studio):
    row = studio.draft()
    studio.propose(row)
    remarks = "Sebutkan dasar hukum batas dua hari kerja."
    studio.do("asisten", "telaah", hasil_telaah="perbaiki", catatan=remarks)
    back = studio.state(row)
    assert (back.state, back.remarks) == ("konsep", remarks)
    assert studio.open() == [("perbaiki", "bappeda", "BAPPEDA")]
    files = {"izin.bpmn": back.files["izin.bpmn"].replace("Nomor 25 Tahun", "No. 25 Tahun")}
    saved = sop_drafts.save(
        studio.session, row.id, revision=back.revision, files=files, main="izin.bpmn",
        actor=studio.who["penyusun"], now=studio.clock(),
    )  # fmt: skip
    studio.session.commit()
    studio.propose(saved)
    # The same Asisten may judge the second round, and the author's task is done by proposing again.
    assert studio.open() == [("telaah", "asisten", "SETDA")]
    assert isinstance(studio.approve(), Pushed)
    assert studio.state(row).remarks == ""
    assert studio.versions() == [2, 1]
    assert studio.events().count("SopReturned") == 1


def test_a_proposal_is_withdrawn_until_it_is_decided(studio):
    row = studio.draft()
    studio.propose(row)
    sop_lifecycle.withdraw(studio.session, row.id, actor=studio.who["penyusun"], now=studio.clock())
    studio.session.commit()
    assert (studio.state(row).state, studio.open()) == ("konsep", [])
    studio.propose(studio.state(row))
    studio.approve()
    with pytest.raises(Conflict, match="tidak dapat ditarik lagi"):
        sop_lifecycle.withdraw(studio.session, row.id, actor=studio.who["penyusun"], now=studio.clock())


def test_a_proposal_that_was_overtaken_is_not_enacted(studio):
    """Otherwise approving the older one would silently undo the newer."""
    first, second = studio.draft(), studio.draft(by="rekan_penyusun", deadline="hari_kerja(1)")
    studio.propose(first)
    studio.do("asisten", "telaah", hasil_telaah="layak")
    studio.propose(second, by="rekan_penyusun")
    studio.do("asisten", "telaah", hasil_telaah="layak")
    wanted = text(
        "SELECT w.id FROM work_items w JOIN sop_proposals q ON q.instance_id = w.instance_id"
        " WHERE w.element = 'setujui' AND w.closed_at IS NULL ORDER BY q.proposed_at, q.content_hash"
    )
    one, two = studio.session.scalars(wanted).all()
    answers = {"putusan": "tetapkan", "dasar_hukum": "SK 1/2026"}
    done = task_work.complete(studio.session, one, answers, actor=studio.who["sekda"], now=studio.clock())
    studio.session.commit()
    late = task_work.complete(studio.session, two, answers, actor=studio.who["sekda"], now=studio.clock())
    studio.session.commit()
    assert isinstance(done, Pushed)
    assert isinstance(late, Refused)
    assert late.text.startswith("Versi lain SOP ini sudah ditetapkan")
    assert studio.versions() == [2, 1]


def test_what_a_city_may_rely_on_holds_for_judgements_too(studio, database):
    studio.propose(studio.draft())
    studio.approve()
    row = studio.draft(deadline="hari_kerja(1)")
    studio.propose(row)
    studio.do("asisten", "telaah", hasil_telaah="perbaiki", catatan="Sebutkan dasar hukumnya.")
    waiting = studio.draft(by="rekan_penyusun", deadline="hari_kerja(4)")
    studio.propose(waiting, by="rekan_penyusun")
    sop_lifecycle.withdraw(
        studio.session, waiting.id, actor=studio.who["rekan_penyusun"], now=studio.clock()
    )
    studio.session.commit()
    with make_sessions(database.engine)() as fresh:
        assert list(offences(fresh, now=studio.clock())) == []


def test_reminders_go_to_whoever_is_late_and_above(studio):
    studio.propose(studio.draft())
    studio.clock.set(datetime(2026, 3, 27, 9, 0, tzinfo=UTC))
    while True:
        due = studio.session.execute(
            text("SELECT id FROM instances WHERE next_wake <= :now"), {"now": studio.clock()}
        ).scalar()
        if due is None:
            break
        studio.wake(due)
    told = studio.session.execute(text("SELECT recipient, template FROM outbox_messages ORDER BY 2")).all()
    assert [tuple(one) for one in told] == [
        ("role:asisten@SETDA", "sop_pengingat"), ("role:sekda@SETDA", "sop_terlambat"),
    ]  # fmt: skip


def test_an_sop_of_approvals_without_its_own_care_still_lets_no_author_approve(studio):
    """Whoever redraws `penetapan_sop` cannot draw the rule away."""
    careless = (BPMN / "penetapan_sop.bpmn").read_text("utf-8").replace(' fresh="true"', "")
    studio.publish(careless, "penetapan_sop")
    row = studio.draft(by="dua_topi")
    studio.propose(row, by="dua_topi")
    studio.do("asisten", "telaah", hasil_telaah="layak")
    refused = studio.do("dua_topi", "setujui", putusan="tetapkan", dasar_hukum="SK 1/2026")
    assert isinstance(refused, Refused)
    assert "dua orang yang berbeda" in refused.text
    assert studio.versions() == [1]
    assert studio.state(row).state == "diusulkan"
    assert isinstance(studio.do("sekda", "setujui", putusan="tetapkan", dasar_hukum="SK 1/2026"), Pushed)


def test_somebody_who_writes_keeps_others_from_proposing(studio):
    row = studio.draft(by="penyusun")
    with pytest.raises(sop_drafts.DraftMoved, match="sedang menyunting"):
        studio.propose(row, by="rekan_penyusun")
