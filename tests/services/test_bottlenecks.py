"""Where it hurts: the planted bottleneck is named, figures are true to what was counted, and cost little."""

import math
import random
import statistics
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from app.db.queries import bottlenecks as queries
from app.db.queries.bottlenecks import Side
from app.domain.actor import Actor, Grant
from app.domain.bottleneck import Cause, Measure
from app.domain.durations import LARGEST_ERROR
from app.domain.errors import NotPermitted
from app.services.bottlenecks import Asked, CannotBeRead, at_a_glance, where_it_hurts
from app.services.bottlenecks_csv import HEAD, as_csv
from app.services.sop_versions import NoSuchSop
from app.services.trace_follow import follow
from tests.db.plans import settle
from tests.services.small_city import SHORT_SOP
from tests.services.step_counts import MARCH, Counts
from tests.services.workshop import Workshop, counted

PLANNER = Actor("person", "uji", "11111111-1111-4111-8111-111111111111", (Grant("bappeda"),))
HOUR, DAY = 3600, 8 * 3600


@pytest.fixture
def shop(session, clock):
    return Workshop(session, clock, SHORT_SOP)


@pytest.fixture
def counts(shop):
    return Counts(shop.value("SELECT id FROM sop_versions"))


def read(session, *, actor=PLANNER, **asked):
    return where_it_hurts(session, "pengaduan", 1, Asked(**asked), actor=actor)


def plant(counts):
    """Everything is quick but the work, which lies for days before somebody takes it."""
    for _ in range(20):
        counts.visit("verifikasi", 2 * HOUR, waiting=HOUR)
        counts.visit("kerjakan", 3 * DAY, waiting=2.5 * DAY, signed_late=True)
        counts.visit("tanggapi", 9 * DAY, waiting=9 * DAY)
        counts.visit("", 13 * DAY, kind="laporan")


def test_the_step_that_eats_the_time_is_named_with_its_cause(session, counts):
    plant(counts)
    counts.write(session)
    found = read(session)
    assert found.worst.place == "kerjakan"
    assert found.causes == (Cause.WAITING, Cause.LATE)
    assert found.value(found.worst, Measure.SPENT) == pytest.approx(24 / 26)
    assert found.whole.times == 20


def test_reports_that_were_really_walked_show_where_they_lay(shop, session, clock):
    """Six Mondays: an hour until it is verified, then ten of working time until somebody works."""
    for week in range(6):
        clock.set(datetime(2026, 4, 6, tzinfo=UTC) + timedelta(weeks=week))
        shop.report()
        clock.advance(hours=1)
        shop.do("admin", "verifikasi", opd="DPU")
        clock.advance(days=1, hours=2)
        shop.do("operator", "kerjakan", uraian="Selesai ditambal.")
        shop.do("pelapor", "tanggapi", penilaian=5)
    assert follow(session) in (True, False)
    session.commit()
    found = read(session)
    assert found.worst.name == "Mengerjakan"
    assert found.causes[0] is Cause.WAITING
    assert found.whole.times == 6
    work = found.worst.figures
    assert work.median == pytest.approx(10 * HOUR, rel=0.04)
    assert (work.times, work.spent, work.late) == (6, 6 * 10 * HOUR, 0)
    assert found.value(found.worst, Measure.SPENT) == pytest.approx(10 / 11, abs=0.01)
    flows = {flow.place: flow.figures.times for flow in found.flows}
    assert flows["f3"] == 6
    assert read(session, unit="DPU").worst.name == "Mengerjakan"


def test_the_reporters_own_time_is_nobodys_bottleneck(session, counts):
    plant(counts)
    counts.write(session)
    found = read(session)
    waiting = next(step for step in found.steps if step.place == "tanggapi")
    assert waiting.by_reporter
    assert waiting not in found.ranked
    assert found.spent == 20 * (2 * HOUR + 3 * DAY)


def test_few_times_judge_nobody(session, counts):
    for _ in range(4):
        counts.visit("kerjakan", 30 * DAY)
    counts.write(session)
    assert read(session).worst is None
    for _ in range(5):
        counts.visit("verifikasi", HOUR)
    counts.rows = {key: row for key, row in counts.rows.items() if "verifikasi" in key}
    counts.write(session)
    assert read(session).worst.place == "verifikasi"


