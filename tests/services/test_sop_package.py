"""An SOP travels as one file and comes back the same; whatever else is sent is answered in words."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from app.services.sop_package import LARGEST_PACKAGE, PackageRefused, Packed, pack, unpack

BPMN = Path(__file__).parents[2] / "bpmn"
MAIN = (BPMN / "pengaduan.bpmn").read_text("utf-8")
FILES = {"pengaduan.bpmn": MAIN, **{p.name: p.read_text("utf-8") for p in sorted(BPMN.glob("*.dmn"))}}
CASES = [
    {"name": p.stem, "title": f"Kasus {p.stem}", "text": p.read_text("utf-8"), "verdict": "benar",
     "marked_by": "Bappeda"} for p in sorted(BPMN.glob("skenario/pengaduan_*.yaml"))
]  # fmt: skip
WHOLE = Packed("pengaduan", "Penanganan pengaduan", 3, FILES, "pengaduan.bpmn", CASES)


def zipped(*parts, **options):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", options.get("compression", zipfile.ZIP_DEFLATED)) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return target.getvalue()


def test_a_package_comes_back_as_it_was_but_marks_stay_at_home():
    came = unpack("paket.zip", pack(WHOLE, "Kota Palu"))
    assert (came.files, came.main, came.city, came.version) == (FILES, "pengaduan.bpmn", "Kota Palu", 3)
    assert [(one["name"], one["title"], one["text"]) for one in came.scenarios] == [
        (one["name"], one["title"], one["text"]) for one in CASES
    ]
    assert {one["verdict"] for one in came.scenarios} == {None}
    assert came.left_out == ()


def test_the_same_content_gives_the_same_bytes():
    turned = Packed("pengaduan", "Penanganan pengaduan", 3, dict(reversed(FILES.items())), "pengaduan.bpmn",
                    list(reversed(CASES)))  # fmt: skip
    assert pack(WHOLE, "Kota Palu") == pack(turned, "Kota Palu")


def test_the_manifest_names_every_file_with_its_hash():
    with zipfile.ZipFile(io.BytesIO(pack(WHOLE, "Kota Palu"))) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        for name, digest in manifest["berkas"].items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        assert set(manifest["berkas"]) == set(archive.namelist()) - {"manifest.json"}


def test_a_folder_that_somebody_zipped_is_understood():
    parts = [("sop-palu/pengaduan.bpmn", MAIN), ("sop-palu/tenggat.dmn", FILES["tenggat.dmn"]),
             ("sop-palu/skenario/a.yaml", "# Kasus pertama\nsop: pengaduan\n"),
             ("sop-palu/BACA.txt", "halo"), ("__MACOSX/sop-palu/._pengaduan.bpmn", "x")]  # fmt: skip
    came = unpack("sop-palu.zip", zipped(*parts))
    assert set(came.files) == {"pengaduan.bpmn", "tenggat.dmn"}
    assert [(one["name"], one["title"]) for one in came.scenarios] == [("a", "Kasus pertama")]


def test_a_diagram_of_another_tool_is_taken_whatever_its_name_and_encoding():
    latin = MAIN.replace("UTF-8", "ISO-8859-1").replace("…", "...").encode("latin-1", "replace")
    came = unpack("SOP Banjir (final) é.bpmn", latin)
    assert came.main == "SOP_Banjir_final.bpmn"
    assert came.files[came.main].startswith("<?xml")
    assert "UTF-8" in came.files[came.main][:60]
    wide = unpack("a.bpmn", b"\xff\xfe" + MAIN.replace("UTF-8", "UTF-16").encode("utf-16-le"))
    assert 'id="pengaduan"' in wide.files["a.bpmn"]


def test_the_diagram_that_calls_the_others_is_the_main_one():
    call = '<bpmn:callActivity id="c" calledElement="aspirasi"/><bpmn:startEvent'
    caller = MAIN.replace("<bpmn:startEvent", call, 1)
    parts = [("aspirasi.bpmn", (BPMN / "aspirasi.bpmn").read_text("utf-8")), ("pengaduan.bpmn", caller)]
    assert unpack("dua.zip", zipped(*parts)).main == "pengaduan.bpmn"


def test_a_manifest_cannot_bring_letters_that_no_database_takes():
    names = '"kota": "Kota\\u0000 \\ud800Lain", "skenario": {"s": "a\\u0000b\\udfff"}'
    evil = f'{{"format": "tuntas-sop-1", {names}}}'
    came = unpack("a.zip", zipped(("a.bpmn", MAIN), ("s.yaml", "sop: x"), ("manifest.json", evil)))
    assert came.city == "Kota   Lain"
    assert [one["title"] for one in came.scenarios] == ["a b"]


def bomb():
    """One megabyte of zeros many times over, small when packed."""
    return zipped(*((f"b{n}.dmn", b"\0" * (1 << 20)) for n in range(40)))


def lying(name="a.bpmn", says=10):
    """An entry that unpacks to more than it says of itself."""
    content = zipped((name, b" " * 3_000_000))
    size = struct.pack("<L", 3_000_000)
    return content.replace(size, struct.pack("<L", says))


def locked():
    content = bytearray(zipped(("a.bpmn", MAIN)))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        content[at] |= 1
    return bytes(content)


def link():
    entry = zipfile.ZipInfo("a.bpmn")
    entry.external_attr = 0o120777 << 16
    return zipped((entry, "/etc/passwd"))


def manifest(**changes):
    told = {"format": "tuntas-sop-1", "utama": "a.bpmn", "berkas": {}, **changes}
    return zipped(("a.bpmn", MAIN), ("manifest.json", json.dumps(told)))


HOSTILE = {
    "kosong": ("a.bpmn", b"", "kosong"),
    "terlalu besar": ("a.bpmn", b"x" * (LARGEST_PACKAGE + 1), "lebih besar dari 20 MB"),
    "satu berkas besar": ("a.bpmn", b"<a>" + b" " * 3_000_000 + b"</a>", "lebih besar dari 2 MB"),
    "bukan zip": ("a.zip", b"PK\x03\x04 bukan", "rusak"),
    "zip terpotong": ("a.zip", pack(WHOLE, "x")[:-40], "rusak"),
    "bom": ("a.zip", bomb(), "terlalu besar bila dibuka"),
    "berbohong": ("a.zip", lying(), "terlalu besar|rusak"),
    "naik folder": ("a.zip", zipped(("../../etc/a.bpmn", MAIN)), "alamat berkas yang tidak wajar"),
    "alamat mutlak": ("a.zip", zipped(("/etc/a.bpmn", MAIN)), "alamat berkas yang tidak wajar"),
    "alamat windows": ("a.zip", zipped(("C:/a.bpmn", MAIN)), "alamat berkas yang tidak wajar"),
    "tautan": ("a.zip", link(), "alamat berkas yang tidak wajar"),
    "terkunci": ("a.zip", locked(), "kata sandi"),
    "dua nama sama": ("a.zip", zipped(("x/a.bpmn", MAIN), ("y/a.bpmn", MAIN)), "dua berkas bernama"),
    "tanpa diagram": ("a.zip", zipped(("tenggat.dmn", FILES["tenggat.dmn"])), "Tidak ada diagram"),
    "hanya tabel": ("tenggat.dmn", FILES["tenggat.dmn"].encode(), "hanya tabel keputusan"),
    "berkas lain": ("surat.docx", b"halo", "bukan berkas .bpmn"),
    "banyak berkas": ("a.zip", zipped(*((f"{n}.txt", "x") for n in range(601))), "lebih dari 600"),
    "manifest rusak": ("a.zip", zipped(("a.bpmn", MAIN), ("manifest.json", "{")), "manifest.json"),
    "manifest orang": ("a.zip", manifest(format="lain"), "bukan buatan Tuntas"),
    "sidik salah": ("a.zip", manifest(berkas={"a.bpmn": "0" * 64}), "tidak sama dengan yang tercatat"),
    "sidik hilang": ("a.zip", manifest(berkas={"b.bpmn": "0" * 64}), "tidak ada di paket"),
    "bukan teks": (
        "a.zip", zipped(("a.bpmn", b"\xff\xfe\x00\x01\x80")), "bukan teks UTF-8|tidak dapat disimpan",
    ),
    "skenario biner": ("a.zip", zipped(("a.bpmn", MAIN), ("s.yaml", b"\xff\xff")), "bukan teks UTF-8"),
    "aliran rusak": (
        "a.zip",
        zipped(("a.bpmn", MAIN)).replace(zlib.compress(MAIN.encode(), 6)[2:40], b"\xff" * 38),
        "rusak|bukan teks",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_package_is_refused_in_words(case):
    name, content, words = HOSTILE[case]
    with pytest.raises(PackageRefused, match=words):
        unpack(name, content)


def test_a_diagram_that_is_an_xml_bomb_is_kept_as_text_for_the_checks_to_refuse():
    """Nothing in it is read when it comes in; the findings say what is wrong with it."""
    evil = '<!DOCTYPE a [<!ENTITY b "' + "x" * 50 + '"><!ENTITY c "&b;&b;&b;&b;&b;">]><a>&c;</a>'
    assert unpack("bom.bpmn", evil.encode()).files == {"bom.bpmn": evil}
