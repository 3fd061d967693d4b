"""`make bench-full` measures a city of copied reports: each must be as whole as one that was walked."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.adapters.signing import Signer, is_signed
from app.db.session import make_sessions
from app.services import audit_verify, trace_follow
from scripts.planting import plant
from tests.services.racing import nothing_broken
from tests.services.small_city import SHORT_SOP
from tests.services.workshop import Workshop

COPIES = 60


@pytest.fixture
def walked(session, clock):
    """A report that ended, and one at work."""
    short = Workshop(session, clock, SHORT_SOP)
    for closed in (True, False):
        short.report()
        short.do("admin", "verifikasi", opd="DPU")
        clock.advance(hours=3)
        if closed:
            short.do("operator", "kerjakan", uraian="Selesai ditambal.")
            short.do("pelapor", "tanggapi", penilaian=5)
    session.commit()
    return short


def test_copies_are_whole_chains_of_their_own(walked, session, database, clock):
    clock.advance(hours=1)
    added = plant(database.urls.owner, COPIES, now=clock(), parts=1)
    assert added["reports"] == added["streams"] == COPIES
    with make_sessions(database.engine)() as fresh:
        whole = audit_verify.verify(fresh, public=Signer("42" * 32).public, is_signed=is_signed)
        assert list(whole) == []
    nothing_broken(database, clock())
    numbers = session.scalars(text("SELECT number FROM reports")).all()
    assert len(set(numbers)) == COPIES + 2
    texts = session.scalars(text("SELECT DISTINCT description FROM reports")).all()
    assert len(texts) > COPIES / 2, "other words"
    seqs = session.execute(text("SELECT at FROM events WHERE seq > (SELECT max(seq) FROM events) - 300"
                                " ORDER BY seq")).scalars().all()  # fmt: skip
    assert max(seqs) <= clock(), "nothing happened yet that is still to come"
    spread = session.execute(text("SELECT min(received_at), max(received_at) FROM reports")).one()
    assert spread[1] - spread[0] > timedelta(days=300)


def test_what_is_planted_is_followed_as_anything_else(walked, session, database, clock):
    plant(database.urls.owner, COPIES, now=clock() + timedelta(hours=1), parts=1)
    while trace_follow.follow(session):
        session.commit()
    session.commit()
    behind = session.scalar(
        text(
            "SELECT count(*) FROM streams s JOIN reports r ON r.id = s.id"
            " LEFT JOIN report_traits t ON t.report_id = s.id WHERE t.seq IS DISTINCT FROM s.last_seq"
        )
    )
    assert behind == 0
    ended = session.scalar(text("SELECT count(*) FROM reports WHERE closed_at IS NOT NULL"))
    assert session.scalar(text("SELECT sum(reports) FROM trace_paths")) == ended
