"""A repair offered with a finding makes that finding go away, and brings no error that was not there."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from app.engine.declaration import Finding
from app.engine.fixes import FixInvalid, apply_fix
from app.engine.markup import BPMN
from tests.engine.diagrams import begin, boundary, bpmn, end, flows, gateway, timer, user
from tests.engine.right_sop import RIGHT, found, spoilt
from tests.engine.test_lint import REFUSED, WARNED, refused_when
from tests.engine.test_refusals import REFUSED as NOT_RUN

UNDRAWN = {"panah-putus", "id-ganda", "satu-mulai", "tanpa-id", "proses-ganda"}
ON_WAYS = {"akhir-tanpa-kabar", "tanpa-keputusan-manusia", "elemen-mati", "buntu"}
"""Not asked while arrows hang in the air; what they find was wrong before too."""
OK = begin() + user("a", "x") + end() + flows("s a", "a e")
DRAWN = [spoilt(*changes) for _rule, _element, changes in [*REFUSED, *WARNED]]
DRAWN += [bpmn(body) for body, _rule, _element in NOT_RUN]
DRAWN += [
    spoilt((' isExecutable="true"', ' isExecutable="false"')),
    spoilt((' default="f_tolak"', ' default="hilang"')),
    spoilt((' default="f_tolak"', "")),
    spoilt(("tenggat(100)", "")),
    spoilt(("tenggat(100)", "PT4H")),
    spoilt(('cancelActivity="false"', 'cancelActivity="true"'), ("tenggat(100)", "'R3/PT4H'")),
    spoilt((' fresh="', ' fresh="') if " fresh=" in RIGHT else (' status="diproses"', ' fresh="ya"')),
    spoilt((' status="diproses"', ' pauses="semua"')),
    spoilt(('verifies="tindak_lanjut"', 'verifies="hilang"')),
    spoilt(('name="Menegur petugas"', 'name="Periksa petugas"')),
    spoilt(('id="f_terima" name="Ya"', 'id="f_terima"'), ('id="f_tolak" name="Tidak"', 'id="f_tolak"')),
    spoilt(refused_when("anonim")),
    bpmn(OK + '<bpmn:dataObject id="d"/><bpmn:dataObjectReference id="r" dataObjectRef="d"/>'),
    bpmn(OK + boundary("b", "a", timer("jam(1)")) + user("t") + end("e2", reason="") + flows("b t", "t e2")),
    bpmn(begin() + '<bpmn:userTask id="a"/>' + '<bpmn:endEvent id="ditolak"/>' + flows("s a", "a ditolak")),
    bpmn(begin() + gateway("parallel", "g") + user("a") + user("b") + gateway("parallel", "j") + end()
         + flows("s g", "g a: x == 1", "g b", "a j", "b j", "j e")),
]


def pairs(findings: tuple[Finding, ...], severity: str | None = None) -> set[tuple[str, str | None]]:
    return {(one.rule, one.element) for one in findings if severity in (None, one.severity)}


def offered() -> list[tuple[str, Finding]]:
    """Every repair that is offered for these drawings, once for each rule and kind of edit."""
    seen: dict[tuple[Any, ...], tuple[str, Finding]] = {}
    for text in DRAWN:
        for one in found(text):
            if one.fix is not None:
                kinds = tuple((edit["do"], edit.get("tag"), edit.get("name")) for edit in one.fix["edits"])
                seen.setdefault((one.rule, one.element, kinds), (text, one))
    return list(seen.values())


OFFERED = offered()


@pytest.mark.parametrize(("text", "finding"), OFFERED,
                         ids=[f"{n}-{one.rule}-{one.element}" for n, (_t, one) in enumerate(OFFERED)])
def test_a_repair_ends_its_finding_and_begins_no_error(text: str, finding: Finding) -> None:
    assert finding.fix is not None
    before = found(text)
    repaired = apply_fix(text.encode(), finding.fix).decode()
    after = found(repaired)
    assert (finding.rule, finding.element) not in pairs(after) or _fewer(before, after, finding)
    hidden = ON_WAYS if {one.rule for one in before} & UNDRAWN else set()
    assert {one for one in pairs(after, "error") if one[0] not in hidden} <= pairs(before, "error")


def _fewer(before: tuple[Finding, ...], after: tuple[Finding, ...], finding: Finding) -> bool:
    """Of several findings of one rule on one element, this one is gone."""
    return finding not in after and len([one for one in after if one.rule == finding.rule]) < len(
        [one for one in before if one.rule == finding.rule])


def test_most_rules_offer_a_repair() -> None:
    rules = {one.rule for text in DRAWN for one in found(text)}
    repaired = {one.rule for _text, one in OFFERED}
    assert len(repaired) >= 30, sorted(rules - repaired)


def test_a_repair_says_what_it_does_in_the_officers_words() -> None:
    for _text, one in OFFERED:
        assert one.fix is not None
        assert one.fix["label"][0].isupper(), one
        assert one.fix["edits"], one


def test_removing_an_element_takes_along_what_hangs_on_it() -> None:
    root = etree.fromstring(apply_fix(RIGHT.encode(), {"label": "x", "edits": [
        {"do": "remove", "element": "tindak_lanjut"}]}))
    ids = {part.get("id") for part in root.iter(f"{{{BPMN}}}*")}
    assert not ids & {"tindak_lanjut", "lewat", "tarik", "f_terima", "f_hasil", "f_lewat", "f_tarik"}
    assert not [part for part in root.iter(f"{{{BPMN}}}flowNodeRef") if part.text == "tindak_lanjut"]


def test_removing_a_default_flow_leaves_no_gateway_that_names_it() -> None:
    repaired = apply_fix(RIGHT.encode(), {"label": "x", "edits": [{"do": "remove", "element": "f_tolak"}]})
    assert b'default="f_tolak"' not in repaired


@pytest.mark.parametrize("edit", [
    {"do": "remove", "element": "hilang"},
    {"do": "jalankan", "element": "tegur"},
    {"do": "timer", "element": "tegur", "place": "timeDate", "value": "jam(1)"},
    {"do": "timer", "element": "lewat", "place": "script", "value": "jam(1)"},
])
def test_an_edit_that_makes_no_sense_is_refused(edit: dict[str, Any]) -> None:
    with pytest.raises(FixInvalid):
        apply_fix(RIGHT.encode(), {"label": "x", "edits": [edit]})
