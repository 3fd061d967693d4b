"""A city's whole event log takes no more memory than a tenth of it, measured from outside the program."""

import json
import subprocess
import sys

import psycopg
import pytest
from sqlalchemy import text

from tests.services.small_city import SHORT_SOP
from tests.services.workshop import Workshop

REPORTS = 10_000
EVENTS = 10
"""Of each: a hundred thousand in all, a tenth of them in one kelurahan."""
MORE = 12_000
"""kB that ten times the events may take more; they are about 40,000 kB as a file."""

CHILD = """
import json, sys
from datetime import UTC, datetime
from app.db.queries.trace_search import Criteria
from app.db.session import make_engine, make_sessions
from app.services.audit_export import Begun, Order, written

def most():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))

sessions = make_sessions(make_engine(sys.argv[1]))
now = lambda: datetime(2026, 7, 7, tzinfo=UTC)
def export(chosen):
    sizes = {}
    for form in ("jsonl", "ocel"):
        passed = []
        parts = written(sessions, Order(chosen, form), key="b" * 64, begun=Begun(None, 0, 0), now=now,
                        tell=passed.append)
        sizes[form] = (sum(len(part) for part in parts), sum(passed))
    return {"sizes": sizes, "most": most()}
told = [export(Criteria(kelurahan="72.71.01.1009")), export(Criteria())]
print(json.dumps(told))
"""


@pytest.fixture
def full(session, clock, database):
    """A report that was really sent, ten thousand times."""
    shop = Workshop(session, clock, SHORT_SOP)
    template = shop.report()
    shop.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan kepada dinas.")
    session.commit()
    with psycopg.connect(database.admin_url) as connection:
        columns = [
            row[0]
            for row in connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'reports'::regclass AND attnum > 0"
                " AND NOT attisdropped AND attgenerated = '' AND attname NOT IN"
                " ('id', 'number', 'kelurahan_code', 'tracking_hash', 'submission_key')"
            )
        ]
        same = ", ".join(columns)
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            f"INSERT INTO reports (id, number, kelurahan_code, tracking_hash, submission_key, {same})"
            " SELECT md5('r' || n)::uuid, 'LW-2027-01-' || lpad(n::text, 6, '0'),"
            " CASE WHEN n %% 10 = 0 THEN '72.71.01.1009' ELSE '72.71.03.1001' END,"
            f" decode(md5('t' || n), 'hex'), md5('k' || n)::uuid, {same}"
            " FROM reports, generate_series(1, %s) n WHERE id = %s",
            (REPORTS, template),
        )
        connection.execute(
            "INSERT INTO events (stream_id, stream_seq, at, type, actor_kind, actor_id, role_code, source,"
            " data, commitments, hash)"
            " SELECT md5('r' || n)::uuid, k, e.at, e.type, e.actor_kind, e.actor_id, e.role_code, e.source,"
            " e.data, e.commitments, e.hash FROM generate_series(1, %s) n, generate_series(1, %s) k"
            " JOIN events e ON e.stream_id = %s AND e.stream_seq = 1 + (k - 1) %% 3",
            (REPORTS, EVENTS, template),
        )
        connection.execute("ANALYZE reports; ANALYZE events")
    return database


def test_ten_times_the_events_take_no_more_memory(full, session):
    assert session.scalar(text("SELECT count(*) FROM events")) > REPORTS * EVENTS
    session.rollback()  # the files take their time, and a transaction that only waits is ended
    told = subprocess.run(
        [sys.executable, "-c", CHILD, full.urls.app], capture_output=True, text=True, check=True, timeout=300
    )
    small, large = json.loads(told.stdout)
    for form, (size, events) in large["sizes"].items():
        assert events > 9 * small["sizes"][form][1] > 9 * 9_000, form
        assert size > 9 * small["sizes"][form][0], form
    assert large["most"] - small["most"] < MORE, (small["most"], large["most"])
