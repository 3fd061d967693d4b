"""What Bappeda writes in the studio is kept, by one person at a time, and nobody else can write it."""

from __future__ import annotations

import re
import uuid

import pytest

from tests.web.desks import Desks, seen


@pytest.fixture
def desks(app, session, clock, still_clock):
    desks = Desks(app, session, clock)
    desks.hire("penyusun", ("bappeda", "BAPPEDA"))
    session.connection().exec_driver_sql(
        "UPDATE persons SET password_hash = (SELECT password_hash FROM persons WHERE username = 'perencana')"
    )
    session.commit()
    return desks


def begun(client, **data):
    """The address of a new draft."""
    answer = client.post("/studio/konsep", data={"cara": "versi", "kunci": "pengaduan", "versi": 1, **data})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def content(client, draft):
    return client.get(f"{draft}/isi.json").json


def save(client, draft, told, name="SOP baru", revision=None):
    text = told["files"][told["main"]]
    files = {told["main"]: re.sub(r'(<bpmn:process [^>]*name=")[^"]*', rf"\g<1>{name}", text)}
    return client.put(
        f"{draft}/isi.json",
        json={"revision": told["revision"] if revision is None else revision, "files": files,
              "main": told["main"], "view": {"berkas": told["main"]}},
    )  # fmt: skip


def test_the_editor_tells_time_as_the_city_does_whatever_the_browser_s_clock(desks):
    writer = desks.officer("perencana")
    assert 'data-zone="Asia/Makassar"' in writer.get(begun(writer)).text


def test_a_draft_begins_as_the_version_and_is_found_again_as_it_was_left(desks):
    writer = desks.officer("perencana")
    draft = begun(writer)
    told = content(writer, draft)
    assert (told["key"], told["name"], told["state"], told["based_on"]) == (
        "pengaduan", "SOP pendek", "konsep", {"version": 1},
    )  # fmt: skip
    assert told["may_edit"]
    assert told["editor"]["mine"]
    answer = save(writer, draft, told, "SOP yang disunting")
    assert answer.status_code == 200, answer.text
    again = content(desks.officer("perencana"), draft)
    assert again["revision"] == answer.json["revision"] == told["revision"] + 1
    assert 'name="SOP yang disunting"' in again["files"][again["main"]]
    assert again["name"] == "SOP yang disunting"
    assert again["view"] == {"berkas": again["main"]}
    assert "SOP yang disunting" in seen(writer.get("/studio"))


def test_an_older_version_can_be_the_beginning_too(desks):
    first = desks.value("SELECT files->>'pengaduan.bpmn' FROM sop_versions WHERE version = 1")
    desks.publish(first.replace("SOP pendek", "SOP kedua"), "pengaduan")
    writer = desks.officer("perencana")
    assert content(writer, begun(writer, versi=2))["name"] == "SOP kedua"
    back = content(writer, begun(writer, versi=1))
    assert (back["name"], back["based_on"]) == ("SOP pendek", {"version": 1})
    assert writer.post(
        "/studio/konsep", data={"cara": "versi", "kunci": "pengaduan", "versi": 3}
    ).status_code == 404


def test_a_second_writer_is_told_who_writes_and_nothing_is_overwritten(desks):
    writer, other = desks.officer("perencana"), desks.officer("penyusun")
    draft = begun(writer)
    told = content(other, draft)
    assert told["editor"] == {"name": "Perencana (uji)", "since": told["editor"]["since"], "mine": False}
    refused = save(other, draft, told, "Punya orang lain")
    assert refused.status_code == 409
    assert refused.json["error"].startswith("Perencana (uji) sedang menyunting konsep ini.")
    assert refused.json["editor"]["name"] == "Perencana (uji)"
    assert "Perencana (uji) sedang menyunting" in seen(other.get("/studio"))
    assert content(writer, draft)["name"] == "SOP pendek"


def test_a_draft_is_taken_over_visibly_and_the_one_before_learns_it(desks):
    writer, other = desks.officer("perencana"), desks.officer("penyusun")
    draft = begun(writer)
    told = content(writer, draft)
    assert other.post(f"{draft}/pegang", json={"ambil_alih": False}).json["editor"]["mine"] is False
    assert other.post(f"{draft}/pegang", json={"ambil_alih": True}).json["editor"]["mine"] is True
    beat = writer.post(f"{draft}/pegang", json={"ambil_alih": False}).json
    assert (beat["editor"]["name"], beat["editor"]["mine"]) == ("Penyusun (uji)", False)
    late = save(writer, draft, told, "Ketikan yang belum tersimpan")
    assert (late.status_code, late.json["editor"]["name"]) == (409, "Penyusun (uji)")
    assert save(other, draft, told, "Milik yang mengambil alih").status_code == 200
    desks.session.rollback()
    assert desks.value("SELECT count(*) FROM events WHERE type = 'SopDraftTakenOver'") == 1


