"""The working calendar as rows: days off, weekly hours since when, special hours; and which state they are in.

Rows change only in a transaction that has said so (`tuntas.calendar_change`), which is what the service does
that also moves every open deadline: nothing shifts silently. A city starts with Monday to Friday 08.00–16.00;
its days off come with `city setup`.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("days_off", "working_hours", "special_hours")

GATE = """
CREATE FUNCTION tuntas_calendar_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('tuntas.calendar_change', true), '') <> 'yes' THEN
    RAISE EXCEPTION 'rows of % change only together with the deadlines they move', TG_TABLE_NAME
      USING ERRCODE = '42501';
  END IF;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "calendar_state",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_calendar_state")),
    )
    op.create_table(
        "days_off",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decree", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('libur_nasional', 'cuti_bersama', 'penutupan')", name=op.f("ck_days_off_kind")
        ),
        sa.CheckConstraint("status IN ('ditetapkan', 'perkiraan')", name=op.f("ck_days_off_status")),
        sa.ForeignKeyConstraint(["added_by"], ["persons.id"], name=op.f("fk_days_off_added_by_persons")),
        sa.PrimaryKeyConstraint("date", "kind", name=op.f("pk_days_off")),
    )
    op.create_table(
        "working_hours",
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["persons.id"], name=op.f("fk_working_hours_added_by_persons")
        ),
        sa.PrimaryKeyConstraint("valid_from", name=op.f("pk_working_hours")),
    )
    op.create_table(
        "special_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_special_hours_order")),
        sa.ForeignKeyConstraint(
            ["added_by"], ["persons.id"], name=op.f("fk_special_hours_added_by_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_hours")),
    )
    op.execute("""
        INSERT INTO working_hours (valid_from, hours, added_at)
        SELECT DATE '1900-01-01',
               jsonb_object_agg(day::text, jsonb_build_array(jsonb_build_array('08:00', '16:00'))), now()
        FROM generate_series(0, 4) day
    """)
    op.execute("INSERT INTO calendar_state (key, revision, mark) VALUES ('kota', 1, gen_random_uuid())")
    op.execute(GATE)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_gate BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tuntas_calendar_gate()"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO tuntas_app")
    op.execute("GRANT SELECT, UPDATE ON calendar_state TO tuntas_app")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_table("calendar_state")
    op.execute("DROP FUNCTION tuntas_calendar_gate()")
