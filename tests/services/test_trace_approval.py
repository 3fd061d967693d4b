"""The trace of a judged SOP: its own events out of its SOP's stream, its way, its clocks, its messages."""

import pytest
from sqlalchemy import text

from app.adapters.signing import Signer
from app.db.models import Instance
from app.domain.actor import Actor, Grant
from app.domain.errors import NotFound, NotPermitted
from app.engine.runner import inspect
from app.services import sop_drafts, sop_lifecycle, sop_versions
from app.services.seals import seal_trace
from app.services.trace_approval import open_approval
from tests.services.studio_town import Studio
from tests.services.test_trace_page import played
from tests.services.workshop import counted

KEY = Signer("42" * 32)
AUDITOR = Actor("person", "uji", "11111111-1111-4111-8111-111111111111", (Grant("inspektorat"),))


@pytest.fixture
def studio(session, clock):
    return Studio(session, clock)


def opened(studio, proposal, actor=AUDITOR):
    found = open_approval(studio.session, proposal.id, labels={}, actor=actor, now=studio.clock())
    studio.session.commit()
    return found


def titles(trace):
    return [event.line.title for event in trace.events]


def test_an_approval_is_told_from_its_proposal_to_the_version(studio):
    proposal = studio.propose(studio.draft())
    studio.clock.advance(hours=2)
    studio.approve()
    found = opened(studio, proposal)
    assert titles(found.trace) == [
        "SOP diusulkan", "Penilaian usulan dimulai", "Mengajukan rancangan SOP", "Menelaah rancangan SOP",
        "Menetapkan SOP", "SOP ditetapkan sebagai versi 2", "Penilaian berakhir: SOP ditetapkan",
        "Jejak dibaca",
    ]  # fmt: skip
    who = {event.line.title: event.line.who for event in found.trace.events}
    assert who["Menelaah rancangan SOP"] == "Asisten (uji) · Asisten"
    assert who["Menetapkan SOP"] == "Sekda (uji) · Sekda"
    decided = next(event for event in found.trace.events if event.line.title == "Menetapkan SOP")
    assert ("Putusan", "Tetapkan SOP ini") in [(one.label, one.text) for one in decided.line.answers]
    assert (found.approval.version, found.approval.approver_name) == (2, "Sekda (uji)")
    fingerprints = {
        event.type: answer.text for event in found.trace.events for answer in event.line.answers
        if answer.label.startswith("Sidik BPMN")
    }  # fmt: skip
    assert fingerprints == dict.fromkeys(("SopProposed", "SopPublished"), proposal.content_hash)


def test_its_diagram_is_that_of_the_version_that_judged_and_plays_to_where_it_stands(studio):
    proposal = studio.propose(studio.draft())
    judging = sop_versions.version_in_force(studio.session, "penetapan_sop", studio.clock())
    for stage in ("asked", "reviewed", "done"):
        if stage == "reviewed":
            studio.do("asisten", "telaah", hasil_telaah="layak")
        if stage == "done":
            studio.do("sekda", "setujui", putusan="tetapkan", dasar_hukum="SK 1/2026")
        trace = opened(studio, proposal).trace
        (one,) = trace.figures
        assert one.figure.version == judging
        assert one.figure.svg
        assert played(trace)[one.figure.id] == (one.figure.done, one.figure.flows, one.figure.now)
        instance = studio.session.get(Instance, proposal.instance_id, populate_existing=True)
        if instance.state is None:
            assert one.figure.now == ()
        else:
            compiled = sop_versions.compiled(studio.session, instance.sop_version_id)
            assert set(one.figure.now) == set(inspect(compiled, instance.state).tokens)
    assert {"ajukan", "telaah", "setujui", "tetapkan", "ditetapkan"} <= one.figure.done
    assert "kembalikan" not in one.figure.done


def two_at_once(studio):
    """Two proposals for one SOP, judged side by side; each event with the proposal it was done for."""
    rows = [studio.draft(deadline=f"hari_kerja({days})") for days in (2, 4)]
    first = studio.propose(rows[0])
    studio.clock.advance(hours=1)
    return rows, first, studio.propose(rows[1])


def ring(studio, *proposals):
    """Let every timer of these judgements ring when it is due, each at its own moment."""
    while True:
        rows = [studio.session.get(Instance, one.instance_id, populate_existing=True) for one in proposals]
        waiting = {row.id: row.next_wake for row in rows if row.next_wake is not None}
        if not waiting:
            return
        instance, at = min(waiting.items(), key=lambda one: one[1])
        studio.clock.set(max(at, studio.clock()))
        studio.wake(instance)


def test_two_judged_at_once_do_not_mix(studio):
    """Both wait in the same step, and the reminder of each rings in the same stream."""
    rows, first, second = two_at_once(studio)
    ring(studio, first, second)
    sop_lifecycle.withdraw(studio.session, rows[1].id, actor=studio.who["penyusun"], now=studio.clock())
    studio.session.commit()
    studio.clock.advance(hours=1)
    studio.approve()
    traces = [opened(studio, one).trace for one in (first, second)]
    places = [{event.seq for event in trace.events} for trace in traces]
    assert not places[0] & places[1]
    judged = studio.session.scalars(
        text("SELECT stream_seq FROM events WHERE stream_id = :id AND type NOT LIKE 'SopDraft%'"
             " AND NOT (type = 'SopPublished' AND actor_kind = 'command')"),
        {"id": sop_versions.stream_of("izin")},
    ).all()  # fmt: skip
    assert places[0] | places[1] == set(judged), "no event of either is lost"
    assert titles(traces[0]).count("Waktu yang ditetapkan tiba") == 2
    assert titles(traces[1]).count("Waktu yang ditetapkan tiba") == 2
    assert "Usulan ditarik" in titles(traces[1])
    assert "Usulan ditarik" not in titles(traces[0])
    assert "SOP ditetapkan sebagai versi 2" in titles(traces[0])
    for trace in traces:
        (one,) = trace.figures
        assert played(trace)[one.figure.id] == (one.figure.done, one.figure.flows, one.figure.now)


