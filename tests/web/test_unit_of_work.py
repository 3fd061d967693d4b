"""One request, one transaction: what was raised leaves nothing behind."""

from __future__ import annotations

import pytest
from flask import Flask, abort
from sqlalchemy import text

from app.domain.errors import Conflict, Invalid, NotFound, NotPermitted, TooOften
from app.extensions import db
from app.web.guards import public

INSERT = text("INSERT INTO kecamatan (code, name) VALUES ('x', 'X')")


def kept(app: Flask) -> int:
    with app.extensions["tuntas_database"].sessions() as session:
        return int(session.scalar(text("SELECT count(*) FROM kecamatan")))


def route(app: Flask, after: object) -> None:
    @public
    def view() -> tuple[str, int]:
        db.session.execute(INSERT)
        if isinstance(after, BaseException) or (isinstance(after, type) and issubclass(after, BaseException)):
            raise after
        if after == "abort":
            abort(404)
        return "selesai", int(str(after))

    app.config["TESTING"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/uji", "uji", view, methods=["GET"])


@pytest.mark.parametrize("status", [200, 302, 409, 422])
def test_what_a_view_answers_is_committed_whatever_the_status(app: Flask, status: int) -> None:
    route(app, status)
    assert app.test_client().get("/uji").status_code == status
    assert kept(app) == 1


@pytest.mark.parametrize(
    ("raised", "status"),
    [(NotFound, 404), (NotPermitted, 403), (Conflict, 409), (Invalid, 422), (TooOften, 429),
     ("abort", 404), (ZeroDivisionError, 500)],
)
def test_what_a_view_raises_leaves_nothing_and_is_said_in_words(
    app: Flask, raised: object, status: int
) -> None:
    route(app, raised)
    answer = app.test_client().get("/uji")
    assert answer.status_code == status
    assert kept(app) == 0
    assert "Traceback" not in answer.text
    assert "<h1>" in answer.text


def test_a_commit_that_fails_is_an_error_and_not_a_success(app: Flask) -> None:
    @public
    def twice() -> str:
        db.session.execute(INSERT)
        with app.extensions["tuntas_database"].sessions.begin() as other:
            other.execute(text("INSERT INTO categories (code, name, description, position, active)"
                               " VALUES ('x', 'X', '', 0, true)"))
        db.session.connection().invalidate()
        return "selesai"

    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    app.add_url_rule("/uji", "uji", twice)
    assert app.test_client().get("/uji").status_code >= 500
    assert kept(app) == 0


def test_an_unknown_page_says_so_and_an_error_has_a_number_to_quote(app: Flask) -> None:
    route(app, ZeroDivisionError)
    assert "tidak ada" in app.test_client().get("/tidak-ada").text
    answer = app.test_client().get("/uji")
    assert answer.headers["X-Request-ID"] in answer.text
