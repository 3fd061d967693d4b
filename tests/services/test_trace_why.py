"""Why a table answered as it did, in sentences that name things as people do."""

from app.engine.decisions import compile_dmn, decide
from app.services.trace_why import why_of
from tests.engine.test_decisions import table_xml

ROWS = [
    ['"jalan"', "< 5", '"DPU"'],
    ['"jalan"', "-", '"BPBD"'],
    ['"sampah_liar","air"', "-", '"DLH"'],
    ["-", "[1..3]", '"PDAM"'],
]
NAMES = {"jalan": "Jalan dan jembatan", "DPU": "Dinas Pekerjaan Umum"}


def told(given, rows=ROWS, policy="FIRST"):
    table = compile_dmn(table_xml(["Kategori", ("Lama", "number")], ["Unit"], rows, policy))
    decision = decide(table, given, {})
    made = {"tabel": table.key, "baris": list(decision.rows), "masukan": decision.inputs}
    return why_of(table, made, NAMES)


def test_the_row_that_fits_names_what_it_looked_at():
    said = told({"Kategori": "jalan", "Lama": 2}).said
    assert said[0] == "Baris 1 cocok: Kategori = Jalan dan jembatan; Lama = 2 (< 5)."
    assert said[1] == "Baris 2, 4 juga cocok, tetapi kalah menurut urutan baris."


def test_the_nearest_row_says_what_is_otherwise_there():
    said = told({"Kategori": "jalan", "Lama": 9}).said
    assert said[0] == "Baris 2 cocok: Kategori = Jalan dan jembatan."
    assert said[-1] == "Baris terdekat yang tidak cocok: 1. Di sana Lama < 5; di sini 9."


def test_codes_without_a_name_are_read_as_words_and_kept_as_codes():
    why = told({"Kategori": "sampah_liar", "Lama": 9})
    assert why.said[0] == "Baris 3 cocok: Kategori = sampah liar (sampah liar, air)."
    assert why.asked == (("Kategori", "sampah liar"), ("Lama", "9"))
    assert why.codes == {"DLH"}


def test_a_row_for_anything_and_no_row_at_all_are_told_as_what_they_are():
    assert told({"Kategori": "x", "Lama": 1}, [["-", "-", '"DPU"']]).said == (
        "Baris 1 cocok: berlaku untuk apa pun.",
    )
