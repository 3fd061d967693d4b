"""Searching reports by their traces: every criterion finds exactly what it says, whatever the order and page;
and in a big city no search reads texts one by one, or anything once per report found."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.queries.trace_search import SIZE, Criteria, Cursor, count_of, found, ids_of
from tests.db.plans import plan_of, settle, statements_of, touched
from tests.db.planted_search import READ, plant, planted_id

COUNT = 8_000
ORDERS = ("terbaru", "terlama", "panjang")


@pytest.fixture(scope="module")
def city(process_database):
    """A planted city for all tests of this file, which only read."""
    with process_database.owner_engine.begin() as connection:
        plant(connection, COUNT)
    settle(process_database, *READ)
    yield process_database
    process_database.reset()


@pytest.fixture
def reading(city):
    with Session(city.engine) as session:
        yield session


NOW = datetime.now(UTC)
CASES = [
    (Criteria(), "true"),
    (Criteria(number="000123"), "number LIKE '%000123'"),
    (Criteria(kind="aspirasi"), "kind = 'aspirasi'"),
    (Criteria(status="masuk_rencana"), "status = 'masuk_rencana'"),
    (Criteria(status="terbuka"), "closed_at IS NULL"),
    (Criteria(status="tertutup"), "closed_at IS NOT NULL"),
    (Criteria(unit="D3"), "units @> ARRAY['D3']"),
    (Criteria(unit="D3", holding=True), "opd = 'D3'"),
    (Criteria(kelurahan="72.71.01.1007"), "kelurahan_code = '72.71.01.1007'"),
    (Criteria(officer="PETUGAS7"), "md5('orang7')::uuid = ANY(persons)"),
    (Criteria(officer="petugas 7"), "md5('orang7')::uuid = ANY(persons)"),
    (Criteria(officer="petugas"), "false"),
    (Criteria(sop="pengaduan"), "true"),
    (Criteria(sop="pengaduan", version=1), "md5('versi0')::uuid = ANY(versions)"),
    (Criteria(sop="pengaduan", version=9), "false"),
    (Criteria(sop="aspirasi"), "false"),
    (Criteria(returned=True), "returned > 0"),
    (Criteria(reopened=True), "reopened > 0"),
    (Criteria(bounced=True), "bounced > 0"),
    (Criteria(escalated=True), "escalated > 0"),
    (Criteria(migrated=True), "migrated > 0"),
    (Criteria(returned=True, bounced=True), "returned > 0 AND bounced > 0"),
    (Criteria(path=planted_id("jalur2")), "path_id = md5('jalur2')::uuid"),
    (
        Criteria(rare=True),
        "path_id IN (SELECT id FROM trace_paths"
        " WHERE reports::float / (SELECT sum(reports) FROM trace_paths) <= 0.03)",
    ),
    (Criteria(confidential=False), "NOT confidential"),
    (Criteria(confidential=True), "confidential"),
    (
        Criteria(words="kata40 kata7"),
        "description ~ '\\mkata40\\M' AND description ~ '\\mkata7\\M'"
        " OR EXISTS (SELECT 1 FROM thread_messages m WHERE m.report_id = reports.id"
        " AND m.body ~ '\\mkata40\\M' AND m.body ~ '\\mkata7\\M')",
    ),
    (Criteria(words="dan"), "false"),
    (
        Criteria(late=True),
        "late OR received_at + '60 days' < :now AND closed_at IS NULL OR EXISTS (SELECT 1 FROM work_items w"
        " WHERE w.report_id = reports.id AND w.closed_at IS NULL AND w.due_at < :now)",
    ),
    (
        Criteria(since=NOW - timedelta(days=40), until=NOW - timedelta(days=10), kind="pengaduan", late=True),
        "received_at >= :now - '40 days'::interval AND received_at < :now - '10 days'::interval"
        " AND kind = 'pengaduan' AND (late OR EXISTS (SELECT 1 FROM work_items w"
        " WHERE w.report_id = reports.id AND w.closed_at IS NULL AND w.due_at < :now))",
    ),
]


@pytest.mark.parametrize(("criteria", "meaning"), CASES)
def test_each_criterion_finds_exactly_what_it_says(reading, criteria, meaning):
    told = text(
        f"SELECT id FROM reports JOIN report_traits ON report_id = id WHERE ({meaning}) AND :now IS NOT NULL"
        " ORDER BY received_at DESC, id DESC"
    )
    right = reading.scalars(told, {"now": NOW}).all()
    assert right or meaning == "false", "the planted city shows this case"
    assert list(ids_of(reading, criteria, now=NOW)) == list(right)
    assert list(ids_of(reading, criteria, 3, now=NOW)) == list(right[:3])
    assert count_of(reading, criteria, now=NOW) == len(right)
    for order in ORDERS:
        page = found(reading, criteria, order, None, now=NOW)
        assert (page.total, page.earlier) == (len(right), False)
        assert (len(page.rows), page.later) == (min(SIZE, len(right)), len(right) > SIZE)
    first = found(reading, criteria, "terbaru", None, now=NOW)
    assert [row.id for row in first.rows] == list(right[:SIZE])


@pytest.mark.parametrize("order", ORDERS)
def test_pages_follow_each_other_both_ways(reading, order):
    criteria = Criteria(late=True, unit="D1")
    pages, cursor = [], None
    while True:
        page = found(reading, criteria, order, cursor, now=NOW)
        pages.append(page)
        if not page.later:
            break
        cursor = Cursor(page.rows[-1].number)
    numbers = [[row.number for row in page.rows] for page in pages]
    assert len(pages) > 3
    together = [number for page in numbers for number in page]
    assert len(together) == len(set(together)) == pages[0].total
    rows = [row for page in pages for row in page.rows]
    keys = [(row.events if order == "panjang" else row.received_at, row.id) for row in rows]
    assert keys == sorted(keys, reverse=order != "terlama")
    for before, page in pairwise(numbers):
        back = found(reading, criteria, order, Cursor(page[0], back=True), now=NOW)
        assert [row.number for row in back.rows] == before
        assert (back.earlier, back.later) == (before is not numbers[0], True)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("criteria", [one for one, _meaning in CASES])
def test_no_search_looks_at_a_row_more_than_once(city, reading, criteria, order):
    """So that a search costs no more than one walk over what it reads, whichever way it was planned."""
    sizes = {
        name: reading.scalar(text(f"SELECT count(*) FROM {name}"))
        for name in ("reports", "report_traits", "thread_messages", "work_items", "instances")
    }
    statements = statements_of(city.engine, lambda: found(reading, criteria, order, None, now=NOW))
    assert len(statements) <= 2 + bool(criteria.officer) + bool(criteria.sop), "not one per report"
    for node in plan_of(city.engine, statements[-1]):
        if node.get("Relation Name") in sizes:
            assert touched(node) <= 1.01 * sizes[node["Relation Name"]], node


@pytest.mark.parametrize(
    ("criteria", "ways_in", "never"),
    [
        (Criteria(), {"ix_reports_received_at"}, set()),
        (Criteria(words="kata800"), {"ix_reports_search", "ix_thread_messages_words"}, {"thread_messages"}),
        (Criteria(number="LW-2026-03-000001"), {"uq_reports_number"}, {"reports"}),
        (Criteria(status="terbuka"), {"ix_reports_open_status"}, {"reports"}),
        (Criteria(escalated=True), {"ix_report_traits_escalated"}, {"reports", "report_traits"}),
        (Criteria(officer="petugas299"), {"ix_report_traits_persons"}, {"reports", "report_traits"}),
        (Criteria(path=planted_id("jalur99")), {"ix_report_traits_path"}, {"reports", "report_traits"}),
        (Criteria(late=True), {"ix_report_traits_late"}, {"work_items"}),
        (
            Criteria(since=NOW - timedelta(days=30), until=NOW - timedelta(days=25)),
            {"ix_reports_received_at"},
            {"reports"},
        ),
    ],
)
def test_what_is_rare_is_looked_up(city, reading, criteria, ways_in, never):
    statements = statements_of(city.engine, lambda: found(reading, criteria, "terbaru", None, now=NOW))
    plan = plan_of(city.engine, statements[-1])
    assert ways_in <= {node.get("Index Name") for node in plan}
    assert not never & {node.get("Relation Name") for node in plan if node["Node Type"] == "Seq Scan"}


def test_what_has_not_been_followed_yet_is_found_by_what_it_is(city):
    with Session(city.owner_engine) as session:
        session.execute(text("DELETE FROM report_traits"))
        assert found(session, Criteria(), "panjang", None, now=NOW).total == COUNT
        assert found(session, Criteria(words="kata1"), "terbaru", None, now=NOW).total > 0
        assert found(session, Criteria(kind="aspirasi"), "terbaru", None, now=NOW).total == COUNT / 5
        assert found(session, Criteria(late=True), "terbaru", None, now=NOW).total > 0
        assert found(session, Criteria(returned=True), "terbaru", None, now=NOW).total == 0
        session.rollback()
