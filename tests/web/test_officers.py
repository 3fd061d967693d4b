"""An administrator opens accounts, gives and takes roles, and closes accounts; nobody else does."""

import re

import pytest
from sqlalchemy import select, text

from app.db.models import Person
from tests.web.desks import PASSWORD, seen

COPY = "UPDATE persons SET password_hash = (SELECT password_hash FROM persons WHERE username = 'admin')"


def person(session, username):
    session.rollback()
    return session.scalars(select(Person).where(Person.username == username)).one()


def open_account(browser, **changes):
    typed = {"display_name": "Operator baru (demo)", "username": "operator.baru", "email": "", **changes}
    return browser.post("/admin/petugas/baru", data={"role": "operator_opd", "unit": "DPU", **typed})


def test_a_new_officer_signs_in_with_the_password_shown_once_and_sees_the_units_tasks(desks, session):
    admin = desks.officer("admin")
    answer = open_account(admin)
    password = re.search(r"<code[^>]*>([a-z0-9-]{19})</code>", answer.text)[1]
    newcomer = desks.stranger()
    signed = newcomer.post("/masuk", data={"username": "operator.baru", "password": password})
    assert signed.headers["Location"] == "/kotak-masuk"
    page = admin.get(f"/admin/petugas/{person(session, 'operator.baru').id}")
    assert password not in page.text
    assert "Operator" in seen(page)


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(desks):
    answer = open_account(desks.officer("admin"), username="X!", email="bukan surel", role="")
    assert answer.status_code == 422
    assert "Operator baru (demo)" in answer.text
    for words in ("Pakai 3-50 huruf kecil", "Tulis alamat surel", "Pilih perannya"):
        assert words in answer.text
    taken = open_account(desks.officer("admin"), username="operator")
    assert (taken.status_code, "sudah dipakai" in taken.text) == (409, True)


def test_who_leaves_is_out_at_once_and_the_tasks_in_hand_go_back_to_the_unit(desks, session):
    desks.send()
    verifying = desks.officer("admin")
    task = session.scalar(text("SELECT id FROM work_items WHERE closed_at IS NULL"))
    open_account(verifying, username="admin.dua", role="admin_kominfo", unit="")
    second = desks.stranger()
    session.execute(text(COPY))
    session.commit()
    second.post("/masuk", data={"username": "admin.dua", "password": PASSWORD})
    second.post(f"/tugas/{task}/ambil")
    leaving = person(session, "admin.dua").id
    assert session.scalar(text("SELECT claimed_by FROM work_items")) == leaving
    closed = verifying.post(f"/admin/petugas/{leaving}/tutup", follow_redirects=True)
    assert "1 tugas yang dipegangnya kembali ke unit" in seen(closed)
    session.rollback()
    assert session.scalar(text("SELECT claimed_by FROM work_items")) is None
    assert "/masuk" in second.get("/kotak-masuk").headers.get("Location", "")
    again = verifying.post(f"/admin/petugas/{leaving}/buka", follow_redirects=True)
    assert "Akun dibuka kembali" in seen(again)


def test_a_role_taken_away_ends_at_the_next_click(desks, session):
    admin, operator = desks.officer("admin"), desks.officer("operator")
    who = person(session, "operator").id
    unit = session.scalar(text("SELECT unit_code FROM grants WHERE person_id = :id"), {"id": who})
    answer = admin.post(f"/admin/petugas/{who}/peran/cabut", data={"role": "operator_opd", "unit": unit})
    assert answer.status_code == 302
    assert operator.get("/kotak-masuk").status_code == 403
    admin.post(f"/admin/petugas/{who}/peran", data={"role": "operator_opd", "unit": unit})
    assert operator.get("/kotak-masuk").status_code == 200


def test_the_last_administrator_stays(desks, session):
    admin = desks.officer("admin")
    me = person(session, "admin").id
    unit = session.scalar(text("SELECT unit_code FROM grants WHERE person_id = :id"), {"id": me})
    last = {"role": "admin_kominfo", "unit": unit or ""}
    answer = admin.post(f"/admin/petugas/{me}/peran/cabut", data=last)
    assert (answer.status_code, "Angkat penggantinya" in answer.text) == (409, True)
    assert admin.post(f"/admin/petugas/{me}/tutup").status_code == 409
    assert admin.get("/kotak-masuk").status_code == 200


@pytest.mark.parametrize("name", ["operator", "pemeriksa", "lurah", "inspektur", "wali", "perencana"])
def test_nobody_else_sees_or_changes_accounts(desks, session, name):
    browser, who = desks.officer(name), person(session, "operator").id
    assert browser.get(f"/admin/petugas/{who}").status_code == 403
    assert open_account(browser).status_code == 403
    for action in ("", "/peran", "/peran/cabut", "/tutup", "/buka", "/kata-sandi"):
        assert browser.post(f"/admin/petugas/{who}{action}").status_code == 403
    session.rollback()
    assert person(session, "operator").active