def test_a_closed_laptop_gives_the_draft_free_after_a_minute_but_loses_nothing(desks, clock):
    writer, other = desks.officer("perencana"), desks.officer("penyusun")
    draft = begun(writer)
    told = content(writer, draft)
    assert save(writer, draft, told, "Sebelum laptop ditutup").status_code == 200
    clock.advance(seconds=59)
    assert other.post(f"{draft}/pegang", json={}).json["editor"]["mine"] is False
    clock.advance(seconds=2)
    assert other.post(f"{draft}/pegang", json={}).json["editor"]["mine"] is True
    newer = content(other, draft)
    assert newer["name"] == "Sebelum laptop ditutup"
    assert save(other, draft, newer, "Dilanjutkan rekan").status_code == 200
    assert other.post(f"{draft}/lepas", json={}).status_code == 200
    # The first writer wakes up with what they knew: refused, and told where the draft stands.
    stale = save(writer, draft, told, "Dari laptop yang bangun")
    assert stale.status_code == 409
    assert stale.json["revision"] == content(writer, draft)["revision"]
    assert content(writer, draft)["name"] == "Dilanjutkan rekan"


def test_two_tabs_of_one_person_do_not_overwrite_each_other(desks):
    one, two = desks.officer("perencana"), desks.officer("perencana")
    draft = begun(one)
    told = content(two, draft)
    assert save(one, draft, told, "Dari tab pertama").status_code == 200
    refused = save(two, draft, told, "Dari tab kedua")
    assert refused.status_code == 409
    assert refused.json["editor"]["mine"] is True


BAD = [
    ({"revision": 1, "files": {"../a.bpmn": "x"}, "main": "../a.bpmn"}, "Nama berkas"),
    ({"revision": 1, "files": {"a.bpmn": "x\x00"}, "main": "a.bpmn"}, "tidak dapat disimpan"),
    ({"revision": 1, "files": {"a.bpmn": "x\ud800"}, "main": "a.bpmn"}, "tidak dapat disimpan"),
    ({"revision": 1, "files": {"a.bpmn": "x"}, "main": "b.bpmn"}, "Diagram utama"),
    ({"revision": 1, "files": {"a.bpmn": "x" * 6_000_001}, "main": "a.bpmn"}, "terlalu besar"),
    ({"revision": 1, "files": {f"t{n}.dmn": "x" for n in range(60)} | {"a.bpmn": "x"}, "main": "a.bpmn"},
     "paling banyak 60 berkas"),
    ({"revision": "1", "files": {"a.bpmn": "x"}, "main": "a.bpmn"}, "tidak lengkap"),
    ({"revision": 1, "files": {"a.bpmn": 7}, "main": "a.bpmn"}, "tidak lengkap"),
    ([], "tidak lengkap"),
    ("teks", "tidak lengkap"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "words"), BAD)
def test_what_no_draft_can_hold_is_refused_in_words(desks, sent, words):
    writer = desks.officer("perencana")
    draft = begun(writer)
    answer = writer.put(f"{draft}/isi.json", json=sent)
    assert answer.status_code == 422
    assert words in answer.json["error"]
    assert content(writer, draft)["revision"] == 1


def test_broken_or_endless_json_is_answered_in_json(desks):
    writer = desks.officer("perencana")
    draft = begun(writer)
    broken = writer.put(f"{draft}/isi.json", data=b"{", content_type="application/json")
    assert (broken.status_code, "error" in broken.json) == (400, True)
    deep = writer.put(f"{draft}/isi.json", data=b"[" * 100_000, content_type="application/json")
    assert (deep.status_code, "error" in deep.json) in ((422, True), (400, True))
    huge = writer.put(f"{draft}/isi.json", data=b" " * (13 * 1024 * 1024), content_type="application/json")
    assert (huge.status_code, "error" in huge.json) == (413, True)


