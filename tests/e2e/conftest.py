"""A real Chromium before the real application on the real database.

`live` is the city: a threaded web server, a worker that runs when told to, a clock that can be moved. `palu`
is the same with Palu's lists, accounts and SOPs, but no report yet. `phone` (360 px) and `desktop` (1280 px)
are people's browsers. Nothing is mocked; the network ends at this machine.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, TypeAlias
from weakref import WeakSet

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app.adapters import clock
from app.cli.demo import demo_files
from app.config import Settings
from app.factory import create_app
from app.services import sop_versions, upkeep
from app.services.city_setup import set_up_city
from app.services.demo.accounts import actor_named, open_accounts
from scripts.chromium import find
from tests.alike import share_templates
from tests.conftest import Database, let_worker_work

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = Path(__file__).parent / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PICTURES = bool(os.environ.get("PICTURES"))
PHONE, DESKTOP = 360, 1280
TUESDAY = datetime(2026, 7, 7, 1, 5, tzinfo=UTC)
"""Tuesday, 7 July 2026, 09.05 in Palu, no holiday near: where the city's clock stands when a test begins."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--metrics-recording-only",
)
PATIENCE_MS = 15_000
STARTED = "html[data-ready]:not(:has(#tugas[aria-busy=true])), html:not(:has(script[src*='/dist/app-']))"
"""A page whose scripts have all started (frontend/app.js says so), or one that loads none."""
NewVisitor: TypeAlias = Callable[..., Page]
"""`visitor(width, **options)`: another person's browser; options are those of a browser context."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # Werkzeug's own server leaves a file open when a browser goes away while it is being sent.
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"))


@dataclass(frozen=True, slots=True)
class Live:
    """A running city. `url` without a slash at the end."""

    url: str
    settings: Settings
    app: Flask
    database: Database

    def unit_of_work(self) -> AbstractContextManager[Session]:
        """A session that commits at its end, as the application's."""
        sessions = self.app.extensions["tuntas_database"].sessions
        found: AbstractContextManager[Session] = sessions.begin()
        return found

    def work(self) -> None:
        """Let the worker do all jobs that are due now."""
        let_worker_work(self.settings)

    def move_clock(self, **by: float) -> datetime:
        """Move the city's time (`days=`, `hours=` …), then do what thereby became due."""
        now = clock.move(timedelta(**by))
        with self.unit_of_work() as session:
            upkeep.wake_what_is_due(session, now=now)
        self.work()
        return now


@pytest.fixture
def live(database: Database, settings: Settings) -> Iterator[Live]:
    server = make_server("127.0.0.1", 0, app=lambda environ, start: [], threaded=True)
    server.daemon_threads = False  # so that closing waits for requests under way
    told = replace(
        settings,
        base_url=f"http://127.0.0.1:{server.port}",
        clock_offset=TUESDAY - datetime.now(UTC),
    )
    application = create_app(told)
    share_templates(application)
    server.app = application
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Live(told.base_url, told, application, database)
    server.shutdown()
    thread.join(10)
    server.server_close()
    application.extensions["tuntas_database"].dispose()
    clock.use(clock.Clock())


@pytest.fixture(scope="session")
def made() -> set[str]:
    """Cities that a test of this process has made; its database remembers them."""
    return set()


@pytest.fixture
def palu(live: Live, made: set[str]) -> Live:
    """Palu before its first report: lists, an account for every role and unit, the shipped SOPs."""
    if "palu" in made:
        live.database.recall("palu")
        return live
    files = demo_files()
    with live.unit_of_work() as session:
        set_up_city(session, files.city, now=TUESDAY, message_files=files.messages)
        open_accounts(session, now=TUESDAY)
        names = ("bappeda1", "asisten")
        by, approved_by = (uuid.UUID(actor_named(session, name).person_id) for name in names)
        for files_of_sop in files.sops:
            sop_versions.publish(
                session, files_of_sop, by=by, approved_by=approved_by, basis="Penetapan uji", now=TUESDAY
            )
    live.database.remember("palu")
    made.add("palu")
    return live


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find()
    assert path, "no Chromium; `make test` finds or installs one"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass(slots=True)
