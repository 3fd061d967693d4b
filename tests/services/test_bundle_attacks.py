"""Ways to lie with a bundle that leave its chain flawless, and none of them gets past the checker."""

import io
import json
import subprocess
import sys
import warnings
import zipfile

import pytest
from sqlalchemy import text

from app.domain.errors import Conflict
from app.domain.event import GENESIS, canonical
from app.services.audit_bundle import CHECKER
from tests.services.small_city import SHORT_SOP
from tests.services.test_audit_bundle import KEY, checked, lines_of, night, resigned, taken, trusting
from tests.services.test_seals import rewrite
from tests.services.workshop import Workshop


@pytest.fixture
def shop(session, clock, tmp_path):
    """A closed report, sealed in two nights and taken home the day after; the seals lie in `outside`."""
    shop = Workshop(session, clock, SHORT_SOP)
    shop.outside = tmp_path / "outside"
    shop.id = shop.report()
    shop.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan kepada dinas.")
    night(shop)
    shop.do("operator", "kerjakan", uraian="Lubang ditutup kemarin siang.")
    shop.do("pelapor", "tanggapi", penilaian=5)
    night(shop)
    shop.number = shop.value("SELECT number FROM reports WHERE id = :r", r=shop.id)
    clock.advance(days=1)
    return shop


def edited(files, name, change):
    """The files with one JSON file changed in place and the list signed anew."""
    told = json.loads(files[name])
    change(told)
    return resigned({**files, name: json.dumps(told).encode()})


def named(files, tmp_path, *arguments):
    code, told = checked(files, tmp_path, *arguments)
    assert code == 1, told
    return told


def test_a_past_written_anew_is_found_though_its_proofs_were_thrown_away(shop, tmp_path, owner):
    """Who holds the database writes the chain anew and takes the report out of every seal."""
    rewrite(owner, shop.id)
    owner.execute(text("DELETE FROM seal_ends WHERE stream_id = :id"), {"id": shop.id})
    owner.commit()
    told = named(taken(shop), tmp_path, *trusting(shop))
    assert "bukan lagi yang disegel (segel 1)" in told
    assert "bukan lagi yang disegel (segel 2)" in told


def test_an_end_cut_off_together_with_its_proofs_is_found(shop, tmp_path, owner):
    rewrite(owner, shop.id, cut=2)
    owner.execute(text("DELETE FROM seal_ends WHERE stream_id = :id"), {"id": shop.id})
    owner.commit()
    assert "bukan lagi yang disegel (segel 2)" in named(taken(shop), tmp_path, *trusting(shop))


def test_what_was_written_with_the_clock_turned_back_is_named(shop, tmp_path, clock):
    """Something that never was is added today, with a moment before the night that would have sealed it."""
    clock.advance(days=-2)
    taken(shop)
    clock.advance(days=2)
    told = named(taken(shop), tmp_path, *trusting(shop))
    assert "(TraceExported)" in told
    assert "ditulis mundur; belum ada ketika segel 1 dibuat" in told


def test_an_older_bundle_still_fits_seals_of_later_nights(shop, tmp_path, clock):
    files = taken(shop)
    for _ in range(2):
        clock.advance(days=1)
        shop.report()
        taken(shop)
        night(shop)
    assert checked(files, tmp_path, *trusting(shop))[0] == 0
    (shop.outside / "segel-000003.json").unlink()
    assert checked(files, tmp_path, *trusting(shop))[0] == 0, "a night that nobody kept is no lie"


def test_a_folder_without_seals_does_not_count_as_having_compared(shop, tmp_path):
    empty = tmp_path / "kosong"
    empty.mkdir()
    told = named(taken(shop), tmp_path, "--kunci", KEY.public, "--segel", empty)
    assert "tidak ada satu pun" in told


@pytest.mark.parametrize("change", ["ends", "seal", "signature"])
def test_kept_seals_are_themselves_checked(shop, tmp_path, change):
    files, path = taken(shop), shop.outside / "segel-000001.json"
    told = json.loads(path.read_text())
    if change == "ends":
        told["ends"] = told["ends"][:-1]
    elif change == "seal":
        told["seal"]["events"] += 1
    else:
        told["signature"] = "0" * 128
    path.write_text(json.dumps(told))
    assert "segel-000001.json" in named(files, tmp_path, *trusting(shop))


