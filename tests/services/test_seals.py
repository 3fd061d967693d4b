"""Whoever may write everything in the database still cannot change what was sealed without being found."""

import json

import pytest
from sqlalchemy import text

from app.adapters.jobs import Job, defer
from app.adapters.signing import Signer, is_signed
from app.db.models import Role
from app.db.session import make_sessions
from app.domain.event import GENESIS, Origin, event_hash
from app.domain.merkle import proof, root_of
from app.domain.seal import read_end, read_seal, root_over
from app.services import invariants, seals
from app.services.notices import Post
from app.services.seal_files import SEALS, SealFileDiffers, SealFileUnreadable, heads_in, keep_file
from app.services.seal_note import send_note
from tests.conftest import let_worker_work
from tests.services.small_city import SHORT_SOP
from tests.services.workshop import Workshop

KEY = Signer("42" * 32)


@pytest.fixture
def shop(session, clock):
    shop = Workshop(session, clock, SHORT_SOP)
    shop.first = shop.report()
    shop.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan kepada dinas.")
    shop.second = shop.report()
    return shop


def seal(shop):
    made = seals.seal_trace(shop.session, KEY, now=shop.clock())
    shop.session.commit()
    return made


def found(database, outside=None, public=KEY.public):
    """Everything the two checks say."""
    with make_sessions(database.engine)() as session:
        chains = [one.detail for one in invariants.broken_chains(session)]
        broken = seals.broken_seals(session, public=public, is_signed=is_signed, handed_out=outside)
        return chains, [one.detail for one in broken]


def test_each_seal_covers_what_came_since_and_names_the_one_before(shop, database):
    first = seal(shop)
    assert (first.seal.number, first.seal.previous) == (1, GENESIS)
    shop.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan kepada dinas.")
    second = seal(shop)
    assert (second.seal.number, second.seal.previous) == (2, first.seal.head)
    assert [end.stream for end in second.ends] == [str(shop.second)], "only the report that moved"
    assert seal(shop) is None, "nothing new, no seal"
    assert found(database) == ([], [])


def test_a_seal_proves_a_report_to_somebody_who_has_nothing_else(shop):
    made = seal(shop)
    told = json.loads(json.dumps(made.told(KEY.public)))
    again, ends = read_seal(told["seal"]), [read_end(one) for one in told["ends"]]
    assert again.head.hex() == told["head"]
    assert is_signed(told["public_key"], again.signed_bytes(), bytes.fromhex(told["signature"]))
    leaves = [one.leaf() for one in ends]
    for place, leaf in enumerate(leaves):
        assert root_of(leaf, place, len(leaves), proof(leaves, place)) == again.root
    assert root_over(ends) == again.root


def rewrite(owner, stream, *, cut=0):
    """What somebody with all power over the database does: change an old event, compute every hash after it
    anew, and fix the stream's end. `cut`: drop so many events from its end instead."""
    events = owner.execute(
        text("SELECT * FROM events WHERE stream_id = :s ORDER BY stream_seq"), {"s": stream}
    ).all()
    kept = events[: len(events) - cut]
    for table in ("event_secrets", "events"):
        gone = text(f"DELETE FROM {table} WHERE stream_id = :s AND stream_seq > :n")
        owner.execute(gone, {"s": stream, "n": len(kept)})
    last = GENESIS
    for number, row in enumerate(kept):
        data = dict(row.data) | ({"kanal": "telepon"} if number == 0 and not cut else {})
        origin = Origin(row.actor_kind, row.actor_id and str(row.actor_id), row.role_code, row.source)
        last = event_hash(
            str(stream), row.stream_seq, row.at, row.type, origin, data, row.commitments, last
        )
        owner.execute(
            text("UPDATE events SET data = CAST(:d AS json), hash = :h WHERE seq = :seq"),
            {"d": json.dumps(data), "h": last, "seq": row.seq},
        )
    owner.execute(
        text("UPDATE streams SET last_seq = :n, last_hash = :h WHERE id = :s"),
        {"n": len(kept), "h": last, "s": stream},
    )
    owner.commit()


