"""The page about bottlenecks: who opens it, what it shows, that no report or person is in it, its figures."""

import csv
import html
import io
import re
import uuid
from pathlib import Path

import pytest
from lxml import etree

from app.domain.bottleneck import Figures
from app.engine.compiler import Source
from app.services import sop_versions
from app.services.bottlenecks_places import Step
from app.services.trace_follow import follow
from app.web import bottleneck_words
from tests.services.small_city import SHORT_SOP
from tests.services.step_counts import MARCH, Counts
from tests.services.workshop import counted
from tests.web.desks import DESKS, LANDMARK, PERSONAL, POINT, WORDS, seen

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
HOUR, DAY = 3600, 8 * 3600
READERS = {"admin", "inspektur", "wali", "perencana"}
PAGES = ("/hambatan", "/hambatan/pengaduan/1", "/hambatan/pengaduan/1.csv", "/hambatan/pengaduan/1/banding")


@pytest.fixture
def counts(desks):
    return Counts(desks.value("SELECT id FROM sop_versions"))


def take_in(session):
    """Follow the trace to its end, as the worker does."""
    while follow(session):
        session.commit()
    session.commit()


def plant(counts, slow=3 * DAY):
    for _ in range(20):
        counts.visit("verifikasi", 2 * HOUR, waiting=HOUR, unit="KOMINFO")
        counts.visit("kerjakan", slow, waiting=slow * 0.8, signed_late=slow > DAY)
        counts.visit("", slow + DAY, kind="laporan")


def test_who_reads_statistics_opens_it_and_nobody_else(desks, counts):
    plant(counts)
    counts.write(desks.session)
    for name in DESKS:
        browser = desks.officer(name)
        for address in PAGES:
            assert browser.get(address).status_code == (200 if name in READERS else 403), (name, address)
        assert ('href="/hambatan"' in browser.get("/akun").text) is (name in READERS), name
    for address in PAGES:
        assert desks.stranger().get(address).status_code == 302


@pytest.mark.parametrize(
    ("anonymous", "confidential"), [(False, False), (False, True), (True, False), (True, True)]
)
def test_no_report_and_no_person_is_in_it(desks, anonymous, confidential):
    """However it is marked and however few there are, for who may read what is confidential and who not."""
    flags = {"anonymous": "y" if anonymous else None, "confidential": "y" if confidential else None}
    report, _secret = desks.send(**flags)
    desks.do("admin", "verifikasi", opd="DPU")
    take_in(desks.session)
    for name in ("wali", "perencana"):
        browser = desks.officer(name)
        for address in (*PAGES, f"{PAGES[2]}?per=bulan", f"{PAGES[1]}?bagian=unit:DPU"):
            page = html.unescape(browser.get(address).get_data(as_text=True))
            main = page.partition('<main class="page')[2] or page
            assert "Memeriksa laporan" in main or address == "/hambatan", address
            for hidden in (*PERSONAL, LANDMARK, *POINT, WORDS, report.number, str(report.id), "(uji)"):
                assert hidden not in main, (name, address, hidden)


def test_the_first_sentence_names_the_worst_step_and_why(desks, counts):
    plant(counts)
    counts.write(desks.session)
    page = seen(desks.officer("wali").get("/hambatan/pengaduan/1"))
    start = page.index("Paling banyak waktu kerja habis")
    assert re.match(
        r"Paling banyak waktu kerja habis di langkah Mengerjakan : 92 % dari seluruhnya\. "
        r"80 % dari waktu itu laporan menunggu sebelum tugasnya diambil\. "
        r"100 % melewati waktu yang ditetapkan SOP \(5 hari kerja\)\.",
        page[start:],
    ), page[start : start + 300]
    assert start < page.index("Pada diagram") < page.index("Langkah demi langkah")
    assert re.search(r"20 laporan berakhir\. Separuhnya dalam (3,9|4|4,1) hari kerja", page)
    listed = seen(desks.officer("wali").get("/hambatan"))
    assert re.search(r"Paling banyak waktu habis di Mengerjakan : 92 %", listed)


