"""The language of diagrams says what the contract says, and nothing a hostile diagram would like."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.expressions import (
    FUNCTIONS,
    EvaluationError,
    ExpressionError,
    evaluate,
    parse,
    parse_script,
    run_script,
)
from app.engine.functions import PLAIN_FUNCTIONS
from tests.effort import effort

CALLABLE = PLAIN_FUNCTIONS | {"hari": lambda n: f"hari {n}"}
DATA = {
    "hasil": "selesai", "jumlah": 3, "rasio": 0.5, "kosong": None, "ya": True,
    "opd": {"kode": "DPU", "kepala": {"nama": "A"}}, "daftar": ["a", "b"], "batas": 5,
    "diterima": "2026-03-17T10:05:00+08:00",
}


def value_of(text: str, **more: object) -> object:
    return evaluate(parse(text), DATA | more, CALLABLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hasil == 'selesai'", True),
        ("hasil != 'selesai'", False),
        ("jumlah + 2 * 3 - 1", 8),
        ("jumlah / 2", 1.5),
        ("jumlah % 2", 1),
        ("-jumlah", -3),
        ("1 < jumlah <= 3 < 10", True),
        ("hasil in ['selesai', 'ditolak']", True),
        ("'x' not in daftar", True),
        ("'kode' in opd", True),
        ("'les' in hasil", True),
        ("opd.kode", "DPU"),
        ("opd['kepala'].nama", "A"),
        ("daftar[1]", "b"),
        ("{'a': [1, jumlah]}", {"a": [1, 3]}),
        ("'banyak' if jumlah > 2 else 'sedikit'", "banyak"),
        ("ya and hasil == 'selesai'", True),
        ("not ya or kosong == None", True),
        ("jumlah == 'tiga'", False),
        ("kosong != 3", True),
        ("'a' + 'b'", "ab"),
        ("daftar + ['c']", ["a", "b", "c"]),
        ("hari(batas)", "hari 5"),
        ("len(daftar) >= 2", True),
        ("diterima < '2026-03-18T00:00:00+08:00'", True),
        ("ya\n  and jumlah == 3  # dua baris", True),
        ("'P3D'", "P3D"),
        (r"'baris\nbaru'", "baris\nbaru"),
        (r"'a\\d'", r"a\d"),
    ],
)
def test_the_contract_language_has_these_values(text: str, expected: object) -> None:
    assert value_of(text) == expected


def test_what_is_not_needed_is_not_evaluated() -> None:
    assert value_of("jumlah > 1 or tidak_ada == 2") is True
    assert value_of("jumlah > 9 and tidak_ada == 2") is False
    assert value_of("1 if ya else tidak_ada") == 1


def test_names_and_functions_are_known_before_running() -> None:
    expression = parse("opd.kode == kategori and hari_kerja(batas) > sekarang()")
    assert expression.names == {"opd", "kategori", "batas"}
    assert expression.functions == {"hari_kerja", "sekarang"}


HOSTILE = [
    "__import__('os').system('id')",
    "().__class__.__bases__[0].__subclasses__()",
    "''.__class__",
    "opd.__class__",
    "opd['__class__']",
    "{'__proto__': 1}",
    "typename",
    "opd.typename",
    "{'typename': 'x'}",
    "__builtins__",
    "open('/etc/passwd')",
    "eval('1')",
    "exec('x=1')",
    "getattr(opd, 'kode')",
    "hasil.upper()",
    "'{}'.format(1)",
    "f'{hasil}'",
    "f'{1:>999999999}'",
    "lambda: 1",
    "(lambda x: x)(1)",
    "[x for x in daftar]",
    "{x: 1 for x in daftar}",
    "(x for x in daftar)",
    "{1, 2}",
    "(1, 2)",
    "1, 2",
    "x := 5",
    "(x := 5)",
    "9**9**9",
    "1 << 99",
    "7 // 2",
    "daftar @ daftar",
    "~1",
    "hasil is None",
    "daftar[0:1]",
    "[*daftar]",
    "{**opd}",
    "len(*daftar)",
    "len(obj=daftar)",
    "len(1, 2)",
    "hari_kerja()",
    "len",
    "await x",
    "yield 1",
    "...",
    "1j",
    "b'x'",
    "1e999",
    "9" * 40,
    "9" * 4000,
    "'a' * " + "9" * 20,
    "import os",
    "x = 1",
    "a; b",
    "print(1)",
    "P3D + )",
    "'\\x00'",
    "'\\N{DEGREE SIGN}'",
    "\x00",
    "'\ud800'",
    "",
    "   ",
    "(" * 300 + "1" + ")" * 300,
    "-" * 3000 + "1",
    "not " * 900 + "x",
    "[" * 90 + "]" * 90,
    "x" + ".a" * 500,
    "1" + "+1" * 1900,
    "a" * 100_000,
    "${hasil == 'x'}",
    "a && b",
    "true",
    "nilaí",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_not_the_language_is_refused_when_read(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "hasil * 1000000000",
        "daftar * 1000000000",
        "hasil % 5",
        "'%099999d' % 1",
        "9007199254740991 * 9007199254740991",
        "9007199254740991 + 1",
        "raksasa * raksasa * 0",
        "round(raksasa)",
        "1 / 0",
        "1 % 0",
        "hasil.format",
        "(1).real",
        "tidak_ada",
        "opd.tidak_ada",
        "opd['a' + 'b']",
        "opd['__' + 'class__']",
        "{'__' + 'class__': 1}",
        "{1: 2}",
        "daftar[9]",
        "daftar['a']",
        "daftar[ya]",
        "hasil[0]",
        "kosong.a",
        "jumlah.real",
        "hasil < 3",
        "kosong < 3",
        "ya < 2",
        "daftar < ['z']",
        "ya + 1",
        "'a' + 1",
        "-hasil",
        "3 in 5",
        "3 in hasil",
        "'a' in kosong",
        "upper(hari(1)) + min(1)",
        "objek",
        "objek.a",
        "besar",
        "tak_hingga",
    ],
)
def test_what_has_no_value_is_said_in_words(text: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(text, objek=object(), besar=10**400, raksasa=1e300, tak_hingga=float("inf"))
    assert caught.value.text


def test_a_missing_name_is_named() -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of("hasil == 'x' or kewenangan == 'kota'")
    assert caught.value.missing == "kewenangan"
    assert "kewenangan" in caught.value.text


@pytest.mark.parametrize(
    "line",
    ["x = [x, x]", "x = x + x", "x = {'a': x, 'b': x}", "x = [x]", "x = [[x, x], [x, x], [x, x]]"],
)
def test_growing_values_are_stopped_early(line: str) -> None:
    def grow() -> None:
        for start in (["a"], "a" * 50):
            with pytest.raises((EvaluationError, ExpressionError)):
                run_script(parse_script("\n".join([line] * 150)), {"x": start}, {})

    assert effort(grow) < 100


def test_a_value_shared_a_billion_times_is_never_compared_or_written() -> None:
    shared: object = "x"
    for _ in range(30):
        shared = [shared, shared]

    def look() -> None:
        for text in ("s", "s == s2", "[s]", "'x' in s", "len(s)", "{'a': s}", "s + s"):
            with pytest.raises(EvaluationError):
                evaluate(parse(text), {"s": shared, "s2": [shared]}, CALLABLE)

    assert effort(look) < 50


def test_a_script_assigns_all_its_lines() -> None:
    script = parse_script("# rute\na = jumlah + 1\n\nb = [a, hasil]\nhasil = 'baru'\n")
    assert script.names == {"jumlah", "hasil"}
    assert script.sets == {"a", "b", "hasil"}
    assert run_script(script, DATA, {}) == {"a": 4, "b": [4, "selesai"], "hasil": "baru"}


def test_a_script_that_fails_assigns_nothing() -> None:
    data = {"a": 1}
    with pytest.raises(EvaluationError) as caught:
        run_script(parse_script("a = 2\nb = tidak_ada"), data, {})
    assert data == {"a": 1}
    assert "b" in caught.value.text
    assert caught.value.missing == "tidak_ada"


@pytest.mark.parametrize(
    "text",
    [
        "import os", "a += 1", "a.b = 1", "a['x'] = 1", "a == 1", "a, b = 1, 2", "__x = 1", "typename = 1",
        "len = 1", "a = 1; b = 2", "a =", "for x in y: z", "del a", "None = 1 = 2", "a = b = 1",
        "x = 1\n" * 201,
    ],
)
def test_only_assignments_are_script_lines(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_script(text)


def test_the_line_of_a_script_fault_is_named() -> None:
    with pytest.raises(ExpressionError, match="Baris 3"):
        parse_script("a = 1\n\nb = )")


SNIPPETS = st.sampled_from(
    [
        *FUNCTIONS, "hasil", "jumlah", "opd", "daftar", "kosong", "x", ".", "(", ")", "[", "]", "{", "}", ",",
        ":", "'", '"', "'a'", "1", "2.5", "1e308", "9007199254740991", "+", "-", "*", "/", "%", "**", "==",
        "!=", "<", "<=", ">", ">=", " in ", " not in ", " and ", " or ", "not ", " if ", " else ", " is ",
        "True", "False", "None", "\\", "\n", "#", "@", "=", ":=", "lambda ", "for ", "f'", "__class__", " ",
        "\t", "\x00", "é", "0x", "1_0", "0o7", "01", "1or",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(SNIPPETS, max_size=25).map("".join))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=800)
@given(text=TEXTS, x=VALUES)
def test_no_text_does_anything_but_have_a_value_or_be_refused(text: str, x: object) -> None:
    try:
        value = value_of(text, x=x)
    except (ExpressionError, EvaluationError):
        return
    json.dumps(value, allow_nan=False)


OPERANDS = st.sampled_from(
    ["hasil", "jumlah", "rasio", "kosong", "ya", "opd", "daftar", "x", "1", "0", "'a'", "[]"]
)
OPERATORS = st.sampled_from(
    ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
)
TREES = st.recursive(
    OPERANDS,
    lambda inner: st.one_of(
        st.tuples(inner, OPERATORS, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"(not {t})"),
        inner.map(lambda t: f"(-{t})"),
        inner.map(lambda t: f"[{t}, {t}]"),
        inner.map(lambda t: f"{{'k': {t}}}['k']"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
    ),
    max_leaves=20,
)


@settings(max_examples=800)
@given(text=TREES, x=VALUES)
def test_every_well_formed_tree_has_a_json_value_or_words(text: str, x: object) -> None:
    try:
        value = value_of(text, x=x)
    except (ExpressionError, EvaluationError):
        return
    json.dumps(value, allow_nan=False)
