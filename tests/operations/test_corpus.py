"""Whatever file is linted, findings come back soon; `make corpus` asks it of 3,000 and of any folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.corpus import LIMIT, OWN, answers, spoilt
from scripts.mutate import mutants

COUNT = 150


def test_spoilt_diagrams_get_findings_in_time_and_never_a_traceback(tmp_path: Path) -> None:
    found = list(answers(spoilt(tmp_path, COUNT, seed=7)))
    assert len(found) == COUNT
    assert [(one.name, one.trouble) for one in found if one.trouble] == []
    assert [(one.name, one.seconds) for one in found if one.seconds > LIMIT] == []
    assert sum(bool(one.rules) for one in found) > COUNT / 2, "most of what is spoilt has errors"


def test_the_same_seed_spoils_the_same_way() -> None:
    seeds = [(path.name, path.read_bytes()) for path in sorted(OWN.glob("*.bpmn"))]
    assert list(mutants(seeds, 20, 3)) == list(mutants(seeds, 20, 3))
    assert list(mutants(seeds, 20, 3)) != list(mutants(seeds, 20, 4))


def test_any_folder_can_be_asked_for_and_trouble_ends_with_one(tmp_path: Path) -> None:
    (tmp_path / "dalam").mkdir()
    (tmp_path / "dalam" / "a.bpmn").write_bytes((OWN / "pengaduan.bpmn").read_bytes())
    (tmp_path / "b.BPMN").write_bytes(b"\x00")
    (tmp_path / "c.txt").write_text("bukan diagram")
    command = [sys.executable, "-m", "scripts.corpus", str(tmp_path)]
    done = subprocess.run(command, cwd=OWN.parent, timeout=120, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "2 files" in done.stdout
