"""The parts of Flask that the application hangs on, made once, bound by `app.factory`."""

from __future__ import annotations

from threading import Lock

from flask import Flask, current_app, g
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.config import Settings
from app.db import place
from app.db.session import make_engine, make_sessions

KEY = "tuntas_database"


class Connection:
    """The way to the city's database. It is looked for when first needed: `flask sop lint` needs none."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._place: place.Place | None = None
        self._engine: Engine | None = None

    @property
    def place(self) -> place.Place:
        with self._lock:
            if self._place is None:
                told = self._settings
                self._place = place.find(told.database_url, told.database_app_url, told.instance / "pg")
            return self._place

    @property
    def engine(self) -> Engine:
        found = self.place
        with self._lock:
            if self._engine is None:
                self._engine = make_engine(found.app_url, role=found.role)
            return self._engine

    @property
    def sessions(self) -> sessionmaker[Session]:
        """Makes sessions in the application's role. `with connection.sessions.begin() as session:` is one
        unit of work."""
        return make_sessions(self.engine)


    def dispose(self) -> None:
        """Close every pooled connection."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None


class Database:
    """`db.session`: the session of the request (or command) that is being served, opened when first used.

    `app.hooks` commits it once, after the view, unless something was raised.
    """

    def init_app(self, app: Flask, settings: Settings) -> None:
        app.extensions[KEY] = Connection(settings)

    @property
    def connection(self) -> Connection:
        found: Connection = current_app.extensions[KEY]
        return found

    @property
    def session(self) -> Session:
        if "session" not in g:
            g.session = self.connection.sessions()
        session: Session = g.session
        return session

    def finish(self) -> None:
        """Commit what the request did, if it did anything."""
        if "session" in g:
            g.session.commit()

    def undo(self) -> None:
        """Take back what the request did."""
        if "session" in g:
            g.session.rollback()

    def close(self) -> None:
        """Give the connection back; what was not committed is gone."""
        session: Session | None = g.pop("session", None)
        if session is not None:
            session.close()


db = Database()
babel = Babel()
csrf = CSRFProtect()
login_manager = LoginManager()
limiter = Limiter(key_func=get_remote_address, default_limits=["600 per minute"])