def test_a_history_written_anew_with_all_its_hashes_is_found_by_the_seal(shop, database, owner):
    seal(shop)
    rewrite(owner, shop.first)
    chains, broken = found(database)
    assert chains == [], "by itself the chain is flawless"
    assert ["bukan lagi yang disegel" in one for one in broken] == [True]


def test_a_history_cut_at_its_end_is_found_by_the_seal(shop, database, owner):
    seal(shop)
    rewrite(owner, shop.first, cut=1)
    chains, broken = found(database)
    assert chains == []
    assert ["hilang, padahal sudah disegel" in one for one in broken] == [True]


TAMPERED = {
    "a seal written anew, with a key of one's own": (
        "UPDATE seals SET root = decode(repeat('00', 32), 'hex') WHERE number = 1",
        "segel 1 tanda tangannya tidak cocok",
    ),
    "a later moment": (
        "UPDATE seals SET sealed_at = sealed_at + interval '1 day' WHERE number = 1",
        "segel 1 tanda tangannya tidak cocok",
    ),
    "an end taken from the list": (
        "DELETE FROM seal_ends WHERE seal_number = 1 AND place = 0",
        "segel 1 daftar ujung rantainya diubah",
    ),
    "an end put into the list": (
        "INSERT INTO seal_ends SELECT 1, 99, stream_id, stream_seq, hash FROM seal_ends WHERE place = 0"
        " AND seal_number = 1",
        "segel 1 daftar ujung rantainya diubah",
    ),
    "the last seal taken out": (
        "DELETE FROM seal_ends WHERE seal_number = 2; DELETE FROM seals WHERE number = 2",
        "segel 2 ada di luar, tetapi hilang dari basis data",
    ),
    "the first seal taken out": (
        "DELETE FROM seal_ends WHERE seal_number = 1; DELETE FROM seals WHERE number = 1",
        "segel 2 segel 1 hilang",
    ),
}


@pytest.mark.parametrize(("statement", "words"), TAMPERED.values(), ids=TAMPERED.keys())
def test_seals_themselves_cannot_be_touched_unseen(
    shop, database, owner, tmp_path, statement, words
):
    for _ in range(2):
        keep_file(tmp_path, seal(shop).told(KEY.public))
        shop.report()
    outside = heads_in(tmp_path)
    assert found(database, outside) == ([], [])
    for one in statement.split(";"):
        owner.execute(text(one))
    owner.commit()
    assert words in found(database, outside)[1]


def test_whoever_has_the_database_but_not_the_key_cannot_seal(shop, database):
    seals.seal_trace(shop.session, Signer("66" * 32), now=shop.clock())
    shop.session.commit()
    assert found(database)[1] == ["segel 1 tanda tangannya tidak cocok"]


