"""The editor's panel reads our expression language in the browser: what it writes back must say the same to
the engine, letter for letter where nobody changed anything; what it cannot show stays as it was typed."""

from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.engine.expressions import ExpressionError, parse

ROOT = Path(__file__).resolve().parents[2]
PANEL = ROOT / "frontend" / "studio" / "panel"
READER = """
import { parse, write, tryParse, renameIn } from "%(panel)s/expression.js";
import { readCondition, writeCondition, sentence } from "%(panel)s/conditions.js";
import { readTime, writeTime, timeWords, placeOf } from "%(panel)s/duration.js";
import { nameFrom } from "%(panel)s/naming.js";
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync(0, "utf8"));
const said = (text) => {
  try { return sentence(text, (name) => given.data?.[name]); } catch (fault) { return `! ${fault.message}`; }
};
console.log(JSON.stringify(given.texts.map((text) => {
  const tree = tryParse(text), rows = readCondition(text), time = readTime(text);
  return { text, written: tree && write(tree), rows: rows && writeCondition(rows), said: said(text),
    time: writeTime(time), timeKind: time.kind, timeWords: timeWords(time), place: placeOf(time),
    renamed: tree && renameIn(text, "a", "zz"), name: nameFrom(text) };
})));
"""
TRICKY = (
    "a == 'b' or rahasia",
    "not a",
    "not (a and b)",
    "(a or b) and c > -3",
    "a and (b or c)",
    "a and (b or (c and d))",
    "len(foto) >= 2",
    "'x' in pilihan",
    "a not in ['x', 'y',]",
    "1 < a <= 3",
    "a - (b - c)",
    "(a - b) - c",
    "a * (b + c) % 2",
    "-a + +b",
    "not a == b",
    "(not a) == b",
    "x if a else y if b else z",
    "(x if a else y) if b else z",
    "a.b['c'].d == None",
    "{'k': a, \"l\": [1, 2.5, .5, 1e3]}",
    r"a == 'it\'s' or a == \"di\\n\"".replace('\\"', '"'),
    "min(a, b, max(1, 2))",
    "sekarang() > a",
    "hari(batas_total) if satuan_total == 'hari' else hari_kerja(batas_total)",
    "a\n  and b",
    "a == (b == c)",
    "'ünïcode … “”' == a",
    "a in b in c",
    "hari_kerja(a)",
    "tenggat(80)",
    "[a, b][0]",
)
REFUSED = (
    "a &&b",
    "${a}",
    "a = b",
    "f(a)",
    "hari_kerja",
    "hari_kerja()",
    "a is b",
    "true",
    "'a",
    "a b",
    "a ==",
    "(a",
    "",
    "a[1",
    "x.1",
)


