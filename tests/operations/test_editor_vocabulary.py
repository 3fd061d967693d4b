"""The diagram editor keeps only what it has been told of: everything the engine reads from a diagram must be
in its description of the namespace, or saving a draft would drop it."""

from __future__ import annotations

import json
from pathlib import Path

from app.engine.declaration import NAMESPACE
from app.engine.extensions import _ATTRIBUTES

ROOT = Path(__file__).resolve().parents[2]


def test_the_editor_knows_every_element_and_attribute_the_engine_reads() -> None:
    told = json.loads((ROOT / "frontend" / "studio" / "sop-moddle.json").read_text())
    assert told["uri"] == NAMESPACE
    known = {
        one["name"][0].lower() + one["name"][1:]: {
            part["name"] for part in one["properties"] if part.get("isAttr")
        }
        for one in told["types"]
        if "extends" not in one
    }
    assert known == {tag: set(attributes) for tag, attributes in _ATTRIBUTES.items()}
