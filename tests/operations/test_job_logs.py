"""Lines about pushes and jobs name the report, and nobody in it."""

import io
import json
import logging

import pytest
from sqlalchemy import text

from app.adapters import clock as wall
from app.adapters.jobs import Job, defer
from app.logs import configure, formatter
from tests.conftest import let_worker_work
from tests.services.test_incidents import BY_TIMER
from tests.services.workshop import Workshop


@pytest.fixture
def lines():
    """What is logged, one parsed line each."""
    configure()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(readable=False))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)
    wall.use(wall.Clock())


def test_a_push_and_the_job_around_it_name_the_report(session, clock, settings, lines):
    shop = Workshop(session, clock, BY_TIMER)
    report_id = shop.report()
    number = shop.value("SELECT number FROM reports")
    instance = str(shop.value("SELECT id FROM instances"))
    session.execute(text("DELETE FROM procrastinate_jobs"))
    defer(session, [Job("wake_instance", {"instance_id": instance})])
    session.commit()
    let_worker_work(settings)
    told = lines()
    woken = [line for line in told if line.get("verb") == "wake"]
    assert woken
    assert {line["report"] for line in woken} == {number}
    assert woken[0]["job"] == "wake_instance"
    started = [line for line in told if line.get("verb") == "start"]
    assert {line["report"] for line in started} == {number}
    text_of_all = json.dumps(told)
    for personal in ("Warga Uji", "0812", "3456", "sampah di pinggir"):
        assert personal not in text_of_all
    assert str(report_id) != number


def test_a_message_on_its_way_names_the_report_and_not_who_gets_it(session, clock, settings, lines):
    shop = Workshop(session, clock, BY_TIMER)
    shop.report()
    number = shop.value("SELECT number FROM reports")
    message = shop.value(
        "INSERT INTO outbox_messages"
        ' (id, report_id, recipient, template, "values", state, attempts, created_at)'
        " SELECT gen_random_uuid(), id, 'pelapor', 'tanda_terima', '{}', 'menunggu', 0, now() FROM reports"
        " RETURNING id"
    )
    session.execute(text("DELETE FROM procrastinate_jobs"))
    defer(session, [Job("send_message", {"message_id": str(message)})])
    session.commit()
    let_worker_work(settings)
    done = [line for line in lines() if line.get("job") == "send_message"]
    assert done
    assert {line["report"] for line in done if line["event"] in ("job_done", "job_failed")} == {number}
    assert "Warga" not in json.dumps(done)
