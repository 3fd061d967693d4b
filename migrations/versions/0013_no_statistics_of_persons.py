"""Let the planner gather nothing from columns that hold what a person is or wrote.

Its statistics are samples of the values themselves, and would keep them after they are erased. Nothing is
looked up by these columns. PostgreSQL 18 lets the owner also clear what was gathered before; older servers
only their administrator (docs/operasi.md).
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PERSONAL = {
    "report_identities": ("name", "phone", "email", "tracking_token"),
    "reports": ("description", "public_description", "landmark", "lat", "lng"),
    "thread_messages": ("body",),
    "event_secrets": ("value",),
    "drafts": ("answers",),
    "outbox_messages": ("values",),
    "incidents": ("action",),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, columns in PERSONAL.items():
        each = ", ".join(f'ALTER COLUMN "{column}" SET STATISTICS 0' for column in columns)
        op.execute(f"ALTER TABLE {table} {each}")
        for column in columns:
            op.execute(f"""
                DO $$ BEGIN
                  IF current_setting('server_version_num')::int >= 180000 THEN
                    PERFORM pg_clear_attribute_stats('public', '{table}', '{column}', false);
                  END IF;
                END $$
            """)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, columns in PERSONAL.items():
        each = ", ".join(f'ALTER COLUMN "{column}" SET STATISTICS -1' for column in columns)
        op.execute(f"ALTER TABLE {table} {each}")
