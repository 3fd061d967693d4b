"""No way round: what the trace holds cannot be changed by the application, directly or by a detour."""

import pytest
from sqlalchemy import text

from tests.services import small_city

TRACE = ("events", "identity_readings", "sop_versions", "seals", "seal_ends")
REFUSED = (
    "permission denied|must be owner|rows of .* are never changed|must be superuser|not allowed|insufficient"
)


@pytest.fixture
def kept(session, clock):
    """Something in the trace: publishing an SOP leaves an event and a version."""
    small_city.found(session, clock())
    return session


@pytest.mark.parametrize("table", TRACE)
@pytest.mark.parametrize(
    "detour",
    [
        "WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone",
        "MERGE INTO {table} t USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE",
        "SELECT 1 FROM {table} FOR UPDATE",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TRIGGER {table}_append_only ON {table}",
        "DROP TABLE {table} CASCADE",
        "ALTER TABLE {table} RENAME TO lama",
        "CREATE RULE jahat AS ON INSERT TO {table} DO INSTEAD NOTHING",
        "CREATE POLICY jahat ON {table} USING (false)",
        "SET session_replication_role = replica",
        "SET ROLE tuntas_owner",
        "CREATE FUNCTION jahat() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION tuntas_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "COPY {table} FROM PROGRAM 'echo'",
        "ALTER ROLE tuntas_app SUPERUSER",
    ],
)
def test_every_detour_is_closed(kept, database, table, detour):
    with database.engine.connect() as connection, pytest.raises(Exception, match=REFUSED):
        connection.execute(text(detour.format(table=table)))


@pytest.mark.parametrize("table", ["events", "sop_versions"])
def test_not_even_the_owner_changes_a_row_by_mistake(kept, database, table):
    column = {"events": "type", "sop_versions": "name"}[table]
    for order in (
        f"UPDATE {table} SET {column} = 'lain'",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    ):
        refused = pytest.raises(Exception, match="never changed or deleted")
        with database.owner_engine.connect() as connection, refused:
            connection.execute(text(order))


def test_nothing_runs_in_the_owners_name_for_the_application(owner_session):
    ours = "pronamespace = 'public'::regnamespace AND prosecdef"
    assert owner_session.scalars(text(f"SELECT proname FROM pg_proc WHERE {ours}")).all() == []
    tables = ", ".join(f"'{each}'::regclass" for each in TRACE)
    follows = f"conrelid IN ({tables}) AND contype = 'f' AND (confdeltype <> 'a' OR confupdtype <> 'a')"
    assert owner_session.scalars(text(f"SELECT conname FROM pg_constraint WHERE {follows}")).all() == []
    powers = owner_session.execute(
        text("SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication"
             " FROM pg_roles WHERE rolname = 'tuntas_app'")
    ).one()  # fmt: skip
    assert not any(powers)
    memberships = "SELECT count(*) FROM pg_auth_members WHERE member = 'tuntas_app'::regrole"
    assert owner_session.scalar(text(memberships)) == 0


def test_the_web_application_speaks_as_the_application(app):
    with app.extensions["tuntas_database"].sessions() as session:
        assert session.scalar(text("SELECT current_user")) == "tuntas_app"
