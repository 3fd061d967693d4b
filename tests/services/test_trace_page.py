"""The trace of a report as a service tells it: versions, marks that add up to the picture, seals, cost."""

from dataclasses import astuple
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from app.adapters.signing import Signer
from app.adapters.storage import open_store
from app.cli.demo import demo_files
from app.db.models import Instance, Report, Role, Unit
from app.domain.actor import Actor, Grant
from app.domain.errors import NotFound, NotPermitted
from app.engine.runner import inspect
from app.services import seals, sop_migration, sop_migration_work, sop_versions
from app.services.demo.city import seed
from app.services.history import history
from app.services.trace_page import open_trace
from tests.engine.diagrams import begin, end, flows
from tests.services.small_city import SHORT_SOP
from tests.services.test_demo_city import NAMES
from tests.services.workshop import Workshop, counted, diagram, task

KEY = Signer("42" * 32)
AUDITOR = Actor("person", "uji", "11111111-1111-4111-8111-111111111111", (Grant("inspektorat"),))


def trace_of(shop, report, actor=AUDITOR):
    found = open_trace(shop.session, report, labels={}, actor=actor, now=shop.clock())
    shop.session.commit()
    return found


@pytest.fixture
def short(session, clock):
    return Workshop(session, clock, SHORT_SOP)


def played(trace):
    """What a script that plays every event ends up with: figure -> (done, flows, now)."""
    state = {}
    for event in trace.events:
        for mark in event.marks:
            done, taken, _now = state.setdefault(mark.figure, (set(), set(), ()))
            done |= set(mark.done)
            taken |= set(mark.flows)
            state[mark.figure] = (done, taken, mark.now)
    return state


@pytest.mark.parametrize("stage", ["begun", "at work", "closed"])
def test_playing_every_event_ends_in_the_picture_that_stands(short, session, stage):
    report = short.report()
    if stage != "begun":
        short.do("admin", "verifikasi", opd="DPU")
    if stage == "closed":
        short.do("operator", "kerjakan", uraian="Selesai ditambal.")
        short.do("pelapor", "tanggapi", penilaian=5)
    trace = trace_of(short, report)
    (shown,) = trace.figures
    figure = shown.figure
    assert played(trace)[figure.id] == (figure.done, figure.flows, figure.now)
    instance = session.scalars(select(Instance)).one()
    if instance.state is None:
        assert figure.now == ()
        assert "tanggapi" in figure.done
    else:
        compiled = sop_versions.compiled(session, instance.sop_version_id)
        assert set(figure.now) == set(inspect(compiled, instance.state).tokens)


def steps(*names):
    body = begin("mulai") + "".join(task(name, "catatan:text") for name in names) + end("selesai")
    links = [f"{a} {b}" for a, b in zip(["mulai", *names], [*names, "selesai"], strict=True)]
    return diagram(body + flows(*links), {"admin_kominfo": list(names)})


def test_a_moved_report_is_shown_on_both_versions(session, clock):
    shop = Workshop(session, clock, steps("terima", "periksa"))
    session.add_all(
        Unit(code=code, name=code, short_name=code, kind=code.lower()) for code in ("SETDA", "BAPPEDA")
    )
    session.flush()
    session.add_all(
        Role(code=role, name=role, home_unit=unit)
        for role, unit in (("bappeda", "BAPPEDA"), ("sekda", "SETDA"))
    )
    session.flush()
    shop.hire("perencana", ("bappeda", "BAPPEDA"))
    shop.hire("sekda", ("sekda", "SETDA"))
    report = shop.report()
    shop.do("admin", "terima", catatan="ya")
    shop.publish(steps("terima", "periksa", "tutup"), "pengaduan")
    move = sop_migration.plan_move(session, "pengaduan", 1, 2, actor=shop.who["perencana"], now=shop.clock())
    session.commit()
    round_ = shop.value("SELECT round FROM sop_moves WHERE id = :id", id=move)
    while sop_migration.test_slice(session, move, round_, now=shop.clock()):
        session.commit()
    session.commit()
    instance = shop.value("SELECT id FROM instances WHERE report_id = :id", id=report)
    sop_migration.set_going(
        session, "pengaduan", move, [instance], "Langkah baru.", actor=shop.who["sekda"], now=shop.clock()
    )
    session.commit()
    assert sop_migration_work.carry_next(session, move, now=shop.clock())
    session.commit()
    shop.do("admin", "periksa", catatan="sudah")

    trace = trace_of(shop, report)
    first, second = trace.figures
    assert [first.version.version, second.version.version] == [1, 2]
    assert (first.moved, second.moved) == (True, False)
    assert "tutup" not in first.figure.done
    assert {"terima", "periksa"} <= second.figure.done
    assert second.figure.now == ("tutup",)
    assert {step.row.element for step in trace.steps if step.done} == {"terima", "periksa"}
    assert all(step.since and (step.until or not step.row.closed_at) for step in trace.steps)


