"""Event logs that others can read: by the published schemas, by a process mining library, and by a person."""

import csv
import io
import json
import tracemalloc
import uuid
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
import r4pm
from lxml import etree
from r4pm import bindings
from sqlalchemy import text

from app.db.queries.event_stream import counts, events_of
from app.db.queries.trace_search import Criteria
from app.db.session import make_sessions
from app.services import audit_export
from app.services.audit_export import Begun, Order
from app.services.event_formats import FORMATS, counted
from app.services.event_lines import Pseudonyms, Steps
from tests.services.small_city import SHORT_SOP
from tests.services.workshop import Workshop

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"
KEY = "b" * 64


@pytest.fixture
def shop(session, clock):
    """One closed report, one that waits with the unit, one that waits with Kominfo."""
    shop = Workshop(session, clock, SHORT_SOP)
    shop.closed = shop.report()
    shop.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan kepada dinas.")
    shop.do("operator", "kerjakan", uraian="Lubang ditutup kemarin siang.")
    shop.do("pelapor", "tanggapi", penilaian=5)
    shop.waiting = shop.report()
    shop.do("admin", "verifikasi", opd="DPU", catatan="=SUM(A1)")
    clock.advance(days=2)
    shop.fresh = shop.report()
    return shop


def chosen_events(shop, **chosen):
    return events_of(shop.session, Criteria(**chosen), now=shop.clock())


def how_many(shop, **chosen):
    return counts(shop.session, Criteria(**chosen), now=shop.clock())


def written(shop, form, *, plain=False, **chosen):
    steps = Steps(shop.session, Pseudonyms(KEY), plain=plain)
    return "".join(FORMATS[form][0](steps, chosen_events(shop, **chosen)))


def by_case(shop, **chosen):
    """case -> (activity, lifecycle) in order, from the CSV."""
    found = {}
    for line in csv.DictReader(io.StringIO(written(shop, "csv", **chosen), newline="")):
        found.setdefault(line["case"], []).append((line["activity"], line["lifecycle"]))
    return found


def test_the_way_of_a_report_is_told_in_the_words_of_its_sop(shop):
    number = shop.value("SELECT number FROM reports WHERE id = :r", r=shop.closed)
    ((_case, way),) = by_case(shop, number=number).items()
    rows = shop.session.execute(text("SELECT element, name FROM work_items"))
    names = {row.element: row.name for row in rows}
    assert way == [
        ("Laporan diterima", "complete"),
        (names["verifikasi"], "schedule"),
        (names["verifikasi"], "complete"),
        (names["kerjakan"], "schedule"),
        (names["kerjakan"], "complete"),
        (names["tanggapi"], "schedule"),
        (names["tanggapi"], "complete"),
        ("Laporan ditutup", "complete"),
    ]


def test_xes_is_valid_and_a_mining_library_finds_the_same_cases_and_ways(shop, tmp_path):
    path = tmp_path / "catatan.xes"
    path.write_text(written(shop, "xes"), encoding="utf-8")
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "xes.xsd"))
    schema.assertValid(etree.parse(path))
    told = etree.parse(path)
    declared = {one.get("prefix") for one in told.iter("{*}extension")}
    keys = {one.get("key") for one in told.iter() if one.get("key")}
    assert {key.partition(":")[0] for key in keys if ":" in key} <= declared, "no prefix of nobody's"
    due = {one.get("value") for one in told.iter("{*}date") if one.get("key") == "due"}
    assert due == {line["due"] for line in csv.DictReader(written(shop, "csv").splitlines())} - {""} != set()
    log = r4pm.import_item("EventLog", str(path))
    projection = bindings.log_to_activity_projection(log)
    assert bindings.get_num_cases(projection) == 3
    assert {"Laporan diterima", "Laporan ditutup"} <= set(bindings.get_projection_activities(projection))


def test_ocel_is_valid_and_a_mining_library_finds_its_events_and_objects(shop, tmp_path):
    told = written(shop, "ocel")
    log = json.loads(told)
    schema = json.loads((SCHEMAS / "ocel20-schema-json.json").read_text())
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(log)
    known = {one["id"] for one in log["objects"]}
    related = {to["objectId"] for event in log["events"] for to in event["relationships"]}
    assert related <= known, "no event of something that is not there"
    assert {event["type"] for event in log["events"]} == {one["name"] for one in log["eventTypes"]}
    path = tmp_path / "catatan.json"
    path.write_text(told, encoding="utf-8")
    linked = r4pm.import_item("SlimLinkedOCEL", str(path))
    assert len(bindings.locel_get_evs_of_type(linked, "Laporan diterima (complete)")) == 3
    assert len(bindings.locel_get_obs_of_type(linked, "laporan")) == 3


