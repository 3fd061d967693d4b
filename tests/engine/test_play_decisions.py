"""Why a table answered as it did: the row that hit, rows that lost, and the one that came nearest."""

import pytest

from app.engine.decisions import compile_dmn, decide
from app.engine.play_decisions import explained
from app.engine.step import DecisionTrace
from tests.engine.test_decisions import table_xml

ROWS = [['"jalan"', "< 5", '"DPU"'], ['"jalan"', "-", '"BPBD"'], ['"sampah"', "-", '"DLH"'],
        ['"air"', "[1..3]", '"PDAM"']]


def asked(given, policy="FIRST", rows=ROWS, defaults=None):
    table = compile_dmn(table_xml(["topik", ("lama", "number")], ["unit"], rows, policy, defaults=defaults))
    decision = decide(table, given, {})
    trace = DecisionTrace(
        "tugas", table.key, decision.policy, decision.inputs, decision.rows, decision.outputs
    )
    return explained(table, trace)


def test_the_row_that_hit_is_told_with_its_values_and_the_one_that_lost_by_order():
    told = asked({"topik": "jalan", "lama": 2})
    assert told["hit"] == [1]
    assert told["why"][0] == "Baris 1 cocok: topik 'jalan' sesuai \"jalan\"; lama 2 sesuai < 5."
    assert "Baris 2 juga cocok, tetapi kalah menurut urutan baris." in told["why"]


def test_the_nearest_row_says_what_was_in_its_way():
    told = asked({"topik": "air", "lama": 9}, rows=[*ROWS, ["-", "-", '"UMUM"']])
    assert told["hit"] == [5]
    assert told["why"][-1] == (
        "Yang paling dekat tetapi tidak cocok: baris 4, karena lama harus [1..3], sedangkan isinya 9."
    )
    assert [ok for _text, ok in told["rows"][3]["cells"]] == [True, False]


def test_a_row_for_anything_and_the_default_are_told_as_what_they_are():
    assert asked({"topik": "lain", "lama": 1}, rows=[["-", "-", '"UMUM"']])["why"] == [
        "Baris 1 cocok: berlaku untuk apa pun."
    ]
    told = asked({"topik": "lain", "lama": 1}, defaults=['"KOMINFO"'])
    assert told["default"]
    assert told["why"][0] == "Tidak ada baris yang cocok; nilai bawaan tabel dipakai."


@pytest.mark.parametrize("policy", ["COLLECT", "RULE ORDER"])
def test_several_answers_are_all_told(policy):
    told = asked({"topik": "jalan", "lama": 2}, policy)
    assert told["hit"] == [1, 2]
    assert told["outputs"] == [["unit", "'DPU', 'BPBD'"]]
    assert not any("kalah" in words for words in told["why"])
