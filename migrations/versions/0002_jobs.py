"""The queue: Procrastinate's own tables, in the same database, so that a job is part of the change.

The statements are those that the pinned Procrastinate carries; the application's role may use them.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    cursor = op.get_bind().connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO tuntas_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO tuntas_app")
    for table in ("events", "identity_readings", "sop_versions"):
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM tuntas_app")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM tuntas_app")


def downgrade() -> None:
    op.execute("""
    DO $$
    DECLARE item record;
    BEGIN
      FOR item IN SELECT oid::regclass AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname LIKE 'procrastinate%'
      LOOP EXECUTE format('DROP TABLE %s CASCADE', item.name); END LOOP;
      FOR item IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate%'
      LOOP EXECUTE format('DROP FUNCTION %s CASCADE', item.name); END LOOP;
      FOR item IN SELECT oid::regtype AS name FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typname LIKE 'procrastinate%' AND typtype IN ('e', 'c')
      LOOP EXECUTE format('DROP TYPE %s CASCADE', item.name); END LOOP;
    END $$
    """)
