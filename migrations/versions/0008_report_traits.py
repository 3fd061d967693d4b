"""What the trace says of each report, gathered from it: to search by, and to see where work gets stuck.

Everything here can be built anew from the trace.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
FLAGS = ("returned", "reopened", "bounced", "escalated", "migrated")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "trace_paths",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sop_key", sa.Text(), nullable=False),
        sa.Column("steps", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trace_paths")),
    )
    op.create_table(
        "report_traits",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("versions", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("persons", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("units", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in FLAGS),
        sa.Column("path_id", sa.Uuid(), nullable=True),
        sa.Column("notes", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_traits_report_id_reports")
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["trace_paths.id"], name=op.f("fk_report_traits_path_id_trace_paths")
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_traits")),
    )
    for name in ("versions", "persons", "units"):
        op.create_index(f"ix_report_traits_{name}", "report_traits", [name], postgresql_using="gin")
    for name in FLAGS:
        op.create_index(
            f"ix_report_traits_{name}", "report_traits", ["report_id"],
            postgresql_where=sa.text(f"{name} > 0"),
        )  # fmt: skip
    op.create_index(
        "ix_report_traits_late", "report_traits", ["report_id"], postgresql_where=sa.text("late")
    )
    op.create_index("ix_report_traits_path", "report_traits", ["path_id"])
    op.create_table(
        "step_times",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("signed_late", sa.Integer(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("working", sa.BigInteger(), nullable=False),
        sa.Column("elapsed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('laporan', 'langkah', 'alur')", name=op.f("ck_step_times_kind")),
        sa.CheckConstraint("unit = '' OR kelurahan = ''", name=op.f("ck_step_times_one_side")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["sop_versions.id"], name=op.f("fk_step_times_version_id_sop_versions")
        ),
        sa.PrimaryKeyConstraint(
            "version_id", "unit", "kelurahan", "month", "kind", "place", "bucket", name=op.f("pk_step_times")
        ),
    )
    op.create_table(
        "trace_readers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=True),
        sa.Column("horizon", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_trace_readers")),
    )
    op.execute("INSERT INTO trace_readers (name, upto) VALUES ('laporan', 0)")
    for table in ("trace_paths", "report_traits", "step_times", "trace_readers"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO tuntas_app")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("trace_readers", "step_times", "report_traits", "trace_paths"):
        op.drop_table(table)
