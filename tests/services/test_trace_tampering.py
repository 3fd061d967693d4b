"""Whoever holds the database itself changes any one thing in the trace, and the check names the event."""

import json

import pytest
from sqlalchemy import text

from app.services import invariants
from tests.services.small_city import SHORT_SOP
from tests.services.workshop import Workshop

SOMEBODY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def shop(session, clock):
    """A report that was closed, and another one beside it."""
    shop = Workshop(session, clock, SHORT_SOP)
    shop.id = shop.report()
    shop.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan kepada dinas.")
    shop.do("operator", "kerjakan", uraian="Lubang ditutup kemarin siang.")
    shop.do("pelapor", "tanggapi", penilaian=5)
    shop.other = shop.report()
    session.commit()
    shop.number = shop.value("SELECT number FROM reports WHERE id = :r", r=shop.id)
    session.rollback()
    return shop


def named(master, sql, **given):
    """What the check says after this change, which is then taken back."""
    with master.begin_nested() as change:
        done = master.execute(text(sql), given)
        assert done.rowcount > 0, "otherwise this test proves nothing"
        found = [(one.number, one.detail) for one in invariants.broken_chains(master)]
        change.rollback()
    return found


def leaves(value, path=()):
    """Every place in the data: (path, another value)."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
            yield path, {other: one for other, one in value.items() if other != name}
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path, (not value if isinstance(value, bool) else f"{value}x" if value is not None else 0)


def put(value, path, other):
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], other)
    return copy


COLUMNS = {
    "at": "at + interval '1 microsecond'",
    "type": "type || 'x'",
    "actor_kind": "'worker' || actor_kind",
    "actor_id": f"CASE WHEN actor_id IS NULL THEN '{SOMEBODY}'::uuid END",
    "role_code": "coalesce(role_code, '') || 'x'",
    "source": "source || ' '",
    "hash": "set_byte(hash, 31, get_byte(hash, 31) # 1)",
}


def test_untouched_it_is_whole(shop, master):
    assert list(invariants.broken_chains(master)) == []


@pytest.mark.parametrize("column", COLUMNS)
def test_any_column_of_any_event(shop, master, column):
    last = shop.value("SELECT last_seq FROM streams WHERE id = :r", r=shop.id)
    for seq in range(1, last + 1):
        sql = f"UPDATE events SET {column} = {COLUMNS[column]} WHERE stream_id = :id AND stream_seq = :seq"
        found = named(master, sql, id=shop.id, seq=seq)
        assert [number for number, _detail in found] == [shop.number], (column, seq)
        assert f"peristiwa {seq}" in found[0][1].lower(), found


@pytest.mark.parametrize("column", ["data", "commitments"])
def test_any_value_inside_any_event(shop, master, column):
    rows = master.execute(
        text(f"SELECT stream_seq, {column} AS told FROM events WHERE stream_id = :id ORDER BY stream_seq"),
        {"id": shop.id},
    ).all()
    tried = 0
    for row in rows:
        for path, other in leaves(row.told or {}):
            changed = json.dumps(put(row.told, path, other))
            found = named(
                master,
                f"UPDATE events SET {column} = CAST(:told AS json)"
                " WHERE stream_id = :id AND stream_seq = :seq",
                id=shop.id, seq=row.stream_seq, told=changed,
            )  # fmt: skip
            assert found, (row.stream_seq, path)
            assert f"peristiwa {row.stream_seq}" in found[0][1].lower(), (path, found)
            tried += 1
    assert tried > 5


MOVED = {
    "one taken out": ("DELETE FROM events WHERE stream_id = :id AND stream_seq = 3", 4),
    "the last taken out": (
        "DELETE FROM events WHERE stream_id = :id"
        " AND stream_seq = (SELECT last_seq FROM streams WHERE id = :id)", None),
    "two in another order": (
        "UPDATE events e SET at = o.at, type = o.type, actor_kind = o.actor_kind, actor_id = o.actor_id,"
        " role_code = o.role_code, source = o.source, data = o.data, commitments = o.commitments,"
        " hash = o.hash FROM events o WHERE e.stream_id = :id AND o.stream_id = :id"
        " AND (e.stream_seq, o.stream_seq) IN ((3, 4), (4, 3))", 3),
    "one put in at the end": (
        "INSERT INTO events (stream_id, stream_seq, at, type, actor_kind, source, data, hash)"
        " SELECT stream_id, 1 + (SELECT last_seq FROM streams WHERE id = :id), at, type, actor_kind, source,"
        " data, hash FROM events WHERE stream_id = :id AND stream_seq = 2", None),
    "one of another report": (
        "UPDATE events SET data = (SELECT data FROM events WHERE stream_id = :other AND stream_seq = 1)"
        " WHERE stream_id = :id AND stream_seq = 1", 1),
}  # fmt: skip


@pytest.mark.parametrize("which", MOVED)
def test_events_taken_out_put_in_or_moved(shop, master, which):
    sql, seq = MOVED[which]
    given = {"id": shop.id} | ({"other": shop.other} if ":other" in sql else {})
    found = named(master, sql, **given)
    assert [number for number, _detail in found] == [shop.number], found
    if seq is not None:
        assert f"peristiwa {seq}" in found[0][1].lower(), found


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("data", "(SELECT json_agg(json_build_array(key, value)) FROM json_each(data))"),
        ("data", "'7'"),
        ("data", '\'{"a": 1e999}\''),
        ("data", "'{\"a\": \"\\ud800\"}'"),
        ("data", "(repeat('[', 3000) || repeat(']', 3000))::json"),
        ("commitments", "'[]'"),
    ],
)
def test_json_that_is_no_object_or_nothing_that_is_ever_hashed(shop, master, column, other):
    """Some of it would come out the same, once it is turned into an object to be hashed."""
    change = f"UPDATE events SET {column} = {other} WHERE stream_id = :id AND stream_seq = 1"
    assert named(master, change.replace(":id", f"'{shop.id}'")) == [
        (shop.number, "peristiwa 1 (ReportReceived) bukan bentuk baku sebuah peristiwa")
    ]