@pytest.mark.parametrize("seed", range(6))
def test_median_and_p90_are_within_the_error_of_the_exact_ones(session, counts, seed):
    """Over all months together, whatever the times are like."""
    drawn = random.Random(seed)
    size = drawn.randint(1, 400)
    spread = drawn.choice([lambda: drawn.lognormvariate(8, 2), lambda: drawn.uniform(1, 90 * DAY)])
    exact = sorted(max(1.0, spread()) for _ in range(size))
    for seconds in exact:
        counts.visit("kerjakan", seconds, month=date(2026, drawn.randint(1, 6), 1))
    counts.write(session)
    (step,) = read(session).steps
    for told, share in ((step.figures.median, 0.5), (step.figures.p90, 0.9)):
        true = exact[math.ceil(size * share) - 1]
        assert abs(told - true) <= LARGEST_ERROR * true * 1.0001
    assert step.figures.times == size
    assert statistics.fsum(exact) == pytest.approx(step.figures.spent, abs=size)


def test_a_unit_a_kelurahan_and_months_each_show_their_own_part(session, counts):
    counts.visit("kerjakan", DAY, times=7, unit="DPU", kelurahan="72.71.08.1003")
    counts.visit("kerjakan", DAY, times=2, unit="DLH", month=date(2026, 1, 1))
    counts.write(session)

    def times(**asked):
        return sum(step.figures.times for step in read(session, **asked).steps)

    assert times() == 9
    assert (times(unit="DPU"), times(unit="DLH"), times(unit="TIDAK")) == (7, 2, 0)
    assert (times(kelurahan="72.71.08.1003"), times(kelurahan="72.71.02.1007")) == (7, 2)
    assert (times(since=MARCH), times(until=date(2026, 2, 1))) == (7, 2)
    found = read(session)
    assert (found.units, found.kelurahan) == (("DLH", "DPU"), ("72.71.02.1007", "72.71.08.1003"))
    assert [(month.month, figures and figures.times) for month, figures in found.months] == [
        (1, None), (2, None), (3, None)
    ]  # fmt: skip
    shown = read(session, place="kerjakan").months
    assert [figures and figures.times for _month, figures in shown] == [2, None, 7]


def test_the_slowest_unit_and_kelurahan_of_a_step_come_first(session, counts):
    counts.visit("kerjakan", DAY, times=9, unit="DPU", kelurahan="A")
    counts.visit("kerjakan", 3 * DAY, times=6, unit="DLH", kelurahan="B")
    counts.visit("kerjakan", 90 * DAY, times=2, unit="DISHUB", kelurahan="C", month=date(2025, 12, 1))
    counts.visit("verifikasi", HOUR, times=50, unit="KOMINFO", kelurahan="C")
    counts.visit("", 4 * DAY, times=17, unit="DLH", kelurahan="C", kind="laporan")
    counts.write(session)

    def parts(**asked):
        return [(one.unit or one.kelurahan, one.figures.times) for one in read(session, **asked).parts]

    assert parts(place="kerjakan") == [("B", 6), ("DLH", 6), ("A", 9), ("DPU", 9), ("C", 2), ("DISHUB", 2)]
    assert parts(place="kerjakan", since=MARCH, unit="DPU") == [("B", 6), ("DLH", 6), ("A", 9), ("DPU", 9)]
    assert parts() == [("C", 17), ("DLH", 17)]


def test_only_who_reads_statistics_and_only_what_exists(session, counts):
    with pytest.raises(NotPermitted):
        read(session, actor=Actor("person", "uji", PLANNER.person_id, (Grant("operator_opd", "DPU"),)))
    with pytest.raises(NoSuchSop):
        where_it_hurts(session, "pengaduan", 2, Asked(), actor=PLANNER)
    empty = read(session)
    assert (empty.side, empty.worst, empty.steps, empty.months) == (None, None, (), ())