@pytest.mark.parametrize("evil", ["\x00", "\ud800", "a\udc00"])
def test_letters_no_text_can_hold_are_dropped_or_refused_wherever_they_stand(desks, evil):
    writer = desks.officer("perencana")
    draft = begun(writer)
    told = content(writer, draft)
    sent = {"revision": told["revision"], "files": told["files"], "main": told["main"]}
    assert writer.put(f"{draft}/isi.json", json={**sent, "view": {"a": [evil]}}).status_code == 422
    assert writer.put(f"{draft}/isi.json", json={**sent, "view": {evil: 1}}).status_code == 422
    good = writer.put(f"{draft}/isi.json", json={**sent, "view": {"a": "Jalan 🚧 rusak"}})
    assert good.status_code == 200
    one = {"name": "a", "title": "t", "text": "x", "origin": "mesin", "covers": {"rows": {evil: [1]}}}
    kept = writer.put(f"{draft}/skenario.json", json={"scenarios": [one]})
    assert kept.json["scenarios"][0]["covers"] == {}
    for name in ("title", "text", "name"):
        assert writer.put(
            f"{draft}/skenario.json", json={"scenarios": [{**one, name: f"a{evil}"}]}
        ).status_code == 422, name


def test_an_unfinished_diagram_is_kept_as_it_is(desks):
    """A lost connection or a half-drawn diagram must not cost what was drawn."""
    writer = desks.officer("perencana")
    draft = begun(writer)
    told = content(writer, draft)
    half = {"revision": told["revision"], "files": {told["main"]: "<bpmn:defin"}, "main": told["main"]}
    assert writer.put(f"{draft}/isi.json", json=half).status_code == 200
    assert content(writer, draft)["files"] == half["files"]
    assert content(writer, draft)["key"] == "pengaduan"


def test_checking_keeps_nothing_and_answers_findings(desks):
    writer = desks.officer("perencana")
    told = content(writer, begun(writer))
    timeless = told["files"][told["main"]].replace('deadline="hari_kerja(5)"', "")
    sent = {"files": {"a.bpmn": timeless}, "main": "a.bpmn"}
    answer = writer.post("/studio/periksa.json", json=sent).json
    assert {"element": "kerjakan", "rule": "tanpa-tenggat"}.items() <= {
        (name, value) for one in answer["findings"] if one["rule"] == "tanpa-tenggat"
        for name, value in one.items() if isinstance(value, str)
    }  # fmt: skip
    assert answer["stopped"] is None
    bomb = '<!DOCTYPE a [<!ENTITY b "xxxxxxxx">]><a>&b;</a>'
    found = writer.post("/studio/periksa.json", json={"files": {"a.bpmn": bomb}, "main": "a.bpmn"}).json
    assert [one["rule"] for one in found["findings"]] == ["doctype-ditolak"]


def test_scenarios_are_kept_with_marks_that_belong_to_their_text(desks):
    writer = desks.officer("perencana")
    draft = begun(writer)
    one = {"name": "kasus_1", "title": "Kasus satu", "text": "sop: pengaduan\n", "origin": "mesin",
           "covers": {}}  # fmt: skip
    assert writer.put(f"{draft}/skenario.json", json={"scenarios": [one]}).status_code == 200
    marked = writer.post(f"{draft}/skenario/kasus_1/tanda", json={"verdict": "benar"})
    assert (marked.json["scenarios"][0]["verdict"], marked.json["scenarios"][0]["marked_by"]) == (
        "benar", "Perencana (uji)",
    )  # fmt: skip
    # The page sends its list back without knowing of marks: they stay with the same text, not with another.
    kept = writer.put(f"{draft}/skenario.json", json={"scenarios": [{**one, "title": "Judul lain"}]})
    assert kept.json["scenarios"][0]["verdict"] == "benar"
    gone = writer.put(f"{draft}/skenario.json", json={"scenarios": [{**one, "text": "sop: lain\n"}]})
    assert gone.json["scenarios"][0]["verdict"] is None
    sneaked = {**one, "name": "kasus_2", "verdict": "benar", "marked_by": "Sekda"}
    added = writer.put(f"{draft}/skenario.json", json={"scenarios": [sneaked]})
    assert added.json["scenarios"][0]["verdict"] is None
    assert writer.post(f"{draft}/skenario/tiada/tanda", json={"verdict": "benar"}).status_code == 404
    assert writer.post(f"{draft}/skenario/kasus_2/tanda", json={"verdict": "hebat"}).status_code == 422