def shipped(desks):
    """The city's own SOP, which has a picture, as version 2; its figures to be planted."""
    files = (BPMN / "pengaduan.bpmn", BPMN / "pemantauan_rencana.bpmn", *sorted(BPMN.glob("*.dmn")))
    row = sop_versions.publish(
        desks.session,
        [Source(path.name, path.read_bytes()) for path in files],
        by=uuid.UUID(desks.who["admin"].person_id),
        approved_by=uuid.UUID(desks.who["kepala"].person_id),
        basis="Perwal uji",
        now=desks.clock(),
    )  # fmt: skip
    desks.session.commit()
    return Counts(row.id)


def drawings(page):
    """The pictures of a page: the whole one first, then the large ones."""
    return [etree.fromstring(svg) for svg in re.findall(r'<svg class="diagram.*?</svg>', page, re.DOTALL)]


def node(svg, element):
    return svg.find(f'.//*[@data-element="{element}"]')


def signs(svg):
    """What stands on the steps, with the rank of the worst."""
    found = []
    for sign in svg.iter("{*}g"):
        if sign.get("class") == "diagram-heat":
            figure, *rank = (one.text for one in sign.iter("{*}text"))
            found.append(f"{rank[0]}: {figure}" if rank else figure)
    return sorted(found)


def test_a_planted_bottleneck_is_the_reddest_node(desks):
    counts = shipped(desks)
    for _ in range(10):
        counts.visit("verifikasi", 2 * HOUR)
        counts.visit("terima_disposisi", 4 * DAY, waiting=3 * DAY)
        counts.visit("tindak_lanjut", DAY)
        counts.visit("konfirmasi", 9 * DAY)
    for times, flow in ((50, "mulai_pelaksanaan_ke_tindak_lanjut"), (3, "tindak_lanjut_ke_pelaksanaan_usai")):
        counts.visit(flow, HOUR, kind="alur", times=times)
    counts.visit("tegur_kepala", 6 * DAY, times=2)
    counts.write(desks.session)
    small, large = drawings(desks.officer("wali").get("/hambatan/pengaduan/2").text)
    for svg in (small, large):
        hottest = svg.findall('.//*[@class="diagram-node diagram-userTask is-heat-5"]')
        assert [one.get("data-element") for one in hottest] == ["terima_disposisi"]
        cooler = {"verifikasi": 1, "tindak_lanjut": 2, "konfirmasi": 0, "tegur_kepala": 0}
        for element, level in cooler.items():
            assert node(svg, element).get("class").endswith(f"is-heat-{level}"), element
        assert node(svg, "mulai_pelaksanaan_ke_tindak_lanjut").get("class").endswith("is-wide-5")
        assert node(svg, "tindak_lanjut_ke_pelaksanaan_usai").get("class").endswith("is-wide-1")
        assert "heat" not in node(svg, "periksa_bukti").get("class")
    assert signs(small) == ["1: 62 %", "2: 16 %", "3: 4 %"]
    assert len(signs(large)) == 5


HOTTEST = {
    "median": ("periksa_bukti", 4, "hari kerja"),
    "p90": ("tindak_lanjut", 9, "hari kerja"),
    "menunggu": ("periksa_bukti", 3.5, "hari kerja"),
    "terlambat": ("terima_disposisi", 60, "%"),
    "berulang": ("disposisi", 40, "%"),
    "waktu": ("tindak_lanjut", 68, "%"),
    "omong kosong": ("tindak_lanjut", 68, "%"),
}


