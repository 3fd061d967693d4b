"""The printed SOP as an HTML file that needs nothing beside it: no script, no font, no picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_OWN = Path(__file__).parent / "typst"
_SHARED = Path(__file__).parents[1] / "templates"
_STYLE = _OWN / "sop.css"


def typeset_html(page: Mapping[str, Any], *, version: int | None = None) -> str:
    """`page`: a document in plain values, its rows with `ways`. The same values give the same text."""
    environment = Environment(loader=FileSystemLoader([_OWN, _SHARED]), autoescape=True,
                              undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                              keep_trailing_newline=True)
    return environment.get_template("document.html").render(
        document=page, version=version, style=_STYLE.read_text(encoding="utf-8"))
