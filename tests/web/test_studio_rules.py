"""Limits of law are data with a source, changed by Bappeda in the open; drafts are checked against them."""

from __future__ import annotations

import pytest

from app.services.sop_rules import rules_in_force
from tests.web.desks import Desks, seen

GOOD = {
    "kunci": "verifikasi", "batas": "1", "sumber": "Perwal Nomor 5 Tahun 2027",
    "alasan": "Warga meminta verifikasi sehari.",
}  # fmt: skip


@pytest.fixture
def desks(app, session, clock, still_clock):
    return Desks(app, session, clock)


def limit(desks):
    desks.session.rollback()
    return next(
        (rule.value, rule.source) for rule in rules_in_force(desks.session) if rule.key == "verifikasi"
    )


def test_a_limit_is_changed_with_its_source_and_reason_and_said_to_everybody(desks):
    before = limit(desks)
    assert desks.officer("perencana").post("/studio/aturan", data=GOOD).status_code == 303
    assert limit(desks) == (1, "Perwal Nomor 5 Tahun 2027")
    page = seen(desks.officer("operator").get("/studio/aturan"))
    for words in ("1 hari kerja", "Perwal Nomor 5 Tahun 2027", "Perencana (uji)", GOOD["alasan"],
                  f"Semula {before[0]} hari kerja."):  # fmt: skip
        assert words in page
    event = desks.session.connection().exec_driver_sql(
        "SELECT data FROM events WHERE type = 'SopRuleChanged'"
    ).scalar_one()  # fmt: skip
    assert (event["dari"], event["ke"], event["sumber"]) == (before[0], 1, GOOD["sumber"])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sumber": " "}, "Sebutkan peraturan"),
        ({"alasan": "saja"}, "Tulis mengapa"),
        ({"batas": "0"}, "Batasnya antara"),
        ({"batas": "tiga"}, "Batasnya antara"),
    ],
)
def test_without_source_reason_or_sense_nothing_changes_and_nothing_typed_is_lost(desks, wrong, words):
    before = limit(desks)
    answer = desks.officer("perencana").post("/studio/aturan", data={**GOOD, **wrong})
    assert answer.status_code == 422
    assert words in seen(answer)
    assert {**GOOD, **wrong}["sumber"] in answer.text
    assert limit(desks) == before


def test_a_limit_nobody_knows_is_not_found(desks):
    assert desks.officer("perencana").post("/studio/aturan", data={**GOOD, "kunci": "x"}).status_code == 404


@pytest.mark.parametrize("name", ["operator", "pemeriksa", "wali", "inspektur", "admin"])
def test_only_bappeda_changes_a_limit(desks, name):
    somebody = desks.officer(name)
    assert somebody.post("/studio/aturan", data=GOOD).status_code == 403
    assert "Ubah batas ini" not in somebody.get("/studio/aturan").text


def test_a_draft_is_checked_with_the_limit_as_it_is_now(desks):
    writer = desks.officer("perencana")
    draft = writer.post(
        "/studio/konsep", data={"cara": "versi", "kunci": "pengaduan", "versi": 1}
    ).headers["Location"]  # fmt: skip
    told = writer.get(f"{draft}/isi.json").json
    sent = {"files": told["files"], "main": told["main"]}

    def limits():
        found = writer.post("/studio/periksa.json", json=sent).json["findings"]
        return [one["message"] for one in found if GOOD["sumber"] in one["message"] + one["repair"]]

    assert limits() == []
    writer.post("/studio/aturan", data=GOOD)
    assert limits() != []
