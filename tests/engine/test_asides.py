"""What a diagram says beforehand of side branches and escalations."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.engine.asides import asides
from app.engine.compiler import CompiledSop, Source, compile_sop
from tests.engine.diagrams import begin, boundary, end, flows, gateway, sop, sub, timer, user
from tests.services.workshop import diagram, tell

SIDE_END = end("x", "cabang")
SOPS = Path(__file__).parents[2] / "bpmn"


def warned(*parts: str, links: tuple[str, ...], interrupting: bool = False, lanes: dict[str, list[str]]
           ) -> CompiledSop:  # fmt: skip
    """Task `a` of `petugas` with a timer `t`, and what comes after it; `a` leads on to `b` of `kepala`."""
    body = (
        begin() + user("a") + boundary("t", "a", timer("'P1D'"), interrupting=interrupting) + user("b")
        + end() + "".join(parts) + flows("s a", "a b", "b e", *links)
    )  # fmt: skip
    drawn = {"petugas": ["a"], "kepala": ["b"], **lanes}
    return sop(diagram(body, drawn, key="sop"))


@pytest.mark.parametrize(
    ("parts", "links", "lanes", "escalates"),
    [
        ([user("w"), SIDE_END], ("t w", "w x"), {"asisten": ["w"]}, True),
        ([user("w"), SIDE_END], ("t w", "w x"), {}, False),
        ([user("w"), SIDE_END], ("t w", "w x"), {"pelapor": ["w"]}, False),
        ([tell("w", "asisten", "p"), SIDE_END], ("t w", "w x"), {}, True),
        ([tell("w", "petugas", "p"), SIDE_END], ("t w", "w x"), {}, False),
        ([tell("w", "pelapor", "p"), SIDE_END], ("t w", "w x"), {}, False),
        (
            [tell("w", "petugas", "p"), gateway("exclusive", "g", default="g_x"), user("k"), SIDE_END],
            ("t w", "w g", "g x", "g k: 1 == 2", "k x"),
            {"asisten": ["k"]},
            True,
        ),
    ],
    ids=["task of another", "own role has no lane", "the reporter's", "tells another", "reminds", "tells the "
         "reporter", "may come to another"],
)  # fmt: skip
def test_a_warning_escalates_when_it_reaches_another_role(parts, links, lanes, escalates) -> None:
    compiled = warned(*parts, links=links, lanes=lanes)
    assert asides(compiled).escalating == (frozenset({"t"}) if escalates else frozenset())


def test_a_warning_reaches_nobody_behind_the_step_it_warns_of() -> None:
    """Its end ends the side branch only, also inside a sub-process; a second wait comes later."""
    inside = (
        begin("si") + user("a") + boundary("t", "a", timer("'P1D'"), interrupting=False)
        + tell("w", "petugas", "p") + end("x", "cabang") + end("ei")
        + flows("si a", "t w", "w x", "a ei")
    )  # fmt: skip
    body = begin() + sub("isi", inside) + user("b") + end() + flows("s isi", "isi b", "b e")
    compiled = sop(diagram(body, {"petugas": ["a"], "kepala": ["b"]}, key="sop"))
    assert asides(compiled).escalating == frozenset()
    assert asides(compiled).tasks == frozenset()


def test_a_timer_that_takes_the_step_away_escalates_to_whoever_goes_on() -> None:
    compiled = warned(links=("t b",), interrupting=True, lanes={})
    assert asides(compiled).escalating == {"t"}
    assert asides(compiled).tasks == frozenset()


def test_the_first_resting_place_is_where_it_ends() -> None:
    parts = [user("w"), user("k"), SIDE_END]
    compiled = warned(*parts, links=("t w", "w k", "k x"), lanes={"asisten": ["k"]})
    assert asides(compiled).escalating == frozenset()
    assert asides(compiled).tasks == {"w", "k"}


def test_complaints_escalate_when_a_limit_has_passed_and_not_before() -> None:
    tables = [Source(path.name, path.read_bytes()) for path in sorted(SOPS.glob("*.dmn"))]
    source = Source("pengaduan.bpmn", (SOPS / "pengaduan.bpmn").read_bytes())
    found = asides(compile_sop([source, *tables], key="pengaduan"))
    shares = {name.split("_")[1] for name in found.escalating}
    assert shares == {"100", "120", "150"}
    assert "laporkan_kemajuan" in found.tasks
    assert "verifikasi" not in found.tasks
