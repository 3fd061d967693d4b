"""How an SOP was judged, taken home and checked there with nothing but Python."""

import io
import json
import zipfile

import pytest
from sqlalchemy import text

from app.domain.errors import NotFound, NotPermitted
from app.services import audit_bundle, sop_versions
from app.services.seal_files import keep_file
from app.services.seals import seal_trace
from tests.services.studio_town import NOTE, Studio
from tests.services.test_audit_bundle import AUDITOR, KEY, checked
from tests.services.test_seals import rewrite

REMARKS = "Sebutkan dasar hukum batas dua hari kerja."


@pytest.fixture
def studio(session, clock, tmp_path):
    """An SOP that came back once and was approved then; its seals lie in `outside`."""
    studio = Studio(session, clock)
    studio.outside = tmp_path / "outside"
    row = studio.draft()
    studio.first = studio.propose(row).id
    studio.do("asisten", "telaah", hasil_telaah="perbaiki", catatan=REMARKS)
    night(studio)
    studio.second = studio.propose(studio.state(row)).id
    studio.approve()
    night(studio)
    clock.advance(days=1)
    return studio


def night(studio):
    keep_file(studio.outside, seal_trace(studio.session, KEY, now=studio.clock()).told(KEY.public))
    studio.session.commit()


def taken(studio, proposal, actor=AUDITOR):
    made = audit_bundle.approval_bundle(studio.session, proposal, KEY, actor=actor, now=studio.clock())
    studio.session.commit()
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def trusting(studio):
    return ("--kunci", KEY.public, "--segel", studio.outside)


@pytest.mark.parametrize("which", ["first", "second"])
def test_an_honest_bundle_is_whole(studio, tmp_path, which):
    files = taken(studio, getattr(studio, which))
    code, told = checked(files, tmp_path, *trusting(studio))
    assert (code, "Semuanya cocok" in told) == (0, True), told
    assert "penetapan SOP izin" in told
    listed = json.loads(files["isi.json"])
    versions = {(one["key"], one["version"]) for one in listed["sops"]}
    assert versions == {("penetapan_sop", 1)} | ({("izin", 2)} if which == "second" else set())
    words = b"".join(content for name, content in files.items() if name != "periksa.py")
    assert NOTE.encode() not in words, "texts stay here; the chain knows them by their commitments"
    assert REMARKS.encode() not in words


def test_a_past_written_anew_is_named(studio, tmp_path, owner):
    rewrite(owner, sop_versions.stream_of("izin"))
    code, told = checked(taken(studio, studio.second), tmp_path, *trusting(studio))
    assert code == 1
    assert "penetapan SOP izin, peristiwa" in told


def test_another_diagram_than_the_one_that_came_into_force_is_named(studio, tmp_path):
    files = taken(studio, studio.second)
    name = next(name for name in files if name.startswith("sop/izin-v2/"))
    code, told = checked({**files, name: files[name] + b" "}, tmp_path, *trusting(studio))
    assert code == 1
    assert "SOP izin versi 2: bukan isi yang diterbitkan" in told


def test_a_bundle_of_another_proposal_is_not_passed_off_for_this_one(studio, tmp_path):
    files = taken(studio, studio.second)
    listed = json.loads(files["isi.json"])
    signed = json.dumps({**listed, "report": str(AUDITOR.person_id)}).encode()
    forged = {**files, "isi.json": signed, "isi.sig": KEY.sign(signed).hex().encode()}
    assert "bukan rantai laporan" in checked(forged, tmp_path)[1]


def test_taking_it_is_for_auditors_and_stands_in_the_trace(studio):
    for name in ("penyusun", "sekda", "admin"):
        with pytest.raises(NotPermitted):
            taken(studio, studio.first, studio.who[name])
    with pytest.raises(NotFound):
        taken(studio, studio.session.scalar(text("SELECT draft_id FROM sop_proposals LIMIT 1")))
    taken(studio, studio.first)
    told = studio.session.execute(
        text("SELECT role_code, data->>'usulan' FROM events WHERE type = 'TraceExported'")
    ).all()
    assert [tuple(one) for one in told] == [("inspektorat", str(studio.first))]
