"""`flask audit traits`: says what was gathered, whether it is true, and gathers it anew."""

import pytest
from sqlalchemy import text

from app.services import task_work
from tests.services.small_city import SHORT_SOP
from tests.services.trace_town import followed
from tests.services.workshop import Workshop


@pytest.fixture
def traits(app):
    runner = app.test_cli_runner()

    def run(*arguments):
        result = runner.invoke(args=["audit", "traits", *arguments])
        return result.stdout, result.exit_code

    return run


def test_it_says_what_is_in_and_whether_the_trace_agrees(traits, session, clock):
    shop = Workshop(session, clock, SHORT_SOP)
    shop.report()
    shop.report()
    assert traits() == ("0 laporan terkumpul, 2 belum; 0 jalur, 0 waktu.\n", 0)
    followed(session)
    item = shop.session.scalars(text("SELECT id FROM work_items ORDER BY id")).first()
    task_work.claim(session, item, actor=shop.who["admin"], now=clock())
    session.commit()
    words, code = traits("--check")
    assert (words.splitlines()[1:], code) == (["Cocok dengan jejak."], 0), "what is new is not wrong"
    followed(session)
    session.execute(text("UPDATE report_traits SET escalated = 3"))
    session.commit()
    words, code = traits("--check")
    assert (code, "Tidak cocok dengan jejak: report_traits. Jalankan dengan --rebuild." in words) == (1, True)
    wrong = "SELECT count(*) FROM report_traits WHERE escalated = 3"
    assert shop.value(wrong) == 2, "looking changes nothing"
    session.commit()
    words, code = traits("--rebuild", "--check")
    assert (code, words.splitlines()[-1]) == (0, "Cocok dengan jejak.")
    assert words.splitlines()[-2].startswith("2 laporan terkumpul, 0 belum; 0 jalur,")