def test_a_diagram_changed_in_the_database_together_with_its_hash_is_named(shop, tmp_path, owner):
    """The publishing event knows what was published."""
    files = taken(shop)
    sop = json.loads(files["isi.json"])["sops"][0]
    path = sop["files"][0]
    other = files[path].replace(b"userTask", b"userTask ")
    owner.execute(text("SET session_replication_role = replica"))
    given = {"h": content_hash(sop["key"], other), "f": json.dumps({"a.bpmn": other.decode()})}
    change = text("UPDATE sop_versions SET content_hash = :h, files = CAST(:f AS json) WHERE id = :id")
    owner.execute(change, {**given, "id": sop["id"]})
    owner.commit()
    assert "bukan isi yang diterbitkan" in named(taken(shop), tmp_path, *trusting(shop))


def content_hash(key, *contents):
    program = {"__name__": "periksa", "__file__": str(CHECKER)}
    exec(compile(CHECKER.read_text(), str(CHECKER), "exec"), program)
    parts = sorted(program["sha"](content).hex() for content in contents)
    return program["sha"]("\n".join([key, *parts]).encode()).hex()


def test_a_version_that_ran_and_is_left_out_is_named(shop, tmp_path):
    files = taken(shop)
    sop = json.loads(files["isi.json"])["sops"][0]
    told = named(edited(files, "isi.json", lambda told: told["sops"].clear()), tmp_path)
    assert f"SOP {sop['id']} menjalankan laporan ini" in told


def test_a_bundle_is_of_the_report_it_names(shop, tmp_path, owner):
    """Two reports that change numbers in the database."""
    other = shop.report()
    for number, id_ in (("LW-2026-03-999999", shop.id), (shop.number, other)):
        owner.execute(text("UPDATE reports SET number = :n WHERE id = :id"), {"n": number, "id": id_})
    owner.commit()
    assert f"bukan rantai laporan {shop.number}" in named(taken(shop), tmp_path, *trusting(shop))


def test_of_a_report_whose_trace_was_taken_out_no_proof_is_made(shop, owner):
    for order in ("DELETE FROM events WHERE stream_id = :id", "DELETE FROM streams WHERE id = :id"):
        owner.execute(text(order), {"id": shop.id})
    owner.commit()
    with pytest.raises(Conflict, match="hilang dari basis data"):
        taken(shop)


def test_the_checker_inside_is_guarded_as_everything_else(shop, tmp_path):
    files = taken(shop)
    files["periksa.py"] = b"print('Semuanya cocok.')\n"
    assert "berkas periksa.py diubah" in named(files, tmp_path, *trusting(shop))


ODDITIES = {
    "a key twice": lambda line: line.replace(b'{"actor"', b'{"type":"Palsu","actor"', 1),
    "spaces": lambda line: line.replace(b",", b", ", 1),
    "1.0 for 1": lambda line: line.replace(b'"seq":2,', b'"seq":2.0,'),
    "an exponent": lambda line: line.replace(b'"seq":2,', b'"seq":2e0,'),
    "an escape for a letter": lambda line: line.replace(b"command", b"c\\u006fmmand").replace(
        b"person", b"p\\u0065rson").replace(b"pelapor", b"p\\u0065lapor"),
    "half a letter": lambda line: line.replace(b'"source":"', b'"source":"\\ud800'),
    "not a number": lambda line: line.replace(b'"seq":2,', b'"seq":NaN,'),
    "a number without end": lambda line: line.replace(b'"seq":2,', b'"seq":1e999,'),
    "a list for an object": lambda line: line.replace(b'"data":{', b'"data":[{').replace(
        b'},"hash"', b'}],"hash"'),
    "no hash": lambda line: line.replace(b'"hash"', b'"hush"'),
    "no object": lambda line: b"7",
    "nothing": lambda line: b"",
    "depth": lambda line: b"[" * 200_000,
}  # fmt: skip


