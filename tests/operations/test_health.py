"""Machines ask whether it lives, can serve, and how it runs; they learn no secret and no person."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.config import SettingInvalid, from_environment
from app.factory import create_app
from app.services import running
from tests.effort import effort
from tests.services.test_incidents import BY_TIMER
from tests.services.workshop import Workshop, counted

TOKEN = "k" * 32
SCRAPE = 8
"""In the measure of `effort`: about a twelfth of a second on a quiet machine."""


def ready(client):
    answer = client.get("/health/ready")
    return answer.status_code, answer.get_json()


def heartbeat(session, age="0 seconds"):
    session.execute(text("DELETE FROM procrastinate_workers"))
    session.execute(
        text("INSERT INTO procrastinate_workers (last_heartbeat)"
             " VALUES (clock_timestamp() - CAST(:age AS interval))"),
        {"age": age},
    )  # fmt: skip
    session.commit()


def test_alive_needs_nothing(app, settings):
    nowhere = replace(settings, database_url="postgresql://x@127.0.0.1:1/x", database_app_url=None)
    assert create_app(nowhere).test_client().get("/health/live").get_json() == {"hidup": True}


def test_ready_when_every_part_is(client, session):
    heartbeat(session)
    assert ready(client) == (200, {"siap": True, "bagian": dict.fromkeys(
        ("basis_data", "tabel", "pekerja", "penyimpanan"), "baik")})  # fmt: skip


def test_a_silent_worker_old_tables_and_a_full_disk_are_named(client, session, owner_session, settings):
    heartbeat(session, "5 minutes")
    owner_session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    owner_session.commit()
    folder = settings.instance / "storage"
    client.get("/health/ready")
    for one in sorted(folder.rglob("*"), reverse=True):
        one.rmdir() if one.is_dir() else one.unlink()
    folder.rmdir()
    folder.write_text("no folder any more")
    status, told = ready(client)
    assert status == 503
    assert told["siap"] is False
    assert [name for name, words in told["bagian"].items() if words != "baik"] == [
        "pekerja", "penyimpanan", "tabel"
    ]  # fmt: skip
    assert "semenit" in told["bagian"]["pekerja"]
    assert str(folder) not in str(told)


def test_a_database_that_is_away_is_said_without_its_address(app, settings):
    gone = replace(settings, database_url="postgresql://kota:rahasia@127.0.0.1:1/x", database_app_url=None)
    status, told = ready(create_app(gone).test_client())
    assert status == 503
    assert told["bagian"]["basis_data"] == "tidak terjangkau"
    assert "rahasia" not in str(told)


def figures(answer):
    lines = answer.get_data(as_text=True).splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line[0] != "#"}


def test_the_figures_tell_what_waits_and_what_is_late(client, session, clock):
    shop = Workshop(session, clock, BY_TIMER)
    shop.report()
    shop.report()
    clock.set(shop.value("SELECT min(next_wake) FROM instances"))
    shop.wake(shop.value("SELECT id FROM instances ORDER BY next_wake LIMIT 1"))
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE id ="
                         " (SELECT min(id) FROM procrastinate_jobs)"))  # fmt: skip
    session.commit()
    client.get("/lacak")
    found = figures(client.get("/metrics"))
    assert found["tuntas_reports_received"] == found["tuntas_reports_open"] == 2
    assert found["tuntas_incidents_open"] == 1
    assert found["tuntas_dead_jobs"] == 1
    assert found["tuntas_wake_lateness_seconds"] > 3600, "the other report's timer, due in March"
    assert found["tuntas_queue_age_seconds"] >= 0
    assert found['tuntas_push_seconds_count{verb="start"}'] >= 2
    assert found['tuntas_push_seconds_count{verb="wake"}'] >= 1
    assert any(re.fullmatch(r'tuntas_http_seconds_count\{endpoint="citizen\.look_up",status="2xx"\}', name)
               for name in found)  # fmt: skip


def test_a_scrape_is_cheap_and_names_no_report(client, session, clock, app):
    shop = Workshop(session, clock, BY_TIMER)
    for _ in range(3):
        shop.report()
    number = shop.value("SELECT min(number) FROM reports")
    client.get(f"/lacak?nomor={number}")
    page = client.get("/metrics").get_data(as_text=True)
    assert number not in page
    assert "/" not in re.sub(r"(?m)^#.*$", "", page)
    with counted(app.extensions["tuntas_database"].engine) as seen:
        took = effort(lambda: client.get("/metrics"), rounds=20)
    assert len(seen["statements"]) / 20 <= 5
    assert took < SCRAPE


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_came_through_a_proxy_finds_no_figures(client, header):
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_another_machine_needs_the_token(settings):
    app = create_app(replace(settings, metrics_token=TOKEN))
    elsewhere = {"environ_base": {"REMOTE_ADDR": "10.1.2.3"}}
    client = app.test_client()
    assert client.get("/metrics", **elsewhere).status_code == 404
    for sent in ("Bearer wrong", "Bearer ", TOKEN, f"bearer {TOKEN}"):
        assert client.get("/metrics", headers={"Authorization": sent}, **elsewhere).status_code == 404
    known = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=known, **elsewhere).status_code == 200
    app.extensions["tuntas_database"].dispose()


def test_without_a_token_no_header_opens_them(client):
    elsewhere = {"environ_base": {"REMOTE_ADDR": "10.1.2.3"}}
    for sent in ("Bearer ", "Bearer None", "Bearer"):
        assert client.get("/metrics", headers={"Authorization": sent}, **elsewhere).status_code == 404


def test_a_token_that_could_be_guessed_stops_the_start(tmp_path):
    told = {"TUNTAS_INSTANCE": str(tmp_path), "TUNTAS_METRICS_TOKEN": "rahasia"}
    with pytest.raises(SettingInvalid, match="TUNTAS_METRICS_TOKEN"):
        from_environment(told)
    assert TOKEN not in repr(from_environment({**told, "TUNTAS_METRICS_TOKEN": TOKEN}))


def test_every_figure_says_what_it_is(session, clock):
    assert all(meaning.endswith(".") for meaning, _value in running.figures(session, now=clock()).values())
