"""The printed SOP says what runs: rows, order, numbers, times and arrows read off the diagram."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.engine.compiled import Source
from app.engine.diagram import ACTIVITIES
from app.engine.document import NothingToPrint, Part, SopDocument, sop_document
from app.engine.survey import take_stock
from tests.engine.diagrams import begin, boundary, bpmn, end, flow, flows, gateway, script, sub, timer, user

BPMN = Path(__file__).parents[2] / "bpmn"
SHIPPED = sorted(path.stem for path in BPMN.glob("*.bpmn"))


def shipped(key: str) -> list[Source]:
    tables = sorted(path.name for path in BPMN.glob("*.dmn"))
    return [Source(name, (BPMN / name).read_bytes()) for name in (f"{key}.bpmn", *tables)]


def document(*body: str, key: str = "sop", total: str = "", more: tuple[Source, ...] = ()) -> SopDocument:
    return sop_document([Source("a.bpmn", bpmn("".join(body), key=key, total=total).encode()), *more], key)


def rows(*body: str) -> Part:
    return document(*body).parts[0]


def names(part: Part) -> list[str]:
    return [f"{row.number} {row.activity}" for row in part.rows]


def arrows(part: Part) -> set[tuple[str, str, str]]:
    """(from, to, words on it), by printed number."""
    return {(part.rows[way.source].number, part.rows[way.target].number, way.label) for way in part.ways}


def test_a_plain_sop_is_a_row_for_its_start_and_each_step_with_the_end_below_the_last() -> None:
    part = rows(begin(), user("a", deadline="hari_kerja(5)"), user("b"), end(), flows("s a", "a b", "b e"))
    assert names(part) == ["1 Mulai", "2 Tugas a", "3 Tugas b"]
    assert [row.symbols for row in part.rows] == [("capsule",), ("box",), ("box", "capsule")]
    assert part.rows[1].time == "5 hari kerja"
    assert arrows(part) == {("1", "2", ""), ("2", "3", "")}


@pytest.mark.parametrize(("deadline", "words"), [
    ("hari_kerja(5)", "5 hari kerja"), ("jam_kerja(4)", "4 jam kerja"), ("hari(2)", "2 hari"),
    ("jam(1)", "1 jam"), ("'P3D'", "3 hari"), ("hari_kerja(2 + 3)", "5 hari kerja"),
    ("hari_kerja(2.5)", "2,5 hari kerja"), ("'2026-05-04T08:00:00+08:00'", "4 Mei 2026"),
])  # fmt: skip
def test_the_time_printed_is_the_expression_that_runs(deadline: str, words: str) -> None:
    part = rows(begin(), user("a", deadline=deadline), end(), flows("s a", "a e"))
    assert part.rows[1].time == words


def test_a_time_from_a_table_names_its_annex_and_only_the_rows_for_this_sop() -> None:
    """`permintaan_informasi` is verified in 1 working day, every `pengaduan` in 3: each prints its own."""
    def time_of(key: str, element: str) -> str:
        part = sop_document(shipped(key), key).parts[0]
        return next(row.time for row in part.rows if element in row.elements)

    assert time_of("pengaduan", "verifikasi") == "3 hari kerja (Lampiran 1)"
    assert time_of("permintaan_informasi", "verifikasi") == "1 hari kerja (Lampiran 1)"
    assert time_of("pengaduan", "tindak_lanjut") == "2–30 hari kerja (Lampiran 1)"


def test_the_total_is_the_clock_that_runs() -> None:
    assert sop_document(shipped("pengaduan"), "pengaduan").parts[0].total == (
        "5–14 hari kerja atau 60 hari (Lampiran 1)")


def test_without_a_total_clock_the_longest_way_counts() -> None:
    part = rows(begin(), user("a", "x", deadline="hari_kerja(2)"), gateway("exclusive", "g", default="g_c"),
                user("b", deadline="hari_kerja(5)"), user("c", deadline="hari_kerja(1)"), end(), end("f"),
                flows("s a", "a g", "g b: x == 1", "g c", "b e", "c f"))
    assert part.total == "paling lama 7 hari kerja"


def test_a_decision_is_a_diamond_with_the_words_of_its_ways_and_a_merge_vanishes() -> None:
    part = rows(begin(), user("a", "x"), gateway("exclusive", "g", default="g_m"), user("b"),
                gateway("exclusive", "m"), user("c"), end(),
                flows("s a", "a g", "b m", "m c", "c e"),
                flow("g_b", "g", "b", "x == 1").replace(">", ' name="Ya">', 1),
                flow("g_m", "g", "m").replace(">", ' name="Tidak">', 1))
    assert [row.symbols for row in part.rows] == [
        ("capsule",), ("box", "diamond"), ("box", "capsule"), ("box",)]
    assert arrows(part) == {("1", "2", ""), ("2", "4", "Ya"), ("2", "3", "Tidak"), ("4", "3", "")}


def test_the_good_way_comes_first_and_what_is_refused_after_it() -> None:
    part = rows(begin(), user("a", "x"), gateway("exclusive", "g", default="g_n"), user("n"), user("y"),
                end("f", "ditolak"), end("e", "selesai"),
                flows("s a", "a g", "g y: x == 1", "g n", "n f", "y e"))
    assert [row.activity for row in part.rows][1:] == ["Tugas a", "Tugas y", "Tugas n"]


def test_work_at_the_same_time_shares_a_number() -> None:
    part = rows(begin(), user("a"), gateway("parallel", "p", "j"), user("b"), user("c"), user("d"), end(),
                flows("s a", "a p", "p b", "p c", "b j", "c j", "j d", "d e"))
    assert names(part)[1:] == ["2 Tugas a", "3a Tugas b", "3b Tugas c", "4 Tugas d"]
    assert part.rows[2].notes == ("Bersamaan dengan langkah 3b.",)
    assert {("2", "3a", ""), ("2", "3b", ""), ("3a", "4", ""), ("3b", "4", "")} <= arrows(part)


def test_a_timer_on_a_step_opens_a_row_that_says_when() -> None:
    part = rows(begin(), user("a", deadline="hari_kerja(3)"),
                boundary("t", "a", timer("tenggat(100)"), interrupting=False),
                boundary("u", "a", timer("hari_kerja(10)")), user("b"), user("c"), end(), end("f", "cabang"),
                end("h", "diarsipkan"), flows("s a", "a e", "t b", "u c", "b f", "c h"))
    notes = {row.activity: row.notes for row in part.rows}
    assert notes["Tugas b"] == ("Bila langkah 2 lewat 100 % dari batas waktu; langkah 2 tetap berjalan.",)
    assert notes["Tugas c"] == ("Bila langkah 2 lewat 10 hari kerja; langkah 2 dihentikan.",)


def test_a_sub_process_is_drawn_out_and_its_ends_lead_on() -> None:
    inner = begin("si") + user("b") + end("ei", "cabang") + flows("si b", "b ei")
    part = rows(begin(), user("a"), sub("kotak", inner), user("c"), end(),
                flows("s a", "a kotak", "kotak c", "c e"))
    assert [row.activity for row in part.rows][1:] == ["Tugas a", "Tugas b", "Tugas c"]
    assert {("2", "3", ""), ("3", "4", "")} <= arrows(part)


def test_a_loop_is_numbered_once_and_leads_back() -> None:
    part = rows(begin(), user("a"), user("b", "x"), gateway("exclusive", "g", default="g_e"), end(),
                flows("s a", "a b", "b g", "g a: x == 1", "g e"))
    assert names(part) == ["1 Mulai", "2 Tugas a", "3 Tugas b", "4 Selesai"]
    back = [way for way in part.ways if way.target <= way.source]
    assert [(part.rows[way.source].activity, part.rows[way.target].activity) for way in back] == [
        ("Tugas b", "Tugas a")]


def test_a_called_sop_has_a_table_of_its_own_and_is_named_as_related() -> None:
    files = Path(__file__).parents[1] / "files"
    printed = sop_document([Source(name, (files / name).read_bytes()) for name in ("induk.bpmn", "uji.bpmn")],
                           "induk")
    assert [part.key for part in printed.parts] == ["induk", "uji"]
    calling = next(row for row in printed.parts[0].rows if "b" in row.elements)
    called = printed.parts[1].name
    assert calling.symbols[0] == "box"
    assert f"Lihat SOP {called}." in calling.notes
    assert f"SOP {called}" in printed.identity["related"]


def test_an_event_on_a_whole_sub_process_begins_a_way_of_its_own() -> None:
    inner = begin("si") + user("b") + end("ei", "cabang") + flows("si b", "b ei")
    message = '<bpmn:messageEventDefinition messageRef="m"/>'
    text = bpmn("".join((
        begin(), sub("kotak", inner), boundary("tarik", "kotak", message), user("c"), user("d"), end(),
        end("f", "dibatalkan"), flows("s kotak", "kotak c", "c e", "tarik d", "d f"))),
        extra='<bpmn:message id="m" name="penarikan"/>')
    part = sop_document([Source("a.bpmn", text.encode())], "sop").parts[0]
    opening = next(row for row in part.rows if "tarik" in row.elements)
    assert opening.symbols[0] == "capsule"
    assert opening.notes == (
        "Bila “penarikan” diterima sewaktu-waktu selama langkah 2; langkah yang berjalan dihentikan.",)


def test_an_unfinished_draft_is_printed_as_far_as_it_goes() -> None:
    part = rows(begin(), user("a"), flows("s a", "a nowhere"), script("lepas", "x = 1"))
    assert "Tugas a" in [row.activity for row in part.rows]


def test_without_a_process_there_is_nothing_to_print() -> None:
    with pytest.raises(NothingToPrint):
        sop_document([Source("a.bpmn", b"<x/>")], "sop")


@pytest.mark.parametrize("key", SHIPPED)
def test_every_step_of_a_shipped_sop_is_printed_once_and_can_be_reached(key: str) -> None:
    part = sop_document(shipped(key), key).parts[0]
    process = take_stock(shipped(key)).processes[key]
    printed = Counter(name for row in part.rows for name in row.elements)
    steps = {node.id for node in process.nodes.values()
             if node.kind in ACTIVITIES and node.kind != "subProcess"}
    assert {name: printed[name] for name in steps} == dict.fromkeys(steps, 1)
    openings = {place for place, row in enumerate(part.rows)
                if row.symbols[0] == "capsule" and not any(way.target == place for way in part.ways)}
    reached, ahead = set(openings), list(openings)
    while ahead:
        here = ahead.pop()
        for way in part.out(here):
            if way.target not in reached:
                reached.add(way.target)
                ahead.append(way.target)
    assert reached == set(range(len(part.rows)))
    assert all(row.is_end == (not part.out(place)) for place, row in enumerate(part.rows))
    assert all(row.symbols[-1] == "capsule" for row in part.rows if row.is_end)
    for place, row in enumerate(part.rows):
        if "diamond" in row.symbols:
            words = [way.label for way in part.out(place) if way.kind == "flow"]
            assert len(words) > 1, row.activity
            assert all(words), row.activity


@pytest.mark.parametrize("key", SHIPPED)
def test_the_columns_are_the_lanes_in_their_order(key: str) -> None:
    part = sop_document(shipped(key), key).parts[0]
    process = take_stock(shipped(key)).processes[key]
    order = [lane.name for lane in process.lanes if lane.name in part.lanes]
    assert list(part.lanes) == list(dict.fromkeys(order))
    assert {row.lane for row in part.rows} == set(range(len(part.lanes)))


def test_the_annex_says_values_as_the_form_does() -> None:
    annex = sop_document(shipped("pengaduan"), "pengaduan").annexes[0]
    assert annex.name == "Batas waktu penanganan"
    assert annex.rows[0][:3] == ("pengaduan", "Tidak berkadar pengawasan",
                                 "Pendek: dapat dikerjakan sekarang")
    assert len(annex.rows) == len(annex.notes)


def test_the_same_files_give_the_same_document_whatever_they_are_called() -> None:
    one = sop_document(shipped("aspirasi"), "aspirasi")
    other = sop_document([Source(f"x-{place}", source.content)
                          for place, source in enumerate(shipped("aspirasi"))], "aspirasi")
    assert one == other
