"""Traps 1.8 and 2.6: SpiffWorkflow's decision tables guess; ours answer as DMN says or say why not."""

from __future__ import annotations

from typing import Any

import pytest

from app.engine.decisions import DecisionError, compile_dmn, decide, dmn_findings
from app.engine.functions import PLAIN_FUNCTIONS
from app.engine.step import EngineFault
from tests.engine.diagrams import Walk, begin, bpmn, end, flows, sop, user
from tests.engine.stock import decided
from tests.engine.test_decisions import File, table_xml

CALL = (
    '<bpmn:businessRuleTask id="k"{}><bpmn:extensionElements><spiffworkflow:calledDecisionId '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core">rute</spiffworkflow:calledDecisionId>'
    "</bpmn:extensionElements></bpmn:businessRuleTask>"
)
TEXT = bpmn(begin() + CALL.format(' sop:decision="rute"') + user("a") + end() + flows("s k", "k a", "a e"))


def stock(file: File | bytes, **data: Any) -> dict[str, Any]:
    """What the process knows after the table, less what it knew before."""
    after = decided(TEXT, file.content if isinstance(file, File) else file, data)
    return {name: value for name, value in after.items() if name not in data or value != data[name]}


def ours(file: File, **data: Any) -> Any:
    return decide(compile_dmn(file), data, PLAIN_FUNCTIONS).outputs


BOTH = [["< 10", '"biasa"'], ["> 5", '"penting"']]
"""Both rows hit at 7."""
POLICIES: list[tuple[str, Any]] = [
    # (hit policy, what ours answers at 7; None: it does not)
    ("UNIQUE", None),
    ("FIRST", {"x": "biasa"}),
    ("ANY", None),
    ("PRIORITY", {"x": "penting"}),
    ("RULE ORDER", [{"x": "biasa"}, {"x": "penting"}]),
    ("OUTPUT ORDER", None),
    ("PISANG", None),
]


@pytest.mark.parametrize(("policy", "right"), POLICIES)
def test_every_policy_takes_the_first_row_in_stock(policy: str, right: Any) -> None:
    file = table_xml(["n"], ["x"], BOTH, policy, values='"penting","biasa"' if policy == "PRIORITY" else "")
    bare = table_xml(["n"], ["x"], BOTH, policy)
    assert stock(bare, n=7) == {"x": "biasa"}
    if right is not None:
        assert ours(file, n=7) == right
    elif policy in ("UNIQUE", "ANY"):
        with pytest.raises(DecisionError, match="1 dan 2"):
            ours(file, n=7)
    else:
        assert "error" in {one.severity for one in dmn_findings(file)}


@pytest.mark.parametrize(("aggregation", "right"), [("SUM", 3), ("MIN", 1), ("MAX", 2), ("COUNT", 2)])
def test_an_aggregation_is_ignored_by_stock(aggregation: str, right: int) -> None:
    file = table_xml(["n"], ["x"], [["< 10", "1"], ["> 5", "2"]], "COLLECT", aggregation)
    assert stock(file, n=7) == {"x": [1, 2]}
    assert ours(file, n=7) == {"x": right}


@pytest.mark.parametrize("policy", ["UNIQUE", "COLLECT"])
def test_without_a_hit_stock_goes_on_without_the_output(policy: str) -> None:
    file = table_xml(["n"], ["x"], [["> 50", "1"]], policy)
    assert stock(file, n=7) == {}
    with pytest.raises(DecisionError, match="tidak ada baris"):
        ours(file, n=7)


def test_a_default_is_ignored_by_stock() -> None:
    file = table_xml(["n"], ["x"], [["> 50", "1"]], defaults=["9"])
    assert stock(file, n=7) == {}
    assert ours(file, n=7) == {"x": 9}