def test_json_lines_are_the_events_as_they_stand(shop):
    lines = [json.loads(line) for line in written(shop, "jsonl").splitlines()]
    assert len(lines) == how_many(shop)[1]
    started = next(one for one in lines if one["type"] == "ProcessStarted")
    assert started["data"]["dibuka"][0][1] == "verifikasi"


@pytest.mark.parametrize("form", FORMATS)
def test_nobody_and_no_report_is_named_unless_numbers_are_asked_for(shop, form):
    told = written(shop, form)
    people = [str(one) for one in shop.session.scalars(text("SELECT id FROM persons"))]
    reports = [str(one) for one in shop.session.scalars(text("SELECT id FROM reports"))]
    numbers = list(shop.session.scalars(text("SELECT number FROM reports")))
    secret = ["Warga Uji", "0812", "Lubang ditutup", "-0.91215", "Tumpukan sampah"]
    for word in (*people, *reports, *numbers, *secret):
        assert word not in told
    assert numbers[0] in written(shop, form, plain=True)


def test_the_same_person_is_the_same_pseudonym_and_another_city_has_another(shop):
    lines = list(csv.DictReader(io.StringIO(written(shop, "csv"), newline="")))
    admins = {one["resource"] for one in lines if one["role"] == "admin_kominfo"}
    assert len(admins) == 1
    assert Pseudonyms(KEY).of("petugas", "x") != Pseudonyms("c" * 64).of("petugas", "x")


def test_a_selection_takes_what_was_asked_for(shop, clock):
    sent = shop.value("SELECT received_at FROM reports WHERE id = :r", r=shop.fresh)
    assert len(by_case(shop)) == 3
    assert len(by_case(shop, since=sent)) == 1
    assert len(by_case(shop, until=sent)) == 2
    assert len(by_case(shop, status="selesai")) == 1
    assert len(by_case(shop, unit="DPU", holding=True)) == 2
    assert by_case(shop, kind="aspirasi") == {}
    assert by_case(shop, since=datetime(2031, 1, 1, tzinfo=UTC)) == {}


@pytest.mark.parametrize("form", ["xes", "ocel", "csv"])
def test_an_empty_selection_is_a_whole_file_all_the_same(shop, form):
    told = written(shop, form, kind="aspirasi")
    if form == "xes":
        etree.fromstring(told.encode())
    elif form == "ocel":
        assert json.loads(told)["events"] == []
    else:
        assert told.count("\r\n") == 1


def test_no_cell_is_a_formula(shop):
    for line in csv.reader(io.StringIO(written(shop, "csv"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line)


def test_progress_is_told_and_adds_up(shop):
    heard = []
    list(counted(chosen_events(shop), heard.append, every=5))
    assert sum(heard) == how_many(shop)[1]
    assert heard[0] == 5


@pytest.mark.parametrize("form", FORMATS)
def test_ten_times_the_events_need_no_more_memory(shop, form):
    """The rows are the same ones over and over; what counts is what the writers keep."""
    rows = list(chosen_events(shop))

    def most(times):
        steps = Steps(shop.session, Pseudonyms(KEY))
        source = (row for _ in range(times) for row in rows)
        for _ in FORMATS[form][0](steps, iter(rows)):
            pass
        tracemalloc.start()
        for _ in FORMATS[form][0](steps, source):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert most(300) < 2 * most(30) + 100_000


@pytest.mark.parametrize("form", FORMATS)
def test_whoever_reads_slowly_holds_nothing_open_in_the_database(shop, database, clock, form):
    """A line that takes hours must keep neither a transaction, and so what the vacuum may take, nor a
    connection that others wait for."""
    shop.session.commit()
    sessions = make_sessions(database.engine)
    before = database.engine.pool.checkedout()
    order, begun = Order(Criteria(), form), Begun(uuid.uuid4(), 0, 0)
    parts = audit_export.written(sessions, order, key=KEY, begun=begun, now=clock, tell=lambda more: None)
    taken = ""
    for part in parts:
        taken += part
        assert database.engine.pool.checkedout() == before
    assert taken == written(shop, form)


def test_a_report_that_comes_while_a_file_is_written_is_not_in_it_by_half(shop, database, clock):
    shop.session.commit()
    order, begun = Order(Criteria(), "jsonl", plain=True), Begun(uuid.uuid4(), 0, 0)
    parts = audit_export.written(
        make_sessions(database.engine), order, key=KEY, begun=begun, now=clock, tell=lambda more: None
    )
    first = next(parts)
    late = shop.report()
    shop.session.commit()
    lines = [json.loads(line) for line in (first + "".join(parts)).splitlines()]
    number = shop.value("SELECT number FROM reports WHERE id = :r", r=late)
    assert len({line["case"] for line in lines}) == 3
    assert number not in {line["case"] for line in lines}
