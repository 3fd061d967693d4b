"""The page that explains the checks names every rule, and no rule that is gone."""

from __future__ import annotations

import re
from pathlib import Path

from tests.engine.right_sop import found
from tests.engine.test_fixes import DRAWN

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "pemeriksaan-sop.md").read_text("utf-8")
SOURCES = "".join(path.read_text("utf-8") for folder in ("engine", "services", "cli")
                  for path in sorted((ROOT / "app" / folder).glob("*.py")))


def test_every_rule_that_speaks_is_on_the_page() -> None:
    spoken = {one.rule for text in DRAWN for one in found(text)}
    assert len(spoken) > 60
    assert {rule for rule in spoken if not rule.startswith("dmn-") and f"`{rule}`" not in PAGE} == set()


def test_every_rule_on_the_page_is_still_spoken() -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    written = {rule for row in rows for rule in re.findall(r"`([a-z-]+)`", row)}
    assert len(written) > 90
    made = {"batas-verifikasi", "batas-jawaban-awal"}  # from the keys of the limits
    assert {rule for rule in written - made if f'"{rule}"' not in SOURCES} == set()
