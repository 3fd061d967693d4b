"""Called by Alembic for every command of `app.db.migrate`; the connection is handed in."""

from alembic import context

import app.db.models
from app.db.models.base import Base

__all__ = ["app"]

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