def test_every_measure_has_its_own_hottest_step(desks):
    counts = shipped(desks)
    counts.visit("tindak_lanjut", 3 * DAY, times=15)
    counts.visit("tindak_lanjut", 9 * DAY, times=5)
    counts.visit("periksa_bukti", 4 * DAY, waiting=3.5 * DAY, times=10)
    for turn in range(10):
        counts.visit("terima_disposisi", HOUR, signed_late=turn < 6)
        counts.visit("disposisi", HOUR, again=turn < 4)
    counts.write(desks.session)
    browser = desks.officer("perencana")
    for measure, (hottest, figure, unit) in HOTTEST.items():
        page = browser.get(f"/hambatan/pengaduan/2?ukuran={measure}").text
        first = re.search(r'<ol class="heat-hottest">.*?#langkah-(\w+)">.*?numbers">([\d,]+) (.*?)<', page)
        assert (first[1], first[3]) == (hottest, unit), measure
        assert float(first[2].replace(",", ".")) == pytest.approx(figure, rel=0.04)
        assert node(drawings(page)[0], hottest).get("class").endswith(("is-heat-5", "is-heat-4"))


def test_two_versions_stand_side_by_side_with_the_difference_in_words(desks, counts):
    plant(counts)
    counts.write(desks.session)
    shorter = SHORT_SOP.replace("hari_kerja(5)", "hari_kerja(4)").replace("{key}", "pengaduan")
    desks.publish(shorter, "pengaduan")
    after = Counts(desks.value("SELECT id FROM sop_versions WHERE version = 2"))
    plant(after, slow=HOUR)
    after.write(desks.session)
    for address in ("2/banding?dengan=versi:1", "1/banding?dengan=versi:2"):
        page = seen(desks.officer("perencana").get(f"/hambatan/pengaduan/{address}"))
        assert "Versi 1 dan Versi 2" in page
        assert re.search(r"Versi 2 7\d % lebih cepat daripada Versi 1\.", page), address
        assert re.search(r"Mengerjakan 9\d % lebih cepat: Versi 1 3 hari Versi 2 1 jam", page)
        assert not re.search(r"Memeriksa laporan \d+ % lebih", page), "what did not change is not told"


def test_two_units_stand_side_by_side(desks, counts):
    for _ in range(6):
        counts.visit("kerjakan", DAY, unit="DPU")
        counts.visit("kerjakan", 3 * DAY, unit="DLH")
    counts.write(desks.session)
    page = seen(
        desks.officer("perencana").get("/hambatan/pengaduan/1/banding?bagian=unit:DPU&dengan=unit:DLH")
    )
    assert "Dinas Pekerjaan Umum dan Dinas Lingkungan Hidup" in page
    assert re.search(r"Mengerjakan (2,9|3|3,1) kali lebih lama", page)


def test_a_difference_that_may_be_chance_is_not_called_none(desks, counts):
    for days in (1, 1, 2, 2, 9, 9):
        counts.visit("kerjakan", days * DAY, unit="DPU")
        counts.visit("", days * DAY, kind="laporan", unit="DPU")
        counts.visit("kerjakan", 2 * days * DAY, unit="DLH")
        counts.visit("", 2 * days * DAY, kind="laporan", unit="DLH")
    counts.write(desks.session)
    page = seen(
        desks.officer("perencana").get("/hambatan/pengaduan/1/banding?bagian=unit:DPU&dengan=unit:DLH")
    )
    assert "Belum pasti mana yang lebih cepat" in page
    assert "belum pasti" in page
    assert "hampir sama" not in page
    same = seen(
        desks.officer("perencana").get("/hambatan/pengaduan/1/banding?bagian=unit:DPU&dengan=unit:DPU")
    )
    assert "Keduanya hampir sama cepat." in same
    assert "belum pasti" not in same


def test_an_auditor_goes_on_to_the_reports_behind_the_figures(desks, counts):
    plant(counts)
    counts.write(desks.session)
    address = "/hambatan/pengaduan/1?bagian=unit:DPU"
    links = re.findall(r'href="(/jejak\?[^"]+)"', html.unescape(desks.officer("inspektur").get(address).text))
    assert links[0] == "/jejak?sop=pengaduan&versi=1&unit=DPU&terlambat=ya"
    for link in links:
        assert desks.officer("inspektur").get(link).status_code == 200
    assert "/jejak?" not in desks.officer("wali").get(address).text