def test_a_small_right_sop_is_the_beginning_of_a_new_one(desks):
    writer = desks.officer("perencana")
    draft = begun(writer, cara="kosong", kunci="izin_keramaian", nama='Izin "keramaian" & acara')
    told = content(writer, draft)
    assert (told["key"], told["name"]) == ("izin_keramaian", 'Izin "keramaian" & acara')
    checked = writer.post("/studio/periksa.json", json={"files": told["files"], "main": told["main"]}).json
    assert checked["findings"] == []
    for data in ({"kunci": "Huruf Besar", "nama": "Nama"}, {"kunci": "baik_saja", "nama": " "}):
        answer = writer.post("/studio/konsep", data={"cara": "kosong", **data})
        assert answer.status_code == 422
        assert data["kunci"] in answer.text


def test_the_pickers_offer_what_this_city_has(desks):
    offered = desks.officer("perencana").get("/studio/katalog.json").json
    assert {"code": "operator_opd", "name": "Operator OPD", "unit_bound": True} in offered["roles"]
    assert {one["code"] for one in offered["units"]} >= {"DPU", "BAPPEDA"}
    assert {one["code"] for one in offered["categories"]} == {"jalan", "sampah", "lainnya"}
    assert [one["name"] for one in offered["operations"]][:2] == ["beritahu", "status"]
    assert {one["name"] for one in offered["functions"]} >= {"hari_kerja", "tenggat", "len"}
    assert {one["code"] for one in offered["end_reasons"]} >= {"selesai", "cabang"}
    assert {"key": "pengaduan", "name": "SOP pendek", "version": 1} in offered["sops"]
    named = {one["name"]: one for one in offered["report_data"]}
    assert {"code": "jalan", "name": "Jalan"} in named["kategori"]["values"]


def test_the_editor_page_alone_may_place_shapes_by_style(desks):
    writer = desks.officer("perencana")
    policy = writer.get(begun(writer)).headers["Content-Security-Policy"]
    assert "style-src-attr 'unsafe-inline'" in policy
    assert policy.count("unsafe-inline") == 1
    assert "unsafe-inline" not in writer.get("/studio").headers["Content-Security-Policy"]


WRITES = [
    ("put", "{draft}/isi.json"), ("post", "{draft}/pegang"), ("post", "{draft}/lepas"),
    ("put", "{draft}/skenario.json"), ("post", "{draft}/skenario/a/tanda"), ("post", "/studio/konsep"),
]  # fmt: skip
READS = ["{draft}/isi.json", "/studio/katalog.json", "/studio", "{draft}"]


@pytest.mark.parametrize("name", ["operator", "pemeriksa", "wali", "inspektur", "admin", "lurah"])
def test_everybody_may_look_and_only_bappeda_may_write(desks, name):
    draft = begun(desks.officer("perencana"))
    somebody = desks.officer(name)
    for address in READS:
        assert somebody.get(address.format(draft=draft)).status_code == 200, address
    assert content(somebody, draft)["may_edit"] is False
    for method, address in WRITES:
        answer = getattr(somebody, method)(address.format(draft=draft), json={})
        assert answer.status_code == 403, address


def test_without_signing_in_a_script_is_told_and_a_person_is_sent_to_the_door(desks):
    draft = begun(desks.officer("perencana"))
    stranger = desks.stranger()
    answer = stranger.put(f"{draft}/isi.json", json={})
    assert (answer.status_code, answer.json["error"][:26]) == (401, "Kunjungan Anda berakhir. M")
    assert stranger.get("/studio").headers["Location"].startswith("/masuk")


def test_a_forged_page_cannot_write_a_draft(app, desks):
    writer = desks.officer("perencana")
    draft = begun(writer)
    app.config["WTF_CSRF_ENABLED"] = True
    for method, address in WRITES:
        assert getattr(writer, method)(address.format(draft=draft), json={}).status_code == 400, address
    token = re.search(r'name="csrf-token" content="([^"]+)"', writer.get("/studio").text)[1]
    good = writer.post(f"{draft}/pegang", json={}, headers={"X-CSRFToken": token})
    assert good.status_code == 200


def test_a_draft_that_is_not_there_is_said_to_be_gone(desks):
    writer = desks.officer("perencana")
    answer = writer.get(f"/studio/konsep/{uuid.UUID(int=1)}/isi.json")
    assert (answer.status_code, answer.json["error"]) == (
        404, "Konsep SOP ini tidak ada. Mungkin sudah dibuang.",
    )  # fmt: skip
