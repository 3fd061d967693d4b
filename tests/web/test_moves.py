"""Moving running reports in the browser: who may plan, who may set it going, and what nobody else reads."""

import re

import pytest
from sqlalchemy import text

from app.db.models import Role
from tests.conftest import let_worker_work
from tests.services.small_city import SHORT_SOP
from tests.web.desks import Desks, seen
from tests.web.test_studio_lifecycle import Pages

REASON = "Perwal baru menambah satu isian."
CHANGED = SHORT_SOP.replace("{key}", "pengaduan").replace("{message}", "")
FIELD = '<sop:field id="tambahan" type="integer" label="Jumlah lampu"/>'


def with_a_field(sop):
    """The first form asks one thing more."""
    return sop.replace("<sop:form>", f"<sop:form>{FIELD}", 1)


@pytest.fixture
def city(app, session, clock, still_clock):
    desks = Desks(app, session, clock)
    session.add(Role(code="sekda", name="Sekretaris Daerah", home_unit="SETDA"))
    session.flush()
    desks.hire("sekda", ("sekda", "SETDA"))
    desks.hire("asisten", ("sekda", "SETDA"), ("bappeda", "BAPPEDA"))
    session.execute(text(
        "UPDATE persons SET password_hash = (SELECT password_hash FROM persons WHERE username = 'admin')"))
    session.execute(text(
        "INSERT INTO streams (id, kind, last_seq, last_hash)"
        " SELECT id, 'akun', 0, decode(repeat('00', 32), 'hex') FROM persons ON CONFLICT DO NOTHING"))
    session.commit()
    return desks


def planned(city, settings, *, by="perencana"):
    """A tried plan; its address."""
    planner = city.officer(by)
    answer = planner.post("/studio/pengaduan/pindah", data={"dari": 1, "ke": 2})
    assert answer.status_code == 303, seen(answer)
    let_worker_work(settings)
    return planner, answer.headers["Location"]


def ids(answer):
    return re.findall(r'name="laporan" value="([0-9a-f-]{36})"', answer.text)


def running_on(city):
    city.session.rollback()
    return dict(city.session.execute(text(
        "SELECT v.version, count(*) FROM instances i JOIN sop_versions v ON v.id = i.sop_version_id"
        " GROUP BY 1")).all())


def test_bappeda_plans_the_sekda_sets_it_going_and_the_operator_sees_the_field(city, settings):
    numbers = [city.send(photo=False)[0].number for _ in range(3)]
    city.publish(with_a_field(CHANGED), "pengaduan")
    planner, plan = planned(city, settings)
    page = planner.get(plan)
    words = seen(page)
    assert "3 Dapat pindah" in words
    assert "0 Batas waktu bergeser" in words
    assert all(number in words for number in numbers)
    assert ids(page) == []
    assert planner.post(f"{plan}/jalankan", data={"alasan": REASON}).status_code == 403
    sekda = city.officer("sekda")
    offered = ids(sekda.get(plan))
    assert len(offered) == 3
    short = sekda.post(f"{plan}/jalankan", data={"alasan": "ya", "laporan": offered[:2]})
    assert short.status_code == 422
    assert "paling sedikit 10 huruf" in seen(short)
    assert short.text.count(" checked") == 2
    going = sekda.post(f"{plan}/jalankan", data={"alasan": REASON, "laporan": offered[:2]})
    assert going.status_code == 303
    assert sekda.get(f"{plan}/kemajuan.json").get_json() == {
        "busy": True, "state": "berjalan", "done": 0, "total": 2}
    assert "Sedang memindahkan" in seen(sekda.get(plan))
    let_worker_work(settings)
    assert running_on(city) == {1: 1, 2: 2}
    done = sekda.get(plan)
    assert "Dipindahkan" in seen(done)
    report = city.value("SELECT r.id FROM reports r JOIN instances i ON i.report_id = r.id"
                        " WHERE i.id = CAST(:i AS uuid)", i=offered[0])
    admin = city.officer("admin")
    assert "Jumlah lampu" in seen(admin.get(f"/tugas/{city.item('verifikasi', report).id}"))
    undone = sekda.post(f"{plan}/kembali/{offered[0]}", follow_redirects=True)
    assert "Laporan dikembalikan" in seen(undone)
    assert running_on(city) == {1: 2, 2: 1}
    assert sekda.post(f"{plan}/kembali").status_code == 303
    let_worker_work(settings)
    assert running_on(city) == {1: 3}


def test_who_planned_it_cannot_set_it_going(city, settings):
    city.send(photo=False)
    city.publish(with_a_field(CHANGED), "pengaduan")
    both, plan = planned(city, settings, by="asisten")
    page = both.get(plan)
    assert ids(page) == []
    assert "minta pejabat lain" in seen(page)
    refused = both.post(f"{plan}/jalankan", data={"alasan": REASON, "laporan": []})
    assert refused.status_code == 409
    assert "tidak dapat menjalankannya" in seen(refused)


