"""Followed in any slices, the trace comes to what gathering it at once and the tables themselves say."""

import random

import pytest
from sqlalchemy import select, text

from app.db.models.traits import ReportTraits, StepTime
from app.services import trace_follow
from tests.services.trace_town import Town, followed, times

TABLES = {
    "trace_paths": "SELECT * FROM trace_paths ORDER BY id",
    "report_traits": "SELECT * FROM report_traits ORDER BY report_id",
    "step_times": "SELECT * FROM step_times ORDER BY version_id, unit, kelurahan, month, kind, place, bucket",
}


def gathered(session):
    session.commit()
    found = {name: [tuple(row) for row in session.execute(text(sql))] for name, sql in TABLES.items()}
    session.commit()
    return found


COUNTED = {
    "returned": (
        "SELECT w.report_id, count(*) FROM work_items w"
        " WHERE w.element NOT IN ('tegur', 'kabari') AND EXISTS (SELECT 1 FROM work_items b"
        "  WHERE b.instance_id = w.instance_id AND b.element = w.element AND b.outcome = 'completed'"
        "  AND b.scope IS NOT DISTINCT FROM w.scope AND b.closed_at <= w.opened_at AND b.id <> w.id)"
        " GROUP BY 1"
    ),
    "reopened": (
        "SELECT stream_id, count(*) FROM events WHERE data->'status'->>1 = 'dibuka_kembali' GROUP BY 1"
    ),
    "bounced": ("SELECT stream_id, count(*) FROM events WHERE data->'opd'->>0 <> data->'opd'->>1 GROUP BY 1"),
    "escalated": (
        "SELECT e.stream_id, count(*) FROM events e, json_array_elements(e.data->'timer') t"
        " WHERE t->>0 = 'lewat' GROUP BY 1"
    ),
}
"""Trait -> what the tables themselves say of it; only `lewat` of that SOP goes to somebody higher."""


def agree_with_the_tables(session):
    """What was counted from events is what the tables of tasks and instances say."""
    whole = {"unit": "", "kelurahan": ""}
    steps = session.execute(
        text(
            "SELECT w.element, count(*), count(*) FILTER (WHERE w.closed_at > w.due_at),"
            " count(*) FILTER (WHERE w.outcome = 'cancelled'),"
            " sum(round(extract(epoch FROM w.closed_at - w.opened_at)))"
            " FROM work_items w WHERE w.closed_at IS NOT NULL AND w.report_id IS NOT NULL GROUP BY 1"
        )
    ).all()
    counted = {}
    for row in session.scalars(select(StepTime).filter_by(kind="langkah", **whole)):
        sums = counted.setdefault(row.place.rpartition("/")[2], [0, 0, 0, 0])
        for place, more in enumerate((row.times, row.late, row.dropped, row.elapsed)):
            sums[place] += more
    assert {one[0]: [int(each) for each in one[1:]] for one in steps} == counted
    ended = session.scalar(text("SELECT count(*) FROM reports WHERE closed_at IS NOT NULL"))
    assert sum(times(session, kind="laporan").values()) == ended
    assert session.scalar(text("SELECT coalesce(sum(reports), 0) FROM trace_paths")) == ended
    late = text(
        "SELECT DISTINCT i.report_id FROM instances i JOIN deadlines d ON d.instance_id = i.id"
        " WHERE i.report_id IS NOT NULL AND (d.kind = 'tahap' OR i.main) AND (d.stopped_at > d.due_at"
        "  OR EXISTS (SELECT 1 FROM jsonb_to_recordset(d.arithmetic->'perpanjangan')"
        "             AS p(pada timestamptz, dari timestamptz) WHERE dari < pada))"
    )
    found = session.scalars(select(ReportTraits.report_id).where(ReportTraits.late))
    assert set(found) == set(session.scalars(late))
    happened = False
    for name, sql in COUNTED.items():
        told = dict(
            session.execute(text(f"SELECT report_id, {name} FROM report_traits WHERE {name} > 0")).all()
        )
        assert told == dict(session.execute(text(sql)).all()), name
        happened = happened or bool(told)
    assert happened, "what people do by chance brings something to tell"
    session.commit()


@pytest.mark.parametrize("seed", range(3))
def test_followed_in_any_slices_it_comes_to_the_same_as_at_once(session, clock, seed):
    chance = random.Random(seed)
    town = Town(session, clock, chance)
    for _ in range(300):
        if town.running() < 3:
            town.report()
        town.something()
        if chance.random() < 0.5:
            trace_follow.follow(session, window=chance.randint(1, 9), reports=chance.randint(1, 3))
            session.commit()
    followed(session)
    by_and_by = gathered(session)
    reports = session.scalar(text("SELECT count(*) FROM reports"))
    session.execute(text("UPDATE report_traits SET returned = returned + 7, notes = NULL"))
    session.execute(text("UPDATE step_times SET times = times + 1"))
    assert set(trace_follow.differing(session)) == {"report_traits", "step_times"}
    assert sum(trace_follow.rebuild(session, reports=4)) == reports
    assert trace_follow.differing(session) == []
    at_once = gathered(session)
    for name in TABLES:
        assert by_and_by[name] == at_once[name], name
    agree_with_the_tables(session)
    kinds = text("SELECT count(DISTINCT data->>'tindakan') FROM events WHERE type = 'OperationDone'")
    assert session.scalar(kinds) >= 2, "officers stepped in"
    session.commit()
