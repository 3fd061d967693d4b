"""An auditor takes a report home and finds every byte that somebody touched, with nothing but Python."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile

import pytest
from sqlalchemy import select, text

from app.adapters.signing import Signer
from app.db.models import Report
from app.domain.actor import Actor, Grant
from app.domain.errors import NotFound, NotPermitted
from app.domain.event import canonical
from app.services import audit_bundle, seals
from app.services.audit_bundle import CHECKER
from app.services.seal_files import keep_file
from tests.services.small_city import SHORT_SOP
from tests.services.test_seals import rewrite
from tests.services.workshop import Workshop

KEY = Signer("42" * 32)
PURPOSE = "memeriksa pengaduan warga"
AUDITOR = Actor("person", "uji", "11111111-1111-4111-8111-111111111111", (Grant("inspektorat"),))


@pytest.fixture
def shop(session, clock, tmp_path):
    """A closed report that was sealed in two nights; the seals lie in `outside`."""
    shop = Workshop(session, clock, SHORT_SOP)
    shop.outside = tmp_path / "outside"
    shop.id = shop.report()
    shop.do("admin", "verifikasi", opd="DPU", catatan="Diteruskan kepada dinas.")
    shop.report()
    night(shop)
    shop.do("operator", "kerjakan", uraian="Lubang ditutup kemarin siang.")
    shop.do("pelapor", "tanggapi", penilaian=5)
    night(shop)
    shop.number = session.scalar(select(Report.number).where(Report.id == shop.id))
    return shop


def night(shop):
    keep_file(shop.outside, seals.seal_trace(shop.session, KEY, now=shop.clock()).told(KEY.public))
    shop.session.commit()


def taken(shop, **kept):
    """The files of the bundle."""
    given = {"texts_for": PURPOSE, "actor": AUDITOR, "now": shop.clock(), **kept}
    made = audit_bundle.bundle(shop.session, shop.number, KEY, **given)
    shop.session.commit()
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def checked(files, tmp_path, *arguments):
    """What the checker says of these files, run alone: no site packages, no environment."""
    path = tmp_path / "bukti.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    program = tmp_path / "periksa.py"
    program.write_bytes(CHECKER.read_bytes())
    told = subprocess.run(
        [sys.executable, "-I", "-S", program, path, *arguments], capture_output=True, text=True, check=False
    )
    assert told.stderr == ""
    return told.returncode, told.stdout


def trusting(shop):
    return ("--kunci", KEY.public, "--segel", shop.outside)


def test_an_honest_bundle_is_whole(shop, tmp_path):
    files = taken(shop)
    assert checked(files, tmp_path, *trusting(shop))[0] == 0
    words = checked(files, tmp_path)[1]
    assert "Semuanya cocok" in words
    assert "cocokkan" in words, "without a key of one's own it proves less, and says so"
    assert files["periksa.py"] == CHECKER.read_bytes()
    assert b"-0.91215" not in b"".join(files.values()), "the exact point stays, whoever asks for texts"


def test_a_folder_is_as_good_as_a_zip(shop, tmp_path):
    folder = tmp_path / "buka"
    for name, content in taken(shop).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    alone = [sys.executable, "-I", "-S", folder / "periksa.py"]
    told = subprocess.run(alone, capture_output=True, check=False)
    assert told.returncode == 0


def lines_of(files, kind="laporan"):
    streams = json.loads(files["isi.json"])["streams"]
    name = next(one["file"] for one in streams if one["kind"] == kind)
    return name, files[name].splitlines()


def resigned(files, key=KEY):
    """Somebody who even may sign lists anew, such as an insider at the web server, but not the past."""
    told = json.loads(files["isi.json"])
    for name in told["files"]:
        told["files"][name] = hashlib.sha256(files[name]).hexdigest()
    told["public_key"] = key.public
    listed = json.dumps(told).encode()
    return {**files, "isi.json": listed, "isi.sig": key.sign(listed).hex().encode()}


def other(value):
    """Something that is not `value`, of the same kind where there is one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, dict):
        return {**value, "x": 1}
    return "x"


def test_every_field_of_every_event_is_guarded(shop, tmp_path):
    files = taken(shop)
    name, lines = lines_of(files)
    events = [json.loads(line) for line in lines]
    cases = [(at, field) for at, event in enumerate(events) for field in event]
    assert len(cases) > 60
    program = load_checker()
    for at, field in cases:
        changed = [dict(event) for event in events]
        changed[at][field] = other(changed[at][field])
        if field == "commitments" and changed[at][field] == "x":
            changed[at][field] = {"x": "y"}
        touched = resigned({**files, name: b"\n".join(map(canonical, changed)) + b"\n"})
        faults, _words = program.check(touched.get, list(touched), KEY.public)
        assert any(f"peristiwa {changed[at]['seq']} " in one or f"seharusnya peristiwa {at + 1}" in one
                   for one in faults), (at, field, faults)


