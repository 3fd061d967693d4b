"""The printed SOP can be read: nothing covers anything, arrows keep to their ways, connectors come in pairs;
and it is the same, byte for byte, wherever it is made."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters.typeset import drawn_sheets, typeset
from app.adapters.typeset_page import BODY, LANE_HEAD, MOST_LANES, WIDTH, Box, Point, Sheet
from app.adapters.typeset_text import lines, width_of
from app.engine.compiled import Source
from app.engine.document import Part, sop_document
from tests.engine.diagrams import begin, bpmn, end, flow, flows, gateway, user

ROOT = Path(__file__).parents[2]
BPMN = ROOT / "bpmn"
SHIPPED = sorted(path.stem for path in BPMN.glob("*.bpmn"))


def shipped(key: str) -> list[Source]:
    tables = sorted(path.name for path in BPMN.glob("*.dmn"))
    return [Source(name, (BPMN / name).read_bytes()) for name in (f"{key}.bpmn", *tables)]


def crowded(lanes: int, steps: int, seed: int) -> Part:
    """A made-up SOP: `steps` decisions over `lanes` roles, with ways forward and back all over."""
    refs: dict[int, list[str]] = {lane: [] for lane in range(lanes)}
    body, ways = [begin(), end()], ["s t0"]
    refs[0] += ["s", "e"]
    for step in range(steps):
        lane = (step * 7 + seed) % lanes
        refs[lane] += [f"t{step}", f"g{step}"]
        body += [user(f"t{step}", "x", deadline="hari_kerja(2)"),
                 gateway("exclusive", f"g{step}", default=f"g{step}_next")]
        ways.append(f"t{step} g{step}")
        onward = f"t{step + 1}" if step + 1 < steps else "e"
        ahead = min(step + 2 + (step * 5 + seed) % 6, steps - 1)
        for place, (name, target) in enumerate((("next", onward), ("skip", f"t{ahead}"),
                                                 ("back", f"t{max(step - 3, 0)}"))):
            words = f' name="Pilihan {name} {step}">'
            condition = "" if name == "next" else f"x == '{place}'"
            body.append(flow(f"g{step}_{name}", f"g{step}", target, condition).replace(">", words, 1))
    lane_set = "".join(
        f'<bpmn:lane id="peran{lane}" name="Pelaksana {lane}">'
        + "".join(f"<bpmn:flowNodeRef>{name}</bpmn:flowNodeRef>" for name in names) + "</bpmn:lane>"
        for lane, names in refs.items())
    text = bpmn(f'<bpmn:laneSet id="l">{lane_set}</bpmn:laneSet>' + "".join(body) + flows(*ways))
    return sop_document([Source("a.bpmn", text.encode())], "sop").parts[0]


PARTS = [*[pytest.param(key, id=key) for key in SHIPPED],
         *[pytest.param((lanes, steps, seed), id=f"{lanes} lanes, {steps} steps, {seed}")
           for lanes, steps, seed in ((1, 6, 0), (3, 12, 1), (8, 40, 2), (8, 40, 5), (12, 30, 3),
                                      (20, 40, 4))]]


def sheets_of(part: object) -> list[Sheet]:
    return drawn_sheets(sop_document(shipped(part), part).parts[0] if isinstance(part, str)
                        else crowded(*part))  # type: ignore[misc]


def strokes(sheet: Sheet) -> Iterator[tuple[Point, Point]]:
    for arrow in sheet.arrows:
        yield from zip(arrow.points, arrow.points[1:], strict=False)


def symbols(sheet: Sheet) -> list[Box]:
    return [box for row in sheet.rows for box in row.symbols]


@pytest.mark.parametrize("part", PARTS)
def test_arrows_run_upright_or_level_and_through_no_symbol(part: object) -> None:
    for sheet in sheets_of(part):
        for one, other in strokes(sheet):
            assert abs(one[0] - other[0]) < 1e-6 or abs(one[1] - other[1]) < 1e-6
            assert not [box for box in symbols(sheet) if box.crossed_by(one, other, -0.3)], (one, other)


@pytest.mark.parametrize("part", [pytest.param(key, id=key) for key in SHIPPED])
def test_nothing_written_is_covered(part: str) -> None:
    for sheet in sheets_of(part):
        boxes = [*symbols(sheet), *(one.box for one in sheet.labels), *(one.box for one in sheet.connectors)]
        for place, box in enumerate(boxes):
            assert not [other for other in boxes[place + 1:] if box.meets(other, -0.05)]
        written = [*(one.box for one in sheet.labels), *(one.box for one in sheet.connectors)]
        for one, other in strokes(sheet):
            assert not [box for box in written if box.crossed_by(one, other, -0.1)]


@pytest.mark.parametrize("part", PARTS)
def test_everything_stays_on_its_sheet(part: object) -> None:
    for sheet in sheets_of(part):
        assert len(sheet.lanes) <= MOST_LANES
        assert sum(sheet.columns) == pytest.approx(WIDTH)
        assert sum(row.height for row in sheet.rows) <= BODY + LANE_HEAD - sheet.head
        edges = [box for row in sheet.rows for box in row.symbols] + [one.box for one in sheet.connectors]
        assert all(sheet.left <= box.x and box.right <= sheet.right for box in edges)
        for row in sheet.rows:
            assert row.top <= row.head.y
            assert row.last.bottom <= row.top + row.height
            assert all(width_of(text, 7.6) <= sheet.columns[1] for text in row.cells[0])


@pytest.mark.parametrize("part", PARTS)
def test_each_row_stands_on_one_sheet_and_connectors_come_in_pairs(part: object) -> None:
    sheets = sheets_of(part)
    shown = Counter(row.index for sheet in sheets for row in sheet.rows)
    assert set(shown.values()) == {1}
    entered = Counter(one.text for sheet in sheets for one in sheet.connectors if one.incoming)
    assert set(entered.values()) <= {1}
    left: set[str] = set()
    for sheet in sheets:
        for one in sheet.connectors:
            if not one.incoming:
                for piece in one.text.split(", "):
                    first, _, last = piece.partition("–")
                    left |= {str(number) for number in range(int(first), int(last or first) + 1)}
    assert left == entered.keys()


def test_names_and_notes_of_any_length_stay_on_their_sheet() -> None:
    long = "Kepala Dinas Kependudukan dan Pencatatan Sipil Kabupaten"
    note = " ".join(f"Kalimat ke-{place} tentang langkah ini." for place in range(200))
    standard = f'<sop:standard inputs="a" output="b" note="{note}"/></bpmn:extensionElements>'
    tasks = "".join(user(f"t{place}").replace("</bpmn:extensionElements>", standard) for place in range(8))
    lanes = "".join(f'<bpmn:lane id="p{place}" name="{long} {place}"><bpmn:flowNodeRef>t{place}'
                    "</bpmn:flowNodeRef></bpmn:lane>" for place in range(8))
    ways = ["s t0", *(f"t{place} t{place + 1}" for place in range(7)), "t7 e"]
    text = bpmn(f'<bpmn:laneSet id="l">{lanes}</bpmn:laneSet>{begin()}{end()}{tasks}{flows(*ways)}')
    document = sop_document([Source("a.bpmn", text.encode())], "sop")
    for sheet in drawn_sheets(document.parts[0]):
        assert sum(row.height for row in sheet.rows) <= BODY + LANE_HEAD - sheet.head
        assert sheet.head >= 2.9 * max(len(name) for name in sheet.names)
        cut = [text for row in sheet.rows for _column, text in row.cut]
        assert all(text.endswith("Kalimat ke-199 tentang langkah ini.") for text in cut)
    assert typeset(document).startswith(b"%PDF-")


def test_lines_are_no_wider_than_their_column() -> None:
    text = "Pertanggungjawabanketerlambatanpelaksanaan rencana pembangunan"
    found = lines(text, 20.0, 7.6)
    assert all(width_of(line, 7.6) <= 20.0 for line in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_the_same_bytes_come_out_of_another_process_elsewhere(tmp_path: Path) -> None:
    """Another time zone, language, home and folder change nothing."""
    key = "penetapan_sop"
    here = typeset(sop_document(shipped(key), key), version=2)
    assert here == typeset(sop_document(shipped(key), key), version=2)
    code = ("import hashlib, sys; from tests.adapters.test_typeset import shipped; "
            "from app.adapters.typeset import typeset; from app.engine.document import sop_document; "
            f"print(hashlib.sha256(typeset(sop_document(shipped({key!r}), {key!r}), version=2)).hexdigest())")
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TZ": "Pacific/Chatham", "LC_ALL": "C",
             "HOME": str(tmp_path), "PYTHONHASHSEED": "7"})  # fmt: skip
    assert there.stdout.strip() == hashlib.sha256(here).hexdigest()
    assert here != typeset(sop_document(shipped(key), key), version=3)


def test_it_is_a_tagged_pdf_with_its_own_fonts() -> None:
    pdf = typeset(sop_document(shipped("penetapan_sop"), "penetapan_sop"), version=1)
    assert pdf.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in pdf
    assert b"pdfuaid" in pdf
    assert b"SourceSansPro" in pdf