@pytest.mark.parametrize("order", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
@pytest.mark.parametrize(("table", "column"), [("seals", "number"), ("seal_ends", "place")])
def test_the_application_itself_may_not_touch_a_seal(session, order, table, column):
    with pytest.raises(Exception, match="permission denied"):
        session.execute(text(order.format(table, column, column)))


def test_a_seal_waits_for_whoever_is_writing_and_lets_nobody_slip_behind_it(shop, database):
    """An event whose number was drawn before the seal, and committed after it, would never be sealed."""
    with make_sessions(database.engine)() as writer:
        writer.execute(text("SELECT pg_advisory_xact_lock_shared(:n)"), {"n": 0x7365_676C})
        with make_sessions(database.engine)() as sealer:
            sealer.execute(text("SET LOCAL lock_timeout = '200ms'"))
            with pytest.raises(Exception, match="lock timeout"):
                seals.seal_trace(sealer, KEY, now=shop.clock())
    assert seal(shop).seal.events > 0


def test_a_file_that_is_no_seal_is_named(tmp_path):
    (tmp_path / "segel-000001.json").write_text("{}")
    with pytest.raises(SealFileUnreadable, match=r"segel-000001\.json"):
        heads_in(tmp_path)
    assert heads_in(tmp_path / "nowhere") == {}


def test_the_night_seals_and_keeps_the_file(shop, settings, database):
    let_worker_work(settings)  # what was due before the night, so that it falls into no seal by chance
    for _ in range(2):
        defer(shop.session, [Job("seal", {"timestamp": 0})])
        shop.session.commit()
        let_worker_work(settings)
    kept = heads_in(settings.instance / SEALS)
    assert list(kept) == [1], "the second night had nothing to seal"
    assert found(database, kept, Signer(settings.keys.audit).public)[1] == []


class Box:
    """A way out that keeps what went through it."""

    channel = "uji"

    def __init__(self):
        self.letters = []

    def reaches(self, address):
        return "@" in address

    def send(self, letter):
        self.letters.append(letter)


def test_the_inspectorate_gets_the_seal_in_a_letter_and_nobody_else_does(shop):
    shop.session.add(Role(code="inspektorat", name="Inspektorat"))
    shop.session.flush()
    shop.hire("inspektur", ("inspektorat", None))
    shop.session.execute(text("UPDATE persons SET email = username || '@contoh.example'"))
    box, made = Box(), seal(shop)
    post = Post((box,), "http://localhost", "c" * 64, "Lapor")
    assert send_note(shop.session, made, post, public=KEY.public) == 1
    (letter,) = box.letters
    assert letter.to == "inspektur@contoh.example"
    for part in (made.seal.head.hex(), made.signature.hex(), KEY.public):
        assert part in letter.body


def behind(master):
    """What the seals say of streams, in a transaction of the database's master."""
    broken = seals.broken_seals(master, public=KEY.public, is_signed=is_signed)
    return [(one.number, one.detail) for one in broken]


@pytest.mark.parametrize("how", ["before the seal's last number", "before the seal's moment", "sealed later"])
def test_what_is_put_behind_a_seal_is_named_though_its_chain_is_whole(shop, database, clock, owner, how):
    """Appended with a number or a moment that lies before a night which did not see it."""
    seal(shop)
    clock.advance(hours=2)
    number = shop.value("SELECT number FROM reports WHERE id = :r", r=shop.first)
    if how != "before the seal's last number":
        clock.advance(hours=-4)
    shop.do("operator", "kerjakan", uraian="Lubang ditutup kemarin siang.")
    shop.session.commit()
    if how == "before the seal's last number":
        for order in (
            "CREATE TEMP TABLE moved AS SELECT * FROM events WHERE seq > (SELECT upto FROM seals)",
            "DELETE FROM events WHERE seq > (SELECT upto FROM seals)",
            "UPDATE moved SET seq = -seq",
            "INSERT INTO events OVERRIDING SYSTEM VALUE SELECT * FROM moved",
        ):
            owner.execute(text(order))
        owner.commit()
    elif how == "sealed later":
        clock.advance(hours=4)
        seal(shop)
    chains, broken = found(database)
    assert chains == []
    assert ["belum ada ketika segel 1 dibuat: ditulis mundur" in one for one in broken] == [True]
    with make_sessions(database.engine)() as session:
        assert behind(session)[0][0] == number


def test_a_seal_whose_reach_was_stretched_stops_nothing_unseen(shop, database, owner):
    """With it no later night would find anything to seal."""
    seal(shop)
    owner.execute(text("UPDATE seals SET upto = 9000000000"))
    owner.commit()
    assert found(database)[1] == [
        "segel 1 batas nomor peristiwanya diubah; peristiwa sesudahnya tidak akan disegel"
    ]


def test_a_seal_file_is_whole_or_not_there_and_no_other_takes_its_place(shop, tmp_path):
    made = seal(shop).told(KEY.public)
    path = tmp_path / "segel-000001.json"
    path.write_text('{"format": "tun')
    assert keep_file(tmp_path, made) == path
    assert list(heads_in(tmp_path)) == [1], "what a crash cut off is written again"
    assert keep_file(tmp_path, made) == path
    other = {**made, "seal": {**made["seal"], "events": made["seal"]["events"] + 1}}
    with pytest.raises(SealFileDiffers, match=r"segel-000001\.json"):
        keep_file(tmp_path, other)
    assert list(heads_in(tmp_path).values()) == [read_seal(made["seal"]).head]