def without_flow_names(studio, owner_session):
    """Events as they were before they named their flow."""
    owner_session.execute(text("ALTER TABLE events DISABLE TRIGGER USER"))
    owner_session.execute(text("UPDATE events SET data = (data::jsonb - 'alur')::json"))
    owner_session.execute(text("ALTER TABLE events ENABLE TRIGGER USER"))
    owner_session.commit()


def test_events_from_before_they_named_their_flow_are_found_too(studio, owner_session):
    row = studio.draft()
    proposal = studio.propose(row)
    ring(studio, proposal)
    studio.do("asisten", "telaah", hasil_telaah="perbaiki", catatan="Sebutkan dasar hukumnya dahulu.")
    studio.do("penyusun", "perbaiki", tindak_lanjut="dihentikan")
    before = titles(opened(studio, proposal).trace)
    without_flow_names(studio, owner_session)
    studio.session.expire_all()
    assert titles(opened(studio, proposal).trace) == before
    assert "Waktu yang ditetapkan tiba" in before


def test_what_came_back_says_why_and_how_long_each_step_took(studio):
    row = studio.draft()
    proposal = studio.propose(row)
    ring(studio, proposal)
    studio.clock.advance(hours=3)
    remarks = "Sebutkan dasar hukum batas dua hari kerja."
    studio.do("asisten", "telaah", hasil_telaah="perbaiki", catatan=remarks)
    found = opened(studio, proposal)
    told = [answer.text for event in found.trace.events for answer in event.line.answers]
    assert remarks in told
    assert "Rancangan dibuka kembali bagi penyusunnya" in titles(found.trace)
    steps = {step.row.element: step for step in found.trace.steps}
    assert list(steps) == ["ajukan", "telaah", "perbaiki"]
    assert (steps["telaah"].late, steps["telaah"].done) == (True, True)
    assert steps["telaah"].worked > 3 * 7 * 3600
    assert steps["telaah"].row.arithmetic["aturan"] == "hari_kerja(3)"
    assert steps["perbaiki"].row.closed_at is None
    assert found.approval.late
    assert found.approval.step == "Menindaklanjuti catatan"
    sent = [(message.recipient, message.template) for message in found.trace.messages]
    assert sent == [("role:asisten@SETDA", "sop_pengingat"), ("role:sekda@SETDA", "sop_terlambat")]


def test_each_event_has_its_hash_and_the_seal_that_covers_it(studio):
    proposal = studio.propose(studio.draft())
    seal_trace(studio.session, KEY, now=studio.clock())
    studio.session.commit()
    studio.clock.advance(days=1)
    studio.approve()
    for _night in range(2):
        seal_trace(studio.session, KEY, now=studio.clock())
        studio.session.commit()
    studio.clock.advance(days=1)
    sop_drafts.begin_from_version(studio.session, "izin", 2, actor=studio.who["penyusun"], now=studio.clock())
    studio.session.commit()
    seal_trace(studio.session, KEY, now=studio.clock())
    studio.session.commit()
    trace = opened(studio, proposal).trace
    hashes = dict(
        studio.session.execute(
            text("SELECT stream_seq, encode(hash, 'hex') FROM events WHERE stream_id = :id"),
            {"id": sop_versions.stream_of("izin")},
        ).all()
    )
    assert {event.seq: event.hash for event in trace.events}.items() <= hashes.items()
    by_title = {event.line.title: event.seal for event in trace.events}
    assert by_title["SOP diusulkan"] == 1
    assert by_title["Menetapkan SOP"] == 2
    assert by_title["Jejak dibaca"] is None
    assert [seal.number for seal in trace.seals] == [1, 2], "a later seal guards what this page does not show"


def test_reading_is_written_down_once_a_day_for_each_proposal(studio):
    _rows, first, second = two_at_once(studio)

    def readings():
        found = studio.session.execute(
            text("SELECT data->>'usulan', role_code FROM events WHERE type = 'TraceRead' ORDER BY seq")
        ).all()
        return [tuple(row) for row in found]

    for _again in range(2):
        opened(studio, first)
    opened(studio, second)
    assert readings() == [(str(first.id), "inspektorat"), (str(second.id), "inspektorat")]
    opened(studio, first, studio.who["sekda"])
    opened(studio, first, studio.who["penyusun"])
    assert readings()[2:] == [(str(first.id), "sekda"), (str(first.id), "bappeda")]
    studio.clock.advance(days=1)
    opened(studio, first)
    assert len(readings()) == 5


def test_who_neither_audits_nor_writes_nor_judges_is_turned_away_before_anything_is_looked_up(studio):
    proposal = studio.propose(studio.draft())
    for name in ("admin", "operator", "kepala", "pemeriksa"):
        with pytest.raises(NotPermitted):
            opened(studio, proposal, studio.who[name])
    with pytest.raises(NotFound):
        open_approval(studio.session, proposal.draft_id, labels={}, actor=AUDITOR, now=studio.clock())
    assert "TraceRead" not in studio.events()


def test_opening_costs_few_statements(studio, database):
    proposal = studio.propose(studio.draft())
    studio.approve()
    opened(studio, proposal)
    asked = proposal.id
    studio.session.expire_all()
    with counted(database.engine) as seen:
        open_approval(studio.session, asked, labels={}, actor=AUDITOR, now=studio.clock())
    assert len(seen["statements"]) <= 10, "\n".join(seen["statements"])
