"""One slip of the pen in an SOP the city uses, and what the exploration says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.adapters.holidays import default_calendar
from app.engine.compiler import Source, compile_sop
from app.engine.soundness import explore, unsound
from app.engine.survey import take_stock

from .soundness_replay import Replay

BPMN = Path(__file__).parents[2] / "bpmn"
SLIPS = [
    pytest.param("pengaduan", 'sourceRef="bukti_diterima_kah" targetRef="pelaksanaan"',
                 'sourceRef="bukti_diterima_kah" targetRef="konfirmasi"', "selesai-tanpa-bukti", None,
                 id="refused photos lead on all the same"),
    pytest.param("pengaduan", "bukti_diterima == True", "bukti_diterima == False", "selesai-tanpa-bukti",
                 None, id="the answer is taken for its opposite"),
    pytest.param("pengaduan", "keputusan == 'tolak'</", "keputusan == 'ditolak'</", "elemen-mati",
                 "beritahu_ditolak", id="a value is written that no form offers"),
    pytest.param("pengaduan", 'sourceRef="waktu_80_verifikasi" targetRef="ingatkan_verifikasi"',
                 'sourceRef="waktu_80_verifikasi" targetRef="disposisi"', "cabang-samping-kembali",
                 "waktu_80_verifikasi", id="a reminder leads into the main way"),
    pytest.param("permintaan_informasi", 'sourceRef="catat_pengembalian" targetRef="disposisi"',
                 'sourceRef="catat_pengembalian" targetRef="dijawab_kah"', "putaran-tanpa-tunggu", None,
                 id="a circle of automatic steps"),
]


def slipped(sop: str, old: str, new: str) -> list[Source]:
    """The SOP with the slip in it; what a changed tag closes with is changed too."""
    text = (BPMN / f"{sop}.bpmn").read_text(encoding="utf-8")
    assert text.count(old) == 1, "the slip is made in one place"
    before, after = text.split(old)
    tag, wrong = (part.split()[0].lstrip("<") if part.startswith("<") else "" for part in (old, new))
    if tag != wrong:
        after = after.replace(f"</{tag}>", f"</{wrong}>", 1)
    files = [Source(f"{sop}.bpmn", (before + new + after).encode())]
    return files + [Source(path.name, path.read_bytes()) for path in BPMN.glob("*.dmn")]


@pytest.mark.parametrize(("sop", "old", "new", "rule", "element"), SLIPS)
def test_a_slip_is_found_where_it_is_made(sop: str, old: str, new: str, rule: str,
                                          element: str | None) -> None:
    survey = take_stock(slipped(sop, old, new))
    found = [one for one in unsound(survey.processes[sop], survey) if one.rule == rule]
    assert found
    assert element is None or element in {one.element for one in found}
    for one in found:
        assert set(one.path) <= set(survey.processes[sop].nodes), "the path can be played on the diagram"


def test_a_choice_before_a_parallel_join_is_found_though_it_would_not_compile() -> None:
    """Refused for its missing conditions too; the standstill is told beside that."""
    sources = slipped("aspirasi", '<bpmn:parallelGateway id="telaah_bersama"',
                      '<bpmn:exclusiveGateway id="telaah_bersama"')
    survey = take_stock(sources)
    assert ("buntu", "telaah_lengkap") in {(one.rule, one.element)
                                           for one in unsound(survey.processes["aspirasi"], survey)}


@pytest.mark.parametrize(("sop", "old", "new", "rule", "element"), SLIPS)
def test_its_path_stops_the_engine(sop: str, old: str, new: str, rule: str, element: str | None) -> None:
    """Whatever stops an SOP stops it on the path that was shown."""
    sources = slipped(sop, old, new)
    survey = take_stock(sources)
    search = explore(survey.processes[sop], survey)
    assert search is not None
    compiled = compile_sop(sources, key=sop)
    data = {"jenis": sop, "kategori": "jalan", "rahasia": False, "opd_rencana": "DPU", "tahun_rencana": 2027,
            "nomor": "LW-2026-01-000001"}
    stopped = 0
    for problem in search.problems.values():
        if problem.kind in {"back", "twice"} or any(turn.kind == "time" for turn in problem.turns):
            continue
        replay = Replay(compiled, default_calendar(), data).walk(problem)
        assert replay.fault is not None or problem.place.node.id in replay.position.tokens  # type: ignore[union-attr]
        stopped += 1
    assert stopped or rule in {"elemen-mati", "cabang-samping-kembali"}
