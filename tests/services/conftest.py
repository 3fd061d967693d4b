"""What tests of several services stand on."""

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.orm import Session

from app.db.session import read_json


@pytest.fixture
def master(database):
    """The database in the hands of somebody whom no trigger stops. Nothing of it stays."""
    address = make_url(database.admin_url).set(drivername="postgresql+psycopg")
    engine = create_engine(address, poolclass=NullPool, json_deserializer=read_json)
    with Session(engine) as session:
        session.execute(text("SET session_replication_role = replica"))
        yield session
        session.rollback()
    engine.dispose()