def read(texts: list[str], data: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """What the browser's reader makes of each text."""
    answer = subprocess.run(
        ["node", "--input-type=module", "-e", READER % {"panel": PANEL.as_uri()}],
        input=json.dumps({"texts": texts, "data": data or {}}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    found: list[dict[str, Any]] = json.loads(answer.stdout)
    return found


def meaning(text: str) -> str:
    return ast.dump(parse(text).tree)


def shipped() -> list[str]:
    """Every expression of the SOPs a new city starts with."""
    found: set[str] = set()
    for path in (ROOT / "bpmn").glob("*.bpmn"):
        for part in etree.parse(path).getroot().iter():
            name = etree.QName(part).localname
            if name in (
                "conditionExpression",
                "timeDate",
                "timeDuration",
                "timeCycle",
                "completionCondition",
            ):
                found.add(part.text or "")
            if name in ("field", "task", "process"):
                found |= {
                    part.get(one, "")
                    for one in ("visibleWhen", "requiredWhen", "default", "deadline", "total")
                }
            if name == "parameter":
                found.add(part.get("value", ""))
    return sorted(text for text in found if text.strip() and is_expression(text))


def is_expression(text: str) -> bool:
    try:
        parse(text)
    except ExpressionError:
        return False
    return True


def test_every_shipped_expression_is_read_and_means_the_same_when_written_again() -> None:
    texts = shipped()
    assert len(texts) > 80
    for one in read(texts):
        assert one["written"] is not None, one["text"]
        assert meaning(one["written"]) == meaning(one["text"])
        assert not one["said"].startswith("!"), one


def test_brackets_and_quotes_survive() -> None:
    for one in read(list(TRICKY)):
        assert one["written"] is not None, one["text"]
        assert meaning(one["written"]) == meaning(one["text"]), one
        if one["rows"] is not None:
            assert meaning(one["rows"]) == meaning(one["text"]), one


def test_what_the_engine_refuses_is_refused_while_typing() -> None:
    for one in read(list(REFUSED)):
        assert not is_expression(one["text"])
        assert one["written"] is None, one
        assert one["said"].startswith("! "), one


def test_every_condition_of_the_shipped_sops_can_be_picked() -> None:
    conditions = [
        text
        for text in shipped()
        if any(sign in text for sign in ("==", "!=", "<", ">", " in ", "not ", " and "))
        and "{" not in text
        and " if " not in text
    ]
    assert len(conditions) > 40
    for one in read(conditions):
        assert one["rows"] is not None, one["text"]
        assert meaning(one["rows"]) == meaning(one["text"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hasil == 'bukan_wewenang'", "Hasil adalah “Bukan wewenang kami”"),
        (
            "hasil == 'selesai' and len(foto) < 2 or rahasia",
            "(Hasil adalah “Selesai” dan jumlah foto kurang dari 2) atau rahasia: ya",
        ),
        ("hasil in ['selesai', 'lain']", "Hasil salah satu dari “Selesai”, “lain”"),
        ("not putusan_final", "putusan_final: tidak"),
        ("'jalan' not in topik", "topik tidak memuat “jalan”"),
        ("jumlah >= 2.5", "jumlah paling sedikit 2,5"),
        (
            "opd_usulan if opd_usulan != None else opd_rute",
            "opd_usulan bila opd_usulan terisi, selain itu opd_rute",
        ),
    ],
)
def test_a_condition_is_told_as_a_sentence(text: str, sentence: str) -> None:
    data = {
        "hasil": {
            "label": "Hasil",
            "values": [
                {"value": "bukan_wewenang", "label": "Bukan wewenang kami"},
                {"value": "selesai", "label": "Selesai"},
            ],
        }
    }
    assert read([text], data)[0]["said"] == sentence


@pytest.mark.parametrize(
    ("text", "kind", "place", "words"),
    [
        ("hari_kerja(5)", "hari_kerja", "timeDate", "5 hari kerja"),
        ("jam_kerja(batas)", "jam_kerja", "timeDate", "jam kerja sebanyak “batas”"),
        ("tenggat(80)", "tenggat", "timeDate", "saat 80 % dari batas waktu terpakai"),
        ("'P7D'", "durasi", "timeDuration", "7 hari"),
        ("'PT30M'", "durasi", "timeDuration", "30 menit"),
        ("'R4/P7D'", "putaran", "timeCycle", "setiap 7 hari, 4 kali"),
        ("'2026-03-31T16:00:00+08:00'", "saat", "timeDate", "pada 2026-03-31T16:00:00+08:00"),
        ("hari(batas_total) if satuan == 'hari' else hari_kerja(3)", "rumus", "timeDate", None),
        ("'P1Y2M'", "rumus", "timeDate", None),
        ("hari_kerja(n + 1)", "rumus", "timeDate", None),
    ],
)
def test_a_time_is_picked_and_written_as_it_was(text: str, kind: str, place: str, words: str | None) -> None:
    one = read([text])[0]
    assert (one["timeKind"], one["place"], one["time"]) == (kind, place, text)
    assert words is None or one["timeWords"] == words


def test_a_name_is_changed_where_it_is_data_and_nowhere_else() -> None:
    one = read(["a == 'a' and b.a > len(a) and aa and {'a': a}['a']"])[0]
    assert one["renamed"] == "zz == 'a' and b.a > len(zz) and aa and {'a': zz}['a']"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Foto sesudah", "foto_sesudah"),
        ("  Berapa lama (hari)? ", "berapa_lama_hari"),
        ("Façade & Élan 2", "facade_elan_2"),
        ("2 foto", "foto"),
        ("!!!", "isian"),
        ("Hari", "hari_isian"),
        (
            "Apakah pekerjaan ini sudah dilakukan sesuai dengan standar",
            "apakah_pekerjaan_ini_sudah_dilakukan",
        ),
    ],
)
def test_a_label_makes_a_name_the_engine_takes(label: str, name: str) -> None:
    assert read([label])[0]["name"] == name
    assert parse(name).names == {name}
