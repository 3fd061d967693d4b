"""What the city's data may rely on before any table exists."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import Database


def test_the_application_does_not_own_the_tables(session: Session, owner_session: Session) -> None:
    assert session.scalar(text("SELECT current_user")) == "tuntas_app"
    assert owner_session.scalar(text("SELECT current_user")) == "tuntas_owner"


def test_connections_speak_utc_and_give_up_in_time(session: Session) -> None:
    assert session.scalar(text("SHOW timezone")) == "UTC"
    assert session.scalar(text("SHOW statement_timeout")) == "30s"
    assert session.scalar(text("SHOW lock_timeout")) == "10s"


def test_what_one_test_commits_the_next_does_not_see(database: Database) -> None:
    with database.owner_engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (n int)"))
        connection.execute(text("INSERT INTO kept VALUES (1)"))
    database.reset()
    with database.owner_engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM kept")) == 0
        connection.execute(text("DROP TABLE kept"))