def test_a_version_this_system_cannot_read_does_not_hide_the_others(session, counts, owner):
    plant(counts)
    counts.write(session)
    copied = (
        "INSERT INTO sop_versions SELECT (jsonb_populate_record(v, jsonb_build_object("
        "'id', gen_random_uuid(), 'version', 2, 'content_hash', 'x',"
        " 'files', jsonb_build_object(main_file, '<alien/>')))).*"
        " FROM sop_versions v RETURNING id"
    )
    alien = owner.execute(text(copied)).scalar_one()
    owner.execute(text("UPDATE sop_versions SET key = 'lama' WHERE id = :id"), {"id": alien})
    owner.commit()
    lost = Counts(alien)
    plant(lost)
    lost.write(session)
    glances, _day = at_a_glance(session, actor=PLANNER)
    assert {(one.version.key, one.worst and one.worst.place) for one in glances} == {
        ("pengaduan", "kerjakan"), ("lama", None)
    }  # fmt: skip
    with pytest.raises(CannotBeRead):
        where_it_hurts(session, "lama", 2, Asked(), actor=PLANNER)


def test_the_figures_add_up_to_those_of_the_months(session, counts):
    plant(counts)
    counts.visit("verifikasi", HOUR, month=date(2026, 2, 1), times=3)
    counts.write(session)
    found = read(session)

    def lines(per):
        head, *rest = [line.split(",") for line in as_csv(session, found, per).splitlines()]
        assert tuple(head) == HEAD
        return [dict(zip(head, line, strict=True)) for line in rest]

    whole, monthly = lines(""), lines("bulan")
    for place in whole:
        key = (place["jenis"], place["tempat"])
        same = [line for line in monthly if (line["jenis"], line["tempat"]) == key]
        for name in ("kali", "menunggu_detik_kerja", "dikerjakan_detik_kerja", "terlambat_waktu_sop"):
            assert int(place[name]) == sum(int(line[name]) for line in same), (place["tempat"], name)
    assert {line["sejak"] for line in monthly} == {"2026-02", "2026-03"}
    (unit, kelurahan) = sorted(lines("bagian"), key=lambda line: line["kelurahan"])
    (everything,) = (line for line in whole if line["jenis"] == "laporan")
    for line in (unit, kelurahan):
        assert {name: line[name] for name in HEAD[6:]} == {name: everything[name] for name in HEAD[6:]}
    assert (unit["unit"], kelurahan["kelurahan"]) == ("DPU", "72.71.02.1007")


def test_it_costs_few_statements(session, counts, database):
    plant(counts)
    counts.write(session)
    read(session)
    with counted(database.engine) as seen:
        read(session, unit="DPU")
    assert len(seen["statements"]) == 5


def test_every_statement_goes_by_the_primary_key(session, counts, database):
    """As a city of a hundred thousand reports has them: thousands of rows of other units and months."""
    drawn = random.Random(1)
    for number in range(40):
        for month in range(1, 13):
            for place in range(12):
                took = drawn.choice((HOUR, 3 * HOUR, DAY))
                counts.visit(f"langkah_{place}", took, month=date(2026, month, 1), unit=f"U{number:02}",
                             kelurahan=f"K{number:02}")  # fmt: skip
    counts.write(session)
    session.commit()
    settle(database, "step_times")
    side = Side(counts.version, MARCH, date(2026, 8, 1), unit="U07")
    everything = Side(counts.version, date(2026, 1, 1), date(2026, 12, 1))
    for statement, values in (
        (queries._PLACES, side.values),
        (queries._PLACES, everything.values),
        (queries._OVERVIEW, {"versions": [counts.version], "since": date(2026, 1, 1)}),
        (queries._MONTHS, {**side.values, "kind": "langkah", "place": "langkah_3"}),
        (queries._BY_MONTH, side.values),
        (queries._PARTS, {**side.values, "kind": "langkah", "place": "langkah_3", "units": ["", "U01", "U07"],
                          "kelurahan": ["", "K01"], "months": [MARCH, date(2026, 4, 1)]}),
        (queries._EXTENT, {"version": counts.version}),
    ):
        plan = "\n".join(session.execute(text(f"EXPLAIN {statement.text}"), values).scalars())
        assert "Seq Scan on step_times" not in plan, plan
        assert "pk_step_times" in plan, plan