def test_each_event_names_the_first_seal_that_covers_it(short, session):
    report = short.report()
    seals.seal_trace(session, KEY, now=short.clock())
    before = short.value("SELECT max(stream_seq) FROM events WHERE stream_id = :id", id=report)
    short.do("admin", "verifikasi", opd="DPU")
    seals.seal_trace(session, KEY, now=short.clock())
    trace = trace_of(short, report)
    for event in trace.events:
        expected = 1 if event.seq <= before else None if event.type == "TraceRead" else 2
        assert event.seal == expected, event.seq


def test_only_auditors_and_only_what_exists(short):
    report = short.report()
    with pytest.raises(NotPermitted):
        trace_of(short, report, short.who["admin"])
    with pytest.raises(NotFound):
        trace_of(short, short.item("verifikasi").id)


def test_opening_costs_few_statements(short, session, database):
    report = short.report()
    short.do("admin", "verifikasi", opd="DPU")
    trace_of(short, report)
    session.expire_all()
    with counted(database.engine) as seen:
        trace_of(short, report)
    assert len(seen["statements"]) <= 16, "\n".join(seen["statements"])


def test_every_report_of_the_demo_city_plays_to_where_it_stands(session, database, tmp_path):
    storage = open_store(str(tmp_path / "foto"))
    now = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
    seed(session, demo_files(), NAMES, storage=storage, now=now)
    session.commit()
    beside = moved = 0
    rang, pauses = [], []
    for report in session.scalars(select(Report.id)).all():
        trace = open_trace(session, report, labels={}, actor=AUDITOR, now=now)
        session.commit()
        ends = played(trace)
        for shown in trace.figures:
            figure = shown.figure
            assert figure.svg, figure.name
            assert ends[figure.id] == (figure.done, figure.flows, figure.now)
            assert not held_by_steps(figure), "where it is, not what that lies in"
        rang += [name for one in trace.events for name, _due in one.rang]
        pauses += [one.changes for one in trace.events if one.type == "TotalDeadlineMoved"]
        walked = [one for one in trace.events if one.marks]
        ways = session.scalars(
            text("SELECT stream_seq FROM events WHERE stream_id = :id AND data->'jalan' IS NOT NULL"),
            {"id": report},
        ).all()
        assert set(ways) <= {one.seq for one in walked}, "every step somebody took is on a diagram"
        live = [one for one in trace.instances if one.state is not None]
        stand = {element for shown in trace.figures if not shown.moved for element in shown.figure.now}
        assert bool(live) == bool(stand)
        moved += any(shown.moved for shown in trace.figures)
        beside += len(trace.instances) > 1
    assert beside, "a plan's monitoring runs beside the report that asked for it"
    assert moved, "the diagram that a report left shows where it left it"
    assert "50 %, Menindaklanjuti laporan" in rang
    assert pauses
    for ((label, before, after),) in ([astuple(one) for one in changes] for changes in pauses):
        assert label.startswith("Batas seluruh laporan")
        assert before < after


def held_by_steps(figure):
    """Names of parts of the diagram among the places where it stands, though a step inside is one of them."""
    kinds = {name: kind for kind, name in figure.sop.elements.values()}
    named = figure.named(figure.now)
    return [one for one in named if kinds.get(one) == "subProcess"] if len(named) > 1 else []


WITH_PERSONAL = diagram(
    begin("mulai")
    + task("telaah", "hp:string,personal=true", "titik:location", "catatan:text")
    + task("tutup", "catatan:text")
    + end("selesai")
    + flows("mulai telaah", "telaah tutup", "tutup selesai"),
    {"admin_kominfo": ["telaah", "tutup"]},
)


def test_answers_that_are_personal_or_a_point_stay_away(session, clock):
    shop = Workshop(session, clock, WITH_PERSONAL)
    report = shop.report()
    point = {"lat": -0.91215, "lng": 119.88286}
    shop.do("admin", "telaah", hp="0813-1111-2222", titik=point, catatan="Sudah ditelepon.")
    (line,) = (one.line for one in trace_of(shop, report).events if one.type == "TaskCompleted")
    assert [answer.text for answer in line.answers] == ["Sudah ditelepon."]
    session.rollback()
    told = history(session, report, audience="petugas", labels={})
    assert any("0813-1111-2222" in answer.text for one in told for answer in one.answers)
