"""Working in the studio's panel as an officer does, and reading what the draft then says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree
from playwright.sync_api import Locator, Page

from app.engine.diagram import Node, Process
from app.engine.reader import Reading, read_diagram
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.people import sign_in
from tests.e2e.studio import begin_draft, select

Part = tuple[str, tuple[tuple[str, str], ...], str]


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel of an open draft."""

    page: Page

    @property
    def box(self) -> Locator:
        return self.page.locator("#studio-panel")

    def show(self, element: str) -> None:
        """Select an element of the diagram, and wait until the panel, drawn a moment later, is its own."""
        select(self.page, element)
        self.box.locator(f'.sop-panel[data-of="{element}"]').wait_for()

    def unfold(self, title: str) -> None:
        section = self.box.locator("details", has=self.page.locator("summary", has_text=title)).last
        if section.get_attribute("open") is None:
            section.locator("summary").first.click()

    def field(self, label: str) -> Locator:
        """The row of a field in the form, folded or not."""
        return self.box.locator(
            ".sop-formfield", has=self.page.locator(".sop-formfield__label", has_text=label)
        )

    def open_field(self, label: str) -> Locator:
        row = self.field(label)
        title = row.locator(".sop-formfield__title")
        if title.get_attribute("aria-expanded") == "false":
            title.click()
        return row

    def labels(self) -> list[str]:
        return self.box.locator(".sop-formfield__label").all_inner_texts()

    def saved(self) -> str:
        """The diagram of the draft as the server has it, once everything written here has arrived."""
        self.page.evaluate("document.activeElement?.blur()")
        self.page.locator("#studio:not([data-saving=waiting], [data-saving=saving])").wait_for()
        draft = self.page.request.get(f"{self.page.url.partition('?')[0]}/isi.json").json()
        text: str = draft["files"][draft["main"]]
        return text

    def until(self, holds: Callable[[str], bool]) -> str:
        """The saved diagram, when it says what it should; what it says otherwise after a while."""
        end = time.monotonic() + PATIENCE_MS / 1000
        text = self.saved()
        while not holds(text) and time.monotonic() < end:
            self.page.wait_for_timeout(100)
            text = self.saved()
        return text


def begin(page: Page, user: str = "bappeda1", key: str = "permintaan_informasi") -> Panel:
    sign_in(page, user)
    begin_draft(page, key)
    return Panel(page)


def process_of(text: str) -> Process:
    """What the engine reads of a saved diagram; it must refuse nothing."""
    reading = Reading()
    read_diagram("uji.bpmn", text.encode(), reading)
    refused = [found.message for found in reading.findings]
    assert refused == [], refused
    return reading.diagrams[0].processes[0]


def node_of(text: str, element: str) -> Node:
    return process_of(text).nodes[element]


def parts(text: str) -> list[Part]:
    """Everything a diagram says, without order of attributes, comments and white space between."""
    return sorted(_parts(etree.fromstring(text.encode())))


def _parts(root: etree._Element) -> Iterator[Part]:
    for part in root.iter(etree.Element):
        attributes = {name: value for name, value in part.attrib.items() if "schema-instance" not in name}
        yield (
            etree.QName(part).localname,
            tuple(sorted(map(_plain, attributes.items()))),
            (part.text or "").strip(),
        )


def _plain(pair: tuple[str | bytes, str | bytes]) -> tuple[str, str]:
    return str(pair[0]), str(pair[1])
