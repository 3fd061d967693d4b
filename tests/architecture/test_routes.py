"""Every route says who may use it, and every answer carries the strict headers."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, Rule

from app.config import Settings
from app.hooks import content_security_policy
from app.web.guards import unguarded

SAMPLE = {"uuid": UUID(int=7), "integer": 7, "float": 7.0, "path": "dist/none.css"}


def address(app: Flask, rule: Rule) -> str:
    values = {name: sample(rule, name) for name in rule.arguments}
    with app.test_request_context():
        method = next(iter(rule.methods or ()))
        return app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


def sample(rule: Rule, name: str) -> object:
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return SAMPLE.get(type(converter).__name__.removesuffix("Converter").lower(), "none")


def test_no_route_without_a_guard(app: Flask) -> None:
    assert unguarded(app) == []


def test_a_route_that_names_nobody_is_found(app: Flask) -> None:
    app._got_first_request = False
    app.add_url_rule("/terlupa", "terlupa", lambda: "halo")
    assert unguarded(app) == ["terlupa"]


def test_every_route_answers_with_the_strict_headers(app: Flask) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config["TESTING"] = False
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            answer = client.open(address(app, rule), method=method)
            policy = answer.headers["Content-Security-Policy"]
            # The editor's page alone may place shapes by style (tests/web/test_studio_drafts.py), and only
            # for somebody who is let in.
            assert "'unsafe-inline'" not in policy, rule
            assert "unsafe-eval" not in policy, rule
            assert "default-src 'none'" in policy, rule
            assert "frame-ancestors 'none'" in policy, rule
            assert answer.headers["X-Content-Type-Options"] == "nosniff", rule
            assert answer.headers["Referrer-Policy"] == "strict-origin", rule
            assert answer.headers["Cache-Control"], rule
            # No worker runs here, and readiness says so.
            assert answer.status_code < 500 or rule.endpoint == "health.ready", (rule, method)


def test_pages_with_personal_data_stay_in_no_cache(app: Flask) -> None:
    for path in ("/masuk", "/akun", "/tidak-ada"):
        assert app.test_client().get(path).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("tiles", ["https://tile.example.org/{z}/{x}/{y}.png", "https://{s}.example.org/{z}.png"])
def test_street_tiles_are_the_only_pictures_from_elsewhere(settings: Settings, tiles: str) -> None:
    plain = content_security_policy(settings)
    assert "http" not in plain
    with_tiles = content_security_policy(replace(settings, tile_url=tiles))
    assert with_tiles.count("https://") == 1
    assert "img-src 'self' data: blob: https://" in with_tiles