@pytest.mark.parametrize("name", ["operator", "pemeriksa", "wali", "inspektur", "admin", "sekda"])
def test_others_do_not_plan(city, settings, name):
    city.send(photo=False)
    city.publish(with_a_field(CHANGED), "pengaduan")
    _planner, plan = planned(city, settings)
    officer = city.officer(name)
    assert officer.get(plan).status_code == 200
    assert officer.post("/studio/pengaduan/pindah", data={"dari": 1, "ke": 2}).status_code == 403
    for step in ("putusan", "uji"):
        assert officer.post(f"{plan}/{step}").status_code == 403
    for step in ("jalankan", "henti", "kembali", "kembali/00000000-0000-0000-0000-000000000001"):
        expected = {409, 422} if name == "sekda" else {403}
        assert officer.post(f"{plan}/{step}").status_code in expected
    assert city.stranger().get(plan).status_code == 302


@pytest.mark.parametrize("anonymous", [False, True])
@pytest.mark.parametrize("confidential", [False, True])
def test_of_a_confidential_report_others_read_the_number_only(city, settings, anonymous, confidential):
    flags = {"anonymous": "y" if anonymous else None, "confidential": "y" if confidential else None}
    report, _secret = city.send(photo=False, **flags)
    city.publish(with_a_field(CHANGED), "pengaduan")
    _planner, plan = planned(city, settings)
    step = city.item("verifikasi", report.id).name
    files = {"files": {"pengaduan.bpmn": with_a_field(CHANGED)}, "main": "pengaduan.bpmn"}
    for name in ("perencana", "sekda", "wali", "inspektur", "admin", "operator", "lurah", "pemeriksa"):
        officer = city.officer(name)
        asked = officer.post("/studio/dampak.json", json=files).get_json()
        let_worker_work(settings)
        impact = officer.post("/studio/dampak.json", json={"id": asked["id"]}).get_json()
        assert impact["state"] == "selesai"
        reads = not confidential or name in ("sekda", "wali", "inspektur", "admin")
        for shown in (seen(officer.get(plan)), re.sub(r"<[^>]+>", " ", impact["html"])):
            assert report.number in shown
            assert (step in shown) == reads, name
            for word in ("Lampu jalan", "Warga Uji", "081234567890", "Cemara"):
                assert word not in shown


def test_the_impact_of_a_draft(city, settings):
    city.send(photo=False)
    planner = city.officer("perencana")
    draft = CHANGED.replace('id="verifikasi"', 'id="telaah"').replace('"verifikasi"', '"telaah"').replace(
        ">verifikasi<", ">telaah<")
    asked = planner.post("/studio/dampak.json", json={"files": {"a.bpmn": draft}, "main": "a.bpmn"})
    assert asked.status_code == 200, asked.text
    first = asked.get_json()
    assert (first["state"], first["done"], first["total"]) == ("berjalan", 0, 1)
    let_worker_work(settings)
    told = planner.post("/studio/dampak.json", json={"id": first["id"]}).get_json()
    assert (told["state"], told["asks"], told["can"], told["stays"]) == ("selesai", 1, 0, 0)
    assert "tidak ada lagi" in told["html"]
    other = city.officer("sekda").post("/studio/dampak.json", json={"id": first["id"]})
    assert other.status_code == 404


@pytest.mark.parametrize("body", [
    None, [], {}, {"files": {}, "main": "a"}, {"files": {"a.bpmn": "<x"}, "main": "a.bpmn"},
    {"files": {"a.bpmn": 3}, "main": "a.bpmn"}, {"files": "x", "main": 1}, {"id": "x"}, {"id": 7},
    {"files": {"a.bpmn": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "main": "a.bpmn"},
])
def test_nonsense_is_answered_in_words(city, body):
    answer = city.officer("perencana").post("/studio/dampak.json", json=body)
    assert answer.status_code in (404, 422)
    assert answer.get_json()["error"]


def test_a_plan_of_another_sop_or_none_is_not_found(city, settings):
    city.send(photo=False)
    city.publish(with_a_field(CHANGED), "pengaduan")
    planner, plan = planned(city, settings)
    for address in (plan.replace("pengaduan", "lain"), plan[:-3] + "000", "/studio/lain/pindah"):
        assert planner.get(address).status_code == 404
    assert planner.post("/studio/pengaduan/pindah", data={"dari": "x", "ke": ""}).status_code == 404
    again = planner.post("/studio/pengaduan/pindah", data={"dari": 2, "ke": 1})
    assert again.status_code == 422
    wrong = planner.post(f"{plan}/putusan", data={"padanan-verifikasi": "tidak_ada"})
    assert wrong.status_code == 422
    assert "tidak ada" in seen(wrong)


def test_the_impact_of_a_proposal_is_that_of_its_files(app, session, clock, still_clock):
    town = Pages(app, session, clock)
    proposal = town.propose(town.draft())
    approver = town.officer("sekda")
    told = approver.post("/studio/dampak.json", json={"usulan": str(proposal.id)}).get_json()
    assert (told["state"], told["total"]) == ("selesai", 0)
    assert "Tidak ada laporan yang sedang berjalan" in told["html"]
    assert f'data-impact-of="{proposal.id}"' in approver.get(f"/studio/usulan/{proposal.id}").text
    nobody = approver.post("/studio/dampak.json", json={"usulan": str(town.draft().id)})
    assert nobody.status_code == 404
