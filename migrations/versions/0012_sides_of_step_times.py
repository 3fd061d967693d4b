"""Let the planner know that half of all step times are of no unit, the other half of no kelurahan.

Otherwise it takes both for independent, expects a quarter of the table for the whole city, and reads all.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE STATISTICS step_times_sides (mcv) ON unit, kelurahan FROM step_times")
    op.execute("CREATE STATISTICS step_times_groups (ndistinct) ON kind, place, bucket FROM step_times")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP STATISTICS step_times_groups, step_times_sides")
