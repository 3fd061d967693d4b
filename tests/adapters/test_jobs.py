"""A job is part of the change that asked for it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.adapters import clock
from app.adapters.jobs import Job, defer
from tests.conftest import Database

NOON = datetime(2026, 3, 17, 4, 0, tzinfo=UTC)


def waiting(session: Session) -> list[tuple[object, ...]]:
    rows = session.execute(
        text("SELECT task_name, queueing_lock, args, scheduled_at FROM procrastinate_jobs ORDER BY id")
    )
    return [tuple(row) for row in rows]


def test_a_change_that_is_rolled_back_leaves_no_job(session: Session) -> None:
    defer(session, [Job("wake", {"instance": "a"})])
    assert len(waiting(session)) == 1
    session.rollback()
    assert waiting(session) == []


def test_any_number_of_jobs_is_one_statement(database: Database, session: Session) -> None:
    statements: list[str] = []

    def count(*seen: Any) -> None:
        statements.append(seen[2])

    event.listen(database.engine, "before_cursor_execute", count)
    defer(session, [Job("wake", {"n": n}, at=NOON, key=f"w{n}") for n in range(50)])
    assert len(statements) == 1
    assert len(waiting(session)) == 50
    defer(session, [])
    assert len(statements) == 2
    event.remove(database.engine, "before_cursor_execute", count)


def test_of_two_with_one_key_the_later_request_counts_and_nothing_fails(session: Session) -> None:
    defer(session, [Job("wake", {"n": 1}, at=NOON, key="w")])
    session.commit()
    later = NOON + timedelta(hours=1)
    defer(session, [Job("wake", {"n": 2}, at=NOON, key="w"), Job("wake", {"n": 3}, at=later, key="w")])
    session.commit()
    assert waiting(session) == [("wake", "w", {"n": 3}, later)]


def test_jobs_without_a_key_are_all_kept(session: Session) -> None:
    defer(session, [Job("send", {"n": 1}), Job("send", {"n": 1})])
    assert len(waiting(session)) == 2


def test_a_moved_clock_moves_the_jobs_with_it(session: Session, tmp_path: Path) -> None:
    moved = clock.Clock(shift_file=tmp_path / "shift")
    moved.move(timedelta(days=3))
    clock.use(moved)
    try:
        defer(session, [Job("wake", {}, at=NOON + timedelta(days=3))])
    finally:
        clock.use(clock.Clock())
    assert waiting(session)[0][3] == NOON


def test_the_clock_of_a_production_city_does_not_move() -> None:
    with pytest.raises(clock.ClockIsFixed):
        clock.Clock().move(timedelta(days=1))


def test_every_process_that_shares_the_file_sees_the_move(tmp_path: Path) -> None:
    web, worker = (clock.Clock(shift_file=tmp_path / "shift") for _ in range(2))
    assert worker.shift() == timedelta(0)
    web.move(timedelta(hours=5))
    assert worker.shift() == timedelta(hours=5)
    web.move(timedelta(hours=-2))
    assert worker.shift() == timedelta(hours=3)
