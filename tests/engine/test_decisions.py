"""Decision tables answer as DMN says, name the rows that hit, and never guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.decisions import (
    Decision,
    DecisionError,
    DecisionInvalid,
    compile_dmn,
    decide,
    dmn_findings,
)
from app.engine.functions import PLAIN_FUNCTIONS
from app.engine.matching import KindMismatch
from app.engine.sfeel import CellError, read_test
from tests.effort import effort

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"


@dataclass(frozen=True)
class File:
    name: str
    content: bytes


def table_xml(
    inputs: list[str | tuple[str, str]],
    outputs: list[str | tuple[str, str]],
    rows: list[list[str]],
    policy: str = "UNIQUE",
    aggregation: str = "",
    values: str = "",
    allowed: dict[str, str] | None = None,
    defaults: list[str] | None = None,
) -> File:
    """A DMN file as dmn-js would write it."""

    def typed(column: str | tuple[str, str]) -> tuple[str, str]:
        name, kind = column if isinstance(column, tuple) else (column, "")
        return name, f" typeRef={quoteattr(kind)}" if kind else ""

    head = ""
    for number, column in enumerate(inputs):
        name, kind = typed(column)
        domain = (allowed or {}).get(name, "")
        values_in = f"<inputValues><text>{escape(domain)}</text></inputValues>" if domain else ""
        head += (
            f'<input id="in{number}" label={quoteattr(name)}><inputExpression id="ie{number}"{kind}>'
            f"<text>{escape(name)}</text></inputExpression>{values_in}</input>"
        )
    for number, column in enumerate(outputs):
        name, kind = typed(column)
        ranks = f"<outputValues><text>{escape(values)}</text></outputValues>"
        listed = ranks if values and not number else ""
        bare = (
            f"<defaultOutputEntry><text>{escape(defaults[number])}</text></defaultOutputEntry>"
            if defaults else ""
        )
        head += f'<output id="out{number}" name={quoteattr(name)}{kind}>{listed}{bare}</output>'
    body = ""
    for number, row in enumerate(rows, start=1):
        cells = "".join(
            f'<{tag} id="c{number}_{place}"><text>{escape(cell)}</text></{tag}>'
            for place, cell in enumerate(row)
            for tag in ["inputEntry" if place < len(inputs) else "outputEntry"]
        )
        body += f'<rule id="rule{number}"><description>sumber {number}</description>{cells}</rule>'
    added = f" aggregation={quoteattr(aggregation)}" if aggregation else ""
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{MODEL}" id="d" name="d" namespace="x">'
        f'<decision id="rute" name="Rute"><decisionTable id="t" hitPolicy={quoteattr(policy)}{added}>'
        f"{head}{body}</decisionTable></decision></definitions>"
    )
    return File("rute.dmn", xml.encode())


def ask(file: File, **data: Any) -> Decision:
    return decide(compile_dmn(file), data, PLAIN_FUNCTIONS)


def rules_found(file: File) -> set[tuple[str, str]]:
    return {(finding.rule, finding.severity) for finding in dmn_findings(file)}


@pytest.mark.parametrize(
    ("cell", "yes", "no"),
    [
        ("-", ["a", 3, None, True, []], []),
        ("", ["a", None], []),
        ("  ", ["a", None], []),
        ('"a"', ["a"], ["b", None, 1, ["a"]]),
        ('"a","b"', ["a", "b"], ["c", None]),
        ('"a , b" , "c"', ["a , b", "c"], ["a"]),
        (r'"kata \"x\""', ['kata "x"'], ["kata x"]),
        ('not("a")', ["b", None], ["a"]),
        ('not("a","b")', ["c"], ["a", "b"]),
        ("not(< 5)", [5, 6], [4]),
        ("5", [5, 5.0], [4, True, "5", None]),
        ("-2.5", [-2.5], [2.5]),
        ("1", [1], [True]),
        ("< 5", [4, 4.99], [5, None]),
        ("<=5", [5], [5.1]),
        ("> 5", [6], [5]),
        (">= 5", [5], [4]),
        ("< 3, > 10", [2, 11], [3, 10]),
        ("[1..10]", [1, 10, 5], [0, 11]),
        ("[1..10)", [1, 9.9], [10]),
        ("(1..10]", [1.1, 10], [1]),
        ("(1..10)", [2], [1, 10]),
        ("]1..10[", [2], [1, 10]),
        ("true", [True], [False, 1, "true", None]),
        ("false", [False], [True, 0, None]),
        ("null", [None], ["", 0, False]),
        ("not(null)", ["a", 0], [None]),
        ('date("2026-01-01")', ["2026-01-01", "2026-01-01T10:00:00+08:00"], ["2026-01-02", "x", None]),
        ('>= date("2026-02-01")', ["2026-02-01", "2027-01-01"], ["2026-01-31"]),
        ('[date("2026-01-01")..date("2026-03-31")]', ["2026-03-31T23:00:00+08:00"], ["2026-04-01"]),
        ("2026-01-01", ["2026-01-01"], ["2026-01-02"]),
        ('@"2026-01-01"', ["2026-01-01"], ["2026-01-02"]),
        (
            '< date and time("2026-01-01T08:00:00+08:00")',
            ["2025-12-31T23:59:59Z"], ["2026-01-01T00:00:00Z", "2026-01-01T08:00:00+08:00"],
        ),
    ],
)
def test_cells_match(cell: str, yes: list[Any], no: list[Any]) -> None:
    test = read_test(cell)
    assert [value for value in yes if not test.matches(value)] == []
    assert [value for value in no if test.matches(value)] == []


@pytest.mark.parametrize(
    "cell",
    [
        "a", "'a'", "True", "None", "= 5", "!= 5", "5 or 6", "a == 'b'", '"a" "b"', '"a",', "[1..", "[10..1]",
        '[1.."a"]', "1..10", "< true", "< null", "not()", 'not("a"', 'not(not("a"))', '"tak ditutup',
        "date(2026)", 'date("2026-13-01")', 'date("besok")', 'date and time("2026-01-01T08:00:00")',
        "__import__('os')", "contains(x, 1)", "x.y", "{}", "5 + 5", "9" * 30, "?", "<", "(1..2}", "@", "@5",
        '"a"' + ',"a"' * 300, "x" * 3000,
    ],
)
def test_other_cells_are_refused_in_words(cell: str) -> None:
    with pytest.raises(CellError) as caught:
        read_test(cell)
    assert str(caught.value)


@settings(max_examples=500)
@given(
    cell=st.one_of(
        st.text(max_size=30),
        st.lists(
            st.sampled_from(['"a"', "5", "-", "not(", ")", "[", "]", "(", "..", ",", "<", ">=", "true",
                             "null", "date(", '"2026-01-01"', "@", "2026-01-01", " ", "and time("]),
            max_size=12,
        ).map("".join),
    ),
    value=st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.lists(st.integers())),
)
def test_no_cell_does_anything_but_match_or_be_refused(cell: str, value: Any) -> None:
    try:
        assert read_test(cell).matches(value) in (True, False)
    except (CellError, KindMismatch):
        return


ROUTES = table_xml(
    ["kategori", "kewenangan"],
    ["opd", "batas"],
    [
        ['"jalan"', '"kota"', '"DPU"', "5"],
        ['"jalan"', 'not("kota")', '"PROV"', "5"],
        ['"sampah","drainase"', "-", '"DLH"', "3"],
    ],
)


def test_a_unique_table_gives_its_one_row() -> None:
    answer = ask(ROUTES, kategori="jalan", kewenangan="kota")
    assert answer.outputs == {"opd": "DPU", "batas": 5} == answer.variables
    assert (answer.rows, answer.policy) == ((1,), "UNIQUE")
    assert answer.inputs == {"kategori": "jalan", "kewenangan": "kota"}
    assert ask(ROUTES, kategori="drainase", kewenangan=None).rows == (3,)


def test_missing_data_matter_only_where_a_row_depends_on_them() -> None:
    assert ask(ROUTES, kategori="sampah").outputs["opd"] == "DLH"
    with pytest.raises(DecisionError) as caught:
        ask(ROUTES, kategori="jalan")
    assert "kewenangan" in caught.value.text


def test_no_hit_without_default_is_an_error_that_shows_the_data() -> None:
    with pytest.raises(DecisionError) as caught:
        ask(ROUTES, kategori="lampu", kewenangan="kota")
    assert "kategori = 'lampu'" in caught.value.text
    assert caught.value.names == ("kategori", "kewenangan")


def test_no_hit_takes_the_default() -> None:
    file = table_xml(["k"], ["opd"], [['"a"', '"X"']], defaults=['"KOMINFO"'])
    answer = ask(file, k="z")
    assert (answer.outputs, answer.rows) == ({"opd": "KOMINFO"}, ())


def test_two_hits_under_unique_are_an_error_that_names_the_rows() -> None:
    file = table_xml(["n"], ["x"], [["< 10", "1"], ["> 5", "2"]])
    assert ask(file, n=3).outputs == {"x": 1}
    with pytest.raises(DecisionError) as caught:
        ask(file, n=7)
    assert caught.value.rows == (1, 2)
    assert "1 dan 2" in caught.value.text
    assert "n = 7" in caught.value.text


def test_first_takes_the_first_in_the_file() -> None:
    file = table_xml(["n"], ["x"], [["> 100", "1"], ["> 5", "2"], ["-", "3"]], "FIRST")
    assert (ask(file, n=7).outputs, ask(file, n=7).rows) == ({"x": 2}, (2,))
    assert ask(file, n=None).rows == (3,)


def test_any_wants_agreement() -> None:
    file = table_xml(["n"], ["x"], [["< 10", '"a"'], ["> 5", '"a"'], ["> 8", '"b"']], "ANY")
    assert (ask(file, n=7).outputs, ask(file, n=7).rows) == ({"x": "a"}, (1, 2))
    with pytest.raises(DecisionError) as caught:
        ask(file, n=9)
    assert caught.value.rows == (1, 2, 3)


def test_priority_goes_by_the_order_of_output_values() -> None:
    rows = [["< 10", '"biasa"'], ["> 5", '"penting"'], ["> 8", '"darurat"']]
    file = table_xml(["n"], ["x"], rows, "PRIORITY", values='"darurat","penting","biasa"')
    assert [ask(file, n=n).outputs["x"] for n in (1, 7, 9)] == ["biasa", "penting", "darurat"]
    assert ask(file, n=9).rows == (3,)


def test_collect_and_rule_order_give_lists() -> None:
    rows = [["> 1", '"a"', "1"], ["> 5", '"b"', "2"], ["> 8", '"c"', "3"]]
    for policy in ("COLLECT", "RULE ORDER"):
        file = table_xml(["n"], ["opd", "bobot"], rows, policy)
        answer = ask(file, n=7)
        assert answer.outputs == [{"opd": "a", "bobot": 1}, {"opd": "b", "bobot": 2}]
        assert answer.variables == {"opd": ["a", "b"], "bobot": [1, 2]}
        assert (answer.rows, answer.policy) == ((1, 2), policy)
        assert ask(file, n=2).variables == {"opd": ["a"], "bobot": [1]}


@pytest.mark.parametrize(
    ("aggregation", "expected"), [("SUM", 6.5), ("MIN", 1), ("MAX", 3.5), ("COUNT", 3)]
)
def test_collect_aggregates(aggregation: str, expected: float) -> None:
    file = table_xml(["n"], ["x"], [["> 1", "1"], ["> 2", "2"], ["-", "3.5"]], "COLLECT", aggregation)
    assert ask(file, n=9).outputs == {"x": expected}
    assert ask(file, n=9).rows == (1, 2, 3)
    assert ask(file, n=9).policy == "COLLECT"


def test_an_empty_collection_without_default_is_an_error() -> None:
    for aggregation in ("", "COUNT", "SUM"):
        with pytest.raises(DecisionError):
            ask(table_xml(["n"], ["x"], [["> 1", "1"]], "COLLECT", aggregation), n=0)


def test_outputs_may_be_computed_and_are_checked() -> None:
    file = table_xml(["n"], [("x", "number")], [["> 1", "n * 2"], ["<= 1", "teks"]])
    assert ask(file, n=4).outputs == {"x": 8}
    with pytest.raises(DecisionError, match="seharusnya angka"):
        ask(file, n=0, teks="a")
    with pytest.raises(DecisionError, match="teks"):
        ask(file, n=0)


def test_dates_come_out_as_iso_text() -> None:
    rows = [['< "2026-02-01"', 'date("2026-02-01")'], ['>= "2026-02-01"', '"2027-01-01"']]
    file = table_xml([("masuk", "date")], [("mulai", "date")], rows)
    assert ask(file, masuk="2026-01-05").outputs == {"mulai": "2026-02-01"}
    assert ask(file, masuk="2026-02-01").outputs == {"mulai": "2027-01-01"}


def test_a_value_of_another_kind_is_an_error_not_a_miss() -> None:
    with pytest.raises(DecisionError, match="angka"):
        ask(table_xml(["n"], ["x"], [["< 5", "1"], [">= 5", "2"]]), n="4")
    with pytest.raises(DecisionError, match="angka"):
        ask(table_xml([("n", "number")], ["x"], [["4", "1"]]), n="4")


def test_input_expressions_are_the_contract_language() -> None:
    file = table_xml(["len(foto) > 0", "opd.kode"], ["x"], [["true", '"DPU"', "1"], ["false", "-", "2"]])
    assert ask(file, foto=["a"], opd={"kode": "DPU"}).outputs == {"x": 1}
    assert ask(file, foto=[]).outputs == {"x": 2}
    with pytest.raises(DecisionError):
        ask(file, foto=3)


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (table_xml(["n"], ["x"], [["-", "1"]], "OUTPUT ORDER"), "dmn-kebijakan"),
        (table_xml(["n"], ["x"], [["-", "1"]], "nonsense"), "dmn-kebijakan"),
        (table_xml(["n"], ["x"], [["-", "1"]], "FIRST", "SUM"), "dmn-kebijakan"),
        (table_xml(["n"], ["x"], [["-", "1"]], "COLLECT", "AVG"), "dmn-kebijakan"),
        (table_xml(["n"], ["x", "y"], [["-", "1", "2"]], "COLLECT", "SUM"), "dmn-kebijakan"),
        (table_xml(["n"], ["x"], [["-", '"a"']], "COLLECT", "SUM"), "dmn-jenis"),
        (table_xml(["n"], ["x"], [["-", "1"]], "PRIORITY"), "dmn-prioritas"),
        (table_xml(["n"], ["x"], [["jalan", "1"]]), "dmn-sel"),
        (table_xml(["n"], ["x"], [["-", "-"]]), "dmn-sel"),
        (table_xml(["n"], ["x"], [["-", "open('x')"]]), "dmn-sel"),
        (table_xml([("n", "number")], ["x"], [['"a"', "1"]]), "dmn-jenis"),
        (table_xml(["n"], [("x", "number")], [["-", '"a"']]), "dmn-jenis"),
        (table_xml(["n"], [("x", "integer")], [["-", "1.5"]]), "dmn-jenis"),
        (table_xml(["n"], ["x"], [["-", '"c"']], values='"a","b"'), "dmn-nilai"),
        (table_xml(["n"], ["x", "x"], [["-", "1", "2"]]), "dmn-nama-ganda"),
        (table_xml(["n"], ["__x"], [["-", "1"]]), "dmn-nama"),
        (table_xml(["n"], ["len"], [["-", "1"]]), "dmn-nama"),
        (table_xml(["n"], ["dua kata"], [["-", "1"]]), "dmn-nama"),
        (table_xml(["__import__('os')"], ["x"], [["-", "1"]]), "dmn-masukan"),
        (table_xml([""], ["x"], [["-", "1"]]), "dmn-masukan"),
        (table_xml(["n"], ["x"], [["-"]]), "dmn-baris"),
        (table_xml(["n"], ["x"], []), "dmn-kosong"),
        (File("a.dmn", b"<a/>"), "bukan-dmn"),
        (File("a.dmn", f"<definitions xmlns='{MODEL}'/>".encode()), "dmn-satu-tabel"),
        (
            File("a.dmn", f"<definitions xmlns='{MODEL}'><decision id='a'><literalExpression/></decision>"
                          "</definitions>".encode()),
            "dmn-satu-tabel",
        ),
        (
            File("a.dmn", f"<definitions xmlns='{MODEL}'><decision id='a'/><decision id='b'/></definitions>"
                          .encode()),
            "dmn-satu-tabel",
        ),
    ],
)
def test_bad_tables_are_findings(file: File, rule: str) -> None:
    assert (rule, "error") in rules_found(file)
    with pytest.raises(DecisionInvalid) as caught:
        compile_dmn(file)
    assert rule in {finding.rule for finding in caught.value.findings}
    assert all(finding.repair for finding in caught.value.findings)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"not xml", b"\x00\xff", b"<definitions", b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", b" " * (2 * 1024 * 1024 + 1),
        ROUTES.content[:-40], ROUTES.content.replace(b"<rule", b"<rule><rule"),
    ],
)
def test_files_that_are_no_xml_are_findings(content: bytes) -> None:
    findings = dmn_findings(File("x.dmn", content))
    assert findings[0].severity == "error"


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_table_never_raises(data: st.DataObject) -> None:
    content = bytearray(ROUTES.content)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    dmn_findings(File("x.dmn", bytes(content)))


def test_overlaps_under_unique_are_proven_with_an_example() -> None:
    rows = [['"a"', "[1..5]", "1"], ["-", "[5..9]", "2"], ['"b"', "[1..5)", "3"]]
    file = table_xml(["k", "n"], ["x"], rows)
    found = [f for f in dmn_findings(file) if f.rule == "dmn-tumpang-tindih"]
    assert [(f.severity, f.element) for f in found] == [("error", "rule2")]
    assert "Baris 1 dan 2" in found[0].message
    assert "k = 'a', n = 5" in found[0].message
    assert ("dmn-tumpang-tindih", "error") in rules_found(
        table_xml(["k"], ["x"], [['not("a")', "1"], ['not("b")', "2"]])
    )


def test_overlaps_under_any_matter_only_when_the_outputs_differ() -> None:
    same = table_xml(["n"], ["x"], [["< 9", "1"], ["> 3", "1"]], "ANY")
    other = table_xml(["n"], ["x"], [["< 9", "1"], ["> 3", "2"]], "ANY")
    computed = table_xml(["n"], ["x"], [["< 9", "1"], ["> 3", "n * 2"]], "ANY")
    assert "dmn-tumpang-tindih" not in {rule for rule, _ in rules_found(same)}
    assert ("dmn-tumpang-tindih", "error") in rules_found(other)
    assert ("dmn-tumpang-tindih", "warning") in rules_found(computed)


@pytest.mark.parametrize(
    ("file", "severity"),
    [
        (table_xml(["b"], ["x"], [["true", "1"]]), "error"),
        (table_xml(["b", "k"], ["x"], [["true", "-", "1"], ["false", '"a"', "2"]]), "warning"),
        (table_xml(["k"], ["x"], [['"a"', "1"]], allowed={"k": '"a","b"'}), "error"),
        (table_xml(["k"], ["x"], [['"a"', "1"]]), "warning"),
        (table_xml(["n"], ["x"], [["< 5", "1"], ["> 5", "2"]]), "error"),
        (table_xml([("n", "integer")], ["x"], [["<= 5", "1"], [">= 8", "2"]]), "error"),
        (table_xml(["n"], ["x"], [["<= 5", "1"], [">= 6", "2"]]), "warning"),
        (table_xml(["n"], ["x"], [["[0..5]", "1"]]), "warning"),
        (table_xml([("d", "date")], ["x"], [["< 2026-01-01", "1"], ["> 2026-01-01", "2"]]), "error"),
        (table_xml(["b"], ["x"], [["true", "1"]], "FIRST"), "warning"),
    ],
)
def test_gaps_are_found(file: File, severity: str) -> None:
    assert {s for rule, s in rules_found(file) if rule == "dmn-celah"} == {severity}


@pytest.mark.parametrize(
    "file",
    [
        table_xml(["b"], ["x"], [["true", "1"], ["false", "2"]]),
        table_xml([("n", "integer")], ["x"], [["<= 5", "1"], [">= 6", "2"]]),
        table_xml(["k", "n"], ["x"], [['"a"', "< 5", "1"], ['"a"', ">= 5", "2"], ['not("a")', "-", "3"]]),
        table_xml(["k"], ["x"], [['"a"', "1"]], defaults=["0"]),
        table_xml(["k"], ["x"], [['"a"', "1"], ['"b"', "2"]], allowed={"k": '"a","b"'}),
        table_xml([("d", "date")], ["x"], [["<= 2026-01-01", "1"], [">= 2026-01-02", "2"]]),
    ],
)
def test_complete_tables_have_no_findings(file: File) -> None:
    assert dmn_findings(file) == ()


def test_the_ends_of_time_and_number_are_no_trap() -> None:
    for cell in ('date and time("9999-12-31T23:59:59Z")', 'date and time("0001-01-01T00:00:00+14:00")',
                 'date("9999-12-31")', 'date("0001-01-01")', "9007199254740991"):
        assert dmn_findings(table_xml(["n"], ["x"], [[f"< {cell}", "1"], [f"> {cell}", "2"]]))


def test_unquoted_text_in_an_output_is_pointed_at() -> None:
    assert ("dmn-tanpa-kutip", "warning") in rules_found(table_xml(["n"], ["x"], [["-", "DPU"]]))


def test_large_tables_are_checked_in_bounded_time() -> None:
    rows = [[f'"{n}"', f"[{n}..{n + 1})", '"a","b"', f"{n}"] for n in range(290)]
    wide = [[f'"{(n * c) % 7}"' if (n + c) % 3 else "-" for c in range(12)] + ["1"] for n in range(200)]
    assert effort(lambda: dmn_findings(table_xml(["k", "n", "m"], ["x"], rows)), rounds=1) < 250
    several = table_xml([f"v{c}" for c in range(12)], ["x"], wide)
    assert effort(lambda: dmn_findings(several), rounds=1) < 250


CELLS = st.sampled_from(
    ["-", '"a"', '"b"', '"a","b"', 'not("a")', "< 5", ">= 5", "[2..5]", "(5..9)", "3", "true"]
)


@settings(max_examples=200)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5),
    one=st.sampled_from(["a", "b", "c", 1, 3, 5, 7, 20, True, False]),
    two=st.sampled_from(["a", "b", "c", 1, 3, 5, 7, 20, True, False]),
)
def test_a_table_without_proven_overlap_never_meets_two_hits(rows: Any, one: Any, two: Any) -> None:
    file = table_xml(["p", "q"], ["x"], [[*row, str(n)] for n, row in enumerate(rows)])
    findings = dmn_findings(file)
    try:
        ask(file, p=one, q=two)
    except DecisionError as error:
        if len(error.rows) > 1:
            assert {f.rule for f in findings} & {"dmn-tumpang-tindih", "dmn-tidak-diperiksa"}
    else:
        return
