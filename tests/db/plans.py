"""What the database does with a statement, whatever ran before in the same tables."""

import psycopg
from sqlalchemy import event


def settle(database, *tables):
    """Pack tables and their indexes and count them anew. What earlier tests of this process left there, dead,
    and whether the database has already looked at the new rows by itself, else decide about plans, too.
    What was planted must be committed."""
    with psycopg.connect(database.admin_url, autocommit=True, options="-c lock_timeout=10s") as connection:
        for table in tables:
            connection.execute(f"VACUUM (FULL, ANALYZE) {table}")


def statements_of(engine, work):
    """The statements, with their values, that `work()` sends through this engine."""
    said = []

    def note(connection, cursor, statement, parameters, context, many):
        said.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return said


def plan_of(engine, asked):
    """The nodes of the plan of one statement, carried out."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SET plan_cache_mode = force_custom_plan")
        (told,) = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked[0]}", asked[1]).one()
    return list(nodes_of(told[0]["Plan"]))


def nodes_of(node):
    """A node of a plan and all below it."""
    yield node
    for inner in node.get("Plans", ()):
        yield from nodes_of(inner)


def touched(node):
    """How many rows a scan looked at, over all its rounds."""
    passed = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return (passed + node.get("Rows Removed by Index Recheck", 0)) * node["Actual Loops"]
