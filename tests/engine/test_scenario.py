"""Golden walks: an officer writes what must happen, and is told in one sentence where it does not."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from app.adapters.holidays import default_calendar
from app.engine.compiled import CompiledSop, Source
from app.engine.compiler import compile_sop
from app.engine.coverage import Walked
from app.engine.scenario import ScenarioInvalid, read_scenario
from app.engine.walk import walk

SOP = Path(__file__).parents[1] / "files" / "uji.bpmn"
"""Verify, follow up, check by another person; reminder, withdrawal and return included."""

GOLDEN: dict[str, Any] = {
    "sop": "uji",
    "at": "2026-03-17T10:05:00+08:00",
    "data": {"kategori": "jalan"},
    "steps": [
        {
            "expect": {
                "open": ["verifikasi"],
                "status": "diverifikasi",
                "roles": {"verifikasi": "admin_kominfo"},
            }
        },
        {"refuse": {"complete": "tindak_lanjut", "because": "NotOpen"}},
        {
            "refuse": {
                "complete": "verifikasi",
                "answers": {"keputusan": "terima"},
                "because": "InvalidAnswers",
            }
        },
        {"complete": "verifikasi", "by": "budi", "answers": {"keputusan": "terima", "opd": "DPU"}},
        {"refuse": {"complete": "verifikasi", "by": "budi", "because": "NotOpen"}},
        {
            "expect": {
                "due": {"tindak_lanjut": "2026-03-31"},
                "roles": {"tindak_lanjut": "operator_opd@DPU"},
                "sent": [["pelapor", "diverifikasi"], ["pelapor", "dikerjakan"]],
            }
        },
        {"expect": {"due": {"tindak_lanjut": "2026-03-31T16:00:00+08:00"}}},
        {"advance": {"working_days": 6}},
        {
            "expect": {
                "open": ["tindak_lanjut", "tegur"],
                "roles": {"tegur": "kepala_opd@DPU"},
                "status": "diproses",
            }
        },
        {"complete": "tindak_lanjut", "by": "sari", "answers": {"foto": ["a.jpg"]}},
        {
            "refuse": {
                "complete": "periksa",
                "by": "sari",
                "answers": {"bukti_diterima": True},
                "because": "SamePerson",
            }
        },
        {"complete": "periksa", "by": "tono", "answers": {"bukti_diterima": True}},
        {"complete": "tegur"},
    ],
    "end": "selesai",
    "path": ["verifikasi", "tindak_lanjut", "periksa", "tegur"],
}


@pytest.fixture(scope="module")
def sop() -> CompiledSop:
    return compile_sop([Source("uji.bpmn", SOP.read_bytes())])


def run(sop: CompiledSop, **changes: Any) -> Walked:
    return walk(sop, read_scenario({**copy.deepcopy(GOLDEN), **changes}), default_calendar("Asia/Makassar"))


def with_step(at: int, step: dict[str, Any]) -> list[dict[str, Any]]:
    steps = copy.deepcopy(GOLDEN["steps"])
    steps[at] = step
    return steps


def test_the_golden_walk_agrees_and_tells_what_it_touched(sop: CompiledSop) -> None:
    walked = run(sop)
    assert walked.difference is None
    assert walked.end == "selesai"
    assert [flow[1] for flow in walked.coverage.untouched_flows(sop)] == ["f3", "f12", "f7", "f11"]
    assert walked.coverage.untouched_boundaries(sop) == (("uji", "tarik"),)


def test_other_walks_complete_the_coverage(sop: CompiledSop) -> None:
    total = run(sop).coverage
    start = GOLDEN["steps"][:4]
    walks = [
        run(
            sop,
            steps=[{"complete": "verifikasi", "answers": {"keputusan": "tolak"}}],
            end="ditolak",
            path=["verifikasi"],
        ),
        run(
            sop,
            steps=[*start, {"deliver": "penarikan", "data": {"alasan": "sudah baik"}}],
            end="dibatalkan",
            path=["verifikasi"],
        ),
        run(
            sop,
            steps=[
                *start,
                {"complete": "tindak_lanjut", "by": "a", "answers": {"foto": ["x"]}},
                {"complete": "periksa", "by": "b", "answers": {"bukti_diterima": False}},
                {"expect": {"open": ["tindak_lanjut"]}},
            ],
            end=None,
            path=None,
        ),
    ]
    for walked in walks:
        assert walked.difference is None
        total.merge(walked.coverage)
    assert total.untouched_flows(sop) == ()
    assert total.untouched_boundaries(sop) == ()


@pytest.mark.parametrize(
    ("at", "step", "words"),
    [
        (0, {"expect": {"open": ["periksa"]}}, ("tidak terbuka: periksa", "verifikasi")),
        (0, {"expect": {"status": "diterima"}}, ("“diterima”", "“diverifikasi”")),
        (0, {"expect": {"due": {"verifikasi": "2026-03-18"}}}, ("2026-03-18",)),
        (0, {"expect": {"due": {"periksa": "2026-03-18"}}}, ("tidak terbuka",)),
        (0, {"expect": {"sent": [["pelapor", "dikerjakan"]]}}, ("[pelapor, diverifikasi]",)),
        (0, {"complete": "periksa"}, ("NotOpen", "verifikasi")),
        (0, {"deliver": "penarikan"}, ("NotExpected",)),
        (0, {"complete": "verifikasi", "answers": {"asing": 1}}, ("InvalidAnswers", "keputusan", "asing")),
        (1, {"refuse": {"complete": "verifikasi", "answers": {"keputusan": "tolak"}}}, ("diterima",)),
        (1, {"refuse": {"complete": "periksa", "because": "SamePerson"}}, ("SamePerson", "NotOpen")),
        (5, {"expect": {"roles": {"tindak_lanjut": "operator_opd@DLH"}}}, ("operator_opd@DPU",)),
        (7, {"advance": {"to": "2026-03-01T00:00:00+08:00"}}, ("mundur",)),
    ],
)
def test_the_first_difference_is_named_with_its_step(
    sop: CompiledSop, at: int, step: dict[str, Any], words: tuple[str, ...]
) -> None:
    walked = run(sop, steps=with_step(at, step))
    assert walked.step == at + 1
    for word in words:
        assert word in (walked.difference or "")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"end": "ditolak"}, "ternyata dengan “selesai”"),
        ({"end": None}, "masih berjalan"),
        ({"steps": GOLDEN["steps"][:4]}, "masih berjalan (tindak_lanjut)"),
        ({"path": ["verifikasi"]}, "Jalur"),
    ],
)
def test_end_and_path_are_compared(sop: CompiledSop, changes: dict[str, Any], word: str) -> None:
    walked = run(sop, **changes)
    assert walked.step is None
    assert word in (walked.difference or "")


def test_an_escalation_fires_at_its_own_moment_even_in_one_long_leap(sop: CompiledSop) -> None:
    steps = [
        *GOLDEN["steps"][:4],
        {"advance": {"days": 60}},
        {"expect": {"open": ["tindak_lanjut", "tegur"], "due": {"tegur": "2026-04-01"}}},
    ]
    assert run(sop, steps=steps, end=None, path=None).difference is None


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "uji",
        {},
        {"sop": ""},
        {"sop": "uji", "langkah": []},
        {"sop": "uji", "steps": {"a": 1}},
        {"sop": "uji", "steps": [{"complete": "a", "advance": {}}]},
        {"sop": "uji", "steps": [{"expect": {"opne": []}}]},
        {"sop": "uji", "steps": [{"advance": {"days": -1}}]},
        {"sop": "uji", "steps": [{"advance": {"days": True}}]},
        {"sop": "uji", "steps": [{"advance": {}}]},
        {"sop": "uji", "at": "besok"},
        {"sop": "uji", "steps": [{"refuse": {"complete": "a", "because": "Lelah"}}]},
        {"sop": "uji", "data": {"a": float("nan")}},
        {"sop": "uji", "data": {1: 2}},
        {"sop": "uji", "data": {"a": {1, 2}}},
    ],
)
def test_a_slip_of_the_pen_is_refused(wrong: Any) -> None:
    with pytest.raises(ScenarioInvalid):
        read_scenario(wrong)


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ScenarioInvalid):
        read_scenario({"sop": "uji", "data": {"a": endless}})
