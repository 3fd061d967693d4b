"""What named officers do to a report outside its SOP's own way: shown first, said why, seen by two."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
MOMENT = sa.DateTime(timezone=True)
KINDS = (
    "alihkan", "batas", "batalkan", "kembalikan", "lewati", "pindahkan", "ulangi", "tangguhkan", "lanjutkan",
)
STATES = ("menghitung", "siap", "menunggu", "berjalan", "selesai", "ditolak", "ditarik")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "operations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("irreversible", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_role", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("second_by", sa.Uuid(), nullable=True),
        sa.Column("second_role", sa.Text(), nullable=True),
        sa.Column("second_at", MOMENT, nullable=True),
        sa.Column("second_note", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_operations_kind")),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_operations_state")),
        sa.CheckConstraint("second_by <> asked_by", name=op.f("ck_operations_another_person")),
        sa.CheckConstraint(
            "NOT irreversible OR state NOT IN ('berjalan', 'selesai') OR second_by IS NOT NULL",
            name=op.f("ck_operations_two_people"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_operations_asked_by_persons")),
        sa.ForeignKeyConstraint(["second_by"], ["persons.id"], name=op.f("fk_operations_second_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
    )
    op.create_index(
        "ix_operations_waiting", "operations", ["asked_at"], postgresql_where=sa.text("state = 'menunggu'")
    )
    op.create_index("ix_operations_asked_at", "operations", ["asked_at"])
    op.create_table(
        "operation_reports",
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("consequences", JSON, nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint("outcome IN ('', 'selesai', 'dilewati')", name=op.f("ck_operation_reports_outcome")),
        sa.CheckConstraint(
            "outcome <> 'selesai' OR (before IS NOT NULL AND after IS NOT NULL)",
            name=op.f("ck_operation_reports_pictures"),
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operations.id"], name=op.f("fk_operation_reports_operation_id_operations")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_operation_reports_instance_id_instances")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_operation_reports_report_id_reports")
        ),
        sa.PrimaryKeyConstraint("operation_id", "instance_id", name=op.f("pk_operation_reports")),
    )
    op.create_index("ix_operation_reports_report", "operation_reports", ["report_id"])
    op.add_column("instances", sa.Column("suspended_at", MOMENT, nullable=True))
    for table in ("operations", "operation_reports"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO tuntas_app")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("instances", "suspended_at")
    op.drop_table("operation_reports")
    op.drop_table("operations")
