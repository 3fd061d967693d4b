"""Running reports that go over to another version of their SOP: the plan, its trial, what became of each one;
and what a draft would mean for the reports that run.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
MOMENT = sa.DateTime(timezone=True)
STATES = (
    "menguji", "siap", "berjalan", "dihentikan", "selesai", "mengembalikan", "dikembalikan", "dibatalkan",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "sop_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sop_key", sa.Text(), nullable=False),
        sa.Column("from_version_id", sa.Uuid(), nullable=False),
        sa.Column("to_version_id", sa.Uuid(), nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("accepted", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("tested_at", MOMENT, nullable=True),
        sa.Column("carried_by", sa.Uuid(), nullable=True),
        sa.Column("carried_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_sop_moves_state")),
        sa.CheckConstraint("from_version_id <> to_version_id", name=op.f("ck_sop_moves_versions")),
        sa.CheckConstraint("carried_by <> planned_by", name=op.f("ck_sop_moves_another_person")),
        sa.ForeignKeyConstraint(
            ["from_version_id"], ["sop_versions.id"], name=op.f("fk_sop_moves_from_version_id_sop_versions")
        ),
        sa.ForeignKeyConstraint(
            ["to_version_id"], ["sop_versions.id"], name=op.f("fk_sop_moves_to_version_id_sop_versions")
        ),
        sa.ForeignKeyConstraint(["planned_by"], ["persons.id"], name=op.f("fk_sop_moves_planned_by_persons")),
        sa.ForeignKeyConstraint(["carried_by"], ["persons.id"], name=op.f("fk_sop_moves_carried_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sop_moves")),
    )
    op.create_index("ix_sop_moves_key", "sop_moves", ["sop_key", "planned_at"])
    op.create_table(
        "sop_move_reports",
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("movable", sa.Boolean(), nullable=False),
        sa.Column("steps", JSON, nullable=False),
        sa.Column("matters", JSON, nullable=False),
        sa.Column("clocks", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("revision_after", sa.Integer(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "verdict IN ('tetap', 'dapat', 'keputusan')", name=op.f("ck_sop_move_reports_verdict")
        ),
        sa.CheckConstraint(
            "outcome IN ('', 'pindah', 'dilewati', 'kembali')", name=op.f("ck_sop_move_reports_outcome")
        ),
        sa.CheckConstraint(
            "outcome <> 'pindah' OR (before IS NOT NULL AND revision_after IS NOT NULL)",
            name=op.f("ck_sop_move_reports_undoable"),
        ),
        sa.ForeignKeyConstraint(
            ["move_id"], ["sop_moves.id"], name=op.f("fk_sop_move_reports_move_id_sop_moves")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_sop_move_reports_instance_id_instances")
        ),
        sa.PrimaryKeyConstraint("move_id", "instance_id", name=op.f("pk_sop_move_reports")),
    )
    op.create_table(
        "sop_impacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sop_key", sa.Text(), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("main_file", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("results", JSON, nullable=False),
        sa.Column("last_instance", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('berjalan', 'selesai', 'gagal')", name=op.f("ck_sop_impacts_state")),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_sop_impacts_asked_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sop_impacts")),
    )
    op.create_index("ix_sop_impacts_asked_by", "sop_impacts", ["asked_by", "asked_at"])
    op.execute("GRANT SELECT, INSERT, UPDATE ON sop_moves TO tuntas_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON sop_move_reports, sop_impacts TO tuntas_app")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_sop_impacts_asked_by", table_name="sop_impacts")
    op.drop_table("sop_impacts")
    op.drop_table("sop_move_reports")
    op.drop_index("ix_sop_moves_key", table_name="sop_moves")
    op.drop_table("sop_moves")
