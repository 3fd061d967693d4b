"""Event logs on their way to whoever asked for them: how far each is; and who read and took what, by time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TAKEN = "type IN ('TraceRead', 'TraceExported', 'EventsExported')"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("reports", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("written", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('berjalan', 'selesai', 'putus')", name=op.f("ck_exports_state")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_exports_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_started_at", "exports", ["started_at"])
    op.create_index("ix_events_taken", "events", ["at"], postgresql_where=sa.text(TAKEN))
    op.create_index("ix_identity_readings_at", "identity_readings", ["at"])
    op.execute("GRANT SELECT, INSERT, UPDATE ON exports TO tuntas_app")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_identity_readings_at", "identity_readings")
    op.drop_index("ix_events_taken", "events")
    op.drop_table("exports")