CELLS: list[tuple[str, Any, bool]] = [
    # (cell that matches the value, value, whether stock fails loudly; else it misses in silence)
    ("[1..10]", 5, True),
    ("(1..10)", 5, True),
    ('"a","b"', "a", False),
    ('not("b")', "a", False),
    ("true", True, True),
    ("false", False, True),
    (" ", 1, False),
    ("  -  ", 1, True),
]


@pytest.mark.parametrize(("cell", "value", "fails"), CELLS)
def test_a_cell_stock_cannot_read_is_read_by_us(cell: str, value: Any, fails: bool) -> None:
    file = table_xml(["n"], ["x"], [[cell, "1"]])
    if fails:
        with pytest.raises(Exception, match=r"syntax|expression"):
            stock(file, n=value)
    else:
        assert stock(file, n=value) == {}, "it never matches, and nothing is said"
    assert ours(file, n=value) == {"x": 1}


@pytest.mark.parametrize("row", [["tanpa_kutip", "1"], ['"a"', "DPU"]])
def test_unquoted_text_fails_at_run_in_stock_and_is_named_before_by_us(row: list[str]) -> None:
    file = table_xml(["n"], ["x"], [row])
    with pytest.raises(Exception, match="expression"):
        stock(file, n="a")
    assert {one.severity for one in dmn_findings(file)} & {"error", "warning"}


def test_a_missing_input_is_named_by_us() -> None:
    file = table_xml(["n"], ["x"], [["< 5", "1"], ["-", "2"]], "FIRST")
    for data in ({}, {"n": None}):
        with pytest.raises(Exception, match="expression"):
            stock(file, **data)
    with pytest.raises(DecisionError, match="'n' belum diisi"):
        ours(file)
    assert ours(file, n=None) == {"x": 2}, "an answer left empty is an answer"


def test_a_described_table_is_refused_by_stock() -> None:
    described = table_xml(["n"], ["x"], [["< 5", "1"]]).content.replace(
        b'<input id="in0"', b"<description>sumber: Perwali</description><input id=\"in0\""
    )
    with pytest.raises(Exception, match="Unknown type in decision table"):
        stock(described, n=1)
    assert ours(File("rute.dmn", described), n=1) == {"x": 1}


def test_two_decisions_in_a_file_are_refused_in_words() -> None:
    two = table_xml(["n"], ["x"], [["< 5", "1"]]).content.replace(
        b"</decision>", b'</decision><decision id="lain" name="Lain"/>'
    )
    with pytest.raises(Exception, match="AttributeError"):
        stock(two, n=1)
    assert [one for one in dmn_findings(File("rute.dmn", two)) if one.severity == "error" and one.repair]


def test_a_re_routing_keeps_the_wrong_agency_in_stock() -> None:
    """Outputs go through DeepMerge; ours are assigned whole."""
    file = table_xml(["n"], ["opd"], [["< 5", "['DPU']"]])
    assert stock(file, n=1, opd=["DLH", "PDAM"]) == {"opd": ["DLH"]}
    assert decide(compile_dmn(file), {"n": 1, "opd": ["DLH", "PDAM"]}, PLAIN_FUNCTIONS).variables == {
        "opd": ["DPU"]
    }


def test_a_cell_is_run_by_stock_and_refused_by_us(tmp_path: Any) -> None:
    target = tmp_path / "jejak"
    file = table_xml(["n"], ["x"], [["< 5", f"__import__('os').system('mkdir {target}')"]])
    stock(file, n=1)
    assert target.is_dir()
    assert "error" in {one.severity for one in dmn_findings(file)}


def test_a_table_without_answer_stops_the_push_with_its_task_named() -> None:
    from_text = (TEXT, table_xml(["n"], ["x"], [["> 50", "1"]]).content.decode())
    compiled = sop(*from_text)
    with pytest.raises(EngineFault, match="tidak ada baris") as caught:
        Walk(compiled, {"n": 1})
    assert (caught.value.element, caught.value.names) == ("k", ("n",))
