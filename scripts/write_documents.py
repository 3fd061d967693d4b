"""Write docs/sop/*.pdf and *.html anew from the diagrams in bpmn/. A test tells when they are out of date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.engine.compiled import Source
from app.engine.references import references
from app.services.sop_document import document_html, document_pdf

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "sop"
FIRST = 1
"""The shipped SOPs are published as the first version of a new city."""


def documents() -> Iterator[tuple[Path, bytes]]:
    """Every document as it should be: (file, content)."""
    tables = [Source(path.name, path.read_bytes()) for path in sorted((ROOT / "bpmn").glob("*.dmn"))]
    for path in sorted((ROOT / "bpmn").glob("*.bpmn")):
        diagram = Source(path.name, path.read_bytes())
        key = references(diagram.name, diagram.content).main or path.stem
        files = [diagram, *tables]
        yield FOLDER / f"{key}.pdf", document_pdf(files, key, version=FIRST)
        yield FOLDER / f"{key}.html", document_html(files, key, version=FIRST).encode("utf-8")


def main() -> None:
    for path, content in documents():
        changed = not path.exists() or path.read_bytes() != content
        path.write_bytes(content)
        print(f"{'ditulis' if changed else 'tetap':8} {path.relative_to(ROOT)} ({len(content):,} B)")


if __name__ == "__main__":
    main()
