"""Words of conversations are found without reading them all; reports past their limit too."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_thread_messages_words",
        "thread_messages",
        [sa.text("to_tsvector('indonesian', body)")],
        postgresql_using="gin",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_thread_messages_words", "thread_messages")