def test_the_page_says_what_there_is_not(desks, counts):
    wali = desks.officer("wali")
    assert "Belum ada angka" in seen(wali.get("/hambatan"))
    assert "Belum ada angka" in seen(wali.get("/hambatan/pengaduan/1"))
    assert wali.get("/hambatan/pengaduan/9").status_code == 404
    assert wali.get("/hambatan/tiada/1").status_code == 404
    assert wali.get("/hambatan/pengaduan/99999999999999999999").status_code == 404
    assert "Belum cukup banyak angka" in seen(wali.get("/hambatan/pengaduan/1/banding?dengan=versi:1"))
    assert wali.get("/hambatan/pengaduan/1.csv").text.count("\n") == 1
    plant(counts)
    counts.write(desks.session)
    for odd in ("bagian=unit:TIDAK", "sejak=2030-01", "sampai=1999-12&sejak=2040-02", "sejak=kemarin"):
        assert wali.get(f"/hambatan/pengaduan/1?{odd}").status_code == 200, odd
    assert "Tidak ada angka untuk pilihan ini" in seen(wali.get("/hambatan/pengaduan/1?bagian=unit:TIDAK"))
    assert wali.get("/hambatan/pengaduan/1/banding?dengan=versi:x").status_code == 200
    assert wali.get("/hambatan/pengaduan/1/banding?dengan=versi:77").status_code == 404


def test_the_figures_of_the_page_can_be_taken_away(desks, counts):
    plant(counts)
    counts.visit("=HYPERLINK(1)", HOUR, month=MARCH.replace(month=2))
    counts.write(desks.session)
    wali = desks.officer("wali")
    answer = wali.get("/hambatan/pengaduan/1.csv?bagian=unit:DPU")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hambatan-pengaduan-v1.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert answer.data.startswith("\ufeffsop,versi,".encode()), "dashes and accents stay what they are"
    assert {line["unit"] for line in lines} == {"DPU"}
    (work,) = (line for line in lines if line["tempat"] == "kerjakan")
    assert (work["nama"], work["waktu_sop"], work["kali"]) == ("Mengerjakan", "5 hari kerja", "20")
    assert int(work["menunggu_detik_kerja"]) + int(work["dikerjakan_detik_kerja"]) == 20 * 3 * DAY
    assert any(line["tempat"] == "'=HYPERLINK(1)" for line in lines), "no spreadsheet takes it for a formula"
    monthly = list(csv.DictReader(io.StringIO(wali.get("/hambatan/pengaduan/1.csv?per=bulan").text)))
    assert {line["sejak"] for line in monthly} == {"2026-02", "2026-03"}


def test_steps_of_one_name_are_told_apart_by_whose_they_are():
    none = Figures(0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0)
    first, second, other = (
        Step(place, "pengaduan", place, name, "1", "", role, none)
        for place, name, role in (
            ("a", "Memberi arahan", "kepala_opd"),
            ("b", "Memberi arahan", "sekda"),
            ("c", "Memeriksa", "sekda"),
        )
    )
    steps, roles = (first, second, other), {"kepala_opd": "Kepala OPD"}
    assert [bottleneck_words.called(one, steps, roles) for one in steps] == [
        "Memberi arahan (Kepala OPD)", "Memberi arahan (sekda)", "Memeriksa",
    ]  # fmt: skip


def test_opening_costs_few_statements(desks, counts, app):
    plant(counts)
    counts.write(desks.session)
    browser = desks.officer("wali")
    browser.get("/hambatan/pengaduan/1")
    for address, most in (("/hambatan/pengaduan/1", 6), ("/hambatan", 2)):
        with counted(app.extensions["tuntas_database"].engine) as seen_:
            browser.get(address)
        own = [one for one in seen_["statements"] if "persons" not in one and "grants" not in one]
        assert len(own) <= most, own
