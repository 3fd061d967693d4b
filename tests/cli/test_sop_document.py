"""`flask sop document KEY --output FILE`: the printed SOP of the version in force, or of files."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.engine.compiled import Source
from app.services.sop_document import document_hash, document_pdf
from tests.cli.test_sop_cli import GOOD, call, offline, publish, two

__all__ = ["offline", "two"]


def test_the_document_is_that_of_the_version_in_force(
    app: Flask, session: Session, two: tuple[uuid.UUID, uuid.UUID], clock: Any, tmp_path: Path
) -> None:
    row = publish(session, two, clock())
    session.commit()
    made = call(app, "document", "uji", "--output", tmp_path / "uji.pdf")
    assert made.exit_code == 0, made.output
    assert made.output.strip() == str(tmp_path / "uji.pdf")
    content = (tmp_path / "uji.pdf").read_bytes()
    assert content == document_pdf([Source("uji.bpmn", GOOD.read_bytes())], "uji", version=row.version)
    again = call(app, "document", "uji", "--output", tmp_path / "lagi.pdf")
    assert again.exit_code == 0
    assert (tmp_path / "lagi.pdf").read_bytes() == content
    page = call(app, "document", "uji", "--output", tmp_path / "uji.html")
    assert page.exit_code == 0, page.output
    assert "versi 1" in (tmp_path / "uji.html").read_text()


def test_files_are_enough_without_a_database(offline: Flask, tmp_path: Path) -> None:
    made = call(offline, "document", "uji", "--output", tmp_path / "a.pdf", "--file", GOOD)
    assert made.exit_code == 0, made.output
    assert (tmp_path / "a.pdf").read_bytes() == document_pdf([Source("a", GOOD.read_bytes())], "uji")
    assert document_hash([Source("a", GOOD.read_bytes())], "uji", version=1) != document_hash(
        [Source("a", GOOD.read_bytes())], "uji")


@pytest.mark.parametrize(("arguments", "words"), [
    (("uji", "--file", "tidak_ada.bpmn"), "tidak dapat dibaca"),
    (("lain", "--file", GOOD), "Proses 'lain' tidak ada"),
    (("uji", "--file", GOOD, "--output", "/tidak/ada/x.pdf"), "tidak dapat ditulis"),
])  # fmt: skip
def test_what_cannot_be_printed_is_said_in_one_sentence(
    offline: Flask, tmp_path: Path, arguments: tuple[object, ...], words: str
) -> None:
    given = arguments if "--output" in arguments else (*arguments, "--output", tmp_path / "a.pdf")
    made = call(offline, "document", *given)
    assert made.exit_code == 1
    assert words in made.output
    assert "Traceback" not in made.output


def test_an_sop_nobody_published_is_named_as_missing(app: Flask, session: Session, tmp_path: Path) -> None:
    made = call(app, "document", "tidak_ada", "--output", tmp_path / "a.pdf")
    assert made.exit_code == 1
    assert "belum ada yang berlaku" in made.output