class Visitor:
    """One person's browser: a context of its own, and what its console complained of."""

    context: BrowserContext
    page: Page
    complaints: list[str]


with_scripts: WeakSet[BrowserContext] = WeakSet()


def ready(page: Page) -> None:
    """Wait until every script of the page that is open has started, so that keys and presses are heard.

    After `goto`, `reload` and `wait_for_url` that is so; after a press that leads to another page say first,
    by `expect`, what shows that it is the other page.
    """
    if page.context in with_scripts:
        page.locator(STARTED).wait_for(state="attached")


def then_ready(page: Page, go: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(go)
    def gone(*place: Any, **more: Any) -> Any:
        answer = go(*place, **more)
        ready(page)
        return answer

    return gone


def open_page(context: BrowserContext) -> Page:
    """A tab that is at a page only when the page's scripts have started."""
    page = BrowserContext.new_page(context)
    for name in ("goto", "reload", "wait_for_url"):
        setattr(page, name, then_ready(page, getattr(page, name)))
    return page


@pytest.fixture
def visitor(chromium: Browser, live: Live, request: pytest.FixtureRequest) -> Iterator[NewVisitor]:
    """Makes browsers: `visitor(360)`, `visitor(1280, java_script_enabled=False)`. Each is somebody else.

    At the end nobody's console may have complained: a broken script or a refusal by the content security
    policy is a failure.
    """
    visitors: list[Visitor] = []

    def visit(width: int = DESKTOP, **more: Any) -> Page:
        context = chromium.new_context(
            base_url=live.url,
            viewport={"width": width, "height": 760 if width < 600 else 900},
            device_scale_factor=1,
            has_touch=width < 600,
            locale="id-ID",
            timezone_id="Asia/Makassar",
            **more,
        )
        context.set_default_timeout(PATIENCE_MS)
        if more.get("java_script_enabled", True):
            with_scripts.add(context)
        context.new_page = lambda: open_page(context)  # type: ignore[method-assign]
        one = Visitor(context, context.new_page(), [])
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        one.page.on("console", lambda message: note(one, message.type, message.text))
        visitors.append(one)
        return one.page

    yield visit
    for number, one in enumerate(visitors):
        if getattr(request.node, "failed", False):
            with suppress(Error):  # a page that is gone or stuck has no picture
                shoot(one.page, f"gagal-{request.node.originalname}-{number}", wanted=True)
        one.context.close()
    assert [words for one in visitors for words in one.complaints] == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.failed = report.failed
    return report


@pytest.fixture
def phone(visitor: NewVisitor) -> Page:
    return visitor(PHONE)


@pytest.fixture
def desktop(visitor: NewVisitor) -> Page:
    return visitor(DESKTOP)


def note(one: Visitor, kind: str, words: str) -> None:
    # A page that answers 404, 409 or 422 is reported as an error of the console; it is meant.
    if kind == "error" and "Failed to load resource" not in words:
        one.complaints.append(words)


def shoot(page: Page, name: str, *, wanted: bool = PICTURES) -> None:
    """A picture of the whole page in tests/e2e/screenshots, named `360-beranda.png`.

    Taken when somebody wants to look (`PICTURES=1`) or a test has failed: drawing hundreds takes minutes.
    """
    ready(page)
    width = (page.viewport_size or {"width": 0})["width"]
    page.evaluate(
        """Promise.all([...document.images].map((one) => { one.loading = "eager";
             return one.complete || Promise.race([one.decode().catch(() => 0),
                                                  new Promise((done) => setTimeout(done, 1500))]); }))"""
    )
    if wanted:
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{width}-{name}.png", full_page=True)


def barriers(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds that keeps people out (WCAG 2.2 A and AA, or only `rules`), as `rule: where`."""
    ready(page)
    page.evaluate(AXE.read_text())  # anew each time: it remembers the colours it has seen
    found = page.evaluate("async (rules) => (await axe.run({runOnly: rules})).violations", rules or WCAG)
    return [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]


def overflows(page: Page) -> bool:
    """Whether the page must be pushed sideways to be read."""
    ready(page)
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
