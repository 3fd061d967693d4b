"""What an officer does in the editor of SOPs, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.e2e.conftest import Live

ROOT = Path(__file__).resolve().parents[2]


def begin_draft(page: Page, key: str = "pengaduan", version: int = 1) -> str:
    """Begin a draft from a version in force; its address. The diagram can be edited when this returns."""
    page.goto("/studio")
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    answer = page.request.post(
        "/studio/konsep",
        form={"csrf_token": token, "cara": "versi", "kunci": key, "versi": str(version)},
        headers={"Referer": page.url},
    )
    assert answer.ok, answer.status
    open_draft(page, answer.url)
    return answer.url


def open_draft(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("#studio[data-ready]").wait_for()


def select(page: Page, element: str) -> None:
    """Select an element of the diagram and have it in sight; the panel then speaks about it."""
    assert page.evaluate("(id) => document.getElementById('studio').studio.select(id)", element), element


def rename(page: Page, element: str, words: str) -> None:
    """Double-click an element and type another name over its own."""
    select(page, element)
    page.locator(f'[data-element-id="{element}"] > .djs-hit').first.dblclick()
    editing = page.locator(".djs-direct-editing-content")
    editing.fill(words)
    editing.press("Enter")
    expect(editing).to_have_count(0)


def name_of(page: Page, element: str) -> str:
    found: str = page.evaluate("(id) => document.getElementById('studio').studio.elementName(id)", element)
    return found


def wait_saved(page: Page) -> None:
    page.locator("#studio[data-saving=saved]").wait_for()


def wait_named(page: Page, element: str, words: str) -> None:
    """Until the diagram that is drawn has an element of this name."""
    page.wait_for_function(
        "([id, words]) => document.getElementById('studio').studio.elementName(id) === words",
        arg=[element, words],
    )


def wait_checked(page: Page) -> None:
    """Until the findings are those of the diagram as it stands."""
    page.locator("#studio:not([data-checking])").wait_for()


def findings(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("document.getElementById('studio').studio.findings")
    return found


def stored_files(live: Live, url: str) -> dict[str, str]:
    """The files of a draft as the city's database keeps them."""
    with live.unit_of_work() as session:
        row = session.execute(
            text("SELECT files FROM sop_drafts WHERE id = :id"), {"id": UUID(url.rsplit("/", 1)[1])}
        ).one()
        files: dict[str, str] = row.files
        return files
