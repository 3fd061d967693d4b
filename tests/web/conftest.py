"""What the tests of pages share: a clock that stands still, and a city with somebody at every desk."""

import pytest

from app.adapters import clock as wall
from tests.web.desks import Desks


@pytest.fixture
def still_clock(app, clock, monkeypatch):
    """The application's clock stands where the test's does."""
    frozen = wall.Clock()
    monkeypatch.setattr(frozen, "now", clock)
    wall.use(frozen)


@pytest.fixture
def desks(app, session, clock, still_clock):
    return Desks(app, session, clock)