def load_checker():
    """The checker's functions; it is a program of its own and no part of the application."""
    namespace = {"__name__": "periksa", "__file__": str(CHECKER)}
    exec(compile(CHECKER.read_text(), str(CHECKER), "exec"), namespace)  # the file under test
    return type("Checker", (), {"check": staticmethod(namespace["check"])})


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("remove", "seharusnya peristiwa 3"),
        ("swap", "seharusnya peristiwa 3"),
        ("insert", "seharusnya peristiwa 4"),
        ("cut", "rantai berhenti di peristiwa"),
        ("first", "seharusnya peristiwa 1"),
    ],
)
def test_events_removed_reordered_inserted_or_cut_off_are_named(shop, tmp_path, kind, words):
    files = taken(shop)
    name, lines = lines_of(files)
    lines = {
        "remove": [*lines[:2], *lines[3:]],
        "swap": [*lines[:2], lines[3], lines[2], *lines[4:]],
        "insert": [*lines[:3], lines[1], *lines[3:]],
        "cut": lines[:-1],
        "first": lines[1:],
    }[kind]
    touched = resigned({**files, name: b"\n".join(lines) + b"\n"})
    code, told = checked(touched, tmp_path, *trusting(shop))
    assert (code, words in told) == (1, True), told


@pytest.mark.parametrize(
    "name", ["foto.json", "segel.json", "teks.json", "BACA-DULU.txt", "isi.json", "isi.sig"]
)
def test_any_byte_of_any_file_counts(shop, tmp_path, name):
    files = taken(shop)
    middle = len(files[name]) // 2
    digit = b"0" if files[name][middle : middle + 1] != b"0" else b"1"
    changed = {**files, name: files[name][:middle] + digit + files[name][middle + 1 :]}
    code, told = checked(changed, tmp_path, *trusting(shop))
    assert code in (1, 2), told
    assert "Semuanya cocok" not in told


def test_files_left_out_put_in_or_of_another_sop_are_named(shop, tmp_path):
    files = taken(shop)
    sop = next(name for name in files if name.startswith("sop/"))
    without = {name: content for name, content in files.items() if name != "foto.json"}
    another = resigned({**files, sop: files[sop].replace(b"userTask", b"userTask ")})
    for changed, words in (
        (without, "berkas foto.json hilang"),
        ({**files, "lain.txt": b"x"}, "berkas lain.txt tidak disebut"),
        (another, "bukan isi yang diterbitkan"),
    ):
        code, told = checked(changed, tmp_path, *trusting(shop))
        assert (code, words in told) == (1, True), told


def test_an_opened_text_that_was_never_written_is_named(shop, tmp_path):
    files = taken(shop)
    texts = json.loads(files["teks.json"])
    ((stream, opened),) = texts.items()
    opened[0]["value"] += " (diubah)"
    code, told = checked(resigned({**files, "teks.json": json.dumps({stream: opened}).encode()}), tmp_path)
    assert (code, f"isi “{opened[0]['field']}” bukan aslinya" in told) == (1, True)


def test_without_being_asked_no_text_leaves_the_house(shop, tmp_path):
    files = taken(shop, texts_for=None)
    assert "teks.json" not in files
    everything = b"".join(files.values())
    for words in ("Tumpukan sampah", "Lubang ditutup", "Warga Uji", "0812-34", "8123456789", "-0.91215"):
        assert words.encode() not in everything
    assert checked(files, tmp_path, *trusting(shop))[0] == 0


def test_another_key_is_not_the_citys(shop, tmp_path):
    forged = resigned(taken(shop), Signer("66" * 32))
    code, told = checked(forged, tmp_path, *trusting(shop))
    assert (code, "bukan kunci yang Anda berikan" in told) == (1, True)


def test_a_past_written_anew_in_the_database_is_found_in_the_bundle(shop, tmp_path, owner):
    rewrite(owner, shop.id)
    code, told = checked(taken(shop), tmp_path, *trusting(shop))
    assert (code, "bukan lagi yang disegel (segel 1)" in told) == (1, True), told


def test_a_seal_written_anew_is_found_by_whoever_kept_the_old_one(shop, tmp_path, owner):
    """Even the city's own key does not help: the letter of that night is out of the house."""
    rewrite(owner, shop.id)
    owner.execute(text("DELETE FROM seal_ends; DELETE FROM seals"))
    owner.commit()
    seals.seal_trace(shop.session, KEY, now=shop.clock())
    shop.session.commit()
    code, told = checked(taken(shop), tmp_path, *trusting(shop))
    assert (code, "berbeda dari segel yang Anda simpan" in told) == (1, True), told


@pytest.mark.parametrize("content", [b"", b"PK", b"{}", b"\xff" * 40])
def test_what_is_no_bundle_is_said_so_without_a_traceback(tmp_path, content):
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    told = subprocess.run([sys.executable, "-I", CHECKER, path], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (2, "")
    assert "tidak terbaca" in told.stdout


def test_taking_a_proof_away_is_itself_in_the_trace(shop):
    taken(shop)
    row = shop.session.execute(text("SELECT actor_id, data FROM events WHERE type = 'TraceExported'")).one()
    assert (str(row.actor_id), row.data) == (AUDITOR.person_id, {"teks": True})


@pytest.mark.parametrize("role", ["admin_kominfo", "operator_opd", "wali_kota", "bappeda", "verifikator"])
def test_only_who_reads_traces_takes_them(shop, role):
    with pytest.raises(NotPermitted):
        taken(shop, actor=Actor("person", "uji", AUDITOR.person_id, (Grant(role),)))
    assert shop.session.scalar(text("SELECT count(*) FROM events WHERE type = 'TraceExported'")) == 0


def test_a_number_that_is_none_is_not_found(shop):
    shop.number = "LW-209912-0001-00"
    with pytest.raises(NotFound):
        taken(shop)
