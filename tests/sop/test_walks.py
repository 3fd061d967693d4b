"""What Bappeda signs is what runs: every path of the shipped SOPs is walked, and every walk agrees."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.adapters.messages import read_messages
from app.cli.sop_check import walk_file
from app.engine.compiled import CompiledSop, Source
from app.engine.compiler import compile_sop, findings
from app.engine.decisions import decide
from app.engine.expressions import parse

FOLDER = Path(__file__).parents[2] / "bpmn"
SCENARIOS = sorted((FOLDER / "skenario").glob("*.yaml"))
SOPS = ("pengaduan", "permintaan_informasi", "aspirasi", "pemantauan_rencana", "penetapan_sop")
ZONE = "Asia/Makassar"
FIVE_MATTERS = ("cost", "responsible", "public", "escalation")


@cache
def sources() -> tuple[Source, ...]:
    return tuple(Source(each.name, each.read_bytes()) for each in sorted(FOLDER.glob("*.*mn")))


def sop(key: str) -> CompiledSop:
    return compile_sop(sources(), key=key)


@cache
def outcome(scenario: Path) -> dict[str, Any]:
    return walk_file(str(scenario), ZONE)


def walked(kind: str) -> set[tuple[str, str]]:
    return {(process, element) for scenario in SCENARIOS
            for process, element in outcome(scenario)["coverage"][kind]}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_the_walk_agrees(scenario: Path) -> None:
    result = outcome(scenario)
    assert result["agrees"], f"langkah {result['step']}: {result['difference']}"


@pytest.mark.parametrize("key", SOPS)
def test_every_sequence_flow_is_walked(key: str) -> None:
    assert {(process, flow) for process, flow, *_ in sop(key).flows} - walked("flows") == set()


@pytest.mark.parametrize("key", SOPS)
def test_every_boundary_event_fires_in_some_walk(key: str) -> None:
    assert set(sop(key).boundaries) - walked("boundaries") == set()


def test_every_row_of_every_decision_table_is_hit() -> None:
    tables = {name: table for key in SOPS for name, table in sop(key).decisions.items()}
    assert set(tables) == {"rute_opd", "tenggat"}
    for name, table in tables.items():
        hit = {row for scenario in SCENARIOS for row in outcome(scenario)["coverage"]["rows"].get(name, ())}
        assert hit == set(range(1, len(table.rules) + 1)), name


def test_nothing_is_found_wrong_with_the_shipped_files() -> None:
    large = ("pengaduan", "aspirasi", "permintaan_informasi")
    found = [one for one in findings(sources()) if one.rule != "banyak-unsur" or one.element not in large]
    assert [(one.file, one.element, one.message) for one in found] == []


@pytest.mark.parametrize("key", SOPS)
def test_every_task_tells_the_five_matters_and_its_standard(key: str) -> None:
    for task in sop(key).tasks.values():
        missing = [name for name in FIVE_MATTERS if not getattr(task.duty, name).strip()]
        assert not missing, (task.element, missing)
        assert task.duty.message is not None, task.element
        assert task.deadline, task.element
        assert parse(task.deadline).functions, f"{task.element}: batas waktu harus dihitung"
        assert task.standard.inputs, task.element
        assert task.standard.output, task.element
        assert task.name.startswith("Me"), f"{task.element}: kegiatan ditulis dengan kata kerja"


def test_every_message_of_the_sops_has_words_and_no_words_are_left_over() -> None:
    texts = "".join(source.content.decode() for source in sources() if source.name.endswith(".bpmn"))
    words = read_messages(FOLDER / "pesan.yaml")
    sent = {task.duty.message for key in SOPS for task in sop(key).tasks.values() if task.duty.message}
    told = re.findall(r"""name="pesan" value="'(\w+)'\"""", texts)
    assert len(told) == texts.count('name="pesan"'), "kunci pesan ditulis langsung, agar dapat diperiksa"
    assert set(words) == sent | set(told)


LIMITS = (
    ({"jenis": "pengaduan", "klasifikasi": "tidak_berkadar", "jangka": "pendek"}, 14, "hari_kerja"),
    ({"jenis": "pengaduan", "klasifikasi": "tidak_berkadar", "jangka": "menengah"}, 14, "hari_kerja"),
    ({"jenis": "pengaduan", "klasifikasi": "berkadar", "jangka": "pendek"}, 60, "hari"),
    ({"jenis": "pengaduan", "klasifikasi": "normatif", "jangka": "pendek"}, 5, "hari_kerja"),
    ({"jenis": "aspirasi", "klasifikasi": "tidak_berkadar", "jangka": "panjang"}, 5, "hari_kerja"),
    ({"jenis": "permintaan_informasi", "klasifikasi": "normatif", "jangka": "pendek"}, 5, "hari_kerja"),
)


@pytest.mark.parametrize(("given", "total", "unit"), LIMITS)
def test_no_deadline_is_longer_than_its_source_allows(given: dict[str, str], total: int, unit: str) -> None:
    table = sop("pengaduan").decisions["tenggat"]
    limits = decide(table, given, {}).outputs
    assert (limits["batas_total"], limits["satuan_total"]) == (total, unit)
    assert limits["batas_verifikasi"] <= 3
    assert limits["batas_terima"] <= 5, "respon awal diberikan saat disposisi diterima"
    assert limits["batas_tutup"] == 10
    assert limits["sumber"].strip()
