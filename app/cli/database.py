"""`flask db`: the tables' version."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.db import migrate
from app.extensions import db

group = AppGroup("db", help="The database's version.")


@group.command("upgrade")
def upgrade() -> None:
    """Bring the tables up to date. Runs as their owner."""
    migrate.upgrade(db.connection.place.owner_url)
    click.echo(f"The database stands at {migrate.head()}.")


@group.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take back every migration after REVISION (base: all of them)."""
    migrate.downgrade(db.connection.place.owner_url, revision)
    click.echo(f"The database stands at {revision}.")


@group.command("current")
def current() -> None:
    """Say which version the database has, and which this program knows."""
    with db.connection.engine.connect() as connection:
        click.echo(f"{migrate.current(connection) or 'empty'} (newest: {migrate.head()})")