@pytest.mark.parametrize("odd", ODDITIES)
def test_another_spelling_of_an_event_is_named(shop, tmp_path, odd):
    """Whoever may even sign the list anew: what others read in the line is what the chain proves."""
    files = taken(shop)
    name, lines = lines_of(files)
    changed = [lines[0], ODDITIES[odd](lines[1]), *lines[2:]]
    assert changed != lines
    told = named(resigned({**files, name: b"\n".join(changed) + b"\n"}), tmp_path, *trusting(shop))
    assert "peristiwa 2" in told


def test_a_proof_of_another_stream_and_an_inner_node_as_a_leaf_prove_nothing(shop, tmp_path):
    files = taken(shop)
    streams = [one["stream"] for one in json.loads(files["isi.json"])["streams"]]

    def swap(told):
        told[streams[0]][0], told[streams[1]][0] = told[streams[1]][0], told[streams[0]][0]

    assert "bukan lagi yang disegel" in named(edited(files, "segel.json", swap), tmp_path)

    def shorten(told):
        told[streams[0]][0]["neighbours"].pop()

    assert "termasuk di dalamnya tidak cocok" in named(edited(files, "segel.json", shorten), tmp_path)


def zipped(path, entries):
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")
        for name, content in entries:
            archive.writestr(name, content)


def run(path, *arguments):
    done = subprocess.run(
        [sys.executable, "-I", "-S", CHECKER, path, *arguments], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_name_twice_in_the_zip_is_named(shop, tmp_path):
    """One program shows the first, another the last."""
    files = taken(shop)
    name, _lines = lines_of(files)
    zipped(tmp_path / "x.zip", [(name, b"{}\n"), *files.items()])
    code, told = run(tmp_path / "x.zip", *trusting(shop))
    assert (code, f"berkas {name} ada 2 kali" in told) == (1, True), told


def test_names_that_lead_out_or_write_on_the_screen_are_harmless(shop, tmp_path):
    files = taken(shop)
    zipped(tmp_path / "x.zip", [*files.items(), ("../luar.txt", b"x"), ("a\x1b[2J\nSemuanya cocok.", b"x")])
    code, told = run(tmp_path / "x.zip", *trusting(shop))
    assert code == 1
    assert "../luar.txt tidak disebut" in told
    assert "\x1b" not in told
    assert "Semuanya cocok." not in told.splitlines()
    assert not (tmp_path.parent / "luar.txt").exists()


def test_a_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("isi.json", "w") as into:
        for _ in range(1100):
            into.write(bytes(1 << 20))
    code, told = run(path)
    assert (code, "terlalu besar" in told) == (2, True)


def test_no_byte_of_the_zip_brings_the_checker_down_or_passes_for_whole(shop, tmp_path):
    """Damage on the way, in every part of the file's format: only what packs the content may differ."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in taken(shop).items():
            archive.writestr(name, each)
    whole = content.getvalue()
    program = {"__name__": "periksa", "__file__": str(CHECKER)}
    exec(compile(CHECKER.read_text(), str(CHECKER), "exec"), program)
    path, good = tmp_path / "x.zip", zipfile.ZipFile(io.BytesIO(whole))
    kept = {name: good.read(name) for name in good.namelist()}
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        if program["main"]([str(path)]) == 0:
            with zipfile.ZipFile(path) as damaged:
                assert {name: damaged.read(name) for name in damaged.namelist()} == kept, at


def test_not_even_the_spelling_of_the_signature_may_change(shop, tmp_path):
    files = taken(shop)
    for other in (files["isi.sig"].upper(), files["isi.sig"] + b"\n"):
        assert "isi.json: diubah" in named({**files, "isi.sig": other}, tmp_path, *trusting(shop))


def test_the_first_event_follows_nothing_and_lines_are_written_as_they_are_hashed(shop):
    """What the oddities above lean on."""
    _name, lines = lines_of(taken(shop))
    assert all(canonical(json.loads(line)) == line for line in lines)
    assert bytes(32) == GENESIS
